#include "query_service.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <unordered_map>

#include "document.hpp"
#include "marking.hpp"
#include "news/headings.hpp"
#include "plain_text.hpp"

namespace search {

namespace {

constexpr std::ptrdiff_t facet_values_max = 10;
constexpr std::int64_t content_looked_at = 32 * 1024;

base::Error malformed_cursor() {
    return {base::Reason::invalid, "malformed_cursor",
            "The cursor is not one that this search has given as next."};
}

using Counts = std::unordered_map<std::string_view, std::int64_t>;

std::vector<FacetValue> most_frequent(const Counts& counts) {
    std::vector<std::pair<std::string_view, std::int64_t>> all(counts.begin(), counts.end());
    auto last = all.begin() + std::min(std::ssize(all), facet_values_max);
    std::partial_sort(all.begin(), last, all.end(), [](const auto& a, const auto& b) {
        return std::pair(-a.second, a.first) < std::pair(-b.second, b.first);
    });
    std::vector<FacetValue> values;
    for (auto value = all.begin(); value != last; ++value) {
        values.push_back({std::string(value->first), value->second});
    }
    return values;
}

Facets count(const std::vector<Counted>& all) {
    Counts types;
    Counts tags;
    Counts authors;
    std::map<std::chrono::year_month, std::int64_t> months;
    for (const auto& one : all) {
        ++types[one.news_type];
        for (const auto& tag : one.tags) ++tags[tag];
        ++authors[one.author];
        // Of all that have it, a draft has no month.
        if (is_draft(one.place)) continue;
        auto day = std::chrono::floor<std::chrono::days>(time_of(one.place));
        std::chrono::year_month_day date(day);
        ++months[date.year() / date.month()];
    }
    Facets facets{most_frequent(types), most_frequent(tags), most_frequent(authors), {}};
    for (auto month = months.rbegin(); month != months.rend(); ++month) {
        if (std::ssize(facets.months) == facet_values_max) break;
        facets.months.push_back(
            {news::month_of(base::Time(std::chrono::sys_days(month->first / 1))), month->second});
    }
    return facets;
}

std::int64_t place_among_all(std::int64_t place) {
    return first_place(time_of(place), true) + (place & (places_per_millisecond - 1));
}

}  // namespace

Hit QueryService::hit_of(const Shown& shown, const Wanted& wanted, bool draft) const {
    const auto& language = shown.language.empty() ? options_.language : shown.language;
    Marking marking(wanted.terms, language);
    auto body = plain_text(shown.content, shown.format);
    Hit hit{shown.news_type, shown.article, shown.version, draft, marking.mark(shown.title), {}};
    hit.snippet = marking.snippet(body);
    if (hit.snippet.empty()) hit.snippet = marking.snippet(shown.description);
    if (hit.snippet.empty()) {
        hit.snippet = Marking::beginning(shown.description.empty() ? body : shown.description);
    }
    return hit;
}

base::Result<Found> QueryService::answer(database::ReadTransaction& transaction,
                                         const Question& question, const Wanted& wanted,
                                         const Mark& mark) const {
    auto candidates = search::find(transaction, wanted);
    Found found;
    if (question.cursor.empty()) {
        auto counted = candidates;
        counted.resize(std::min(counted.size(), static_cast<std::size_t>(options_.candidates_max)));
        found.facets = count(read_counted(transaction, counted));
    }
    auto newest = candidates.empty() ? 0 : place_among_all(candidates.front().place);
    if (mark.by_relevance) {
        rank(candidates, base::Time(std::chrono::milliseconds(mark.at)), options_.half_life);
    }
    auto first = std::min<std::int64_t>(mark.offset, std::ssize(candidates));
    auto last = std::min<std::int64_t>(first + question.limit, std::ssize(candidates));
    for (auto i = first; i < last; ++i) {
        auto place = candidates[static_cast<std::size_t>(i)].place;
        auto shown = read_shown(transaction, place, content_looked_at);
        if (shown) found.hits.push_back(hit_of(*shown, wanted, is_draft(place)));
    }
    if (last < std::ssize(candidates)) {
        auto next = mark;
        if (mark.by_relevance) {
            next.offset = last;
            if (question.cursor.empty()) next.place = newest;
        } else {
            next.place = place_among_all(candidates[static_cast<std::size_t>(last) - 1].place) - 1;
        }
        found.next = to_cursor(next);
    }
    return found;
}

base::Task<Found> QueryService::find(Question question, base::Context context) const {
    Wanted wanted;
    wanted.terms = read_question(question.text);
    if (wanted.terms.size() > terms_max) {
        co_return base::Error{
            base::Reason::invalid, "malformed_q",
            "Search for at most " + std::to_string(terms_max) + " words and phrases at once."};
    }
    Mark mark;
    mark.by_relevance = question.sort == Sort::relevance;
    mark.at =
        std::chrono::floor<std::chrono::milliseconds>(clock_.now()).time_since_epoch().count();
    mark.place = std::numeric_limits<std::int64_t>::max() / 2;
    if (!question.cursor.empty()) {
        bool is_cursor = from_cursor(question.cursor, mark);
        if (!is_cursor || mark.by_relevance != (question.sort == Sort::relevance)) {
            co_return malformed_cursor();
        }
    }
    const auto& language = question.language.empty() ? options_.language : question.language;
    wanted.languages.push_back(language);
    if (!question.news_type.empty())
        wanted.marks.push_back(search::mark("type", question.news_type));
    if (!question.tag.empty()) wanted.marks.push_back(search::mark("tag", question.tag));
    if (!question.author.empty()) wanted.marks.push_back(search::mark("author", question.author));
    if (!question.language.empty()) {
        wanted.marks.push_back(search::mark("language", question.language));
    }
    constexpr auto latest = std::numeric_limits<std::int64_t>::max() / 2 - 1;
    wanted.first = question.from ? first_place(*question.from, true) : 0;
    wanted.last =
        question.to ? first_place(*question.to, true) + places_per_millisecond - 1 : latest;
    wanted.last = std::min(wanted.last, mark.place);
    const auto& actor = context.actor;
    wanted.drafts = question.drafts && actor.role >= base::Role::author;
    auto own = search::mark("owner", std::to_string(actor.subject().value_or(0)));
    if (question.mine) {
        wanted.marks.push_back(std::move(own));
    } else if (wanted.drafts && actor.role < base::Role::editor) {
        wanted.draft_marks.push_back(std::move(own));
    }
    // Those that are counted come with the first part only.
    bool all = mark.by_relevance || question.cursor.empty();
    wanted.limit = all ? std::max(options_.candidates_max, question.limit + 1) : question.limit + 1;
    wanted.scored = mark.by_relevance;
    auto failed = missing_();
    if (!question.news_type.empty()) {
        std::erase_if(failed, [&](const auto& type) { return type != question.news_type; });
    }
    auto work = [this, question = std::move(question), wanted = std::move(wanted),
                 mark](database::ReadTransaction& transaction) -> base::Result<Found> {
        return answer(transaction, question, wanted, mark);
    };
    auto deadline = context.deadline.within(options_.time_max);
    auto found = co_await database_.read<Found>(deadline, std::move(work));
    if (found) found->failed = std::move(failed);
    co_return found;
}

}  // namespace search
