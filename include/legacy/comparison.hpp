#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/task.hpp"
#include "http/in_process.hpp"
#include "legacy/compare_report.hpp"
#include "legacy/compare_rules.hpp"

namespace legacy {

/// Of the two who can answer a question: the monolith, or the native side.
enum class Side : std::uint8_t { legacy, native };

/// A question and what one side has answered; the other is asked by the comparer.
struct Comparison {
    std::string route;
    http::RequestCopy request;
    Side answered;
    http::PlainResponse answer;
    std::chrono::microseconds took{0};
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
    /// What is larger is not compared, and need not be copied for an offer.
    virtual std::size_t body_bytes_max() const = 0;

    virtual CompareReport report(const std::string& route) const = 0;
    /// Counting begins anew for that route, after what made it differ is mended. Done when that is
    /// stored.
    virtual base::Task<void> restart(std::string route) = 0;
};

}  // namespace legacy
