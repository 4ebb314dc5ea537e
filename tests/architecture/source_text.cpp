#include "source_text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace architecture {

namespace {

enum class Part { code, comment, literal };

/// Says for each byte whether it is code, comment, or the inside of a literal. Knows as much of the
/// language as it takes: line and block comments, escapes, raw strings, digit separators.
std::vector<Part> parts_of(std::string_view text) {
    std::vector<Part> parts(text.size(), Part::code);
    auto mark = [&](std::size_t from, std::size_t to, Part part) {
        for (std::size_t i = from; i < std::min(to, text.size()); ++i) parts[i] = part;
    };
    auto find = [&](std::string_view what, std::size_t from) {
        return std::min(text.find(what, from), text.size());
    };
    auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    std::size_t at = 0;
    while (at < text.size()) {
        if (text.substr(at, 2) == "//") {
            auto end = find("\n", at);
            mark(at, end, Part::comment);
            at = end;
        } else if (text.substr(at, 2) == "/*") {
            auto end = find("*/", at + 2) + 2;
            mark(at, end, Part::comment);
            at = end;
        } else if (text.substr(at, 2) == "R\"" && (at == 0 || !is_word(text[at - 1]))) {
            auto open = find("(", at);
            auto close = ")" + std::string(text.substr(at + 2, open - at - 2)) + "\"";
            auto end = find(close, open);
            mark(open + 1, end, Part::literal);
            at = end + close.size();
        } else if (text[at] == '"' || (text[at] == '\'' && (at == 0 || !is_word(text[at - 1])))) {
            auto end = at + 1;
            while (end < text.size() && text[end] != text[at] && text[end] != '\n') {
                end += text[end] == '\\' ? 2 : 1;
            }
            mark(at + 1, end, Part::literal);
            at = end + 1;
        } else {
            ++at;
        }
    }
    return parts;
}

std::string blanked(std::string_view text, bool literals_too) {
    auto parts = parts_of(text);
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        bool hidden = parts[i] == Part::comment || (literals_too && parts[i] == Part::literal);
        if (hidden && out[i] != '\n') out[i] = ' ';
    }
    return out;
}

std::vector<Source> load_sources(const std::vector<std::string>& folders) {
    namespace fs = std::filesystem;
    const fs::path root = PORTAL_SOURCE_DIR;
    std::vector<Source> sources;
    for (const auto& folder : folders) {
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            auto extension = entry.path().extension();
            if (extension != ".hpp" && extension != ".cpp") continue;
            std::ifstream file(entry.path(), std::ios::binary);
            std::ostringstream text;
            text << file.rdbuf();
            sources.push_back({fs::relative(entry.path(), root).generic_string(), text.str()});
        }
    }
    std::sort(sources.begin(), sources.end(),
              [](const Source& a, const Source& b) { return a.path < b.path; });
    return sources;
}

}  // namespace

std::string finding(const Source& source, std::size_t line, const std::string& sentence) {
    return source.path + ":" + std::to_string(line) + ": " + sentence;
}

std::size_t line_at(std::string_view text, std::size_t offset) {
    auto before = text.substr(0, offset);
    return static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
}

std::string without_comments(std::string_view text) {
    return blanked(text, false);
}

std::string code_only(std::string_view text) {
    return blanked(text, true);
}

std::vector<std::string> text_literals(std::string_view text) {
    auto parts = parts_of(text);
    std::vector<std::string> literals;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (parts[i] != Part::literal) continue;
        if (i == 0 || parts[i - 1] != Part::literal) literals.emplace_back();
        literals.back() += text[i];
    }
    return literals;
}

std::vector<Include> includes_of(const Source& source) {
    static const std::regex form(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
    std::vector<Include> includes;
    std::istringstream lines(without_comments(source.text));
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::smatch match;
        if (std::regex_search(line, match, form)) {
            includes.push_back({match[2].str(), match[1].str() == "\"", number});
        }
    }
    return includes;
}

std::string module_of(const std::string& path) {
    static const std::regex form("^(?:src|include)/([^/]+)/.*");
    std::smatch match;
    return std::regex_match(path, match, form) ? match[1].str() : "";
}

std::string stem_of(const std::string& path) {
    return std::filesystem::path(path).stem().string();
}

Findings check_all(const std::vector<std::string>& folders,
                   const std::function<Findings(const Source&)>& check) {
    auto sources = load_sources(folders);
    if (sources.size() < 20) throw std::runtime_error("there is hardly a file to check");
    Findings findings;
    for (const auto& source : sources) {
        auto more = check(source);
        findings.insert(findings.end(), more.begin(), more.end());
    }
    return findings;
}

}  // namespace architecture
