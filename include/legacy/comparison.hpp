#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "config/section.hpp"
#include "http/in_process.hpp"

namespace legacy {

/// Of the two who can answer a question: the monolith, or the native side.
enum class Side : std::uint8_t { legacy, native };

/// What is no difference between two answers of a route; describe() says what each means.
struct CompareRules {
    std::vector<std::string> ignore{};     ///< JSON pointers, `*` for each element or member
    std::vector<std::string> unordered{};  ///< `/tags` or `/results by id`
    std::vector<std::string> headers{};    ///< compared; no other is
    std::string time_precision = "us";     ///< s | ms | us: times are equal if they are so cut
    std::string html = "text";             ///< text | bytes | skip
    std::int64_t number_tolerance_millionths = 0;  ///< of the larger of both numbers
    bool base_url = true;                          ///< URLs are equal but for scheme and host
    bool null_is_missing = false;                  ///< a member that is null, and none, are equal
    bool subset = false;                           ///< we may say more than the monolith
    std::int64_t repeat =
        0;  ///< of so many comparisons, in one the monolith is asked twice; 0: none
};

void describe(config::Section& section, CompareRules& rules);

/// A question and what one side has answered; the other is asked by the comparer.
struct Comparison {
    std::string route;
    http::RequestCopy request;
    Side answered;
    http::PlainResponse answer;
    std::chrono::microseconds took{0};
};

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

/// Holds the answers of both sides against each other, on a thread of its own that stands behind
/// everybody else. Thread-safe.
class Comparer {
public:
    virtual ~Comparer() = default;

    /// Asks one side; the request is good until the task has ended.
    using Ask = std::function<base::Task<http::PlainResponse>(const Comparison&, base::Deadline)>;
    /// Before it starts. The asks of a route are made on the comparer's thread.
    virtual void add_route(const std::string& route, CompareRules rules, Ask ask_legacy,
                           Ask ask_native) = 0;

    /// Takes a comparison if there is room, else counts it. Costs its caller no more than that.
    virtual void offer(Comparison comparison) = 0;
    /// Whether an offer would be taken: before answers are copied for one.
    virtual bool has_room() const = 0;

    virtual CompareReport report(const std::string& route) const = 0;
    /// Counting begins anew for that route, after what made it differ is mended. Done when that is
    /// stored.
    virtual base::Task<void> restart(std::string route) = 0;
};

}  // namespace legacy
