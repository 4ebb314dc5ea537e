// The routes of lists: what is asked for, of which types, and how it is put together.
#include <algorithm>

#include "answer_json.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/query_values.hpp"
#include "news_routes.hpp"
#include "resilience/gather.hpp"

namespace orchestrator {

using base::malformed;

namespace {

constexpr std::int64_t page_max = 1000000000;
constexpr std::size_t fields_max = 64;
using Articles = std::vector<news::Article>;

base::Error malformed_filter(const std::string& message) {
    return malformed("malformed_filter", message);
}

/// What no list is kept for, and none is made by reading everything.
base::Error not_kept(const std::string& message) {
    return {base::Reason::invalid, "combination_not_kept", message};
}

/// In the spelling in which items have it; empty: not asked for.
base::Result<std::string> language_in(const http::Request& request) {
    auto given = request.query_parameter("language");
    if (!given) return std::string();
    auto tidy = news::tidy_language(base::trim(*given));
    if (tidy && !tidy->empty()) return std::move(*tidy);
    return malformed_filter("language is a language tag of BCP 47, as en or pt-BR.");
}

base::Result<bool> counted_in(const http::Request& request) {
    auto given = request.query_parameter("count");
    if (!given || *given == "0") return false;
    if (*given == "1") return true;
    return malformed("malformed_count", "count is 1, or it is left out.");
}

void add_to_target(std::string& target, const char* name, std::string_view value) {
    target += target.find('?') == target.npos ? '?' : '&';
    target.append(name).append("=");
    base::append_percent_encoded(target, value);
}

/// Whether what may be large in an item is shown.
news::Contents contents_of(const std::vector<std::string>& fields) {
    bool is_shown =
        fields.empty() || std::find(fields.begin(), fields.end(), "content") != fields.end();
    return is_shown ? news::Contents::read : news::Contents::left_out;
}

}  // namespace

base::Result<std::vector<std::string>> fields_in(const http::Request& request) {
    std::vector<std::string> fields;
    auto given = request.query_parameter("fields");
    if (!given) return fields;
    std::string_view left = *given;
    for (;;) {
        if (fields.size() == fields_max) {
            return malformed("malformed_fields",
                             "fields names at most " + std::to_string(fields_max) + " members.");
        }
        auto comma = std::min(left.find(','), left.size());
        std::string name(base::trim(left.substr(0, comma)));
        if (!is_item_member(name)) {
            return malformed("malformed_fields", "An item has no member \"" + name +
                                                     "\". fields names members, with commas.");
        }
        fields.push_back(std::move(name));
        if (comma == left.size()) break;
        left.remove_prefix(comma + 1);
    }
    std::sort(fields.begin(), fields.end());
    fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
    return fields;
}

std::optional<base::Error> useless_filter(const http::Request& request,
                                          std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (!request.query_parameter(name)) continue;
        return malformed_filter("This list cannot be filtered by " + std::string(name) + ".");
    }
    return std::nullopt;
}

base::Result<void> ReadRoutes::read_filters(const http::Request& request,
                                            Question& question) const {
    if (auto useless = useless_filter(request, {"status"})) return *useless;
    auto tag = http::text_in_query(request, "tag", "malformed_filter", word_length_max);
    auto author = http::text_in_query(request, "author", "malformed_filter", word_length_max);
    auto language = language_in(request);
    auto from = http::time_in_query(request, "from");
    auto to = http::time_in_query(request, "to");
    auto fields = fields_in(request);
    auto counted = counted_in(request);
    if (!tag) return tag.error();
    if (!author) return author.error();
    if (!language) return language.error();
    if (!from) return from.error();
    if (!to) return to.error();
    if (!fields) return fields.error();
    if (!counted) return counted.error();
    if (!tag->empty() && !author->empty()) {
        return malformed_filter("A list is filtered by tag or by author, not by both.");
    }
    bool has_word = !tag->empty() || !author->empty() || !request.parameter("tag").empty();
    if (!language->empty() && has_word) {
        return not_kept("A list is filtered by language alone, not with a tag or an author.");
    }
    bool is_bounded = *from || *to;
    if (*counted && is_bounded) {
        return malformed("malformed_count",
                         "No number is kept of what lies between two times: leave count out.");
    }
    auto& target = question.target;
    if (!tag->empty()) add_to_target(target, "tag", *tag);
    if (!author->empty()) add_to_target(target, "author", *author);
    if (!language->empty()) add_to_target(target, "language", *language);
    if (*from) add_to_target(target, "from", std::to_string(base::to_micros(**from)));
    if (*to) add_to_target(target, "to", std::to_string(base::to_micros(**to)));
    std::string names;
    for (const auto& name : *fields) names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) add_to_target(target, "fields", names);
    if (*counted) add_to_target(target, "count", "1");
    question.filter = {std::move(*tag), std::move(*author), std::move(*language)};
    question.from = *from;
    question.to = *to;
    question.fields = std::move(*fields);
    question.counted = *counted;
    return {};
}

ReadRoutes::Answer ReadRoutes::page(const http::Request& request) {
    auto types = types_of(request);
    if (!types) co_return refuse(request, types.error());
    auto page = base::parse_number(request.parameter("page"), page_max);
    if (!page || *page < 1) {
        auto error = malformed("malformed_page", "The page must be a number, counted from 1.");
        co_return refuse(request, std::move(error));
    }
    auto limit = http::read_limit(request.parameter("limit"), list_limit_max);
    if (!limit) co_return refuse(request, limit.error());

    Question question;
    question.page = *page;
    question.limit = *limit;
    question.types = std::move(*types);
    question.target = "/v1/news/" + std::string(request.parameter("type")) + "/" +
                      std::to_string(*page) + "/" + std::to_string(*limit);
    auto filters = read_filters(request, question);
    if (!filters) co_return refuse(request, filters.error());
    co_return co_await list(request, std::move(question));
}

base::Result<ReadRoutes::Question> ReadRoutes::keyset_question(const http::Request& request,
                                                               std::string path) const {
    Question question;
    question.kind = Question::Kind::keyset;
    auto limit = http::limit_in_query(request, parts_.config.limit_default, list_limit_max);
    if (!limit) return limit.error();
    question.limit = *limit;
    question.target = std::move(path) + "?limit=" + std::to_string(question.limit);
    if (auto text = request.query_parameter("cursor"); text && !text->empty()) {
        question.after = news::from_cursor(*text);
        if (!question.after) {
            return malformed("malformed_cursor",
                             "The cursor is not one that a list has given as next.");
        }
        question.target += "&cursor=" + to_cursor(*question.after);
    }
    auto filters = read_filters(request, question);
    if (!filters) return filters.error();
    return question;
}

ReadRoutes::Answer ReadRoutes::keyset(const http::Request& request) {
    auto types = types_of(request);
    if (!types) co_return refuse(request, types.error());
    auto path = "/v1/news/" + std::string(request.parameter("type"));
    auto question = keyset_question(request, std::move(path));
    if (!question) co_return refuse(request, question.error());
    question->types = std::move(*types);
    co_return co_await list(request, std::move(*question));
}

ReadRoutes::Answer ReadRoutes::tagged(const http::Request& request) {
    if (auto useless = useless_filter(request, {"tag", "author"})) {
        co_return refuse(request, std::move(*useless));
    }
    std::string tag(base::trim(request.parameter("tag")));
    auto length = base::count_code_points(tag).value_or(0);
    if (length < 1 || length > word_length_max) {
        auto error = malformed("malformed_tag", "A tag is a text of 1 to 50 characters.");
        co_return refuse(request, std::move(error));
    }
    std::string path = "/v1/news/tags/";
    base::append_percent_encoded(path, tag);
    auto question = keyset_question(request, std::move(path));
    if (!question) co_return refuse(request, question.error());
    question->filter.tag = std::move(tag);
    for (const auto& [name, type] : parts_.neighbours.types) question->types.push_back(name);
    co_return co_await list(request, std::move(*question));
}

base::Task<Articles> ReadRoutes::part_of(const news::Queries& queries, const Question& question,
                                         std::int64_t wanted, base::Context context) {
    bool by_page = question.kind == Question::Kind::page;
    auto contents = contents_of(question.fields);
    const auto& [tag, author, language] = question.filter;
    bool is_whole =
        !question.from && !question.to && language.empty() && contents == news::Contents::read;
    // What lists are read by most often is one question.
    if (is_whole && author.empty() && !by_page && tag.empty()) {
        return queries.list(question.after, wanted, std::move(context));
    }
    if (is_whole && author.empty() && !by_page) {
        return queries.tagged(tag, question.after, wanted, std::move(context));
    }
    if (is_whole && author.empty() && tag.empty()) {
        return queries.page(question.page, wanted, std::move(context));
    }
    news::PlacesQuestion places;
    places.filter = question.filter;
    places.from = question.after;
    if (question.to) {
        // Behind this stands all that was published at that time or before.
        news::ListCursor newest{*question.to + std::chrono::microseconds(1), 0, ""};
        bool is_further = places.from && news::comes_before(newest, *places.from);
        if (!is_further) places.from = newest;
    }
    if (by_page) places.skip = (question.page - 1) * question.limit;
    places.limit = wanted;
    places.oldest = question.from;
    return queries.part(std::move(places), contents, std::move(context));
}

std::vector<Source> ReadRoutes::well_of(std::vector<Source> sources,
                                        const std::vector<std::string>& failed) const {
    for (const auto& name : failed) {
        const auto* queries = parts_.neighbours.types.at(name).queries;
        std::erase_if(sources, [&](const Source& source) { return source.queries == queries; });
    }
    return sources;
}

ReadRoutes::Answer ReadRoutes::list(const http::Request& request, Question question) {
    NewPage page{question.target};
    if (auto again = kept(request, page.target)) co_return std::move(*again);
    for (const auto& name : question.types) page.asks(*parts_.neighbours.types.at(name).queries);
    bool with_next = question.kind != Question::Kind::page;
    auto fields = question.fields;
    auto feed = question.feed;
    auto context = request.context;
    context.deadline = context.deadline.within(parts_.config.deadline_ms);
    auto listing = co_await ask(std::move(question), std::move(context));
    // What was whole a moment ago is better than a part of what is now.
    // A feed cannot be marked: its readers ask again.
    if (!feed && (!listing || listing->refused)) {
        const auto& why = listing ? *listing->refused : listing.error();
        auto well = listing ? well_of(page.sources, listing->failed) : std::vector<Source>();
        if (auto before = outdated(request, page.target, why, well)) {
            co_return std::move(*before);
        }
    }
    if (!listing) co_return refuse(request, listing.error());

    http::Response response;
    if (feed) {
        write_feed(response, *feed, *listing);
    } else {
        response.body = list_body(*listing, with_next, fields);
    }
    if (!listing->failed.empty()) {
        // The next caller may get it whole.
        parts_.partial->add();
        response.cache_control = "no-store";
        co_return response;
    }
    CachedResponse answer{http::prepare(response), std::move(page.sources)};
    for (const auto& article : listing->items) answer.shows(article, parts_.clock);
    response.body = answer.answer;
    parts_.keep(request, std::move(page), std::move(answer));
    co_return response;
}

base::Task<Listing> ReadRoutes::ask(Question question, base::Context context) const {
    bool keyset = question.kind != Question::Kind::page;
    // One more than wanted tells whether anything follows.
    auto wanted = keyset ? question.limit + 1 : question.limit;
    std::vector<base::Task<Articles>> tasks;
    for (const auto& name : question.types) {
        const auto& queries = *parts_.neighbours.types.at(name).queries;
        tasks.push_back(part_of(queries, question, wanted, context));
    }
    auto answers = co_await resilience::gather<Articles>(context.deadline, std::move(tasks));
    if (!answers) co_return answers.error();
    std::vector<Part> parts;
    for (std::size_t i = 0; i < question.types.size(); ++i) {
        parts.push_back({question.types[i], std::move((*answers)[i])});
    }
    std::optional<std::int64_t> keep;
    if (keyset) keep = question.limit;
    auto listing = merge(std::move(parts), keep);
    if (!listing || !question.counted || !listing->failed.empty()) co_return listing;
    auto count = co_await count_of(std::move(question), std::move(context));
    if (!count) co_return count.error();
    listing->count = *count;
    co_return listing;
}

base::Task<std::int64_t> ReadRoutes::count_of(Question question, base::Context context) const {
    std::int64_t all = 0;
    for (const auto& name : question.types) {
        const auto& queries = *parts_.neighbours.types.at(name).queries;
        auto one = co_await queries.count(question.filter, context);
        if (!one) co_return one.error();
        all += *one;
    }
    co_return all;
}

}  // namespace orchestrator
