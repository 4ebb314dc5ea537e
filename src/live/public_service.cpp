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
/// So few are in memory at a time, since each may be large.
constexpr std::ptrdiff_t articles_at_once = 10;

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

/// What an event is to readers. Nothing: it cannot be said, so all that was told of the article is
/// hidden.
struct PublicService::Change {
    std::int64_t position = 0;
    news::ArticleId id = 0;
    std::optional<news::PublicChange> what{};
    std::vector<std::string> tags{};

    bool is_public_after() const { return what && news::is_public_after(*what); }
};

/// Of an article that everybody may see.
struct PublicService::Text {
    std::string json;
    std::optional<base::Time> seen_until{};
};

PublicService::PublicService(std::vector<std::string> names, news::Types types,
                             const base::Clock& clock)
    : names_(std::move(names)), types_(std::move(types)), clock_(clock), lately_(remembered_max) {}

/// Nothing: that is not to be known.
base::Task<std::optional<Standing>> PublicService::standing_before(std::size_t log,
                                                                   news::ArticleId id,
                                                                   news::Version version) {
    using Found = std::optional<Standing>;
    if (version <= 1) co_return Found(Standing());
    auto known = lately_.find({log, id});
    if (known && known->version == version - 1) co_return Found(std::move(known->standing));
    const auto& queries = *types_.at(names_[log]).queries;
    auto context = as_editor();
    auto was = co_await queries.version(id, version - 1, context);
    if (was) co_return Found(standing_of(*was));
    if (!is_final(was.error())) co_return was.error();
    telemetry::log(telemetry::Level::error, "live",
                   "what an article was before is not known: its readers may not hear of a change",
                   {{"type", names_[log]}, {"id", id}, {"error", was.error().message}});
    co_return Found();
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
        if (!said) {
            all.push_back({event.position, event.stream});
            continue;
        }
        auto& known = standings[event.stream];
        if (known.version == 0 || known.version != event.version - 1) {
            auto was = co_await standing_before(log, event.stream, event.version);
            if (!was) co_return was.error();
            if (!*was) all.push_back({event.position, event.stream});
            known.standing = std::move(*was).value_or(Standing());
        }
        auto now = after(known.standing, *said);
        auto what = news::public_change(known.standing.is_public, *said);
        if (what) {
            all.push_back({event.position, event.stream, what, tags_of(known.standing, now)});
        }
        known = {event.version, std::move(now)};
    }
    remember(log, standings);
    co_return all;
}

/// Those that everybody may see now, each once; anew if it was taken from them meanwhile.
base::Task<void> PublicService::find_texts(std::size_t log, const std::vector<Change>& changes,
                                           Texts& texts) {
    for (const auto& change : changes) {
        if (!change.is_public_after()) texts.erase(change.id);
    }
    std::vector<news::ArticleId> ids;
    for (const auto& change : changes) {
        if (change.is_public_after() && !texts.contains(change.id)) ids.push_back(change.id);
    }
    if (ids.empty()) co_return base::Result<void>();
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const auto& queries = *types_.at(names_[log]).queries;
    auto context = as_anybody();
    auto found = co_await queries.several(std::move(ids), context);
    if (!found) co_return found.error();
    for (const auto& article : *found) {
        if (!news::is_public(article, clock_.now())) continue;
        texts.insert_or_assign(article.id, Text{article_text(article), article.expires_at});
    }
    co_return base::Result<void>();
}

/// How much that is.
std::size_t PublicService::tell_change(std::size_t log, Change change, const Texts& texts,
                                       Part& told) {
    auto text = texts.find(change.id);
    bool is_seen = change.is_public_after() && text != texts.end();
    // Also if everybody may see it again later: then not what it said before.
    if (!is_seen) told.hide(change.id);
    if (!change.what) return 0;
    Entry entry;
    entry.log = log;
    entry.position = change.position;
    entry.tags = std::move(change.tags);
    entry.article = change.id;
    auto word = name_of(*change.what);
    auto bare = public_event(word, names_[log], change.id);
    if (is_seen) {
        entry.whole = public_event(word, names_[log], change.id, text->second.json);
        entry.bare = std::move(bare);
        entry.seen_until = text->second.seen_until;
    } else {
        entry.whole = std::move(bare);
    }
    auto bytes = entry.bytes();
    told.entries.push_back(std::move(entry));
    return bytes;
}

base::Task<Part> PublicService::tell(std::size_t log, std::vector<bus::Event> events) {
    Part told;
    Texts texts;
    std::size_t bytes = 0;
    auto next = events.begin();
    while (next != events.end()) {
        auto end = next + std::min(articles_at_once, events.end() - next);
        std::vector<bus::Event> some(std::make_move_iterator(next), std::make_move_iterator(end));
        auto last = some.back().position;
        auto all = co_await changes(log, std::move(some));
        if (!all) co_return all.error();
        auto found = co_await find_texts(log, *all, texts);
        if (!found) co_return found.error();
        for (auto& change : *all) {
            told.end = change.position;
            auto more = tell_change(log, std::move(change), texts, told);
            bytes += more;
            if (more > 0 && bytes >= told_bytes_max) co_return told;
        }
        told.end = last;
        next = end;
    }
    co_return told;
}

}  // namespace live
