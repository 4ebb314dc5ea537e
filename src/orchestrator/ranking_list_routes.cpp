// What is next, similar and trending: the same for everybody, and kept for a while.
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/query_values.hpp"
#include "ranking_routes.hpp"

namespace orchestrator {

using base::malformed;
using recommendation::TrendingQuestion;

namespace {

constexpr std::int64_t limit_of_next = 5;
constexpr std::int64_t limit_of_trends = 10;

void append_fields(std::string& target, const std::vector<std::string>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        target += (i == 0 ? "&fields=" : ",") + fields[i];
    }
}

}  // namespace

NewPage RankingRoutes::new_page(std::string target) const {
    NewPage page{std::move(target)};
    for (const auto& [name, type] : parts_.neighbours.types) page.asks(*type.queries);
    return page;
}

std::optional<http::Response> RankingRoutes::again(const http::Request& request,
                                                   const std::string& target) {
    const auto* page = parts_.kept(request, target);
    if (page) return page->again();
    parts_.misses->add();
    return std::nullopt;
}

RankingRoutes::Answer RankingRoutes::shared_list(const http::Request& request, NewPage page,
                                                 List list, std::vector<std::string> fields) {
    auto most = std::ssize(list);
    auto all = std::make_shared<const List>(std::move(list));
    std::size_t from = 0;
    auto found = co_await items_of(std::move(all), from, most, context_of(request));
    if (!found) co_return refuse(request, found.error());
    const auto& listing = *found;
    http::Response response;
    response.body = ranked_body(listing, fields, false);
    if (!listing.failed.empty()) {
        parts_.partial->add();
        response.cache_control = "no-store";
        co_return response;
    }
    CachedResponse answer{http::prepare(response), std::move(page.sources)};
    for (const auto& item : listing.items) answer.shows(item.article, parts_.clock);
    answer.ends_at(parts_.clock.now() + parts_.config.ranking_cached_s, parts_.clock);
    response.body = answer.answer;
    parts_.keep(request, std::move(page), std::move(answer));
    co_return response;
}

base::Context RankingRoutes::ranking_context(base::Context context) const {
    context.deadline = context.deadline.within(parts_.config.ranking_deadline_ms);
    return context;
}

RankingRoutes::Answer RankingRoutes::next(const http::Request& request) {
    return about(request, true);
}

RankingRoutes::Answer RankingRoutes::similar(const http::Request& request) {
    return about(request, false);
}

RankingRoutes::Answer RankingRoutes::about(const http::Request& request, bool is_next) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto limit = http::limit_in_query(request, limit_of_next, list_limit_max);
    if (!limit) co_return refuse(request, limit.error());
    auto fields = fields_in(request);
    if (!fields) co_return refuse(request, fields.error());
    recommendation::ArticleName name{std::string(request.parameter("type")), *id};
    auto target = "/v1/news/" + name.news_type + "/" + std::to_string(name.id) +
                  (is_next ? "/next" : "/similar") + "?limit=" + std::to_string(*limit);
    append_fields(target, *fields);
    if (auto kept = again(request, target)) co_return std::move(*kept);
    auto page = new_page(std::move(target));
    auto context = context_of(request);
    auto article = co_await (*type)->queries->article(*id, context);
    if (!article) co_return refuse(request, article.error());
    // Who may see a draft is told of it what is told of one that nobody has read.
    page.may_be_kept = page.may_be_kept && news::is_public(*article, parts_.clock.now());
    auto most = static_cast<std::size_t>(*limit);
    auto asking = ranking_context(context);
    auto deadline = asking.deadline;
    auto asked = is_next ? rankings_.next(std::move(name), most, std::move(asking))
                         : rankings_.similar(std::move(name), most, std::move(asking));
    auto list = co_await dependency_.ask<List>(deadline, std::move(asked));
    if (!list) co_return refuse(request, list.error());
    co_return co_await shared_list(request, std::move(page), std::move(*list), *fields);
}

RankingRoutes::Answer RankingRoutes::trending(const http::Request& request) {
    auto limit = http::limit_in_query(request, limit_of_trends, list_limit_max);
    auto fields = fields_in(request);
    auto tag = http::text_in_query(request, "tag", "malformed_filter", word_length_max);
    if (!limit) co_return refuse(request, limit.error());
    if (!fields) co_return refuse(request, fields.error());
    if (!tag) co_return refuse(request, tag.error());
    auto window = request.query_parameter("window").value_or("1h");
    if (window != "1h" && window != "24h") {
        auto error = malformed("malformed_window", "window is 1h or 24h.");
        co_return refuse(request, std::move(error));
    }
    TrendingQuestion question;
    if (window == "24h") question.window = TrendingQuestion::Window::day;
    question.tag = *tag;
    question.news_type = request.query_parameter("type").value_or("");
    question.most = static_cast<std::size_t>(*limit);
    bool is_type = question.news_type.empty() || question.news_type == "all" ||
                   parts_.neighbours.types.contains(question.news_type);
    if (!is_type) {
        base::Error error{base::Reason::not_found, "unknown_news_type",
                          "There is no news type of that name."};
        co_return refuse(request, std::move(error));
    }
    if (question.news_type == "all") question.news_type.clear();
    auto target = "/v1/news/trending?window=" + window + "&limit=" + std::to_string(*limit);
    if (!question.news_type.empty()) target += "&type=" + question.news_type;
    if (!question.tag.empty()) {
        target += "&tag=";
        base::append_percent_encoded(target, question.tag);
    }
    append_fields(target, *fields);
    if (auto kept = again(request, target)) co_return std::move(*kept);
    auto page = new_page(std::move(target));
    auto asking = ranking_context(request.context);
    auto deadline = asking.deadline;
    auto asked = rankings_.trending(std::move(question), std::move(asking));
    auto list = co_await dependency_.ask<List>(deadline, std::move(asked));
    if (!list) co_return refuse(request, list.error());
    co_return co_await shared_list(request, std::move(page), std::move(*list), *fields);
}

}  // namespace orchestrator
