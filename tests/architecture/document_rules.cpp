#include "document_rules.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

namespace architecture {

namespace {

bool is_cpp(const std::string& path) {
    return path.ends_with(".hpp") || path.ends_with(".cpp");
}

/// Lines from `mark` on; the rest is left out, line breaks stay.
std::string from_mark(const std::string& text, const std::string& mark) {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        auto at = line.find(mark);
        if (at != std::string::npos) out += line.substr(at);
        out += '\n';
    }
    return out;
}

/// What a path in a text leads to, without what names a place in it.
bool leads_somewhere(const std::string& path, const Source& source,
                     const std::filesystem::path& root) {
    auto own = (root / source.path).parent_path();
    return std::filesystem::exists(root / path) || std::filesystem::exists(own / path);
}

}  // namespace

std::string comments_of(const Source& source) {
    if (is_cpp(source.path)) {
        auto code = without_comments(source.text);
        std::string comments = source.text;
        for (std::size_t i = 0; i < comments.size() && i < code.size(); ++i) {
            if (code[i] == comments[i] && comments[i] != '\n') comments[i] = ' ';
        }
        return comments;
    }
    if (source.path.ends_with(".sql")) return from_mark(source.text, "--");
    // Python has its explanations in texts as well.
    if (source.path.ends_with(".py")) return source.text;
    return from_mark(source.text, "#");
}

Findings check_documents(const Source& source, const std::filesystem::path& root) {
    static const std::regex named(R"(([A-Za-z0-9_./-]*[A-Za-z0-9_-]\.md)\b)");
    static const std::regex linked(R"(\]\(([^)#:\s]+)(?:#[^)]*)?\))");
    bool is_document = source.path.ends_with(".md");
    auto text = is_document ? source.text : comments_of(source);
    Findings findings;
    std::sregex_iterator match(text.begin(), text.end(), is_document ? linked : named);
    for (; match != std::sregex_iterator(); ++match) {
        auto path = (*match)[1].str();
        // A document's links are relative to it alone.
        bool there = is_document
                         ? std::filesystem::exists((root / source.path).parent_path() / path)
                         : leads_somewhere(path, source, root);
        if (there) continue;
        findings.push_back(finding(source,
                                   line_at(text, static_cast<std::size_t>(match->position())),
                                   path + " is not in the repository."));
    }
    return findings;
}

Findings check_texts(const std::filesystem::path& root, const std::vector<std::string>& folders,
                     const std::function<Findings(const Source&)>& check) {
    static const std::set<std::string> kinds = {".hpp", ".cpp",  ".py",  ".cmake", ".txt",
                                                ".md",  ".yaml", ".sql", ".json",  ".ts"};
    std::vector<std::filesystem::path> files;
    auto take = [&](const std::filesystem::directory_entry& entry) {
        auto name = entry.path().filename();
        bool text = kinds.contains(name.extension().string()) || name == "dev";
        if (text && entry.is_regular_file()) files.push_back(entry.path());
    };
    for (const auto& entry : std::filesystem::directory_iterator(root)) take(entry);
    for (const auto& folder : folders) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            take(entry);
        }
    }
    std::sort(files.begin(), files.end());
    Findings findings;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        auto found = check({std::filesystem::relative(file, root).string(), text.str()});
        findings.insert(findings.end(), found.begin(), found.end());
    }
    if (files.size() < 2) throw std::runtime_error("there are hardly any files to look at");
    return findings;
}

}  // namespace architecture
