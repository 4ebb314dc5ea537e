#include "site/robots.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/text.hpp"

namespace site {

namespace {

constexpr std::array<std::string_view, 3> signals = {"search", "ai-input", "ai-train"};

bool is_path(std::string_view text) {
    return text.starts_with('/') && text.find_first_of(" \t#") == text.npos;
}

/// As RFC 9309 wants it, and as some are called all the same.
bool is_agent(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_';
    });
}

bool is_address(std::string_view text) {
    return (text.starts_with("https://") || text.starts_with("http://")) &&
           text.find_first_of(" \t\"<>#") == text.npos && !text.ends_with("//");
}

/// What each signal says; nothing for what is none, or is said twice.
std::optional<std::map<std::string_view, bool>> signals_in(std::string_view text) {
    std::map<std::string_view, bool> said;
    for (bool more = true; more;) {
        auto comma = std::min(text.find(','), text.size());
        auto one = base::trim(text.substr(0, comma));
        more = comma < text.size();
        if (more) text.remove_prefix(comma + 1);
        auto equals = std::min(one.find('='), one.size());
        auto name = one.substr(0, equals);
        auto value = one.substr(std::min(equals + 1, one.size()));
        bool is_known = std::find(signals.begin(), signals.end(), name) != signals.end();
        if (!is_known || (value != "yes" && value != "no")) return std::nullopt;
        if (!said.emplace(name, value == "yes").second) return std::nullopt;
    }
    return said;
}

void add_line(std::string& out, const char* name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\n");
}

}  // namespace

std::optional<RobotsFault> fault_of(const Robots& robots) {
    for (const auto& path : robots.disallow) {
        if (!is_path(path)) return RobotsFault{"disallow", "expected paths, as /drafts/."};
    }
    for (const auto& name : robots.blocked) {
        if (!is_agent(name)) return RobotsFault{"blocked", "expected names of robots, as GPTBot."};
    }
    if (!robots.license.empty() && !is_address(robots.license)) {
        return RobotsFault{"license", "expected an address, as https://example.org/license.xml."};
    }
    if (robots.content_signal.empty()) return std::nullopt;
    auto said = signals_in(robots.content_signal);
    if (!said) {
        return RobotsFault{"content_signal",
                           "expected search, ai-input and ai-train, each yes or no and once, as "
                           "search=yes, ai-train=no."};
    }
    const auto& paths = robots.disallow;
    bool is_shut = std::find(paths.begin(), paths.end(), "/") != paths.end();
    for (const auto& [name, is_allowed] : *said) {
        if (!is_shut || !is_allowed) continue;
        return RobotsFault{"content_signal", std::string(name) +
                                                 "=yes, but disallow has /: whoever may fetch "
                                                 "nothing can use nothing."};
    }
    return std::nullopt;
}

std::string robots_of(const Pages& pages, const Robots& robots) {
    std::string out;
    if (pages.address.empty()) return out;
    add_line(out, "User-agent", "*");
    if (!robots.content_signal.empty()) add_line(out, "Content-Signal", robots.content_signal);
    for (const auto& path : robots.disallow) add_line(out, "Disallow", path);
    if (robots.disallow.empty()) add_line(out, "Allow", "/");
    if (!robots.blocked.empty()) out += "\n";
    for (const auto& name : robots.blocked) add_line(out, "User-agent", name);
    if (!robots.blocked.empty()) add_line(out, "Disallow", "/");
    out += "\n";
    if (!robots.license.empty()) add_line(out, "License", robots.license);
    for (const char* path : {"/sitemap.xml", "/news-sitemap.xml"}) {
        add_line(out, "Sitemap", pages.address + path);
    }
    return out;
}

}  // namespace site
