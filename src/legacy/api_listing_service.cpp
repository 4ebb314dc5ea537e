#include "api_listing_service.hpp"

#include <algorithm>
#include <map>

#include "resilience/gather.hpp"

namespace legacy {

base::Task<std::int64_t> ApiListing::count(Names names, news::ListFilter filter,
                                           base::Context context) const {
    std::vector<base::Task<std::int64_t>> tasks;
    for (const auto& name : names) {
        tasks.push_back(types_.at(name).queries->count(filter, context));
    }
    auto counts = co_await resilience::gather<std::int64_t>(context.deadline, std::move(tasks));
    if (!counts) co_return counts.error();
    std::int64_t sum = 0;
    for (const auto& count : *counts) {
        if (!count) co_return count.error();
        sum += *count;
    }
    co_return sum;
}

/// Where the part's articles stand, in the question's direction.
base::Task<ApiListing::Places> ApiListing::places(Names names, news::PlacesQuestion question,
                                                  base::Context context) const {
    // Only in one list can be skipped: of several nobody knows yet how many of each come first.
    auto each = question;
    if (names.size() > 1) {
        each.skip = 0;
        each.limit = question.skip + question.limit;
    }
    std::vector<base::Task<Places>> tasks;
    for (const auto& name : names) {
        tasks.push_back(types_.at(name).queries->places(each, context));
    }
    auto found = co_await resilience::gather<Places>(context.deadline, std::move(tasks));
    if (!found) co_return found.error();
    Places merged;
    for (auto& part : *found) {
        if (!part) co_return part.error();
        auto middle = std::ssize(merged);
        std::move(part->begin(), part->end(), std::back_inserter(merged));
        auto in_order = [&](const news::ListCursor& a, const news::ListCursor& b) {
            return question.backwards ? news::comes_before(b, a) : news::comes_before(a, b);
        };
        std::inplace_merge(merged.begin(), merged.begin() + middle, merged.end(), in_order);
    }
    if (names.size() > 1) {
        auto skipped = std::min<std::int64_t>(question.skip, std::ssize(merged));
        merged.erase(merged.begin(), merged.begin() + skipped);
        if (std::ssize(merged) > question.limit) {
            merged.resize(static_cast<std::size_t>(question.limit));
        }
    }
    co_return merged;
}

/// Those of the places that are published still, in their order.
base::Task<ApiListing::Articles> ApiListing::articles(Places places, base::Context context) const {
    std::map<std::string, std::vector<news::ArticleId>> ids;
    for (const auto& place : places) ids[place.news_type].push_back(place.id);
    std::vector<base::Task<Articles>> tasks;
    for (auto& [name, of_type] : ids) {
        tasks.push_back(types_.at(name).queries->several(std::move(of_type), context));
    }
    auto answers = co_await resilience::gather<Articles>(context.deadline, std::move(tasks));
    if (!answers) co_return answers.error();
    std::map<std::pair<std::string_view, news::ArticleId>, news::Article*> found;
    for (auto& answer : *answers) {
        if (!answer) co_return answer.error();
        for (auto& article : *answer) found[{article.news_type, article.id}] = &article;
    }
    Articles all;
    for (const auto& place : places) {
        auto article = found.find({place.news_type, place.id});
        if (article != found.end()) all.push_back(*article->second);
    }
    co_return all;
}

base::Task<ApiListing::Part> ApiListing::part(Names names, news::PlacesQuestion question,
                                              base::Context context) const {
    auto limit = question.limit;
    bool backwards = question.backwards;
    Part part;
    // One more than wanted tells whether anything follows.
    ++question.limit;
    auto found = co_await places(std::move(names), std::move(question), context);
    if (!found) co_return found.error();
    part.more = std::ssize(*found) > limit;
    if (part.more) found->pop_back();
    if (backwards) std::reverse(found->begin(), found->end());
    if (!found->empty()) {
        part.first = found->front();
        part.last = found->back();
    }
    auto read = co_await articles(std::move(*found), std::move(context));
    if (!read) co_return read.error();
    part.articles = std::move(*read);
    co_return part;
}

base::Task<news::Article> ApiListing::article(Names names, news::ArticleId id,
                                              base::Context context) const {
    // Whoever asks: here is what every reader sees.
    context.actor = {};
    std::vector<base::Task<news::Article>> tasks;
    for (const auto& name : names) {
        tasks.push_back(types_.at(name).queries->article(id, context));
    }
    auto answers = co_await resilience::gather<news::Article>(context.deadline, std::move(tasks));
    if (!answers) co_return answers.error();
    for (auto& answer : *answers) {
        bool is_missing = !answer && answer.error().reason == base::Reason::not_found;
        if (is_missing) continue;
        if (!answer) co_return answer.error();
        co_return std::move(*answer);
    }
    co_return base::Error{base::Reason::not_found, "news_not_found", "There is no such news item."};
}

}  // namespace legacy
