#include "items_routes.hpp"

#include <algorithm>

#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/query_values.hpp"
#include "input_json.hpp"
#include "items_json.hpp"

namespace editing {

using base::malformed;

namespace {

constexpr std::int64_t items_default = 50;
constexpr std::int64_t items_max = 100;
constexpr std::size_t word_characters_max = 50;
constexpr std::size_t text_characters_max = 256;

/// What no list is kept for, and none is made by reading everything.
base::Error not_kept(std::string message) {
    return {base::Reason::invalid, "combination_not_kept", std::move(message)};
}

base::Result<std::vector<news::Stage>> stages_in(const http::Request& request) {
    std::vector<news::Stage> stages;
    auto given = request.query_parameter("status");
    if (!given) return stages;
    std::string_view left = *given;
    while (stages.size() < news::stage_count) {
        auto comma = std::min(left.find(','), left.size());
        auto stage = news::parse_stage(base::trim(left.substr(0, comma)));
        if (!stage) break;
        bool known = std::find(stages.begin(), stages.end(), *stage) != stages.end();
        if (!known) stages.push_back(*stage);
        if (comma == left.size()) return stages;
        left.remove_prefix(comma + 1);
    }
    return malformed("malformed_status",
                     "status is one of draft, in_review, approved, scheduled, published, removed "
                     "and killed, or several with commas.");
}

/// Whether only the own ones are asked for.
base::Result<bool> mine_in(const http::Request& request) {
    auto given = request.query_parameter("mine").value_or("0");
    if (given == "0" || given == "false") return false;
    if (given == "1" || given == "true") return true;
    return malformed("malformed_mine", "mine is 1, or it is left out.");
}

/// The rest of what goes with words is as the search has it.
base::Result<void> check_search(const ItemsAsked& asked, std::string_view sort) {
    const auto& question = asked.question;
    if (!sort.empty() && sort != "relevance") {
        return not_kept(
            "What is found by its words comes in the order of relevance: leave sort "
            "out.");
    }
    if (question.from || question.to) {
        return not_kept(
            "from and to are times of a change, by which nothing is found that has "
            "words: leave them out.");
    }
    for (auto stage : question.stages) {
        if (stage != news::Stage::removed && stage != news::Stage::killed) continue;
        return not_kept("Removed and killed items are not found by their words: leave q out.");
    }
    return {};
}

base::Result<void> check_list(const ItemsAsked& asked, std::string_view sort) {
    const auto& question = asked.question;
    if (sort == "relevance") return not_kept("Relevance is to words: send q, too.");
    if (!question.tag.empty() && !question.author.empty()) {
        return not_kept("Items are listed by tag or by author, not by both.");
    }
    return {};
}

}  // namespace

void ItemsRoutes::add_to(http::Router& router) {
    // ?status=&type=&mine=1&author=&tag=&q=&from=&to=&sort=newest|oldest|relevance&limit=1–100
    // &cursor=: authors their own, editors all.
    router.add({http::Method::get, "/v1/newsroom/items", http::Access::author,
                [this](const http::Request& request) { return items(request); }});
}

base::Result<ItemsAsked> ItemsRoutes::asked_in(const http::Request& request) const {
    if (request.query_parameter("language")) {
        return malformed("malformed_filter", "This list cannot be filtered by language.");
    }
    ItemsAsked asked;
    auto& question = asked.question;
    auto stages = stages_in(request);
    auto mine = mine_in(request);
    auto tag = http::text_in_query(request, "tag", "malformed_filter", word_characters_max);
    auto author = http::text_in_query(request, "author", "malformed_filter", word_characters_max);
    auto text = http::text_in_query(request, "q", "malformed_q", text_characters_max);
    auto from = http::time_in_query(request, "from");
    auto to = http::time_in_query(request, "to");
    if (!stages) return stages.error();
    if (!mine) return mine.error();
    if (!tag) return tag.error();
    if (!author) return author.error();
    if (!text) return text.error();
    if (!from) return from.error();
    if (!to) return to.error();
    auto type = request.query_parameter("type");
    if (type && !items_.types().contains(*type)) {
        return malformed("malformed_type", "There is no such news type.");
    }
    asked.news_type = type.value_or("");
    question.stages = std::move(*stages);
    question.mine = *mine;
    question.tag = std::move(*tag);
    question.author = std::move(*author);
    question.from = *from;
    question.to = *to;
    asked.text = std::move(*text);
    auto sort = request.query_parameter("sort").value_or("");
    if (!sort.empty() && sort != "newest" && sort != "oldest" && sort != "relevance") {
        return malformed("malformed_sort", "sort is newest, oldest or, with q, relevance.");
    }
    question.oldest_first = sort == "oldest";
    auto fits = asked.text.empty() ? check_list(asked, sort) : check_search(asked, sort);
    if (!fits) return fits.error();
    auto limit = http::limit_in_query(request, items_default, items_max);
    if (!limit) return limit.error();
    question.limit = *limit;
    auto cursor = request.query_parameter("cursor").value_or("");
    if (cursor.empty()) return asked;
    if (!asked.text.empty()) {
        asked.search_cursor = std::move(cursor);
        return asked;
    }
    question.after = items_cursor(cursor, question.oldest_first);
    if (question.after) return asked;
    return malformed("malformed_cursor",
                     "The cursor is not one that this list has given as next, in this order.");
}

base::Task<http::Response> ItemsRoutes::items(const http::Request& request) {
    auto asked = asked_in(request);
    if (!asked) co_return http::failure(request, asked.error());
    auto found = co_await items_.find(std::move(*asked), request.context);
    if (!found) co_return http::failure(request, found.error());
    http::Response response;
    response.body = items_body(*found);
    response.cache_control = "private, no-store";
    co_return response;
}

}  // namespace editing
