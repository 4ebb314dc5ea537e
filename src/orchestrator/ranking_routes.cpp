#include "ranking_routes.hpp"

#include <algorithm>
#include <map>

#include "answer_json.hpp"
#include "base/ids.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"
#include "resilience/gather.hpp"

namespace orchestrator {

using base::malformed;
using recommendation::ArticleName;

namespace {

using Articles = std::vector<news::Article>;

constexpr const char* for_one = "private, no-cache";
/// So often what could not be read any more is made up for by what follows it.
constexpr int rounds_max = 3;
/// What stands before the name of a kept list, and in no other cursor.
constexpr std::string_view kept_prefix = "r-";

base::Result<bool> flag_in_query(const http::Request& request, const char* name) {
    auto given = request.query_parameter(name);
    if (!given || given->empty() || *given == "0") return false;
    if (*given == "1") return true;
    return malformed("malformed_" + std::string(name),
                     std::string(name) + " is 1, or it is left out.");
}

base::Error list_is_gone() {
    return {base::Reason::not_found, "cursor_expired",
            "That front page is not kept any more. Ask for it anew, without a cursor."};
}

}  // namespace

RankingRoutes::RankingRoutes(Shared& parts, ReadRoutes& read, telemetry::Metrics& metrics)
    : parts_(parts),
      read_(read),
      rankings_(*parts.neighbours.rankings),
      dependency_("recommendation", parts.config.breaker, metrics, parts.clock),
      lists_(static_cast<std::size_t>(parts.config.ranked_lists_max)),
      personal_(metrics.counter("portal_front_pages_total", "Front pages for somebody.",
                                {{"kind", "personal"}})),
      plain_(metrics.counter("portal_front_pages_total", "Front pages for somebody.",
                             {{"kind", "plain"}})),
      late_(metrics.counter("portal_front_pages_total", "Front pages for somebody.",
                            {{"kind", "late"}})) {}

void RankingRoutes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](Method method, const char* pattern, bool is_shared,
                   Answer (RankingRoutes::*handler)(const http::Request&)) {
        http::Route route{
            method, pattern, Access::anyone,
            [this, handler](const http::Request& request) { return (this->*handler)(request); }};
        if (is_shared) {
            route.cached = [this](const http::Request& request) { return read_.cached(request); };
        }
        router.add(std::move(route));
    };
    // The personal front page: ?limit=1–100&cursor=…&fields=…&explain=1.
    add(Method::get, "/v1/news/for-me", false, &RankingRoutes::for_me);
    // What readers of an item read next, and what is like it: ?limit=&fields=.
    add(Method::get, "/v1/news/{type}/{id}/next", true, &RankingRoutes::next);
    add(Method::get, "/v1/news/{type}/{id}/similar", true, &RankingRoutes::similar);
    // ?window=1h|24h&type=…&tag=…&limit=&fields=.
    add(Method::get, "/v1/news/trending", true, &RankingRoutes::trending);
    // {reads}: a front page for somebody of whom nothing is kept.
    add(Method::post, "/v1/recommendation/session", false, &RankingRoutes::session);
}

base::Context RankingRoutes::context_of(const http::Request& request) const {
    auto context = request.context;
    context.deadline = context.deadline.within(parts_.config.deadline_ms);
    return context;
}

base::Result<RankingRoutes::PageQuestion> RankingRoutes::page_question(
    const http::Request& request) const {
    PageQuestion question;
    auto limit = http::limit_in_query(request, parts_.config.limit_default, list_limit_max);
    auto fields = fields_in(request);
    auto explain = flag_in_query(request, "explain");
    if (!limit) return limit.error();
    if (!fields) return fields.error();
    if (!explain) return explain.error();
    question.limit = *limit;
    question.fields = std::move(*fields);
    question.explain = *explain;
    question.cursor = request.query_parameter("cursor").value_or("");
    return question;
}

std::optional<RankingRoutes::Place> RankingRoutes::place_in(const std::string& cursor) {
    if (!cursor.starts_with(kept_prefix)) return std::nullopt;
    auto last = cursor.rfind('-');
    auto from = base::parse_number(std::string_view(cursor).substr(last + 1),
                                   recommendation::Rankings::most_max);
    if (last < kept_prefix.size() || !from) return std::nullopt;
    return Place{cursor.substr(kept_prefix.size(), last - kept_prefix.size()),
                 static_cast<std::size_t>(*from)};
}

std::shared_ptr<const RankingRoutes::List> RankingRoutes::kept(const Place& place,
                                                               const base::Context& context) {
    auto found = lists_.find(place.name);
    bool is_theirs = found && found->reader == context.actor.id;
    if (!is_theirs || parts_.clock.steady() >= found->until) return nullptr;
    return found->list;
}

std::string RankingRoutes::keep(std::shared_ptr<const List> list, const base::Context& context) {
    auto random = base::random_bits();
    std::string_view bytes(reinterpret_cast<const char*>(&random), sizeof random);
    auto name = base::to_base64url(bytes);
    lists_.put(name, {context.actor.id, parts_.clock.steady() + parts_.config.ranked_list_kept_s,
                      std::move(list)});
    return name;
}

RankingRoutes::Answer RankingRoutes::for_me(const http::Request& request) {
    auto question = page_question(request);
    if (!question) co_return refuse(request, question.error());
    auto place = place_in(question->cursor);
    if (place) {
        auto list = kept(*place, request.context);
        if (!list) co_return refuse(request, list_is_gone());
        auto is_wanted = co_await rankings_.is_wanted(context_of(request));
        if (!is_wanted || !*is_wanted) co_return refuse(request, list_is_gone());
        co_return co_await ranked_page(request, *question, std::move(list), *place, true, nullptr);
    }
    if (!question->cursor.empty()) co_return co_await plain_page(request, *question, true, nullptr);
    auto context = ranking_context(request.context);
    auto deadline = context.deadline;
    recommendation::RankedQuestion wanted{recommendation::Rankings::most_max, question->explain};
    auto asked = rankings_.for_reader(wanted, std::move(context));
    auto ranked = co_await dependency_.ask<recommendation::RankedList>(deadline, std::move(asked));
    co_return co_await first_page(request, *question, std::move(ranked), true);
}

RankingRoutes::Answer RankingRoutes::session(const http::Request& request) {
    auto question = page_question(request);
    if (!question) co_return refuse(request, question.error());
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto reads = reads_from_json(std::get<nlohmann::json>(read));
    if (!reads) co_return refuse(request, reads.error());
    question->cursor.clear();
    auto context = ranking_context(request.context);
    auto deadline = context.deadline;
    recommendation::RankedQuestion wanted{static_cast<std::size_t>(2 * question->limit),
                                          question->explain};
    auto asked = rankings_.for_reads(std::move(*reads), wanted, std::move(context));
    auto ranked = co_await dependency_.ask<recommendation::RankedList>(deadline, std::move(asked));
    co_return co_await first_page(request, *question, std::move(ranked), false);
}

RankingRoutes::Answer RankingRoutes::first_page(const http::Request& request, PageQuestion question,
                                                base::Result<recommendation::RankedList> ranked,
                                                bool has_pages) {
    if (!ranked) {
        late_.add();
        co_return co_await plain_page(request, std::move(question), has_pages, nullptr);
    }
    auto list = std::make_shared<const List>(std::move(ranked->articles));
    bool is_personal = ranked->personal;
    auto unwanted = std::make_shared<const recommendation::RankedList>(std::move(*ranked));
    if (!is_personal) {
        co_return co_await plain_page(request, std::move(question), has_pages, unwanted);
    }
    co_return co_await ranked_page(request, std::move(question), std::move(list), Place(),
                                   has_pages, unwanted);
}

bool RankingRoutes::is_unwanted(const Unwanted& unwanted, const news::Article& article) {
    if (!unwanted) return false;
    ArticleName name{article.news_type, article.id};
    auto is_muted = [&](const std::string& tag) {
        return std::ranges::find(unwanted->muted, tag) != unwanted->muted.end();
    };
    return std::ranges::find(unwanted->hidden, name) != unwanted->hidden.end() ||
           std::ranges::any_of(article.tags, is_muted);
}

RankingRoutes::Answer RankingRoutes::ranked_page(const http::Request& request,
                                                 PageQuestion question,
                                                 std::shared_ptr<const List> list, Place place,
                                                 bool has_pages, Unwanted unwanted) {
    auto context = context_of(request);
    bool is_first = place.name.empty();
    auto found = co_await items_of(list, place.from, question.limit, context);
    if (!found) co_return refuse(request, found.error());
    auto& listing = *found;
    listing.personal = true;
    bool is_end = place.from >= list->size();
    if (is_first && is_end && std::ssize(listing.items) < question.limit) {
        // What was read comes behind what was not.
        auto rest = co_await newest(std::nullopt, 2 * question.limit, context);
        for (auto& article : rest ? rest->items : Articles()) {
            if (std::ssize(listing.items) == question.limit) break;
            auto is_it = [&](const RankedItem& item) {
                return item.article.news_type == article.news_type && item.article.id == article.id;
            };
            bool is_new = std::ranges::none_of(listing.items, is_it);
            if (is_new && !is_unwanted(unwanted, article)) {
                listing.items.push_back({std::move(article), {}});
            }
        }
    }
    if (has_pages) listing.next.emplace();
    if (has_pages && !is_end) {
        if (is_first) place.name = keep(std::move(list), request.context);
        listing.next->emplace(std::string(kept_prefix) + place.name + "-" +
                              std::to_string(place.from));
    }
    personal_.add();
    http::Response response;
    response.body = ranked_body(listing, question.fields, question.explain);
    response.cache_control = for_one;
    co_return response;
}

RankingRoutes::Answer RankingRoutes::plain_page(const http::Request& request, PageQuestion question,
                                                bool has_pages, Unwanted unwanted) {
    std::optional<news::ListCursor> after;
    if (!question.cursor.empty()) after = news::from_cursor(question.cursor);
    if (!question.cursor.empty() && !after) {
        co_return refuse(
            request,
            malformed("malformed_cursor", "The cursor is not one that a list has given as next."));
    }
    auto context = context_of(request);
    auto page = co_await newest(std::move(after), question.limit, std::move(context));
    if (!page) co_return refuse(request, page.error());
    RankedListing listing;
    listing.personal = false;
    listing.failed = std::move(page->failed);
    if (has_pages) listing.next.emplace();
    if (has_pages && page->more && !page->items.empty()) {
        listing.next->emplace(to_cursor(news::cursor_of(page->items.back())));
    }
    for (auto& article : page->items) {
        if (!is_unwanted(unwanted, article)) listing.items.push_back({std::move(article), {}});
    }
    plain_.add();
    http::Response response;
    response.body = ranked_body(listing, question.fields, question.explain);
    response.cache_control = for_one;
    co_return response;
}

base::Task<Listing> RankingRoutes::newest(std::optional<news::ListCursor> after, std::int64_t limit,
                                          base::Context context) const {
    std::vector<base::Task<Articles>> tasks;
    for (const auto& [name, type] : parts_.neighbours.types) {
        tasks.push_back(type.queries->list(after, limit + 1, context));
    }
    auto answers = co_await resilience::gather<Articles>(context.deadline, std::move(tasks));
    if (!answers) co_return answers.error();
    std::vector<Part> parts;
    std::size_t i = 0;
    for (const auto& [name, type] : parts_.neighbours.types) {
        parts.push_back({name, std::move((*answers)[i++])});
    }
    co_return merge(std::move(parts), limit);
}

base::Task<RankedListing> RankingRoutes::items_of(std::shared_ptr<const List> list,
                                                  std::size_t& from, std::int64_t most,
                                                  base::Context context) const {
    RankedListing listing;
    for (int round = 0; round < rounds_max; ++round) {
        auto wanted = static_cast<std::size_t>(most - std::ssize(listing.items));
        auto end = std::min(from + wanted, list->size());
        if (wanted == 0 || from == end) break;
        std::map<std::string, std::vector<news::ArticleId>> ids;
        for (auto i = from; i < end; ++i) {
            const auto& article = (*list)[i].article;
            if (parts_.neighbours.types.contains(article.news_type)) {
                ids[article.news_type].push_back(article.id);
            }
        }
        std::vector<std::string> names;
        std::vector<base::Task<Articles>> tasks;
        for (auto& [name, of_type] : ids) {
            names.push_back(name);
            const auto& queries = *parts_.neighbours.types.at(name).queries;
            tasks.push_back(queries.several(std::move(of_type), context));
        }
        auto answers = co_await resilience::gather<Articles>(context.deadline, std::move(tasks));
        if (!answers) co_return answers.error();
        std::map<ArticleName, news::Article> found;
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto& answer = (*answers)[i];
            bool is_known = std::ranges::find(listing.failed, names[i]) != listing.failed.end();
            if (!answer && !is_known) listing.failed.push_back(names[i]);
            if (!answer) continue;
            for (auto& article : *answer) {
                found.emplace(ArticleName{article.news_type, article.id}, std::move(article));
            }
        }
        for (; from < end; ++from) {
            const auto& one = (*list)[from];
            auto article = found.find(one.article);
            if (article == found.end()) continue;
            listing.items.push_back({std::move(article->second), one.reasons});
        }
    }
    co_return listing;
}

}  // namespace orchestrator
