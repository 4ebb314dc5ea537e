#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "bus/subscription.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "news/commands.hpp"
#include "news/queries.hpp"
#include "telemetry/metrics.hpp"

namespace news {

/// Settings of all news types; describe() says what each means.
struct Config {
    std::vector<std::string> types{"sports", "politics", "famous"};
    std::chrono::milliseconds view_wait_ms{250};
    std::chrono::milliseconds schedule_interval_ms{250};
    std::int64_t import_batch_items = 500;
    std::int64_t import_line_bytes_max = 2 * 1024 * 1024;
    std::chrono::milliseconds import_wait_max_ms{60 * 1000};
    std::chrono::milliseconds view_stall_max_ms{30 * 1000};
    database::Config database{};
    bus::Config bus{};
};

void describe(config::Section& section, Config& config);

/// One news type at work: command store, query store, projector and scheduler. Commands and queries
/// are two interfaces, so that each side can be run and scaled by itself.
class Instance {
public:
    struct Dependencies {
        std::filesystem::path folder;  ///< holds `news-<type>.command.db` and `.query.db`
        const base::Clock& clock;
        telemetry::Metrics& metrics;
        base::Executor background;  ///< runs the projector and the scheduler; outlives this
        std::function<void(const std::string&)> on_fatal{};  ///< see database::Options
    };

    /// Opens both stores. Refused as database::Database::open is.
    static base::Result<std::unique_ptr<Instance>> open(std::string type, const Config& config,
                                                        Dependencies dependencies);
    virtual ~Instance() = default;

    virtual const std::string& type() const = 0;
    virtual Commands& commands() = 0;
    virtual const Queries& queries() const = 0;

    /// Starts the projector and, if wanted, the scheduler, on the background executor.
    virtual void start(bool with_scheduler) = 0;
    /// Ends both; call it while the background executor still runs, and run it dry before this
    /// object goes.
    virtual void stop() = 0;

    /// Events that the view does not show yet.
    virtual std::int64_t backlog() const = 0;
    /// Streams that the view could not take.
    virtual std::size_t parked() const = 0;
    /// False while the disk is full.
    virtual bool writable() const = 0;
    /// Waits until the view shows every event that is committed now; false if `span` was too short.
    virtual base::Task<bool> caught_up(std::chrono::milliseconds span) = 0;

    /// Makes the view anew from the log, beside the old one, and swaps them when it has caught up,
    /// while both sides are in use. `progress(done, head)` is called after each batch, on the
    /// caller's executor. Gives the count of events. Refused with `rebuild_running` if one is, and
    /// with `view_stalled` if the old view does not follow the log, so that they never meet.
    virtual base::Task<std::int64_t> rebuild(
        std::function<void(std::int64_t, std::int64_t)> progress) = 0;
};

/// The fixed words under /v1/news/: an item's type is what else stands there.
std::span<const std::string_view> reserved_types();

/// Whether a word may be a news type: `[a-z][a-z0-9-]{0,30}`, and not a reserved one.
bool is_news_type(std::string_view word);

}  // namespace news
