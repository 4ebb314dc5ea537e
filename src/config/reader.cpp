#include "config/reader.hpp"

#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "config/nearest.hpp"
#include "json_builder.hpp"
#include "key_tree.hpp"
#include "walker.hpp"

extern char** environ;

namespace config {

namespace {

using nlohmann::json;

constexpr std::string_view variable_prefix = "PORTAL__";
constexpr std::size_t file_bytes_max = 1024 * 1024;

std::string lower_case(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// The file's text, or why there is none.
struct FileText {
    std::string text{};
    std::string failure{};
};

FileText load(const std::filesystem::path& path) {
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) return {{}, "it is a folder"};
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return {{}, std::strerror(errno)};
    // One byte more than allowed shows that there is more, without reading all of it.
    std::string text(file_bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return {{}, std::strerror(errno)};
    text.resize(static_cast<std::size_t>(file.gcount()));
    return {std::move(text), {}};
}

void read_file(const std::filesystem::path& path, Input& input) {
    auto refuse = [&](const std::string& what) {
        input.problems.push_back({"", "The file " + path.string() + ' ' + what + '.'});
    };
    auto file = load(path);
    if (!file.failure.empty()) {
        refuse("cannot be read: " + file.failure);
        return;
    }
    JsonLimits limits;
    limits.bytes = file_bytes_max;
    limits.comments = true;
    auto parsed = parse_json(file.text, limits, Repeated::collect);
    if (parsed.failure) {
        refuse("is not well-formed JSON: " + parsed.failure->reason);
    } else if (!parsed.value.is_object()) {
        refuse("must hold one JSON object");
    } else {
        input.file = std::move(parsed.value);
    }
    for (const auto& member : parsed.repeated) {
        input.problems.push_back({member, "this key stands there twice."});
    }
}

/// `PORTAL__HTTP__LISTEN` → `http.listen`; nothing for other names.
std::optional<std::string> path_of_variable(const std::string& name) {
    auto lower = lower_case(name);
    if (!lower.starts_with(lower_case(std::string(variable_prefix)))) return std::nullopt;
    lower.erase(0, variable_prefix.size());
    for (auto at = lower.find("__"); at != std::string::npos; at = lower.find("__", at)) {
        lower.replace(at, 2, ".");
    }
    return lower;
}

void read_environment(const Sources& sources, Input& input) {
    for (const auto& [name, value] : sources.environment) {
        if (auto path = path_of_variable(name)) input.environment[*path] = {name, value};
    }
}

void read_overrides(const Sources& sources, Input& input) {
    for (const auto& text : sources.overrides) {
        auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            input.problems.push_back(
                {"", "--set " + text + ": expected path=value, as http.listen=127.0.0.1:8080."});
            continue;
        }
        input.overrides[text.substr(0, equals)] = {"--set", text.substr(equals + 1)};
    }
}

void collect_paths(const Key& section, const std::string& prefix, std::vector<std::string>& paths) {
    for (const auto& key : section.keys) {
        auto path = prefix + key->name;
        if (key->kind == Key::Kind::section) {
            collect_paths(*key, path + '.', paths);
        } else {
            paths.push_back(path);
        }
    }
}

const Key* find_path(const Key& root, std::string_view path) {
    const Key* key = &root;
    while (key && !path.empty()) {
        auto end = path.find('.');
        key = key->find(std::string(path.substr(0, end)));
        path = end == std::string_view::npos ? "" : path.substr(end + 1);
    }
    return key;
}

/// The same for what came as text.
void refuse_unknown(const std::map<std::string, TextValue>& texts, const Key& root,
                    std::vector<Problem>& problems) {
    std::vector<std::string> paths;
    collect_paths(root, "", paths);
    for (const auto& [path, text] : texts) {
        const auto* key = find_path(root, path);
        auto source = " (from " + text.source + ").";
        if (!key || path.empty()) {
            problems.push_back({path, "there is no such key" + source + suggestion(path, paths)});
        } else if (key->kind == Key::Kind::section) {
            problems.push_back({path, "this is a section, set one of its keys" + source});
        }
    }
}

}  // namespace

std::string to_text(const Problem& problem) {
    return problem.path.empty() ? problem.message : problem.path + ": " + problem.message;
}

std::vector<Problem> read(const Sources& sources, const Describe& describe) {
    Input input;
    input.has_file = !sources.file.empty();
    input.folder = sources.file.parent_path();
    if (!sources.file.empty()) read_file(sources.file, input);
    read_environment(sources, input);
    read_overrides(sources, input);

    Key root(Key::Kind::section, "", "");
    Walker walker(root, &input);
    describe(walker);

    refuse_unknown(input.file, root, "", input.problems);
    refuse_unknown(input.environment, root, input.problems);
    refuse_unknown(input.overrides, root, input.problems);
    return std::move(input.problems);
}

std::string print(const Describe& describe) {
    Key root(Key::Kind::section, "", "");
    Walker walker(root, nullptr);
    describe(walker);
    return to_file(root);
}

std::vector<std::pair<std::string, std::string>> environment() {
    std::vector<std::pair<std::string, std::string>> variables;
    for (char** entry = environ; entry && *entry; ++entry) {
        std::string text = *entry;
        auto equals = text.find('=');
        if (equals == std::string::npos) continue;
        variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

}  // namespace config
