#include <algorithm>

#include "answer_json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "news_routes.hpp"
#include "resilience/gather.hpp"

namespace orchestrator {

namespace {

constexpr std::int64_t limit_max = 100;
constexpr std::int64_t page_max = 1000000000;
constexpr std::size_t tag_length_max = 50;
using Articles = std::vector<news::Article>;

base::Error malformed(const char* code, const std::string& message) {
    return {base::Reason::invalid, code, message};
}

base::Result<std::int64_t> read_limit(std::string_view text) {
    auto limit = base::parse_number(text, limit_max);
    if (!limit || *limit < 1) {
        return malformed("malformed_limit", "The limit must be a number from 1 to 100.");
    }
    return *limit;
}

/// Filters that other lists have, or will have: where one does nothing, an answer with everything
/// in it would be a wrong one. All other names that no route knows are ignored, as trackers add
/// them.
std::optional<base::Error> useless_filter(const http::Request& request) {
    for (const char* name : {"author", "status", "tag", "from", "to", "language"}) {
        if (!request.query_parameter(name)) continue;
        return malformed("malformed_filter",
                         "This list cannot be filtered by " + std::string(name) + ".");
    }
    return std::nullopt;
}

/// What part of a history is asked for: ?limit=1–100&cursor=…&content=0|1.
base::Result<news::HistoryQuestion> history_question(const http::Request& request) {
    news::HistoryQuestion question;
    if (auto text = request.query_parameter("limit"); text && !text->empty()) {
        auto limit = read_limit(*text);
        if (!limit) return limit.error();
        question.limit = *limit;
    }
    if (auto text = request.query_parameter("cursor"); text && !text->empty()) {
        auto after = base::parse_number(*text, page_max);
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

/// Every byte that is not unreserved (RFC 3986) as %XX: the one form of a segment.
std::string escaped(std::string_view segment) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char c : segment) {
        auto byte = static_cast<unsigned char>(c);
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
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

void ReadRoutes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](const char* pattern, Access access,
                   Answer (ReadRoutes::*handler)(const http::Request&)) {
        http::Route route{
            Method::get, pattern, access,
            [this, handler](const http::Request& request) { return (this->*handler)(request); }};
        if (access == Access::anyone) {
            route.cached = [this](const http::Request& request) { return cached(request); };
        }
        router.add(std::move(route));
    };
    // ?limit=1–100&cursor=…: newest first, `next` leads on; {type} may be `all`.
    add("/v1/news/{type}", Access::anyone, &ReadRoutes::keyset);
    // One item; drafts only for those who may act on them; ?as_of=TIME for authors.
    add("/v1/news/{type}/{id}", Access::anyone, &ReadRoutes::item);
    // The same by its name in addresses; 301 from one that it had before.
    add("/v1/news/{type}/by-slug/{slug}", Access::anyone, &ReadRoutes::by_slug);
    // The same by where it was imported from, whichever type it has.
    add("/v1/legacy/{model}/{pk}", Access::anyone, &ReadRoutes::by_legacy_id);
    // Page {page} of {limit} items, of one type or, for `all`, of each type in one flat list.
    add("/v1/news/{type}/{page}/{limit}", Access::anyone, &ReadRoutes::page);
    // Items with that tag across types; ?limit=&cursor= as above.
    add("/v1/news/tags/{tag}", Access::anyone, &ReadRoutes::tagged);
    // Who changed what and when, also of a removed item; ?limit=&cursor=&content=.
    add("/v1/news/{type}/{id}/history", Access::author, &ReadRoutes::history);
    // The item as it was at a version.
    add("/v1/news/{type}/{id}/versions/{version}", Access::author, &ReadRoutes::version);
}

std::shared_ptr<const http::PreparedResponse> ReadRoutes::cached(const http::Request& request) {
    const auto* page = parts_.caches[request.thread].find(request.target);
    if (!page) return nullptr;
    parts_.hits->add();
    visit(*page, request);
    return page->answer;
}

void ReadRoutes::visit(const CachedResponse& page, const http::Request& request) {
    if (!page.viewed || !request.context.actor.id || request.context.shadow) return;
    auto viewed = *page.viewed;
    viewed.user_id = *request.context.actor.id;
    viewed.at = parts_.clock.now();
    parts_.neighbours.visits.publish(viewed);
}

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
        co_return redirect_to("/v1/news/" + article->news_type + "/by-slug/" +
                              escaped(article->slug));
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

base::Result<std::vector<std::string>> ReadRoutes::types_of(const http::Request& request) const {
    std::vector<std::string> names;
    if (request.parameter("type") == "all") {
        for (const auto& [name, type] : parts_.neighbours.types) names.push_back(name);
        return names;
    }
    auto type = news_type_of(parts_, request);
    if (!type) return type.error();
    names.emplace_back(request.parameter("type"));
    return names;
}

ReadRoutes::Answer ReadRoutes::page(const http::Request& request) {
    auto types = types_of(request);
    if (!types) co_return refuse(request, types.error());
    if (auto useless = useless_filter(request)) co_return refuse(request, std::move(*useless));
    auto page = base::parse_number(request.parameter("page"), page_max);
    if (!page || *page < 1) {
        auto error = malformed("malformed_page", "The page must be a number, counted from 1.");
        co_return refuse(request, std::move(error));
    }
    auto limit = read_limit(request.parameter("limit"));
    if (!limit) co_return refuse(request, limit.error());

    Question question;
    question.page = *page;
    question.limit = *limit;
    question.types = std::move(*types);
    question.target = "/v1/news/" + std::string(request.parameter("type")) + "/" +
                      std::to_string(*page) + "/" + std::to_string(*limit);
    co_return co_await list(request, std::move(question));
}

base::Result<ReadRoutes::Question> ReadRoutes::keyset_question(const http::Request& request) const {
    Question question;
    question.kind = Question::Kind::keyset;
    question.limit = parts_.config.limit_default;
    if (auto text = request.query_parameter("limit"); text && !text->empty()) {
        auto limit = read_limit(*text);
        if (!limit) return limit.error();
        question.limit = *limit;
    }
    std::string target = "?limit=" + std::to_string(question.limit);
    if (auto text = request.query_parameter("cursor"); text && !text->empty()) {
        question.after = news::from_cursor(*text);
        if (!question.after) {
            return malformed("malformed_cursor",
                             "The cursor is not one that a list has given as next.");
        }
        target += "&cursor=" + to_cursor(*question.after);
    }
    question.target = target;
    return question;
}

ReadRoutes::Answer ReadRoutes::keyset(const http::Request& request) {
    auto types = types_of(request);
    if (!types) co_return refuse(request, types.error());
    if (auto useless = useless_filter(request)) co_return refuse(request, std::move(*useless));
    auto question = keyset_question(request);
    if (!question) co_return refuse(request, question.error());
    question->types = std::move(*types);
    question->target.insert(0, "/v1/news/" + std::string(request.parameter("type")));
    co_return co_await list(request, std::move(*question));
}

ReadRoutes::Answer ReadRoutes::tagged(const http::Request& request) {
    if (auto useless = useless_filter(request)) co_return refuse(request, std::move(*useless));
    auto question = keyset_question(request);
    if (!question) co_return refuse(request, question.error());
    question->kind = Question::Kind::tag;
    question->tag = base::trim(request.parameter("tag"));
    auto length = base::count_code_points(question->tag).value_or(0);
    if (length < 1 || length > tag_length_max) {
        auto error = malformed("malformed_tag", "A tag is a text of 1 to 50 characters.");
        co_return refuse(request, std::move(error));
    }
    for (const auto& [name, type] : parts_.neighbours.types) question->types.push_back(name);
    question->target.insert(0, "/v1/news/tags/" + escaped(question->tag));
    co_return co_await list(request, std::move(*question));
}

ReadRoutes::Answer ReadRoutes::list(const http::Request& request, Question question) {
    auto& cache = parts_.caches[request.thread];
    if (const auto* page = cache.find(question.target)) {
        parts_.hits->add();
        http::Response again;
        again.body = page->answer;
        co_return again;
    }
    parts_.misses->add();
    CachedResponse page;
    for (const auto& name : question.types) {
        const auto* queries = parts_.neighbours.types.at(name).queries;
        auto generation = queries->generation();
        if (generation) page.sources.push_back({queries, *generation});
    }
    bool may_be_kept = page.sources.size() == question.types.size();
    std::string target = question.target;
    bool with_next = question.kind != Question::Kind::page;
    auto context = request.context;
    context.deadline = context.deadline.within(parts_.config.deadline_ms);
    auto listing = co_await ask(std::move(question), std::move(context));
    if (!listing) co_return refuse(request, listing.error());

    http::Response response;
    response.body = list_body(*listing, with_next);
    if (!listing->failed.empty()) {
        // The next caller may get it whole.
        parts_.partial->add();
        response.cache_control = "no-store";
        co_return response;
    }
    page.answer = http::prepare(response);
    response.body = page.answer;
    if (may_be_kept) cache.put(std::move(target), std::move(page));
    co_return response;
}

base::Task<Listing> ReadRoutes::ask(Question question, base::Context context) const {
    bool keyset = question.kind != Question::Kind::page;
    // One more than wanted tells whether anything follows.
    auto wanted = keyset ? question.limit + 1 : question.limit;
    std::vector<base::Task<Articles>> tasks;
    for (const auto& name : question.types) {
        const auto& queries = *parts_.neighbours.types.at(name).queries;
        switch (question.kind) {
            case Question::Kind::page:
                tasks.push_back(queries.page(question.page, wanted, context));
                break;
            case Question::Kind::keyset:
                tasks.push_back(queries.list(question.after, wanted, context));
                break;
            case Question::Kind::tag:
                tasks.push_back(queries.tagged(question.tag, question.after, wanted, context));
                break;
        }
    }
    auto answers = co_await resilience::gather<Articles>(context.deadline, std::move(tasks));
    if (!answers) co_return answers.error();
    std::vector<Part> parts;
    for (std::size_t i = 0; i < question.types.size(); ++i) {
        parts.push_back({question.types[i], std::move((*answers)[i])});
    }
    std::optional<std::int64_t> keep;
    if (keyset) keep = question.limit;
    co_return merge(std::move(parts), keep);
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
    auto number = base::parse_number(request.parameter("version"), page_max);
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
