#include "path_pattern.hpp"

#include <algorithm>

namespace gateway {

namespace {

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

base::Error bad(std::string why) {
    return {base::Reason::invalid, "bad_pattern", std::move(why)};
}

}  // namespace

base::Result<PathPattern> PathPattern::parse(std::string_view text) {
    if (!text.starts_with('/')) return bad("does not begin with a slash");
    if (text.find_first_of("?#") != text.npos) return bad("has more than a path");
    text.remove_prefix(1);
    if (text.ends_with('/')) text.remove_suffix(1);
    PathPattern pattern;
    while (!text.empty()) {
        auto slash = text.find('/');
        auto segment = text.substr(0, slash);
        text = slash == text.npos ? std::string_view() : text.substr(slash + 1);
        if (segment.empty() || segment == "." || segment == "..") {
            return bad("has a segment that no rule can be for");
        }
        if (pattern.segments_.size() == segments_max) {
            return bad("has more than " + std::to_string(segments_max) + " segments");
        }
        if (segment.front() != '{' || segment.back() != '}') {
            if (segment.find_first_of("{}%\\;") != segment.npos) {
                return bad(
                    "has a segment that is neither a word nor {name} nor {name...}; words "
                    "are written without escapes");
            }
            pattern.segments_.push_back({Kind::word, std::string(segment)});
            continue;
        }
        auto name = segment.substr(1, segment.size() - 2);
        bool tail = name.ends_with("...");
        if (tail) name.remove_suffix(3);
        if (!is_name(name)) return bad("has a parameter without a name");
        if (tail && !text.empty()) return bad("goes on after its tail");
        pattern.segments_.push_back({tail ? Kind::tail : Kind::parameter, std::string(name)});
    }
    return pattern;
}

bool PathPattern::matches(std::span<const std::string_view> segments, bool more) const {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        if (segments_[i].kind == Kind::tail) return true;
        if (i == segments.size()) return false;
        if (segments_[i].kind == Kind::word && segments_[i].text != segments[i]) return false;
    }
    return segments.size() == segments_.size() && !more;
}

bool PathPattern::overlaps(const PathPattern& other) const {
    for (std::size_t i = 0;; ++i) {
        const auto* mine = i < segments_.size() ? &segments_[i] : nullptr;
        const auto* its = i < other.segments_.size() ? &other.segments_[i] : nullptr;
        if ((mine && mine->kind == Kind::tail) || (its && its->kind == Kind::tail)) return true;
        if (!mine || !its) return !mine && !its;
        bool words = mine->kind == Kind::word && its->kind == Kind::word;
        if (words && mine->text != its->text) return false;
    }
}

std::optional<std::string_view> PathPattern::first_word() const {
    if (segments_.empty() || segments_.front().kind != Kind::word) return std::nullopt;
    return segments_.front().text;
}

std::string PathPattern::literal_start() const {
    std::string start;
    for (const auto& segment : segments_) {
        if (segment.kind != Kind::word) break;
        start += '/' + segment.text;
    }
    return start;
}

std::string PathPattern::with_start(std::string_view start) const {
    std::string text(start);
    bool begun = false;
    for (const auto& segment : segments_) {
        begun = begun || segment.kind != Kind::word;
        if (!begun) continue;
        text += '/';
        if (segment.kind == Kind::word) {
            text += segment.text;
        } else {
            text += '{' + segment.text + (segment.kind == Kind::tail ? "...}" : "}");
        }
    }
    return text.empty() ? "/" : text;
}

bool is_always_native(std::string_view path) {
    if (path.starts_with("/v1/") || path == "/v1") return true;
    if (path.starts_with("/console")) return path.size() == 8 || path[8] == '/';
    return path == "/.well-known/jwks.json" || path == "/.well-known/jwks.json/";
}

}  // namespace gateway
