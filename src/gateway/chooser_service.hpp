#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/snapshot.hpp"
#include "client_service.hpp"
#include "gateway/module.hpp"
#include "http/in_process.hpp"
#include "http/route_chooser.hpp"
#include "mode_store.hpp"
#include "native_routes.hpp"
#include "rule_routes.hpp"
#include "rule_table.hpp"

namespace gateway {

/// Which side answers each request of the public listener, by the configured routes and what they
/// are set to; and what each side has answered. Thread-safe once begin() is done.
///
/// In this order: what is_always_native() is ours. A file of the proxy's folders is the answer.
/// Without a monolith, and once the migration is finished, all else is ours as well. A path that
/// is_ambiguous() is the monolith's, as is one that no rule is for; an alias counts as it is sent.
/// Else the mode of the first rule decides. Of `canary` and `native_or_legacy` only GET and HEAD:
/// every other method goes to the monolith, which owns what it changes. A preflight goes where the
/// request goes that it is about.
class ChooserService final : public http::RouteChooser {
public:
    struct Parts {
        legacy::Proxy& proxy;
        legacy::Comparer* comparer;  ///< null: nothing is compared
        http::Limits forwarded;      ///< of what is passed on
        const http::Authenticator& authenticator;
        const base::Snapshot<ModeTable>& modes;
        const base::Clock& clock;
        telemetry::Metrics& metrics;
        std::size_t io_threads;  ///< the last one is the comparer's
    };

    /// What is given outlives it.
    ChooserService(const Config& config, Parts parts);
    ~ChooserService() override;

    /// What no rule is for goes through this, so that it has a number. Before begin().
    void add_fallback(http::Router& router);
    void begin(const http::Router& router) override;
    Choice choose(http::Request& request, http::Router::Match match) const override;
    void answered(std::uint32_t ticket, int status, std::chrono::microseconds took) const override;

    /// Whether a route of ours could answer anything of that rule. After begin().
    bool is_answerable(std::size_t rule) const { return answerable_[rule]; }
    const RuleRoutes& rule(std::size_t number) const { return *rules_[number]; }
    /// What no rule is for.
    const RuleRoutes& unmatched() const { return *rules_.back(); }

private:
    using Side = legacy::Side;
    struct PerThread;

    std::optional<std::size_t> find_rule(const http::Request& request, PerThread& thread) const;
    Choice choose_by(std::size_t rule, const RouteState& state, http::Request& request,
                     const http::Router::Match& match, PerThread& thread) const;
    Choice legacy_choice(std::size_t rule, const http::Request& request, bool shadow = false) const;
    Choice native_choice(std::size_t rule, const RouteState& state, const http::Request& request,
                         const http::Router::Match& match, PerThread& thread) const;
    bool is_ours(const http::Router::Match& match) const;
    http::Router::Match without_fallback(const http::Router::Match& match) const;
    bool is_sampled(const RouteState& state, const http::Request& request, PerThread& thread) const;
    bool find_answerable(const Matcher& rule) const;
    base::Task<http::PlainResponse> ask_native(const legacy::Comparison& comparison,
                                               base::Deadline deadline) const;

    const Parts parts_;
    const TrustedProxies trusted_;
    const RuleTable table_;
    NativeRoutes native_;
    std::vector<std::unique_ptr<RuleRoutes>> rules_;  ///< the last one: what no rule is for
    std::vector<std::unique_ptr<PerThread>> threads_;
    const http::Router* router_ = nullptr;
    std::optional<http::InProcess> in_process_{};
    const http::Route* fallback_ = nullptr;
    http::Route undecided_;  ///< where a change is sent while nobody knows whose it is
    std::vector<bool> answerable_;
};

}  // namespace gateway
