#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace legacy {

/// One way in which the answers of a route differ.
struct DifferenceKind {
    std::string pointer;  ///< where, with `*` for numbers: `/results/*/title`; or `status`,
                          ///< `header content-type`, `body`
    std::string what;     ///< `value`, `type`, `missing`, `extra`, `order`, `length` …
    std::int64_t count = 0;
    base::Time first{};
    base::Time last{};
    struct Sample {
        std::string target;
        std::string legacy;  ///< what the monolith said there, redacted and cut
        std::string native;
        base::Time at{};
    };
    std::vector<Sample> samples{};
};

/// What the comparisons of one route have shown since they were begun anew.
struct CompareReport {
    std::int64_t compared = 0;
    std::int64_t equal = 0;
    std::int64_t skipped = 0;             ///< too large, a stream, or by a rule
    std::int64_t failed = 0;              ///< the other side could not be asked
    std::int64_t dropped = 0;             ///< too many were waiting
    double differs_bound = 1;             ///< 95 % sure: no larger share of the answers differs
    base::Time since{};                   ///< when counting began
    base::Time last_new_kind{};           ///< the epoch: never
    std::vector<DifferenceKind> kinds{};  ///< the most frequent first
    std::vector<std::string> noise{};     ///< pointers at which the monolith differs from itself
};

}  // namespace legacy
