#include "command_service.hpp"

#include "event_json.hpp"

namespace news {

namespace {

/// How often a command without an expected version starts again after somebody was faster.
constexpr int attempts_max = 5;

}  // namespace

CommandService::CommandService(EventStore& store, base::Watermark& applied,
                               const base::Clock& clock, std::string news_type,
                               std::chrono::milliseconds view_wait)
    : store_(store),
      applied_(applied),
      clock_(clock),
      news_type_(std::move(news_type)),
      view_wait_(view_wait) {}

Article CommandService::in_type(Article article) const {
    article.news_type = news_type_;
    return article;
}

base::Task<Article> CommandService::answer_again(EventStore::Answered before,
                                                 const Command& command) const {
    Command plain;
    plain.context = command.context;
    auto stream = co_await store_.load(before.id, plain);
    if (!stream) co_return stream.error();
    auto article = fold(before.id, stream->history, before.version);
    if (!article) throw std::logic_error("an answered call refers to a stream that is not there");
    co_return in_type(std::move(*article));
}

base::Task<Article> CommandService::create(NewArticle article, Command command) {
    if (command.idempotency_key) {
        auto before = co_await store_.answered(command);
        if (!before) co_return before.error();
        if (*before) co_return co_await answer_again(**before, command);
    }
    auto created = news::create(std::move(article), clock_.now());
    if (!created) co_return created.error();

    auto appended = co_await store_.append(0, 1, std::move(*created), command);
    if (!appended) co_return appended.error();
    if (appended->repeated) {
        EventStore::Answered before{appended->id, appended->recorded.version};
        co_return co_await answer_again(before, command);
    }
    co_await applied_.reached(appended->position, view_wait_);
    co_return in_type(apply(Article{}, appended->id, appended->recorded));
}

base::Task<Article> CommandService::change(ArticleId id, Command command, bool also_removed,
                                           Decide decide) {
    auto refusal = base::deadline_passed();
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        auto stream = co_await store_.load(id, command);
        if (!stream) co_return stream.error();
        if (stream->answered) {
            auto before = fold(id, stream->history, *stream->answered);
            if (before) co_return in_type(std::move(*before));
        }
        auto article = fold(id, stream->history);
        auto admitted = admit(article, command.context.actor, also_removed);
        if (!admitted) co_return admitted.error();
        auto expected = check_expected(*article, command.expected);
        if (!expected) co_return expected.error();
        auto event = decide(*article, stream->history);
        if (!event) co_return event.error();

        auto appended =
            co_await store_.append(id, article->version + 1, std::move(*event), command);
        if (appended) {
            if (appended->repeated) continue;  // the next load finds the answer
            co_await applied_.reached(appended->position, view_wait_);
            co_return in_type(apply(std::move(*article), id, appended->recorded));
        }
        refusal = appended.error();
        if (refusal.code != "version_conflict") break;
        // Somebody was faster between load and append: what the caller expected is looked at anew.
    }
    co_return refusal;
}

base::Task<Article> CommandService::revise(ArticleId id, Revision revision, Command command) {
    if (!command.expected) {
        co_return base::Error{base::Reason::precondition, "precondition_required",
                              "Say which version this change is based on: `version` in the body or "
                              "If-Match."};
    }
    Decide decide = [revision = std::move(revision)](const Article& now,
                                                     const History&) -> base::Result<Event> {
        auto revised = news::revise(now, revision);
        if (!revised) return revised.error();
        return Event(std::move(*revised));
    };
    co_return co_await change(id, std::move(command), false, std::move(decide));
}

base::Task<Article> CommandService::publish(ArticleId id, std::optional<base::Time> at,
                                            Command command) {
    Decide decide = [this, at](const Article& now, const History&) -> base::Result<Event> {
        return news::publish(now, at, clock_.now());
    };
    co_return co_await change(id, std::move(command), false, std::move(decide));
}

base::Task<Article> CommandService::unpublish(ArticleId id, Command command) {
    Decide decide = [](const Article& now, const History&) -> base::Result<Event> {
        auto unpublished = news::unpublish(now);
        if (!unpublished) return unpublished.error();
        return Event(*unpublished);
    };
    co_return co_await change(id, std::move(command), false, std::move(decide));
}

base::Task<Article> CommandService::remove(ArticleId id, Command command) {
    Decide decide = [](const Article&, const History&) -> base::Result<Event> {
        return Event(ArticleRemoved{});
    };
    co_return co_await change(id, std::move(command), false, std::move(decide));
}

base::Task<Article> CommandService::restore(ArticleId id, Version version, Command command) {
    Decide decide = [this, id, version](const Article& now,
                                        const History& history) -> base::Result<Event> {
        bool exists = version >= 1 && version <= now.version;
        auto earlier = exists ? fold(id, history, version) : std::optional<Article>();
        auto restored = news::restore(earlier, clock_.now());
        if (!restored) return restored.error();
        return Event(std::move(*restored));
    };
    co_return co_await change(id, std::move(command), true, std::move(decide));
}

base::Task<Article> CommandService::publish_due(ArticleId id, Command command) {
    Decide decide = [this](const Article& now, const History&) -> base::Result<Event> {
        bool due =
            now.status == Status::draft && now.published_at && *now.published_at <= clock_.now();
        if (!due) {
            return base::Error{base::Reason::conflict,
                               "not_scheduled",
                               "This news item is not scheduled for now.",
                               {},
                               now.version};
        }
        return Event(ArticlePublished{*now.published_at});
    };
    co_return co_await change(id, std::move(command), false, std::move(decide));
}

base::Task<Imported> CommandService::import(std::vector<NewArticle> articles,
                                            base::Context context) {
    // Written out here, on the importer's thread, so that the writer thread only stores.
    std::vector<EventStore::Item> items;
    items.reserve(articles.size());
    auto now = clock_.now();
    for (auto& article : articles) {
        auto created = news::create(std::move(article), now);
        if (!created) co_return created.error();
        std::string source_id = created->source_id.value_or("");
        items.push_back({std::move(source_id), to_json(Event(std::move(*created)))});
    }
    auto stored = co_await store_.import(std::move(items), std::move(context));
    if (!stored) co_return stored.error();
    co_return stored->count;
}

}  // namespace news
