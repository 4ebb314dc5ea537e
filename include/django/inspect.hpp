#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace django {

/// A field as its rows show it.
struct FieldFacts {
    std::string name;
    std::string kind;         ///< text, number, boolean, list, object, mixed, empty
    std::int64_t filled = 0;  ///< rows in which it is neither null nor empty
    std::string sample{};     ///< one value, shortened; nothing of what may be private
    std::string points_to{};  ///< the model that it points to, told by the source or the names
    bool is_guess = false;    ///< told by what such fields point to in most sites, and nothing else
};

/// A model as its rows show it.
struct ModelFacts {
    std::string name;
    std::string meaning{};  ///< what it is in many sites, as `a page of Wagtail`; empty: not known
    std::int64_t rows = 0;
    std::vector<FieldFacts> fields{};
};

/// What a source has, and a mapping to begin with.
struct Inspection {
    std::vector<ModelFacts> models;
    std::vector<std::string> notes;  ///< sentences: what is missing or odd
    std::string mapping;             ///< JSON, to be looked through by a person
};

/// Hears how far it is: bytes of the source (`total` 0: not known), and rows so far.
using InspectionProgress =
    std::function<void(std::int64_t done, std::int64_t total, std::int64_t rows)>;

/// Reads the whole source once. Blocks: call it on a thread of its own. Refused with `cannot_read`,
/// and with `stopped` soon after `stop` is set, if there is one.
base::Result<Inspection> inspect_site(const std::filesystem::path& source,
                                      std::int64_t row_bytes_max,
                                      const InspectionProgress& progress = {},
                                      const std::atomic<bool>* stop = nullptr);

}  // namespace django
