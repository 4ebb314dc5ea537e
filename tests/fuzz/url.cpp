// Paths and queries: what the guard takes is routed and decoded as the plainest reading says, and
// nothing decoded is anything but text.
#include <algorithm>
#include <map>
#include <vector>

#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "http/head_guard.hpp"
#include "http/router.hpp"
#include "legacy/drf_query.hpp"
#include "live/positions.hpp"
#include "news/list_cursor.hpp"

namespace {

using fuzz::require;
using http::Method;
using Words = std::vector<std::string>;

struct Pattern {
    Method method;
    const char* text;
};

const std::vector<Pattern> patterns = {{Method::get, "/"},
                                       {Method::get, "/v1/news/all"},
                                       {Method::get, "/v1/news/all/{page}/{limit}"},
                                       {Method::get, "/v1/news/tags/{tag}"},
                                       {Method::get, "/v1/news/{type}"},
                                       {Method::put, "/v1/news/{type}"},
                                       {Method::get, "/v1/news/{type}/{id}"},
                                       {Method::del, "/v1/news/{type}/{id}"},
                                       {Method::get, "/v1/news/{type}/{page}/{limit}"},
                                       {Method::post, "/v1/news/{type}/{id}/publish"},
                                       {Method::get, "/v1/news/{type}/{id}/versions/{n}"},
                                       {Method::get, "/v1/users/all"},
                                       {Method::get, "/v1/users/{id}"}};

const std::map<std::string, std::string> aliases = {{"/news/v1", "/v1/news"},
                                                    {"/users/v1", "/v1/users"}};

http::Router make_router() {
    http::Router router(aliases);
    auto nobody_calls = [](const http::Request&) -> base::Task<http::Response> {
        co_return http::Response{};
    };
    for (const auto& [method, text] : patterns) {
        router.add({method, text, http::Access::anyone, nobody_calls});
    }
    return router;
}

Words split(std::string_view text, char separator) {
    Words words;
    for (;;) {
        auto end = text.find(separator);
        words.emplace_back(text.substr(0, end));
        if (end == text.npos) return words;
        text.remove_prefix(end + 1);
    }
}

std::string decode(const std::string& text, bool plus) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            out += plus && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

/// The decoded words of a path; false if one in the middle is empty.
bool words_of(std::string_view path, Words& words) {
    words = split(path.substr(1), '/');
    if (words.back().empty()) words.pop_back();
    bool whole = true;
    for (auto& word : words) {
        whole = whole && !word.empty();
        word = decode(word, false);
    }
    return whole;
}

void apply_alias(Words& words) {
    for (const auto& [alias, meaning] : aliases) {
        Words from;
        Words to;
        words_of(alias, from);
        words_of(meaning, to);
        if (words.size() < 2 || words[0] != from[0] || words[1] != from[1]) continue;
        words[0] = to[0];
        words[1] = to[1];
        return;
    }
}

/// Which words of a pattern that fits are literal, the first counting most; empty: it does not fit.
std::string fit(const char* pattern, const Words& words) {
    Words expected;
    words_of(pattern, expected);
    if (expected.size() != words.size()) return "";
    std::string literal = "/";
    for (std::size_t i = 0; i < words.size(); ++i) {
        bool any = expected[i].front() == '{';
        if (!any && expected[i] != words[i]) return "";
        literal += any ? '0' : '1';
    }
    return literal;
}

/// The pattern that such a path is for: of those that fit the one that is more literal.
std::string pattern_for(const Words& words) {
    std::string best;
    std::string best_fit;
    for (const auto& pattern : patterns) {
        auto fits = fit(pattern.text, words);
        if (fits <= best_fit) continue;
        best = pattern.text;
        best_fit = fits;
    }
    return best;
}

void check_text(std::string_view text) {
    require(base::count_code_points(text).has_value(), "what is decoded is UTF-8");
    require(text.find_first_of(std::string_view("\0\r\n", 3)) == text.npos,
            "what is decoded has no byte that ends a line or a text");
}

void check_path(http::Request& request) {
    static const http::Router router = make_router();
    auto match = router.match(request);
    auto path = request.target.substr(0, request.target.find('?'));
    Words words;
    if (path.front() != '/' || !words_of(path, words)) {
        require(!match.route && match.allow.empty(), "a path with an empty word leads nowhere");
        return;
    }
    apply_alias(words);
    std::string plain;
    for (const auto& word : words) plain += "/" + word;
    require(request.path == (plain.empty() ? "/" : plain), "the path is what was meant");
    check_text(request.path);

    auto pattern = pattern_for(words);
    auto has = [&pattern](Method method) {
        return std::any_of(patterns.begin(), patterns.end(), [&](const auto& one) {
            return one.text == pattern && one.method == method;
        });
    };
    auto method = request.method;
    if (method == Method::head && !has(Method::head)) method = Method::get;
    require((match.route != nullptr) == has(method), "there is a route if there is one to fit");
    bool other_methods = match.route == nullptr && !pattern.empty();
    require(match.allow.empty() != other_methods, "a path that exists has methods");
    require(!other_methods || (match.allow.find("GET") != match.allow.npos) == has(Method::get),
            "Allow names the methods");
    if (!match.route) return;
    require(match.route->pattern == pattern, "the most literal route is the one");
    Words names;
    words_of(pattern, names);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].front() != '{') continue;
        auto name = names[i].substr(1, names[i].size() - 2);
        require(request.parameter(name) == words[i], "a parameter is its word of the path");
    }
}

/// How far a reader of live events has come has one form, too.
void check_since(const std::string& text) {
    static const Words names = {"all", "politics", "sports"};
    auto positions = live::parse_positions(text, names);
    if (!positions) return;
    Words named;
    live::Positions there;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if ((*positions)[i] == live::missing) continue;
        require((*positions)[i] >= 0, "a position is none below 0");
        named.push_back(names[i]);
        there.push_back((*positions)[i]);
    }
    require(live::text_of(there, named) == text, "positions have one form");
}

void check_query(const http::Request& request) {
    auto mark = request.target.find('?');
    auto query = mark == request.target.npos ? "" : request.target.substr(mark + 1);
    require(request.query == query, "the query is what follows the question mark");
    std::map<std::string, std::string> expected;
    if (!query.empty()) {
        for (const auto& pair : split(query, '&')) {
            auto equals = pair.find('=');
            auto name = decode(pair.substr(0, equals), true);
            if (name.empty()) continue;  // nobody asks for that
            expected[name] = equals == pair.npos ? "" : decode(pair.substr(equals + 1), true);
        }
    }
    for (const auto& [name, value] : expected) {
        auto found = request.query_parameter(name);
        require(found && *found == value, "a query parameter has its last value");
        check_text(name);
        check_text(value);
    }
    if (!expected.count("cursor")) require(!request.query_parameter("cursor"), "no other is there");
    // A link to another page of a list asks for all else that was asked for.
    legacy::DrfQuery asked(request.query);
    auto link = asked.without("/", "cursor");
    legacy::DrfQuery linked(std::string_view(link).substr(link.find('?') == link.npos ? 1 : 2));
    for (const auto& [name, value] : expected) {
        require(asked.get(name) == value, "a list reads a query as everybody does");
        require(linked.get(name) == (name == "cursor" ? std::nullopt : std::optional(value)),
                "a link keeps the query but for one name");
    }
    auto text = request.query_parameter("cursor").value_or("");
    auto cursor = news::from_cursor(text);
    require(!cursor || news::to_cursor(*cursor) == text, "a place in a list has one cursor");
    check_since(request.query_parameter("since").value_or(""));
}

}  // namespace

/// The input: a target.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const http::HeadLimits limits;
    auto target = fuzz::text_of(bytes, size);
    for (std::string method : {"GET", "HEAD", "POST", "DELETE", "OPTIONS"}) {
        auto head = (method + ' ').append(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
        http::HeadGuard guard(limits);
        if (guard.advance(head) != http::HeadGuard::Verdict::complete) continue;
        if (guard.size() != head.size()) continue;  // the target brought lines of its own
        http::Request request;
        guard.fill(head.data(), request);
        check_path(request);
        check_query(request);
    }
    return 0;
}
