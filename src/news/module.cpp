#include "news/module.hpp"

#include <algorithm>

#include "health_routes.hpp"
#include "host/store_check.hpp"
#include "jobs.hpp"
#include "news/verify.hpp"
#include "operations/terminal.hpp"
#include "rewind_store.hpp"

namespace news {

using operations::with_commas;

namespace {

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment, Instances instances)
        : config_(config),
          folder_(environment.folder),
          clock_(environment.clock),
          instances_(std::move(instances)) {}

    std::string name() const override { return "news"; }
    const Instances& instances() const override { return instances_; }
    bus::Topic<NewsViewed>& visits() override { return visits_; }

    Types types() override {
        Types all;
        for (auto& [type, instance] : instances_) {
            all[type] = {&instance->commands(), &instance->queries(), &instance->items(),
                         &instance->headings()};
        }
        return all;
    }

    void add_routes(http::Router& router) override { add_health_routes(router, checks_of_types()); }

    std::vector<operations::Check> checks() override {
        auto all = checks_of_types();
        // One type that is out keeps nobody from the others.
        all.push_back({"news", [this]() -> std::string {
                           auto answers = [](const auto& one) { return one.second->readable(); };
                           bool any = std::any_of(instances_.begin(), instances_.end(), answers);
                           return any ? "" : "no news type can be read";
                       }});
        return all;
    }

    std::vector<operations::Check> checks_of_types() {
        std::vector<operations::Check> all;
        for (auto& [type, instance] : instances_) {
            auto ask = [most = config_.backlog_events_max,
                        asked = instance.get()]() -> std::string {
                if (!asked->has_room()) return "the store cannot be written";
                if (asked->backlog() <= most) return "";
                return "the view is " + std::to_string(asked->backlog()) + " events behind";
            };
            auto warn = [asked = instance.get()]() -> std::string {
                auto warning = asked->warning();
                if (!warning.empty()) return warning;
                if (!asked->view_fits())
                    return "the view does not fit its log and is being made anew";
                auto ahead = asked->ahead_of_clock();
                return ahead.count() == 0 ? "" : host::clock_warning(ahead);
            };
            all.push_back({"news-" + type, std::move(ask), std::move(warn),
                           [asked = instance.get()] { return !asked->readable(); }});
        }
        return all;
    }

    std::vector<const bus::Trail*> trails() const override {
        std::vector<const bus::Trail*> all;
        for (const auto& [type, instance] : instances_) all.push_back(&instance->trail());
        return all;
    }

    std::vector<operations::NamedJob> jobs() override {
        return {import_job(instances_, config_, folder_, clock_), rebuild_job(instances_),
                archive_job(instances_)};
    }

    std::vector<host::NamedSubscription> subscriptions() override {
        std::vector<host::NamedSubscription> all;
        for (auto& [type, instance] : instances_) {
            all.push_back({"news." + type, &instance->subscription()});
        }
        return all;
    }
    base::Task<void> start() override {
        for (auto& [type, instance] : instances_) instance->start();
        co_return base::Result<void>();
    }

    base::Task<void> stop(base::Deadline deadline) override {
        base::Result<void> all_stopped;
        for (auto& [type, instance] : instances_) {
            auto stopped = co_await instance->stop(deadline);
            if (!stopped) all_stopped = stopped;
        }
        co_return all_stopped;
    }

private:
    const Config config_;
    const std::filesystem::path folder_;
    const base::Clock& clock_;
    bus::Topic<NewsViewed> visits_;
    Instances instances_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config& config,
                                                const std::filesystem::path& folder) {
    std::vector<database::StoreFile> all;
    for (const auto& type : config.types) {
        for (auto& store : store_files(folder, type)) all.push_back(std::move(store));
    }
    return all;
}

std::vector<host::Finding> Module::verify(const Config& config, const std::filesystem::path& folder,
                                          const host::VerifyProgress& progress) {
    std::vector<host::Finding> all;
    for (const auto& type : config.types) {
        auto report = news::verify(folder, type, [&](std::int64_t done, std::int64_t total) {
            progress(type, done, total);
        });
        auto view = report.behind > 0 ? with_commas(report.behind) + " events not shown yet"
                                      : std::string("the view is up to date");
        auto archived = report.archived > 0 ? with_commas(report.archived) + " archived, " : "";
        host::Finding found{type, with_commas(report.events) + " events, " +
                                      with_commas(report.articles) + " articles, " + archived +
                                      view};
        found.problems = std::move(report.problems);
        found.warnings = std::move(report.warnings);
        if (report.set_back > 0) {
            found.warnings.push_back(
                "the clock was set back " + with_commas(report.set_back) +
                (report.set_back == 1 ? " time" : " times") +
                ": order is by position, dates before that are later than they should be");
        }
        all.push_back(std::move(found));
    }
    return all;
}

void Module::rewind(database::Transaction& commands, const host::LaterStreams& later) {
    rewind_commands(commands, later);
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment) {
    Instances instances;
    for (const auto& type : config.types) {
        auto instance = Instance::open(type, config, environment);
        if (!instance) return instance.error();
        instances.emplace(type, std::move(*instance));
    }
    auto module = std::make_unique<RunningModule>(config, environment, std::move(instances));
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace news
