#include "archive_check_service.hpp"

#include <algorithm>
#include <set>

#include "archived_store.hpp"
#include "bus/archive.hpp"
#include "bus/log.hpp"
#include "event_json.hpp"
#include "slug_store.hpp"

namespace news {

namespace {

constexpr std::size_t problems_named = 100;
/// What one snapshot is good for.
constexpr std::int64_t archived_at_once = 200;

void tell(VerifyReport& report, std::string problem) {
    if (report.problems.size() < problems_named) report.problems.push_back(std::move(problem));
}

void check_files(const std::vector<std::string>& named, const std::filesystem::path& log,
                 VerifyReport& report) {
    auto folder = bus::archive_folder(log);
    for (const auto& name : named) {
        database::StoreFile file{name, folder / (name + ".db"), database::StoreKind::other};
        std::error_code unknown;
        // Whether one that is not there is missed tells the chain.
        if (!std::filesystem::exists(file.path, unknown) && !unknown) continue;
        try {
            for (auto& problem : database::check_file(file)) tell(report, std::move(problem));
        } catch (const database::Failure& failure) {
            tell(report, "archive " + name + ": " + failure.what());
        }
    }
    // `news-sports.command` has its archives in `news-sports-<year>`.
    auto prefix = log.stem().stem().string() + "-";
    constexpr std::size_t year_digits = 4;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
        auto stem = entry.path().stem().string();
        bool is_of_log = entry.path().extension() == ".db" && stem.starts_with(prefix) &&
                         stem.size() == prefix.size() + year_digits;
        if (!is_of_log || std::find(named.begin(), named.end(), stem) != named.end()) continue;
        report.warnings.push_back("archive " + stem +
                                  " has no article that the log does not have itself");
    }
}

/// Of one archived article; nothing is said where its events cannot be had: the chain tells.
void check_article(database::ReadTransaction& log, bus::ArchivedBodies& bodies, ArticleId id,
                   VerifyReport& report) {
    std::vector<bus::LinkedEvent> events;
    bool is_whole = true;
    bus::read_stream(log, id, 0, [&](const bus::Event& stored) {
        auto& event = events.emplace_back(bus::LinkedEvent{stored, {}}).event;
        is_whole = bodies.fill(log, event).empty();
        return is_whole;
    });
    auto name = "archived article " + std::to_string(id);
    auto known = find_archived(log, id);
    if (!known) tell(report, name + " is not among those that can be looked up");
    if (!known || !is_whole || events.empty()) return;
    try {
        if (archived_article(events) != *known) {
            tell(report, name + ": what is known of it is not what its events say");
        }
        for (const auto& [event, previous] : events) {
            auto said = article_event(event);
            const auto* slug = slug_in(said);
            if (!slug || is_kept(log, *slug, id)) continue;
            tell(report, "slugs: " + *slug + " of " + name + " is not kept as taken");
        }
    } catch (const database::Failure&) {
        throw;
    } catch (const std::exception& failure) {
        tell(report, name + " cannot be read: " + failure.what());
    }
}

}  // namespace

void check_archives(database::StoreReader& commands, const std::filesystem::path& log,
                    VerifyReport& report) {
    if (!bus::has_archives(commands.refresh())) return;
    check_files(bus::archives_of(commands.snapshot()), log, report);
    bus::ArchivedBodies bodies(log);
    ArticleId last = 0;
    for (bool more = true; more;) {
        auto& snapshot = commands.refresh();
        bodies.release();
        auto ids = bus::archived_after(snapshot, last, archived_at_once);
        for (auto id : ids) check_article(snapshot, bodies, id, report);
        report.archived += std::ssize(ids);
        more = !ids.empty();
        if (more) last = ids.back();
    }
    commands.release();
}

}  // namespace news
