// The routes of one item, as it is and as it was.
#include "answer_json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "news_routes.hpp"

namespace orchestrator {

namespace {

constexpr std::int64_t version_max = 1000000000;

/// What part of a history is asked for: ?limit=1–100&cursor=…&content=0|1.
base::Result<news::HistoryQuestion> history_question(const http::Request& request) {
    news::HistoryQuestion question;
    if (auto text = request.query_parameter("limit"); text && !text->empty()) {
        auto limit = read_limit(*text);
        if (!limit) return limit.error();
        question.limit = *limit;
    }
    if (auto text = request.query_parameter("cursor"); text && !text->empty()) {
        auto after = base::parse_number(*text, version_max);
        if (!after) {
            return malformed("malformed_cursor",
                             "The cursor is not one that a history has given as next.");
        }
        question.after = *after;
    }
    if (auto text = request.query_parameter("content"); text && !text->empty()) {
        if (*text != "0" && *text != "1") {
            return malformed("malformed_content", "content is 1 to be told, 0 to be left out.");
        }
        question.content = *text == "1";
    }
    return question;
}

http::Response redirect_to(std::string location) {
    http::Response response;
    response.status = 301;
    std::string body;
    base::JsonWriter(body)
        .open('{')
        .member("status", "success")
        .member("location", location)
        .close('}');
    response.body = std::move(body);
    response.fields.emplace_back("Location", std::move(location));
    return response;
}

}  // namespace

ReadRoutes::Answer ReadRoutes::item(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto time = request.query_parameter("as_of");
    if (time) co_return co_await as_of(request, std::move(*time));

    std::string type_name(request.parameter("type"));
    co_return co_await show(request, **type, std::move(type_name), *id);
}

base::Context ReadRoutes::context_of(const http::Request& request) const {
    auto context = request.context;
    context.deadline = context.deadline.within(parts_.config.deadline_ms);
    return context;
}

ReadRoutes::Answer ReadRoutes::show(const http::Request& request, const news::Type& type,
                                    std::string type_name, news::ArticleId id) {
    std::string target = "/v1/news/" + type_name + "/" + std::to_string(id);
    auto& cache = parts_.caches[request.thread];
    if (const auto* page = cache.find(target)) {
        parts_.hits->add();
        visit(*page, request);
        http::Response again;
        again.body = page->answer;
        co_return again;
    }
    parts_.misses->add();
    auto generation = type.queries->generation();
    auto context = context_of(request);
    auto article = co_await type.queries->article(id, std::move(context));
    if (!article) {
        auto error = article.error();
        co_return co_await gone(request, type, id, std::move(error));
    }

    http::Response response;
    response.body = item_body(*article);
    response.etag = etag_of(*article);
    // A draft is for its author alone.
    if (article->status != news::Status::published) {
        response.cache_control = "private, no-store";
        co_return response;
    }
    CachedResponse page;
    page.answer = http::prepare(response);
    if (generation) page.sources.push_back({type.queries, *generation});
    page.viewed = news::NewsViewed{0, article->news_type, article->id, article->tags, {}};
    visit(page, request);
    response.body = page.answer;
    if (generation) cache.put(std::move(target), std::move(page));
    co_return response;
}

ReadRoutes::Answer ReadRoutes::gone(const http::Request& request, const news::Type& type,
                                    news::ArticleId id, base::Error error) {
    if (error.code != "news_not_found") co_return refuse(request, std::move(error));
    auto context = context_of(request);
    auto moved = co_await type.queries->moved_to(id, context);
    if (!moved || !*moved) co_return refuse(request, std::move(error));
    auto found = parts_.neighbours.types.find((*moved)->news_type);
    if (found == parts_.neighbours.types.end()) co_return refuse(request, std::move(error));
    // Whoever may not see it there learns nothing here either.
    auto article = co_await found->second.queries->article((*moved)->id, std::move(context));
    if (!article) co_return refuse(request, std::move(error));
    co_return redirect_to("/v1/news/" + article->news_type + "/" + std::to_string(article->id));
}

ReadRoutes::Answer ReadRoutes::by_slug(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    std::string slug(request.parameter("slug"));
    auto context = context_of(request);
    auto id = co_await (*type)->queries->by_slug(slug, context);
    if (!id) co_return refuse(request, id.error());
    auto article = co_await (*type)->queries->article(*id, std::move(context));
    if (!article) {
        auto error = article.error();
        co_return co_await gone(request, **type, *id, std::move(error));
    }
    if (article->slug != slug) {
        auto there = "/v1/news/" + article->news_type + "/by-slug/";
        base::append_percent_encoded(there, article->slug);
        co_return redirect_to(there);
    }
    std::string type_name(request.parameter("type"));
    co_return co_await show(request, **type, std::move(type_name), *id);
}

ReadRoutes::Answer ReadRoutes::by_legacy_id(const http::Request& request) {
    std::string legacy_id(request.parameter("model"));
    legacy_id += ":";
    legacy_id += request.parameter("pk");
    base::Error refused{base::Reason::not_found, "news_not_found", "There is no such news item."};
    // A type that cannot be asked now may be the one that has it, so it is not said to be nowhere.
    for (const auto& [name, type] : parts_.neighbours.types) {
        auto context = context_of(request);
        auto id = co_await type.queries->by_legacy_id(legacy_id, context);
        if (!id) {
            if (id.error().code != "news_not_found") refused = id.error();
            continue;
        }
        auto article = co_await type.queries->article(*id, std::move(context));
        if (article) co_return co_await show(request, type, name, *id);
    }
    co_return refuse(request, std::move(refused));
}

ReadRoutes::Answer ReadRoutes::history(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto question = history_question(request);
    if (!question) co_return refuse(request, question.error());
    auto history = co_await (*type)->queries->history(*id, *question, request.context);
    if (!history) co_return refuse(request, history.error());
    http::Response response;
    response.body = history_body(*id, *history);
    response.cache_control = "private, no-cache";
    co_return response;
}

ReadRoutes::Answer ReadRoutes::version(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto number = base::parse_number(request.parameter("version"), version_max);
    auto article = co_await (*type)->queries->version(*id, number.value_or(0), request.context);
    if (!article) co_return refuse(request, article.error());
    http::Response response;
    response.body = item_body(*article);
    response.cache_control = "private, no-cache";
    co_return response;
}

ReadRoutes::Answer ReadRoutes::as_of(const http::Request& request, std::string time) {
    if (request.context.actor.role < base::Role::author) {
        bool known = request.context.actor.role != base::Role::anonymous;
        base::Error error{base::Reason::unauthenticated, "unauthenticated",
                          "Log in as an author to see earlier states."};
        if (known) {
            error.reason = base::Reason::forbidden;
            error.code = "forbidden";
            error.message = "Only authors may see earlier states.";
        }
        co_return refuse(request, std::move(error));
    }
    auto at = base::parse_rfc3339(time);
    if (!at) {
        auto error =
            malformed("malformed_time", "as_of must be an RFC 3339 time, as 2026-05-04T10:20:30Z.");
        co_return refuse(request, std::move(error));
    }
    auto type = news_type_of(parts_, request);
    auto id = id_of(request);
    auto article = co_await (*type)->queries->as_of(*id, *at, request.context);
    if (!article) co_return refuse(request, article.error());
    http::Response response;
    response.body = item_body(*article);
    response.cache_control = "private, no-cache";
    co_return response;
}

}  // namespace orchestrator
