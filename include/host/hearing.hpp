#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bus/store_inbox.hpp"
#include "bus/subscription.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "host/task_group.hpp"

namespace host {

/// What is done about a log that is older than what its hearer has seen of it.
enum class OlderLog {
    refused,     ///< unless the environment accepts it: then it is heard anew
    heard_anew,  ///< the hearer is made of its logs alone, and loses nothing by it
};

/// The logs that one store hears: for each, who takes its events, and how far that has come. The
/// store has the schema bus::subscriber_schema(). On one thread; what it is given outlives it.
class Hearing {
public:
    /// `module`: in the names of subscriptions, tasks and metrics, and in messages.
    Hearing(std::string module, database::Database& database, const Environment& environment,
            const bus::Config& config, OlderLog older = OlderLog::refused);
    ~Hearing();

    /// `name`: of the log, as `news-sports`. `lost`: what it means while it is not heard. Before
    /// load(). The subscription lives as long as this.
    bus::Subscription& add(std::string name, const bus::Feed& feed, bus::Subscriber& subscriber,
                           std::string lost);
    /// The same with an inbox of the hearer's own, under its name.
    bus::Subscription& add(const bus::Feed& feed, std::unique_ptr<bus::Inbox> inbox,
                           std::string lost);

    /// Refused with `older_data` (conflict), see OlderLog.
    base::Result<void> load();
    void start(TaskGroup& tasks);
    void stop();

    std::vector<NamedSubscription> subscriptions();

private:
    struct Log;

    const std::string module_;
    database::Database& database_;
    const Environment environment_;
    const bus::Config config_;
    const OlderLog older_;
    std::vector<std::unique_ptr<Log>> logs_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace host
