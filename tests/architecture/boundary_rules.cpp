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

/// What files of one kind of name may include besides the standard library, base and their own.
struct Kind {
    std::regex name;
    std::vector<std::string> may;
    bool interfaces = false;  ///< every module that the graph declares for it
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> known = {
        {std::regex("module|instance"), {}, true},
        {std::regex(".*_store"), {"database/", "bus/"}},
        // Events travel as text in the bus's envelope, and outside text is read strictly.
        {std::regex(".*_json"),
         {"nlohmann/", "bus/", "config/strict_json.hpp", "config/nearest.hpp"}},
        {std::regex("config.*|.*_config"), {"config/"}},
        {std::regex(".*routes.*"), {"http/", "nlohmann/"}, true},
        // What a command of the binary has done: arguments and results are JSON.
        {std::regex("jobs"), {"operations/", "nlohmann/"}, true},
        // Hashes, signatures and random bytes, made by well-kept libraries.
        {std::regex(".*_crypto"), {"openssl/"}},
        // What passes requests on, compares answers or says who asks speaks of what http sends.
        {std::regex("proxy|proxy_head|comparison|sessions"), {"http/", "config/"}},
        // A cache of answers holds what http sends.
        {std::regex(".*_cache"), {"http/"}},
        {std::regex(".*_service|.*_consumer|.*_feed|.*_inbox|projector|scheduler|rebuild|verify|"
                    "import|export|restore"),
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
    if (home || (graph.contains(folder) && !graph.platform.contains(folder))) {
        // Pure files may use each other, and the plain values in the interfaces of neighbours; a
        // pure file that includes one that is not would be impure by a detour.
        return kind || !kind_of(stem_of(include.target));
    }
    if (folder.empty()) return include.target != "sqlite3.h";
    if (folder == "base" || folder == "sys") return true;
    // Mathematics and containers know nothing of the world.
    if (starts_with_one_of(include.target,
                           {"boost/math/", "boost/unordered/", "boost/container_hash/"})) {
        return true;
    }
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
        std::istringstream declared(line.substr(0, colon));
        std::string module;
        std::string kind;
        declared >> module >> kind;
        if (kind == "platform") graph.platform.insert(module);
        auto& depends = graph.depends[module];
        std::istringstream names(line.substr(colon + 1));
        for (std::string name; names >> name;) depends.insert(name);
    }
    return graph;
}

Findings check_boundaries(const Source& source, const Graph& graph) {
    Findings findings;
    auto module = module_of(source.path);
    auto declared = graph.depends.find(module);
    // An undeclared module may see nothing but itself.
    const auto& depends =
        declared == graph.depends.end() ? std::set<std::string>() : declared->second;
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
    if (module.empty() || graph.platform.contains(module)) return findings;
    for (const auto& include : includes_of(source)) {
        if (may_include(source, include, graph)) continue;
        findings.push_back(finding(
            source, include.line,
            include.target + " is not for a file of this name (" + stem_of(source.path) + ")."));
    }
    return findings;
}

Findings check_sql(const Source& source, const Graph& graph) {
    Findings findings;
    auto module = module_of(source.path);
    if (module.empty() || graph.platform.contains(module)) return findings;
    if (stem_of(source.path).ends_with("_store")) return findings;
    for (const auto& literal : text_literals(source.text)) {
        if (!looks_like_sql(literal)) continue;
        auto line = line_at(source.text, source.text.find(literal));
        findings.push_back(finding(source, line, "SQL belongs in a file named *_store."));
    }
    return findings;
}

Findings check_engine(const Source& source) {
    Findings findings;
    if (source.path.starts_with("src/database/sqlite_")) return findings;
    auto add = [&](std::size_t line, const std::string& what) {
        findings.push_back(finding(
            source, line, what + " is SQLite's alone: it belongs in src/database/sqlite_*."));
    };
    for (const auto& include : includes_of(source)) {
        if (include.target == "sqlite3.h") add(include.line, include.target);
    }
    auto code = code_only(source.text);
    if (auto at = code.find("sqlite3_"); at != std::string::npos) {
        add(line_at(code, at), "sqlite3_…");
    }
    static const std::vector<std::regex> foreign = {
        std::regex(R"(\bpragma\b)"), std::regex(R"(\binsert or\b)"),
        std::regex(R"(\bsqlite_(schema|master|sequence)\b)"), std::regex(R"(\browid\b)"),
        std::regex(R"(\b(ifnull|strftime|json_each|group_concat|glob|total)\s*\()"),
        // With two values it is a function of SQLite's, with one an aggregate of everybody's.
        std::regex(R"(\b(min|max)\s*\([^()]*,)")};
    for (const auto& literal : text_literals(source.text)) {
        auto text = normal(literal);
        for (const auto& form : foreign) {
            std::smatch match;
            if (!std::regex_search(text, match, form)) continue;
            add(line_at(source.text, source.text.find(literal)), "`" + match.str() + "`");
        }
    }
    return findings;
}

Findings check_declared(const Source& source, const Graph& graph) {
    auto module = module_of(source.path);
    if (module.empty() || graph.contains(module)) return {};
    return {finding(source, 1, module + " is no module of CMakeLists.txt.")};
}

}  // namespace architecture
