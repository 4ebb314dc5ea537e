#include <algorithm>

#include "answer_json.hpp"
#include "base/text.hpp"
#include "news_routes.hpp"
#include "resilience/gather.hpp"

namespace orchestrator {

namespace {

constexpr std::int64_t page_max = 1000000000;
constexpr std::size_t tag_length_max = 50;
using Articles = std::vector<news::Article>;

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
    const auto* page = parts_.caches[request.thread].find(request.target, parts_.clock.steady());
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
    std::string path = "/v1/news/tags/";
    base::append_percent_encoded(path, question->tag);
    question->target.insert(0, path);
    co_return co_await list(request, std::move(*question));
}

ReadRoutes::Answer ReadRoutes::list(const http::Request& request, Question question) {
    NewPage page{question.target};
    if (auto again = kept(request, page.target)) co_return std::move(*again);
    for (const auto& name : question.types) page.asks(*parts_.neighbours.types.at(name).queries);
    bool with_next = question.kind != Question::Kind::page;
    auto context = request.context;
    context.deadline = context.deadline.within(parts_.config.deadline_ms);
    auto listing = co_await ask(std::move(question), std::move(context));
    // What was whole a moment ago is better than a part of what is now.
    if (!listing || listing->refused) {
        const auto& why = listing ? *listing->refused : listing.error();
        if (auto before = outdated(request, page.target, why)) co_return std::move(*before);
    }
    if (!listing) co_return refuse(request, listing.error());

    http::Response response;
    response.body = list_body(*listing, with_next);
    if (!listing->failed.empty()) {
        // The next caller may get it whole.
        parts_.partial->add();
        response.cache_control = "no-store";
        co_return response;
    }
    CachedResponse answer{http::prepare(response), std::move(page.sources)};
    response.body = answer.answer;
    auto& cache = parts_.caches[request.thread];
    auto now = parts_.clock.steady();
    if (page.may_be_kept) cache.put(std::move(page.target), std::move(answer), now);
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

}  // namespace orchestrator
