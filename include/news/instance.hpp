#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "bus/feed.hpp"
#include "bus/subscription.hpp"
#include "bus/trail.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"
#include "host/environment.hpp"
#include "news/archiver.hpp"
#include "news/commands.hpp"
#include "news/headings.hpp"
#include "news/importer.hpp"
#include "news/items.hpp"
#include "news/queries.hpp"
#include "news/workflow.hpp"

namespace news {

class ChangeGuard;

/// Settings of all news types; describe() says what each means.
struct Config {
    std::vector<std::string> types{"sports", "politics", "famous"};
    std::chrono::milliseconds view_wait_ms{250};
    std::chrono::milliseconds schedule_interval_ms{250};
    std::int64_t backlog_events_max = 10000;
    std::int64_t stream_bytes_max = 256 * 1024 * 1024;
    std::int64_t import_batch_items = 500;
    std::int64_t import_line_bytes_max = 16 * 1024 * 1024;
    std::chrono::milliseconds import_wait_max_ms{60 * 1000};
    std::chrono::milliseconds view_stall_max_ms{30 * 1000};
    bool author_lists = false;
    std::vector<std::string> embeds{};
    std::map<std::string, std::string> workflow{};
    database::Config database{};
    bus::Config bus{};
};

void describe(config::Section& section, Config& config);

/// How the news of that type is edited.
Workflow workflow_of(const Config& config, const std::string& type);

/// The stores of one news type: its log, then its view.
std::vector<database::StoreFile> store_files(const std::filesystem::path& folder,
                                             const std::string& type);

/// One news type at work: command store, query store, projector and scheduler. Commands and queries
/// are two interfaces, so that each side can be run and scaled by itself.
class Instance {
public:
    /// Opens both stores, `news-<type>.command.db` and `.query.db`. Without its log a type is read
    /// only; a view that is damaged, now or later, is set aside and made anew from the log. Refused
    /// as host::open_store() is, and with `older_data` (conflict) when the view has seen more than
    /// the log has, unless the environment accepts that: then the view is made anew.
    static base::Result<std::unique_ptr<Instance>> open(std::string type, const Config& config,
                                                        const host::Environment& environment);
    virtual ~Instance() = default;

    virtual const std::string& type() const = 0;
    virtual Commands& commands() = 0;
    virtual const Queries& queries() const = 0;
    /// The same for those who write them.
    virtual const Items& items() const = 0;
    /// The same for sitemaps.
    virtual const Headings& headings() const = 0;
    /// For what brings an archive from another system: see news/importer.hpp.
    virtual Importer& importer() = 0;
    /// For what moves old articles out of the way, and back.
    virtual Archiver& archiver() = 0;
    /// What happens to its articles: see news/events.hpp, article_event().
    virtual const bus::Feed& feed() const = 0;
    /// Who did what to which article, without what it says.
    virtual const bus::Trail& trail() const = 0;

    /// Asks it before each change of an article, which is refused as it refuses. Once, before
    /// start(); it outlives all changes.
    virtual void guard(const ChangeGuard& guard) = 0;
    /// Starts the projector and, if things are done on time here, the scheduler.
    virtual void start() = 0;
    /// Ends both, while the background executor still runs. Done when neither runs any more.
    virtual base::Task<void> stop(base::Deadline deadline) = 0;

    /// Events that the view does not show yet.
    virtual std::int64_t backlog() const = 0;
    /// Streams that the view could not take.
    virtual std::size_t parked() const = 0;
    /// How the view follows the log.
    virtual bus::Subscription& subscription() = 0;
    /// False while the view does not fit its log, or is gone, and is being made anew: queries are
    /// refused then.
    virtual bool view_fits() const = 0;
    /// Whether the view can be asked at all.
    virtual bool readable() const = 0;
    /// By how much the newest event is dated later than the clock says; zero if it is not.
    virtual std::chrono::seconds ahead_of_clock() const = 0;
    /// False while the disk is full.
    virtual bool has_room() const = 0;
    /// What the operator should know of the stores, see database::Database::warning().
    virtual std::string warning() const = 0;
    /// Waits until the view shows every event that is committed now; false if `span` was too short.
    virtual base::Task<bool> caught_up(std::chrono::milliseconds span) = 0;

    /// Makes the view anew from the log, beside the old one, and swaps them when it has caught up,
    /// while both sides are in use. `progress(done, head)` is called after each batch, on the
    /// caller's executor. Gives the count of events. Refused with `rebuild_running` if one is, and
    /// with `view_stalled` if the old view does not follow the log, so that they never meet.
    virtual base::Task<std::int64_t> rebuild(
        std::function<void(std::int64_t, std::int64_t)> progress) = 0;
};

using Instances = std::map<std::string, std::unique_ptr<Instance>>;

/// Waits until queries show all that is committed by now, or `stop`. `tell` hears what the view of
/// a type has left to show. Refused with `view_stalled` when a view does not move for `stall_max`.
/// Blocks.
base::Result<void> wait_for_views(
    const Instances& instances, std::chrono::milliseconds stall_max, const base::Clock& clock,
    const std::function<void(const std::string& type, std::int64_t left)>& tell,
    const std::atomic<bool>& stop);

/// The fixed words under /v1/news/: an item's type is what else stands there.
std::span<const std::string_view> reserved_types();

/// Whether a word may be a news type: `[a-z][a-z0-9-]{0,30}`, and not a reserved one.
bool is_news_type(std::string_view word);

}  // namespace news
