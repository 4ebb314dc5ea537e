#include "newsroom_service.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "bus/archive.hpp"
#include "event_json.hpp"
#include "news/events.hpp"
#include "telemetry/log.hpp"

namespace live {

namespace {

constexpr std::chrono::seconds question_limit{5};
constexpr std::chrono::milliseconds presence_interval{1000};
constexpr std::size_t changes_max = 1024;
constexpr std::size_t changes_at_once = 50;

using Items = std::map<news::ArticleId, news::Item>;

base::Context as_newsroom() {
    base::Context context;
    context.actor.role = base::Role::editor;
    context.deadline = base::Deadline::in(question_limit);
    return context;
}

/// `submitted` of `article_submitted.v1`.
std::string word_of(std::string_view type) {
    constexpr std::string_view prefix = "article_";
    if (type.starts_with(prefix)) type.remove_prefix(prefix.size());
    return std::string(type.substr(0, type.rfind('.')));
}

std::string note_of(const bus::Event& event) {
    if (bus::is_archived(event)) return {};
    try {
        auto said_with = [](const auto& said) -> std::string {
            if constexpr (requires { said.note; }) return said.note;
            if constexpr (requires { said.notice; }) return said.notice;
            return {};
        };
        return std::visit(said_with, news::article_event(event));
    } catch (const std::exception& thrown) {
        telemetry::log(telemetry::Level::error, "live", "the note of an event cannot be read",
                       {{"position", event.position}, {"error", thrown.what()}});
    }
    return {};
}

base::Task<Items> items_of(const news::Items& all, std::vector<news::ArticleId> ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    auto context = as_newsroom();
    auto found = co_await all.items_by_id(std::move(ids), context);
    if (!found) co_return found.error();
    Items items;
    for (auto& item : *found) {
        auto id = item.id;
        items.emplace(id, std::move(item));
    }
    co_return items;
}

}  // namespace

NewsroomService::NewsroomService(std::vector<std::string> names, news::Types types)
    : names_(std::move(names)), types_(std::move(types)) {}

base::Task<Part> NewsroomService::tell(std::size_t log, std::vector<bus::Event> events) {
    Part told;
    told.end = events.back().position;
    std::vector<news::ArticleId> ids;
    for (const auto& event : events) ids.push_back(event.stream);
    const auto& all = *types_.at(names_[log]).items;
    auto items = co_await items_of(all, std::move(ids));
    if (!items) co_return items.error();
    for (const auto& event : events) {
        auto item = items->find(event.stream);
        bool is_there = item != items->end();
        Step step{names_[log], event.stream,      event.version,
                  event.actor, event.recorded_at, note_of(event)};
        Entry entry;
        entry.log = log;
        entry.position = event.position;
        if (is_there) {
            entry.owner = item->second.created_by;
            entry.tags = item->second.tags;
            std::sort(entry.tags.begin(), entry.tags.end());
        }
        entry.whole = newsroom_event(word_of(event.type), step, is_there ? &item->second : nullptr);
        told.entries.push_back(std::move(entry));
    }
    co_return told;
}

base::Task<std::optional<Entry>> NewsroomService::tell_presence(editing::PresenceChanged changed) {
    using Told = std::optional<Entry>;
    const auto& article = changed.article;
    auto name = std::find(names_.begin(), names_.end(), article.news_type);
    if (name == names_.end()) co_return Told();
    std::vector<news::ArticleId> ids{article.id};
    const auto& all = *types_.at(article.news_type).items;
    auto items = co_await items_of(all, std::move(ids));
    if (!items) co_return items.error();
    Entry entry;
    entry.log = static_cast<std::size_t>(name - names_.begin());
    if (!items->empty()) {
        entry.owner = items->begin()->second.created_by;
        entry.tags = items->begin()->second.tags;
        std::sort(entry.tags.begin(), entry.tags.end());
    }
    entry.whole = presence_event(article, changed.people);
    co_return Told(std::move(entry));
}

PresenceFeed::PresenceFeed(bus::Topic<editing::PresenceChanged>& changes, NewsroomService& teller,
                           Hub& hub, const host::Environment& environment)
    : teller_(teller),
      hub_(hub),
      clock_(environment.clock),
      ring_(changes.subscribe(changes_max, environment.clock)),
      timer_(environment.clock, environment.background) {}

/// What cannot be looked up is left out: it is told again when it changes again.
base::Task<void> PresenceFeed::hear() {
    std::int64_t heard = 0;
    while (!stopping_.load()) {
        auto changes = ring_->take(changes_at_once);
        for (auto& change : changes) {
            heard = change.position;
            auto told = co_await teller_.tell_presence(std::move(change.event));
            if (told && *told) hub_.tell(std::move(**told));
        }
        if (!changes.empty()) continue;
        auto moment = clock_.steady() + presence_interval;
        co_await ring_->head().reached(heard + 1, timer_, moment);
    }
    co_return base::Result<void>();
}

void PresenceFeed::stop() {
    stopping_.store(true);
    timer_.cancel();
}

}  // namespace live
