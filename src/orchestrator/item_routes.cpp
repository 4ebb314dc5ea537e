// The routes of one item, as it is and as it was.
#include "answer_json.hpp"
#include "base/json_writer.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/query_values.hpp"
#include "news_routes.hpp"

namespace orchestrator {

using base::malformed;

namespace {

constexpr std::int64_t version_max = 1000000000;

/// What part of a history is asked for: ?limit=1–100&cursor=…&content=0|1.
base::Result<news::HistoryQuestion> history_question(const http::Request& request) {
    news::HistoryQuestion question;
    auto limit = http::limit_in_query(request, question.limit, list_limit_max);
    if (!limit) return limit.error();
    question.limit = *limit;
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

    const auto& queries = *(*type)->queries;
    NewPage page{"/v1/news/" + std::string(request.parameter("type")) + "/" + std::to_string(*id)};
    if (auto again = kept(request, page.target)) co_return std::move(*again);
    page.asks(queries);
    co_return co_await show(request, queries, *id, std::move(page));
}

base::Context ReadRoutes::context_of(const http::Request& request) const {
    auto context = request.context;
    context.deadline = context.deadline.within(parts_.config.deadline_ms);
    return context;
}

std::optional<http::Response> ReadRoutes::kept(const http::Request& request,
                                               const std::string& target) {
    const auto* page = parts_.kept(request, target);
    if (!page) {
        parts_.misses->add();
        return std::nullopt;
    }
    visit(*page, request);
    return page->again();
}

std::optional<http::Response> ReadRoutes::outdated(const http::Request& request,
                                                   const std::string& target,
                                                   const base::Error& error,
                                                   std::span<const Source> well) {
    bool for_now =
        error.reason == base::Reason::unavailable || error.reason == base::Reason::deadline;
    if (!for_now) return std::nullopt;
    const auto* page =
        parts_.caches[request.thread].find_stale(target, parts_.clock.steady(), well);
    if (!page) return std::nullopt;
    parts_.stale->add();
    visit(*page, request);
    http::Response marked;
    marked.body = stale_body(page->answer->body);
    marked.cache_control = "no-store";
    return marked;
}

ReadRoutes::Answer ReadRoutes::read(const http::Request& request, const news::Queries& queries,
                                    news::ArticleId id, NewPage page, Shape shape) {
    auto context = context_of(request);
    auto article = co_await queries.article(id, std::move(context));
    if (!article) {
        std::optional<http::Response> before;
        // The other forms have no place for a mark.
        if (shape == Shape::json) before = outdated(request, page.target, article.error());
        if (before) co_return std::move(*before);
        co_return article.error();
    }
    auto response = in_shape(*article, shape);
    // A draft is for its author alone.
    if (!news::is_public(*article, parts_.clock.now())) {
        response.cache_control = "private, no-store";
        co_return response;
    }
    CachedResponse answer;
    answer.answer = http::prepare(response);
    answer.sources = std::move(page.sources);
    answer.shows(*article, parts_.clock);
    if (shape == Shape::json) {
        answer.viewed = news::NewsViewed{0, article->news_type, article->id, article->tags, {}};
    }
    visit(answer, request);
    response.body = answer.answer;
    parts_.keep(request, std::move(page), std::move(answer));
    co_return response;
}

ReadRoutes::Answer ReadRoutes::show(const http::Request& request, const news::Queries& queries,
                                    news::ArticleId id, NewPage page, Shape shape) {
    auto shown = co_await read(request, queries, id, std::move(page), shape);
    if (shown) co_return std::move(*shown);
    auto error = shown.error();
    co_return co_await gone(request, queries, id, std::move(error), shape);
}

ReadRoutes::Answer ReadRoutes::gone(const http::Request& request, const news::Queries& queries,
                                    news::ArticleId id, base::Error error, Shape shape) {
    if (auto canceled = canceled_in(shape, request, id, error)) co_return std::move(*canceled);
    if (error.code != "news_not_found") co_return refuse(request, std::move(error));
    auto context = context_of(request);
    auto moved = co_await queries.moved_to(id, context);
    if (!moved || !*moved) co_return refuse(request, std::move(error));
    auto found = parts_.neighbours.types.find((*moved)->news_type);
    if (found == parts_.neighbours.types.end()) co_return refuse(request, std::move(error));
    // Whoever may not see it there learns nothing here either.
    auto article = co_await found->second.queries->article((*moved)->id, std::move(context));
    if (!article) co_return refuse(request, std::move(error));
    auto path = "/v1/news/" + article->news_type + "/" + std::to_string(article->id);
    co_return redirect_to(path.append(ending_of(shape)));
}

ReadRoutes::Answer ReadRoutes::by_slug(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    const auto& queries = *(*type)->queries;
    std::string slug(request.parameter("slug"));
    auto path = "/v1/news/" + std::string(request.parameter("type")) + "/by-slug/";
    NewPage page{path};
    base::append_percent_encoded(page.target, slug);
    if (auto again = kept(request, page.target)) co_return std::move(*again);
    page.asks(queries);
    auto context = context_of(request);
    auto match = co_await queries.by_slug(std::move(slug), context);
    if (!match) {
        if (auto before = outdated(request, page.target, match.error())) {
            co_return std::move(*before);
        }
        co_return refuse(request, match.error());
    }
    if (match->now) co_return co_await show(request, queries, match->id, std::move(page));
    auto article = co_await queries.article(match->id, std::move(context));
    if (!article) {
        auto error = article.error();
        co_return co_await gone(request, queries, match->id, std::move(error));
    }
    base::append_percent_encoded(path, article->slug);
    co_return redirect_to(std::move(path));
}

ReadRoutes::Answer ReadRoutes::by_legacy_id(const http::Request& request) {
    std::string model(request.parameter("model"));
    std::string pk(request.parameter("pk"));
    NewPage page{"/v1/legacy/"};
    base::append_percent_encoded(page.target, model);
    page.target += "/";
    base::append_percent_encoded(page.target, pk);
    if (auto again = kept(request, page.target)) co_return std::move(*again);
    auto legacy_id = model + ":" + pk;
    base::Error refused{base::Reason::not_found, "news_not_found", "There is no such news item."};
    for (const auto& [name, type] : parts_.neighbours.types) {
        page.asks(*type.queries);
        auto context = context_of(request);
        auto id = co_await type.queries->by_legacy_id(legacy_id, std::move(context));
        auto error = id ? base::Error{} : id.error();
        if (id) {
            auto shown = co_await read(request, *type.queries, *id, page);
            if (shown) co_return std::move(*shown);
            error = shown.error();
        }
        // A type that cannot be asked now may be the one that has it, so it is not said to be
        // nowhere, and what another one has is not kept.
        if (error.code == "news_not_found") continue;
        refused = std::move(error);
        page.may_be_kept = false;
    }
    if (auto before = outdated(request, page.target, refused)) co_return std::move(*before);
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
