#include "public_service.hpp"

#include <algorithm>
#include <optional>

#include "bus/archive.hpp"
#include "event_json.hpp"
#include "news/public_change.hpp"
#include "telemetry/log.hpp"

namespace live {

namespace {

/// Of so many articles is remembered how they stood, so that the next event of one asks no store.
constexpr std::size_t remembered_max = 20'000;
constexpr std::chrono::seconds longest_question{5};

using Articles = std::map<news::ArticleId, news::Article>;

/// For itself: it may know what was, and shows nobody more than they may see.
base::Context as_editor() {
    base::Context context;
    context.actor.role = base::Role::editor;
    context.deadline = base::Deadline::in(longest_question);
    return context;
}

base::Context as_anybody() {
    base::Context context;
    context.deadline = base::Deadline::in(longest_question);
    return context;
}

/// Nothing: it says nothing here, or nothing that can be read.
std::optional<news::Event> readable(const bus::Event& event, const std::string& type) {
    if (bus::is_archived(event)) return std::nullopt;
    try {
        return news::article_event(event);
    } catch (const std::exception& thrown) {
        telemetry::log(telemetry::Level::error, "live", "an event is not told to readers",
                       {{"type", type}, {"position", event.position}, {"error", thrown.what()}});
    }
    return std::nullopt;
}

/// Asking again leads nowhere else.
bool is_final(const base::Error& error) {
    if (error.code == "news_damaged" || error.code == "archive_unreadable") return true;
    return error.reason != base::Reason::unavailable && error.reason != base::Reason::deadline;
}

}  // namespace

struct PublicService::Change {
    std::int64_t position = 0;
    news::ArticleId id = 0;
    news::PublicChange what{};
    std::vector<std::string> tags;
};

PublicService::PublicService(std::vector<std::string> names, news::Types types,
                             const base::Clock& clock)
    : names_(std::move(names)), types_(std::move(types)), clock_(clock), lately_(remembered_max) {}

base::Task<Standing> PublicService::standing_before(std::size_t log, news::ArticleId id,
                                                    news::Version version) {
    if (version <= 1) co_return Standing();
    auto known = lately_.find({log, id});
    if (known && known->version == version - 1) co_return known->standing;
    const auto& queries = *types_.at(names_[log]).queries;
    auto context = as_editor();
    auto was = co_await queries.version(id, version - 1, context);
    if (was) co_return standing_of(*was);
    if (!is_final(was.error())) co_return was.error();
    telemetry::log(telemetry::Level::error, "live",
                   "what an article was before is not known: its readers may not hear of a change",
                   {{"type", names_[log]}, {"id", id}, {"error", was.error().message}});
    co_return Standing();
}

void PublicService::remember(std::size_t log, const Standings& standings) {
    for (const auto& [id, known] : standings) {
        auto newer = [&](Known& kept) {
            if (kept.version < known.version) kept = known;
        };
        lately_.change({log, id}, newer);
    }
}

base::Task<std::vector<PublicService::Change>> PublicService::changes(
    std::size_t log, std::vector<bus::Event> events) {
    std::vector<Change> all;
    Standings standings;
    for (const auto& event : events) {
        auto said = readable(event, names_[log]);
        if (!said) continue;
        auto& known = standings[event.stream];
        if (known.version == 0 || known.version != event.version - 1) {
            auto was = co_await standing_before(log, event.stream, event.version);
            if (!was) co_return was.error();
            known.standing = std::move(*was);
        }
        auto now = after(known.standing, *said);
        auto what = news::public_change(known.standing.is_public, *said);
        if (what) {
            all.push_back({event.position, event.stream, *what, tags_of(known.standing, now)});
        }
        known = {event.version, std::move(now)};
    }
    remember(log, standings);
    co_return all;
}

base::Task<std::vector<Entry>> PublicService::tell(std::size_t log,
                                                   std::vector<bus::Event> events) {
    std::vector<Entry> told;
    auto all = co_await changes(log, std::move(events));
    if (!all) co_return all.error();
    if (all->empty()) co_return told;
    std::vector<news::ArticleId> ids;
    for (const auto& change : *all) {
        if (news::is_public_after(change.what)) ids.push_back(change.id);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    Articles articles;
    if (!ids.empty()) {
        const auto& queries = *types_.at(names_[log]).queries;
        auto context = as_anybody();
        auto found = co_await queries.several(std::move(ids), context);
        if (!found) co_return found.error();
        for (auto& article : *found) {
            auto id = article.id;
            if (news::is_public(article, clock_.now())) articles.emplace(id, std::move(article));
        }
    }
    for (auto& change : *all) {
        auto article = articles.find(change.id);
        bool is_seen = news::is_public_after(change.what) && article != articles.end();
        Entry entry;
        entry.position = change.position;
        entry.tags = std::move(change.tags);
        entry.whole = public_event(name_of(change.what), names_[log], change.id,
                                   is_seen ? &article->second : nullptr);
        told.push_back(std::move(entry));
    }
    co_return told;
}

}  // namespace live
