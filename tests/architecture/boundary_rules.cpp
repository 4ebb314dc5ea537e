#include "boundary_rules.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>
#include <vector>

namespace architecture {

namespace {

/// The first folder of an include: `news` of `news/queries.hpp`; empty if there is none.
std::string folder_of(const std::string& target) {
    auto slash = target.find('/');
    return slash == std::string::npos ? "" : target.substr(0, slash);
}

bool starts_with_one_of(const std::string& text, const std::vector<std::string>& starts) {
    return std::any_of(starts.begin(), starts.end(),
                       [&](const std::string& start) { return text.starts_with(start); });
}

/// Modules that know no business, and the program, which wires the others: their files are shells
/// by nature, so the names say nothing.
bool is_platform(const std::string& module) {
    static const std::set<std::string> platform = {"base",       "telemetry",  "config",
                                                   "resilience", "database",   "bus",
                                                   "http",       "operations", "portal"};
    return platform.contains(module);
}

/// What files of one kind of name may include besides the standard library, base and their own.
struct Kind {
    std::regex name;
    std::vector<std::string> may;
    bool interfaces = false;  ///< every module that the graph declares for it
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> known = {
        {std::regex("module"), {}, true},
        {std::regex(".*_store"), {"database/", "bus/"}},
        // Events travel as text in the bus's envelope, and outside text is read strictly.
        {std::regex(".*_json"), {"nlohmann/", "bus/", "config/strict_json.hpp"}},
        {std::regex("config.*"), {"config/"}},
        {std::regex(".*routes.*"), {"http/", "nlohmann/"}, true},
        // Hashes, signatures and random bytes, made by well-kept libraries.
        {std::regex(".*_crypto"), {"openssl/"}},
        // A cache of answers holds what http sends.
        {std::regex(".*_cache"), {"http/"}},
        {std::regex(".*_service|.*_consumer|.*_feed|.*_inbox|projector|scheduler|rebuild|verify|"
                    "import"),
         {"boost/asio/", "telemetry/"},
         true},
    };
    return known;
}

const Kind* kind_of(const std::string& stem) {
    for (const auto& kind : kinds()) {
        if (std::regex_match(stem, kind.name)) return &kind;
    }
    return nullptr;
}

bool may_include(const Source& source, const Include& include, const Graph& graph) {
    auto module = module_of(source.path);
    const auto* kind = kind_of(stem_of(source.path));
    auto folder = folder_of(include.target);
    bool home = include.quoted && folder.empty();
    if (home || (graph.contains(folder) && !is_platform(folder))) {
        // Pure files may use each other, and the plain values in the interfaces of neighbours; a
        // pure file that includes one that is not would be impure by a detour.
        return kind || !kind_of(stem_of(include.target));
    }
    if (folder.empty()) return include.target != "sqlite3.h";
    if (folder == "base" || folder == "sys") return true;
    // The envelope that events travel in: plain values.
    if (include.target == "bus/event.hpp") return true;
    if (kind && starts_with_one_of(include.target, kind->may)) return true;
    return kind && kind->interfaces && graph.contains(folder);
}

/// In lower case, with one space for each run of white space and one at the end.
std::string normal(const std::string& text) {
    std::string out;
    for (char c : text) {
        if (!std::isspace(static_cast<unsigned char>(c))) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else if (!out.ends_with(' ')) {
            out += ' ';
        }
    }
    return out + ' ';
}

bool looks_like_sql(const std::string& literal) {
    // What has to stand there, in this order.
    static const std::vector<std::vector<std::string>> forms = {
        {"select ", " from "}, {"insert into "},       {"insert or ", " into "},
        {"update ", " set "},  {"delete from "},       {"create ", "table "},
        {"create ", "index "}, {"create ", "trigger "}};
    auto text = normal(literal);
    return std::any_of(forms.begin(), forms.end(), [&](const auto& words) {
        std::size_t at = 0;
        for (const auto& word : words) {
            at = text.find(word, at);
            if (at == std::string::npos) return false;
        }
        return true;
    });
}

}  // namespace

Graph parse_graph(const std::string& text) {
    Graph graph;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        auto& depends = graph[line.substr(0, colon)];
        std::istringstream names(line.substr(colon + 1));
        for (std::string name; names >> name;) depends.insert(name);
    }
    return graph;
}

Findings check_boundaries(const Source& source, const Graph& graph) {
    Findings findings;
    auto module = module_of(source.path);
    auto declared = graph.find(module);
    // An undeclared module may see nothing but itself.
    const auto& depends = declared == graph.end() ? std::set<std::string>() : declared->second;
    bool is_public = source.path.starts_with("include/");
    bool is_main = source.path == "src/main.cpp";
    for (const auto& include : includes_of(source)) {
        auto add = [&](const std::string& sentence) {
            findings.push_back(finding(source, include.line, include.target + ' ' + sentence));
        };
        auto folder = folder_of(include.target);
        if (include.target.find("..") != std::string::npos) {
            add("climbs out of its folder.");
        } else if (!include.quoted) {
            if (graph.contains(folder)) add("is ours: include it with quotes.");
        } else if (folder.empty()) {
            if (is_public) add("is private, a public header cannot need it.");
        } else if (!graph.contains(folder)) {
            add("is of no module.");
        } else if (folder != module && !is_main && !depends.contains(folder)) {
            add("crosses into a module that the DEPENDS of " + module + " does not name.");
        }
    }
    return findings;
}

Findings check_purity(const Source& source, const Graph& graph) {
    Findings findings;
    auto module = module_of(source.path);
    if (module.empty() || is_platform(module)) return findings;
    for (const auto& include : includes_of(source)) {
        if (may_include(source, include, graph)) continue;
        findings.push_back(finding(
            source, include.line,
            include.target + " is not for a file of this name (" + stem_of(source.path) + ")."));
    }
    return findings;
}

Findings check_sql(const Source& source) {
    Findings findings;
    auto module = module_of(source.path);
    if (module.empty() || is_platform(module)) return findings;
    if (stem_of(source.path).ends_with("_store")) return findings;
    for (const auto& literal : text_literals(source.text)) {
        if (!looks_like_sql(literal)) continue;
        auto line = line_at(source.text, source.text.find(literal));
        findings.push_back(finding(source, line, "SQL belongs in a file named *_store."));
    }
    return findings;
}

Findings check_declared(const Source& source, const Graph& graph) {
    auto module = module_of(source.path);
    if (module.empty() || graph.contains(module)) return {};
    return {finding(source, 1, module + " is no module of CMakeLists.txt.")};
}

}  // namespace architecture
