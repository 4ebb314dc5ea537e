#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace architecture {

/// One file of the project, as the checks see it: they are functions over path and text, so that a
/// test can hand them a bad sample.
struct Source {
    std::string path;  ///< from the root of the repository, as `src/news/article.cpp`
    std::string text;
};

/// One sentence per place that breaks a rule, as `src/news/article.cpp:12: …`.
using Findings = std::vector<std::string>;

std::string finding(const Source& source, std::size_t line, const std::string& sentence);

/// The line, from 1, on which the byte at `offset` stands.
std::size_t line_at(std::string_view text, std::size_t offset);

/// The text with comments replaced by spaces; lines stay where they are.
std::string without_comments(std::string_view text);

/// The same with the insides of text and character literals replaced too: what the compiler acts
/// on.
std::string code_only(std::string_view text);

/// The insides of the text literals, in order.
std::vector<std::string> text_literals(std::string_view text);

/// One #include line.
struct Include {
    std::string target;  ///< `news/queries.hpp`
    bool quoted = false;
    std::size_t line = 0;
};
std::vector<Include> includes_of(const Source& source);

/// `news` of `src/news/article.cpp` and of `include/news/queries.hpp`; empty for `src/main.cpp`.
std::string module_of(const std::string& path);

/// `article` of `src/news/article.cpp`.
std::string stem_of(const std::string& path);

/// What `check` finds in every .hpp and .cpp below these folders of the repository, in the order of
/// their paths. Throws if there are hardly any: nothing is wrong in nothing.
Findings check_all(const std::vector<std::string>& folders,
                   const std::function<Findings(const Source&)>& check);

}  // namespace architecture
