#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "http/router.hpp"
#include "legacy/comparison.hpp"
#include "legacy/proxy.hpp"
#include "rule_routes.hpp"

namespace gateway {

/// The GET routes of a router, answered in another way than by their handlers alone. Thread-safe
/// once begin() is done.
class NativeRoutes {
public:
    /// The rule that a request goes by.
    using RuleOf = std::function<const RuleRoutes&(const http::Request&)>;

    /// What is given outlives it; `comparer` is null if nothing is compared. `timeout`: how long
    /// ours may take before the monolith is asked.
    NativeRoutes(RuleOf rule_of, legacy::Proxy& proxy, legacy::Comparer* comparer,
                 std::chrono::milliseconds timeout)
        : rule_of_(std::move(rule_of)), proxy_(proxy), comparer_(comparer), timeout_(timeout) {}

    /// The router outlives it.
    void begin(const http::Router& router);

    /// As `native`, and what it answers is offered for comparison. Null if it is no GET route.
    const http::Route* compared(const http::Route& native) const;
    /// As `native`; the monolith where that fails, is late or knows of no such thing. It counts who
    /// has answered by itself. Null likewise.
    const http::Route* or_legacy(const http::Route& native) const;

private:
    struct Wrapped {
        http::Route compared;
        http::Route or_legacy;
    };

    base::Task<http::Response> answer_compared(const http::Route& native, http::Request& request,
                                               http::BodyReader& body) const;
    base::Task<http::Response> answer_or_forward(const http::Route& native, http::Request& request,
                                                 http::BodyReader& body) const;

    const RuleOf rule_of_;
    legacy::Proxy& proxy_;
    legacy::Comparer* comparer_;
    const std::chrono::milliseconds timeout_;
    std::vector<std::unique_ptr<Wrapped>> wrapped_;  ///< by the number of the native route
};

}  // namespace gateway
