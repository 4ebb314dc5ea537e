#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "bus/topic.hpp"
#include "database/lineage.hpp"
#include "operations/health.hpp"
#include "operations/jobs.hpp"
#include "settings.hpp"
#include "telemetry/metrics.hpp"

namespace portal {

/// Everything but the network: the stores of all modules, and the thread that does what is not done
/// on request (views, queues, maintenance). `settings` must outlive it.
class Modules {
public:
    static base::Result<std::unique_ptr<Modules>> open(const Settings& settings);
    ~Modules();

    void start(bool with_scheduler);
    void stop();

    /// What a command sends: by name, as operations::Jobs wants them.
    std::map<std::string, operations::Job> jobs();
    /// What /readyz asks.
    std::vector<operations::Check> checks();
    std::map<std::string, orchestrator::NewsType> news_types();
    /// Where a known reader's visit is published.
    bus::Topic<news::NewsViewed>& visits() { return visits_; }
    identity::Module& identity() { return *identity_; }
    users::Module& users() { return *users_; }
    recommendation::Module& recommendation() { return *recommendation_; }

    telemetry::Metrics& metrics() { return metrics_; }
    const base::Clock& clock() const { return clock_; }

private:
    using Json = nlohmann::json;

    explicit Modules(const Settings& settings)
        : settings_(settings), work_(boost::asio::make_work_guard(background_)) {}

    base::Result<void> open_lineage();
    base::Result<void> open_news();
    base::Result<void> open_people();

    std::string clock_warning() const;

    base::Result<Json> import(const Json& arguments, operations::Progress& progress);
    base::Result<Json> rebuild(const Json& arguments, operations::Progress& progress);
    base::Result<Json> create_user(const Json& arguments);

    const Settings& settings_;
    base::SystemClock clock_;
    std::optional<database::Lineage> lineage_;
    telemetry::Metrics metrics_;
    base::Loop background_;
    boost::asio::executor_work_guard<base::Executor> work_;
    bus::Topic<news::NewsViewed> visits_;
    std::map<std::string, std::unique_ptr<news::Instance>> instances_;
    std::unique_ptr<identity::Module> identity_;
    std::unique_ptr<users::Module> users_;
    std::unique_ptr<recommendation::Module> recommendation_;
    std::thread thread_;
};

/// The files of a data folder that have to belong together.
std::vector<database::Member> stores_of(const Settings& settings);

}  // namespace portal
