#include "backup/module.hpp"

#include <thread>

#include "backup_service.hpp"
#include "base/thread.hpp"
#include "jobs.hpp"

namespace backup {

namespace {

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  std::vector<host::Declaration> all)
        : configured_folder_(config.folder),
          scheduled_(environment.scheduled),
          service_(
              {environment.folder, std::move(all), config, environment.clock, environment.version},
              environment.metrics) {
        service_.load();
    }
    ~RunningModule() override {
        service_.stop();
        if (thread_.joinable()) thread_.join();
    }

    std::string name() const override { return "backup"; }
    std::vector<operations::Check> checks() override {
        return {{"backup", [] { return std::string(); }, [this] { return service_.warning(); }}};
    }
    std::vector<operations::NamedJob> jobs() override {
        return {backup_job(service_, configured_folder_)};
    }

    base::Task<void> start() override {
        // A thread of its own: a backup blocks, and the background is for what must not wait.
        if (!scheduled_) co_return base::Result<void>();
        thread_ = std::thread([this] {
            base::name_thread("backup");
            service_.work();
        });
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        service_.stop();
        if (!thread_.joinable()) co_return base::Result<void>();
        constexpr std::chrono::minutes longest{10};
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline.within(longest).at() - base::Deadline::Clock::now());
        auto ended = co_await service_.ended().reached(1, left);
        if (!ended || !*ended) co_return base::deadline_passed();
        thread_.join();
        co_return base::Result<void>();
    }

private:
    const std::string configured_folder_;
    const bool scheduled_;
    BackupService service_;
    std::thread thread_;
};

}  // namespace

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   std::vector<host::Declaration> all) {
    if (!config.folder.empty()) {
        auto place = check_place(config.folder, environment.folder);
        if (!place) {
            return base::Error{base::Reason::invalid, "backup_folder",
                               "backup.folder: " + place.error().message};
        }
    }
    auto address = check_alert_url(config.alert_url);
    if (!address) {
        return base::Error{base::Reason::invalid, "backup_alert_url",
                           "backup.alert_url: " + address.error().message};
    }
    return {boost::system::in_place_value,
            std::make_unique<RunningModule>(config, environment, std::move(all))};
}

}  // namespace backup
