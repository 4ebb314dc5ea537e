#include "style_rules.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>
#include <string_view>

namespace architecture {

namespace {

void append(Findings& all, Findings more) {
    all.insert(all.end(), more.begin(), more.end());
}

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// Where `word` stands as a whole word.
std::vector<std::size_t> find_words(const std::string& code, const std::string& word) {
    std::vector<std::size_t> places;
    for (auto at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
        auto end = at + word.size();
        if (at > 0 && is_word(code[at - 1])) continue;
        if (end < code.size() && is_word(code[end])) continue;
        places.push_back(at);
    }
    return places;
}

/// `text` without white space at its end.
std::string_view trimmed(std::string_view text) {
    auto last = text.find_last_not_of(" \t\r\n");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// The word at the end of `text`; empty if there is none.
std::string_view last_word(std::string_view text) {
    auto start = text.size();
    while (start > 0 && is_word(text[start - 1])) --start;
    return text.substr(start);
}

/// `text` ends in a closing bracket: what stands before the one that opens it.
std::string_view before_brackets(std::string_view text, char open, char close) {
    int depth = 0;
    for (auto i = text.size(); i-- > 0;) {
        if (text[i] == close) ++depth;
        if (text[i] == open && --depth == 0) return trimmed(text.substr(0, i));
    }
    return {};
}

/// The parenthesis that opens at `open`, to its end.
std::string_view in_parentheses(std::string_view code, std::size_t open) {
    int depth = 0;
    for (auto i = open; i < code.size(); ++i) {
        if (code[i] == '(') ++depth;
        if (code[i] == ')' && --depth == 0) return code.substr(open, i - open);
    }
    return code.substr(open);
}

Findings check_conditions(const Source& source, const std::string& code) {
    Findings findings;
    for (const char* word : {"if", "while", "switch", "for"}) {
        for (auto at : find_words(code, word)) {
            auto open = code.find_first_of("(;{", at);
            if (open == std::string::npos || code[open] != '(') continue;
            if (in_parentheses(code, open).find("co_await") == std::string_view::npos) continue;
            findings.push_back(finding(source, line_at(code, at), "co_await in a condition."));
        }
    }
    return findings;
}

/// A lambda that captures and says that it returns a task.
Findings check_lambdas(const Source& source, const std::string& code) {
    static const std::regex task(R"(^->\s*(base::)?(Task|(boost::)?asio::awaitable)\b)");
    Findings findings;
    for (auto at = code.find("->"); at != std::string::npos; at = code.find("->", at + 1)) {
        if (!std::regex_search(code.substr(at, 80), task)) continue;
        auto before = trimmed(std::string_view(code).substr(0, at));
        if (last_word(before) == "mutable") before = trimmed(before.substr(0, before.size() - 7));
        if (before.ends_with(')')) before = before_brackets(before, '(', ')');
        if (!before.ends_with(']')) continue;
        auto captures = before.substr(before_brackets(before, '[', ']').size());
        if (captures.find_first_not_of(" \t\r\n[]") == std::string_view::npos) continue;
        findings.push_back(
            finding(source, line_at(code, at), "a lambda that captures is a coroutine."));
    }
    return findings;
}

/// True if a co_await after `before` begins its statement, or follows `=` or `co_return`.
bool stands_well(std::string_view before) {
    before = trimmed(before);
    if (before.empty()) return true;
    auto last = before.back();
    if (std::string_view(";{}").find(last) != std::string_view::npos) return true;
    if (last == '=') {
        return before.size() > 1 &&
               std::string_view("=!<>+-*/|&^%").find(before[before.size() - 2]) ==
                   std::string_view::npos;
    }
    auto word = last_word(before);
    if (word == "co_return" || word == "else" || word == "do") return true;
    // `if (x) co_await f();`, but no cast and no call.
    if (last != ')') return false;
    word = last_word(before_brackets(before, '(', ')'));
    return word == "if" || word == "while" || word == "for" || word == "constexpr";
}

}  // namespace

Findings check_co_await(const Source& source) {
    auto code = code_only(source.text);
    auto findings = check_conditions(source, code);
    append(findings, check_lambdas(source, code));
    for (auto at : find_words(code, "co_await")) {
        auto add = [&](const char* sentence) {
            findings.push_back(finding(source, line_at(code, at), sentence));
        };
        auto rest = std::string_view(code).substr(at);
        rest = rest.substr(0, rest.find(';'));
        if (rest.find_first_of("[{") != std::string_view::npos) {
            add("a brace or bracket after co_await.");
        }
        if (rest.find('?') != std::string_view::npos) add("?: after co_await.");
        if (!stands_well(std::string_view(code).substr(0, at))) add("co_await in an expression.");
    }
    return findings;
}

Findings check_using_namespace(const Source& source) {
    static const std::regex opens(R"(^using\s+namespace\s+(?![\w:]*literals\s*;))");
    auto code = code_only(source.text);
    Findings findings;
    for (auto at : find_words(code, "using")) {
        if (!std::regex_search(code.substr(at, 100), opens)) continue;
        findings.push_back(finding(source, line_at(code, at), "it opens a whole namespace."));
    }
    return findings;
}

Findings check_detached(const Source& source) {
    auto code = code_only(source.text);
    Findings findings;
    for (auto at : find_words(code, "detached")) {
        findings.push_back(finding(source, line_at(code, at), "nobody hears of its end."));
    }
    return findings;
}

Findings check_length(const Source& source, std::size_t lines) {
    auto count = static_cast<std::size_t>(std::count(source.text.begin(), source.text.end(), '\n'));
    if (count <= lines) return {};
    return {finding(source, count,
                    std::to_string(count) + " lines, more than " + std::to_string(lines) + ".")};
}

Findings check_public_header(const Source& source) {
    static const std::regex definition(R"(^(?:class|struct)\s+(\w+)(?!\w|;))");
    static const std::regex between(R"(^(template\b|\s+requires\b|\[\[))");
    Findings findings;
    if (!source.text.starts_with("#pragma once\n")) {
        findings.push_back(finding(source, 1, "does not start with #pragma once."));
    }
    std::vector<std::string> lines;
    std::istringstream in(source.text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::smatch match;
        if (!std::regex_search(lines[i], match, definition)) continue;
        auto above = i;
        while (above > 0 && std::regex_search(lines[above - 1], between)) --above;
        if (above > 0 && lines[above - 1].starts_with("///")) continue;
        findings.push_back(
            finding(source, i + 1, match[1].str() + " has no /// comment that says its purpose."));
    }
    return findings;
}

}  // namespace architecture
