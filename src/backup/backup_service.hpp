#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "alert_service.hpp"
#include "base/turn.hpp"
#include "base/watermark.hpp"
#include "take_service.hpp"
#include "telemetry/metrics.hpp"

namespace backup {

/// Makes backups when somebody asks and when it is time, one at a time, and knows how that went.
/// Thread-safe, but for work(), which is for one thread of its own.
class BackupService {
public:
    BackupService(Subject subject, telemetry::Metrics& metrics);

    /// What the folder of the configuration has already.
    void load();
    /// Refused as take_backup(), and with `backup_running`.
    base::Result<Taken> run(const std::filesystem::path& to, operations::Progress& progress);

    /// Until stop(): looks every few seconds what is to be done.
    void work();
    void stop();
    /// Reaches 1 when work() has ended.
    const base::Watermark& ended() const { return ended_; }
    /// What there is to do now: a backup that is due, an alert. For work(), and for tests.
    void look();

    /// What the operator should know, in a sentence; empty: nothing.
    std::string warning() const;

private:
    struct State {
        std::optional<base::Time> last_success{};
        std::optional<base::Time> next_attempt{};  ///< after one that failed
        std::string failure{};                     ///< of the newest attempt
        bool late_told = false;
    };

    bool on_time() const;
    bool is_due() const;
    bool is_late() const;
    void note(const std::filesystem::path& to, const base::Result<Taken>& taken);
    void alert(const std::string& event, const std::string& message);
    bool pause(std::chrono::milliseconds span);

    const Subject subject_;
    const base::Time since_;
    AlertService alerts_;
    operations::Progress progress_;  ///< of those that are on time
    const base::Turn::Taken running_ = std::make_shared<std::atomic<bool>>(false);
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    State state_;
    bool stopping_ = false;
    base::Watermark ended_;
    telemetry::Counter& failures_;
    telemetry::Counter& successes_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace backup
