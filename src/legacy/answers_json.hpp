#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compare.hpp"
#include "legacy/comparison.hpp"

namespace legacy {

struct AnswerLimits {
    std::size_t body_bytes_max = 256 * 1024;
    std::size_t text_bytes_max = 512;  ///< of what is shown of each side
};

/// What has come of a comparison.
struct Outcome {
    std::vector<Difference> differences{};  ///< at most one of each kind
    /// The bodies were not compared: too large, not whole, a part, or a rule says so. Together with
    /// no difference: nothing was learnt.
    bool skipped = false;

    bool is_equal() const { return differences.empty() && !skipped; }
};

/// Holds the answers of both sides to one question against each other: status, the headers that the
/// rules name, the bodies by their media type. Where the status differs nothing else is looked at.
/// Pure.
Outcome compare_answers(const RouteRules& rules, const http::PlainResponse& legacy,
                        const http::PlainResponse& native, const AnswerLimits& limits);

/// The pointers at which two answers of the monolith differ from each other; nothing if these two
/// cannot tell. A body as a whole is never noise: nothing would be left to compare.
std::optional<std::vector<std::string>> noise_between(const RouteRules& rules_for_noise,
                                                      const http::PlainResponse& first,
                                                      const http::PlainResponse& second,
                                                      const AnswerLimits& limits);

}  // namespace legacy
