#include "backup_service.hpp"

#include <system_error>

#include "folder_service.hpp"
#include "telemetry/log.hpp"

namespace backup {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds look_interval = 2s;
/// Sooner than that a backup that failed is not tried again.
constexpr std::chrono::minutes retry_after{15};

double seconds_of(base::Time time) {
    return static_cast<double>(base::to_micros(time)) / 1e6;
}

}  // namespace

BackupService::BackupService(Subject subject, telemetry::Metrics& metrics)
    : subject_(std::move(subject)),
      since_(subject_.clock.now()),
      alerts_(subject_.config.alert_url, metrics),
      failures_(metrics.counter("portal_backup_failed_total", "Backups that were not made.")),
      successes_(metrics.counter("portal_backup_made_total", "Backups that were made.")) {
    auto add = [&](const char* name, const char* help, std::function<double()> read) {
        gauges_.push_back(metrics.gauge(name, help, {}, std::move(read)));
    };
    add("portal_backup_last_success_time_seconds",
        "When the newest backup in backup.folder was cut, seconds since 1970; 0: there is none.",
        [this] {
            std::lock_guard lock(mutex_);
            return state_.last_success ? seconds_of(*state_.last_success) : 0.0;
        });
    add("portal_backup_running", "1 while a backup is being made.",
        [this] { return running_->load() ? 1.0 : 0.0; });
    add("portal_backup_late", "1 while there is no backup that is younger than backup.late_h.",
        [this] { return is_late() ? 1.0 : 0.0; });
}

void BackupService::load() {
    if (subject_.config.folder.empty()) return;
    try {
        auto listed = Folder(subject_.config.folder).list();
        if (!listed) return;
        auto all = readable(*listed);
        std::lock_guard lock(mutex_);
        if (!all.empty()) state_.last_success = all.back().at;
    } catch (const std::system_error& failure) {
        telemetry::log(telemetry::Level::warning, "backup", "the folder for backups cannot be read",
                       {{"folder", subject_.config.folder}, {"error", failure.what()}});
    }
}

base::Result<Taken> BackupService::run(const std::filesystem::path& to,
                                       operations::Progress& progress) {
    base::Turn turn(running_);
    if (!turn.is_mine()) {
        return base::Error{base::Reason::conflict, "backup_running",
                           "A backup is being made already. Try again when it is done."};
    }
    auto taken = take_backup(subject_, to, progress);
    note(to, taken);
    return taken;
}

void BackupService::note(const std::filesystem::path& to, const base::Result<Taken>& taken) {
    bool is_ours = !subject_.config.folder.empty() &&
                   std::filesystem::weakly_canonical(to) ==
                       std::filesystem::weakly_canonical(subject_.config.folder);
    std::lock_guard lock(mutex_);
    if (taken) {
        successes_.add();
        if (is_ours) {
            state_.last_success = taken->manifest.at;
            state_.failure.clear();
            state_.next_attempt.reset();
            state_.late_told = false;
        }
        telemetry::log(telemetry::Level::info, "backup", "a backup was made",
                       {{"folder", to.string()},
                        {"id", taken->manifest.id},
                        {"events", taken->events},
                        {"bytes", taken->bytes},
                        {"removed", taken->removed}});
        return;
    }
    const auto& error = taken.error();
    if (error.code != "backup_stopped") failures_.add();
    if (is_ours) {
        state_.failure = error.message;
        state_.next_attempt = subject_.clock.now() + retry_after;
    }
    auto level = error.code == "backup_stopped" ? telemetry::Level::info : telemetry::Level::error;
    telemetry::log(level, "backup", "a backup was not made",
                   {{"folder", to.string()}, {"error", error.code}, {"why", error.message}});
}

bool BackupService::on_time() const {
    return !subject_.config.folder.empty() && subject_.config.every_h > 0;
}

bool BackupService::is_due() const {
    if (!on_time()) return false;
    std::lock_guard lock(mutex_);
    auto now = subject_.clock.now();
    if (state_.next_attempt && now < *state_.next_attempt) return false;
    // A clock that was wrong when the last one was made does not keep the next one away for years.
    if (!state_.last_success || *state_.last_success > now) return true;
    return now >= *state_.last_success + std::chrono::hours(subject_.config.every_h);
}

bool BackupService::is_late() const {
    if (!on_time()) return false;
    std::lock_guard lock(mutex_);
    auto last = state_.last_success.value_or(since_);
    return subject_.clock.now() - last > std::chrono::hours(subject_.config.late_h);
}

void BackupService::look() {
    if (is_due()) {
        auto taken = run(subject_.config.folder, progress_);
        bool is_told = !taken && taken.error().code != "backup_stopped" &&
                       taken.error().code != "backup_running";
        if (is_told) alert("backup_failed", taken.error().message);
    }
    if (!is_late()) return;
    {
        std::lock_guard lock(mutex_);
        if (std::exchange(state_.late_told, true)) return;
    }
    auto message = "There is no backup that is younger than " +
                   std::to_string(subject_.config.late_h) + " hours (backup.late_h).";
    telemetry::log(telemetry::Level::error, "backup", "backups are late",
                   {{"folder", subject_.config.folder}, {"late_h", subject_.config.late_h}});
    alert("backup_late", message);
}

void BackupService::alert(const std::string& event, const std::string& message) {
    std::optional<base::Time> last;
    {
        std::lock_guard lock(mutex_);
        last = state_.last_success;
    }
    alerts_.send({event, subject_.config.folder, message, subject_.clock.now(), last},
                 [this](std::chrono::milliseconds span) { return pause(span); });
}

bool BackupService::pause(std::chrono::milliseconds span) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, span, [this] { return stopping_; });
    return !stopping_;
}

void BackupService::work() {
    while (pause(look_interval)) {
        try {
            look();
        } catch (const std::exception& failure) {
            telemetry::log(telemetry::Level::error, "backup", "backups on time broke",
                           {{"error", failure.what()}});
            std::lock_guard lock(mutex_);
            state_.failure = failure.what();
            state_.next_attempt = subject_.clock.now() + retry_after;
        }
    }
    ended_.advance(1);
}

void BackupService::stop() {
    progress_.stop = true;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
}

std::string BackupService::warning() const {
    if (!on_time()) return "";
    if (is_late()) {
        return "there is no backup that is younger than " + std::to_string(subject_.config.late_h) +
               " hours";
    }
    std::lock_guard lock(mutex_);
    return state_.failure.empty() ? "" : "the last attempt failed: " + state_.failure;
}

}  // namespace backup
