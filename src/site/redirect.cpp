#include "redirect.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "base/unicode.hpp"

namespace site {

namespace {

using base::Error;
using base::Problem;
using base::Reason;

constexpr std::int64_t port_max = 65535;
constexpr std::size_t host_bytes_max = 253;

Error wrong(std::string what) {
    return {Reason::invalid, "malformed_path", std::move(what)};
}

Error too_long() {
    return wrong("must not be longer than 2,048 bytes");
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_control(unsigned char byte) {
    return byte < 0x20 || byte == 0x7f;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Appends the one spelling of a part of an address, in which unreserved characters and those of
/// `others` stand as they are.
base::Result<void> append_part(std::string& out, std::string_view text, std::string_view others) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        auto byte = static_cast<unsigned char>(c);
        if (c == '%') {
            int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return wrong("has a % that is no escape");
            byte = static_cast<unsigned char>(high * 16 + low);
            if (is_control(byte)) return wrong("has an escaped control character");
            i += 2;
            c = static_cast<char>(byte);
            base::append_percent_encoded(out, {&c, 1});
        } else if (is_control(byte)) {
            return wrong("has a control character");
        } else if (c == '\\') {
            return wrong("has a backslash");
        } else if (others.find(c) != others.npos) {
            out += c;
        } else {
            base::append_percent_encoded(out, {&c, 1});
        }
    }
    return {};
}

bool has_dot_segment(std::string_view path) {
    while (!path.empty()) {
        auto slash = path.find('/', 1);
        auto segment = path.substr(1, slash == path.npos ? path.npos : slash - 1);
        if (segment == "." || segment == "..") return true;
        path = slash == path.npos ? std::string_view() : path.substr(slash);
    }
    return false;
}

/// `[::1]` or a name, in small letters and ASCII.
base::Result<std::string> normal_host(std::string_view host) {
    if (host.starts_with('[')) {
        bool good = host.size() > 4 && host.ends_with(']');
        for (char c : host.substr(1, host.size() - std::min<std::size_t>(2, host.size()))) {
            good = good && (hex_value(c) >= 0 || c == ':' || c == '.');
        }
        if (!good) return wrong("has a host that is none");
        std::string small(host);
        std::transform(small.begin(), small.end(), small.begin(),
                       [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
        return small;
    }
    auto ascii = base::to_ascii_domain(host);
    bool good = ascii && !ascii->empty() && ascii->size() <= host_bytes_max &&
                !ascii->starts_with('.') && ascii->find("..") == ascii->npos &&
                std::all_of(ascii->begin(), ascii->end(), [](char c) {
                    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
                });
    if (!good) return wrong("has a host that is none");
    return std::move(*ascii);
}

/// Host and port, as they follow `//`.
base::Result<std::string> normal_authority(std::string_view authority) {
    if (authority.find('@') != authority.npos) return wrong("must not have a user name");
    auto colon = authority.rfind(':');
    bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
    auto host = normal_host(authority.substr(0, has_port ? colon : authority.npos));
    if (!host || !has_port) return host;
    auto port = base::parse_number(authority.substr(colon + 1), port_max);
    if (!port || *port == 0) return wrong("has a port that is none");
    return *host + ":" + std::to_string(*port);
}

constexpr std::string_view path_others = "!$&'()*+,;=:@/";
constexpr std::string_view query_others = "!$&'()*+,;=:@/?";

/// Path, query and fragment of a target.
base::Result<void> append_rest(std::string& out, std::string_view rest) {
    auto hash = rest.find('#');
    auto before = rest.substr(0, hash);
    auto mark = before.find('?');
    std::string path;
    auto took = append_part(path, before.substr(0, mark), path_others);
    if (!took) return took;
    if (path.empty()) path = "/";
    if (has_dot_segment(path)) return wrong("has a . or .. segment");
    out += path;
    if (mark != before.npos) {
        out += '?';
        took = append_part(out, before.substr(mark + 1), query_others);
        if (!took) return took;
    }
    if (hash != rest.npos) {
        out += '#';
        took = append_part(out, rest.substr(hash + 1), query_others);
        if (!took) return took;
    }
    return {};
}

bool is_text(std::string_view text) {
    return base::count_code_points(text).has_value();
}

/// What follows `http://` or `https://`, in any case, and the scheme in small letters; nothing for
/// others.
std::optional<std::pair<std::string_view, std::string_view>> split_scheme(std::string_view text) {
    for (std::string_view scheme : {"https://", "http://"}) {
        bool same = text.size() >= scheme.size() &&
                    std::equal(scheme.begin(), scheme.end(), text.begin(), [](char a, char b) {
                        return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
                    });
        if (same) return std::pair(scheme, text.substr(scheme.size()));
    }
    return std::nullopt;
}

std::string field_of(std::size_t index, const char* member) {
    return "redirects[" + std::to_string(index) + "]." + member;
}

/// A path as messages show it: they are ASCII, so they may be cut anywhere.
std::string shown(const std::string& path) {
    constexpr std::size_t shown_max = 100;
    std::string text(path, 0, shown_max);
    if (path.size() > shown_max) text += "…";
    return text;
}

std::string circle_of(const std::vector<std::string>& walked) {
    constexpr std::size_t shown_max = 10;
    std::string text;
    for (std::size_t i = 0; i < walked.size() && i < shown_max; ++i)
        text += shown(walked[i]) + " → ";
    if (walked.size() > shown_max) text += "… → ";
    return text + shown(walked.front());
}

/// Follows chains, each path of several of them once.
class Walker {
public:
    explicit Walker(const Next& next) : next_(next) {}

    enum class End { somewhere, circle, too_far };
    End walk(const std::string& from, std::vector<std::string>& walked) {
        walked.push_back(from);
        std::size_t beyond = 0;
        for (;;) {
            if (looks_left_ == 0) return End::too_far;
            --looks_left_;
            auto at = next_(walked.back());
            if (!at) break;
            if (*at == from) return End::circle;
            auto known = steps_.find(*at);
            if (known != steps_.end()) {
                beyond = known->second + 1;
                break;
            }
            // One that this path only leads to, and is not part of, is found from there.
            if (std::find(walked.begin(), walked.end(), *at) != walked.end()) return End::somewhere;
            if (walked.size() > chain_max) return End::too_far;
            walked.push_back(std::move(*at));
        }
        if (walked.size() - 1 + beyond > chain_max) return End::too_far;
        for (auto path = walked.rbegin(); path != walked.rend(); ++path) steps_[*path] = beyond++;
        return End::somewhere;
    }

private:
    /// One call may look so often: it holds up every other change of the site meanwhile.
    static constexpr int looks_max = 50000;

    const Next& next_;
    int looks_left_ = looks_max;
    std::unordered_map<std::string, std::size_t> steps_;  ///< from a path to the end of its chain
};

}  // namespace

base::Result<std::string> normal_path(std::string_view text) {
    if (!text.starts_with('/') || text.starts_with("//")) return wrong("must begin with one /");
    if (text.find('?') != text.npos) return wrong("must not have a query");
    if (text.find('#') != text.npos) return wrong("must not have a fragment");
    if (text.size() > 3 * path_bytes_max) return too_long();
    if (!is_text(text)) return wrong("is not UTF-8");
    std::string out;
    auto took = append_part(out, text, path_others);
    if (!took) return took.error();
    if (has_dot_segment(out)) return wrong("has a . or .. segment");
    if (out.size() > path_bytes_max) return too_long();
    return out;
}

base::Result<std::string> normal_target(std::string_view text) {
    if (text.size() > 3 * path_bytes_max) return too_long();
    if (!is_text(text)) return wrong("is not UTF-8");
    std::string out;
    auto rest = text;
    if (auto split = split_scheme(text)) {
        auto end = std::min(split->second.find_first_of("/?#\\"), split->second.size());
        auto authority = normal_authority(split->second.substr(0, end));
        if (!authority) return authority;
        out = std::string(split->first) + *authority;
        rest = split->second.substr(end);
    } else if (!text.starts_with('/') || text.starts_with("//")) {
        return wrong("must be a path that begins with one /, or an http or https URL");
    }
    auto took = append_rest(out, rest);
    if (!took) return took.error();
    if (out.size() > path_bytes_max) return too_long();
    return out;
}

std::optional<std::string> local_path(const std::string& target) {
    if (!target.starts_with('/')) return std::nullopt;
    return target.substr(0, target.find_first_of("?#"));
}

bool is_plain_path(const std::string& target) {
    return target.starts_with('/') && target.find_first_of("?#") == target.npos;
}

base::Result<std::vector<RedirectChange>> check(std::vector<RedirectChange> changes) {
    std::vector<Problem> problems;
    if (changes.empty()) problems.push_back({"redirects", "must have at least one entry"});
    if (changes.size() > redirect_changes_max) {
        problems.push_back({"redirects", "must not have more than 1,000 entries"});
        changes.clear();
    }
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto& [redirect, remove] = changes[i];
        auto from = normal_path(redirect.from);
        if (!from) {
            problems.push_back({field_of(i, "from"), from.error().message});
        } else {
            redirect.from = std::move(*from);
            auto [first, is_new] = seen.emplace(redirect.from, i);
            if (!is_new) {
                problems.push_back({field_of(i, "from"), "is there already, in redirects[" +
                                                             std::to_string(first->second) + "]"});
            }
        }
        if (remove) continue;
        if (!redirect.to) {
            if (!redirect.permanent) {
                problems.push_back(
                    {field_of(i, "permanent"), "must not be false: what is gone is gone for good"});
            }
            continue;
        }
        auto to = normal_target(*redirect.to);
        if (to) {
            redirect.to = std::move(*to);
        } else {
            problems.push_back({field_of(i, "to"), to.error().message});
        }
    }
    if (problems.empty()) return changes;
    auto message = "The redirects cannot be stored: " + problems.front().field + " " +
                   problems.front().message + ".";
    return Error{Reason::invalid, "invalid_redirects", std::move(message), std::move(problems)};
}

base::Result<void> check_chains(const std::vector<RedirectChange>& changes, const Next& next) {
    Walker walker(next);
    std::vector<Problem> circles;
    std::vector<Problem> too_far;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& [redirect, remove] = changes[i];
        if (remove || !redirect.to || !local_path(*redirect.to)) continue;
        std::vector<std::string> walked;
        auto end = walker.walk(redirect.from, walked);
        if (end == Walker::End::circle) {
            circles.push_back({field_of(i, "to"), "leads in a circle: " + circle_of(walked)});
        }
        if (end == Walker::End::too_far) {
            too_far.push_back({field_of(i, "to"),
                               "leads over more than " + std::to_string(chain_max) + " others"});
        }
    }
    if (!circles.empty()) {
        auto message = circles.front().field + " " + circles.front().message + ".";
        return Error{Reason::conflict, "redirect_loop", std::move(message), std::move(circles)};
    }
    if (!too_far.empty()) {
        auto message = too_far.front().field + " " + too_far.front().message + ".";
        return Error{Reason::conflict, "redirect_chain_too_long", std::move(message),
                     std::move(too_far)};
    }
    return {};
}

}  // namespace site
