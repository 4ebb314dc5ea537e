#pragma once

#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "bus/subscription.hpp"
#include "bus/trail.hpp"
#include "http/router.hpp"
#include "operations/health.hpp"
#include "operations/jobs.hpp"

namespace host {

/// One that a module follows a log with, under the name by which an operator speaks of it.
struct NamedSubscription {
    std::string name;  ///< `news.sports`
    bus::Subscription* subscription = nullptr;
};

/// A module at work: the one face that every module has. A Host owns it, starts it in the order of
/// its list and stops it in reverse. It is asked through interfaces of its own, heard through its
/// feeds, and serves through its routes.
class Module {
public:
    virtual ~Module() = default;

    /// The one word of its folder, namespace and section of the configuration.
    virtual std::string name() const = 0;
    /// Each with its access rule. Before the server starts; the module outlives the server.
    virtual void add_routes(http::Router&) {}
    /// What /readyz asks of it. Called on an I/O thread; must not block.
    virtual std::vector<operations::Check> checks() { return {}; }
    /// What it has decided, for the audit: its logs, which live as long as it.
    virtual std::vector<const bus::Trail*> trails() const { return {}; }
    /// What a command of the binary may have it do.
    virtual std::vector<operations::NamedJob> jobs() { return {}; }

    /// Those whose parked streams an operator may want to see. As long as the module.
    virtual std::vector<NamedSubscription> subscriptions() { return {}; }

    /// Starts what it does without being asked, on the environment's background executor.
    virtual base::Task<void> start() = 0;
    /// Ends that, while the executor still runs. Done when nothing of it runs any more: then the
    /// module may go. Refused with `deadline_passed`.
    virtual base::Task<void> stop(base::Deadline deadline) = 0;
};

}  // namespace host
