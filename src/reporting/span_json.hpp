#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/spans.hpp"

namespace reporting {

/// Who speaks, in every batch.
struct Speaker {
    std::string service;
    std::string version;
    std::string instance;  ///< of this run of the program
};

/// A batch as OTLP 1.x has it in JSON (ExportTraceServiceRequest): ids in hexadecimal, enumerations
/// and small integers as numbers, 64-bit integers as texts.
std::string to_json(const Speaker& speaker, const std::vector<telemetry::Span>& spans);

/// How many spans an answer says that it did not take.
std::uint64_t rejected_spans(std::string_view answer);

}  // namespace reporting
