#include "news/host_module.hpp"

#include "host/store_check.hpp"
#include "jobs.hpp"

namespace news {

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
            all[type] = {&instance->commands(), &instance->queries()};
        }
        return all;
    }

    std::vector<operations::Check> checks() override {
        std::vector<operations::Check> all;
        for (auto& [type, instance] : instances_) {
            auto ask = [most = config_.backlog_events_max,
                        asked = instance.get()]() -> std::string {
                if (!asked->writable()) return "the store cannot be written";
                if (!asked->view_fits()) {
                    return "the view does not fit its log and is being made anew";
                }
                if (asked->backlog() <= most) return "";
                return "the view is " + std::to_string(asked->backlog()) + " events behind";
            };
            auto warn = [asked = instance.get()]() -> std::string {
                auto ahead = asked->ahead_of_clock();
                return ahead.count() == 0 ? asked->warning() : host::clock_warning(ahead);
            };
            all.push_back({"news-" + type, std::move(ask), std::move(warn)});
        }
        return all;
    }

    std::vector<operations::NamedJob> jobs() override {
        return {import_job(instances_, config_, folder_, clock_), rebuild_job(instances_)};
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
