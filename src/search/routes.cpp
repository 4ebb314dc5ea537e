#include "routes.hpp"

#include <algorithm>

#include "answer_json.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/query_values.hpp"
#include "resilience/gather.hpp"

namespace search {

using base::malformed;

namespace {

constexpr std::size_t text_characters_max = 256;
constexpr std::size_t filter_characters_max = 200;
constexpr std::int64_t limit_default = 10;
constexpr std::int64_t limit_max = 100;

/// Text of so many characters, without NUL.
bool is_text(std::string_view text, std::size_t most) {
    auto count = base::count_code_points(text);
    return count && *count <= most && text.find('\0') == text.npos;
}

base::Result<std::string> filter(const http::Request& request, const char* name, const char* code) {
    auto text = request.query_parameter(name);
    if (!text) return std::string();
    if (!is_text(*text, filter_characters_max)) {
        return malformed(code, std::string("The parameter ") + name + " is no text of up to " +
                                   std::to_string(filter_characters_max) + " characters.");
    }
    return std::move(*text);
}

/// A time, or a day: its beginning, or else its end.
base::Result<std::optional<base::Time>> time_of(const http::Request& request, const char* name,
                                                bool end) {
    using Time = std::optional<base::Time>;
    auto text = request.query_parameter(name);
    if (!text || text->empty()) return Time();
    constexpr std::size_t day_characters = 10;
    if (text->size() == day_characters) *text += end ? "T23:59:59.999Z" : "T00:00:00Z";
    auto time = base::parse_rfc3339(*text);
    if (!time) {
        return malformed(end ? "malformed_to" : "malformed_from",
                         std::string("The parameter ") + name +
                             " must be a time in RFC 3339, or a day: 2026-05-04.");
    }
    return Time(time);
}

bool is_language(std::string_view text) {
    return text.size() >= 2 && text.size() <= 3 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

void Routes::add_to(http::Router& router) {
    // ?q=&type=&tag=&author=&from=&to=&language=&sort=relevance|newest&limit=1–100&cursor=
    router.add({http::Method::get, "/v1/search", http::Access::anyone,
                [this](const http::Request& request) { return search(request); }});
}

base::Result<Question> Routes::question_of(const http::Request& request) const {
    Question question;
    auto text = request.query_parameter("q");
    if (!text || text->empty()) {
        return malformed("malformed_q", "The parameter q is missing: what to search for.");
    }
    if (!is_text(*text, text_characters_max)) {
        return malformed("malformed_q", "The parameter q must be text of up to " +
                                            std::to_string(text_characters_max) + " characters.");
    }
    question.text = std::move(*text);
    struct Filter {
        const char* name;
        const char* code;
        std::string Question::*member;
    };
    for (const auto& [name, code, member] :
         {Filter{"type", "malformed_type", &Question::news_type},
          Filter{"tag", "malformed_tag", &Question::tag},
          Filter{"author", "malformed_author", &Question::author},
          Filter{"language", "malformed_language", &Question::language},
          Filter{"cursor", "malformed_cursor", &Question::cursor}}) {
        auto value = filter(request, name, code);
        if (!value) return value.error();
        question.*member = std::move(*value);
    }
    if (!question.news_type.empty() && !types_.contains(question.news_type)) {
        return malformed("malformed_type", "There is no such news type.");
    }
    if (!question.language.empty() && !is_language(question.language)) {
        return malformed("malformed_language",
                         "The parameter language must be two or three small letters, as en.");
    }
    auto from = time_of(request, "from", false);
    if (!from) return from.error();
    auto to = time_of(request, "to", true);
    if (!to) return to.error();
    question.from = *from;
    question.to = *to;
    auto sort = request.query_parameter("sort").value_or("");
    if (!sort.empty() && sort != "relevance" && sort != "newest") {
        return malformed("malformed_sort", "The parameter sort must be relevance or newest.");
    }
    if (sort == "newest") question.sort = Sort::newest;
    auto limit = http::limit_in_query(request, limit_default, limit_max);
    if (!limit) return limit.error();
    question.limit = *limit;
    return question;
}

base::Task<Routes::Articles> Routes::articles_of(std::vector<Hit> hits, base::Context context) {
    std::map<std::string, std::vector<news::ArticleId>> ids;
    for (const auto& hit : hits) ids[hit.news_type].push_back(hit.id);
    std::vector<std::string> names;
    std::vector<base::Task<std::vector<news::Article>>> questions;
    for (auto& [type, wanted] : ids) {
        auto known = types_.find(type);
        if (known == types_.end()) continue;
        names.push_back(type);
        questions.push_back(known->second.queries->several(std::move(wanted), context));
    }
    auto answers = co_await resilience::gather(context.deadline, std::move(questions));
    Articles articles;
    if (!answers) co_return answers.error();
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto& answer = (*answers)[i];
        if (!answer) continue;
        auto& of_type = articles[names[i]];
        for (auto& article : *answer) {
            auto id = article.id;
            of_type.emplace(id, std::move(article));
        }
    }
    co_return articles;
}

Routes::Answer Routes::search(const http::Request& request) {
    searches_.add(1);
    auto question = question_of(request);
    if (!question) co_return http::failure(request, question.error());
    auto found = co_await queries_.find(std::move(*question), request.context);
    if (!found) co_return http::failure(request, found.error());
    auto articles = co_await articles_of(found->hits, request.context);
    if (!articles) co_return http::failure(request, articles.error());
    std::vector<Item> items;
    for (auto& hit : found->hits) {
        auto of_type = articles->find(hit.news_type);
        if (of_type == articles->end()) {
            auto& failed = found->failed;
            bool is_named = std::find(failed.begin(), failed.end(), hit.news_type) != failed.end();
            if (!is_named && types_.contains(hit.news_type)) failed.push_back(hit.news_type);
            continue;
        }
        auto article = of_type->second.find(hit.id);
        // What is not public any more is left out, though the index does not know it yet.
        if (article == of_type->second.end()) continue;
        // What it says no more is not shown, though the index has it still.
        if (article->second.version != hit.version) {
            hit.title.clear();
            hit.snippet.clear();
        }
        items.push_back({std::move(article->second), std::move(hit)});
    }
    http::Response response;
    response.body = found_body(*found, items);
    co_return response;
}

}  // namespace search
