#include "raw_head.hpp"

#include <algorithm>
#include <array>

#include "characters.hpp"

namespace http {

FirstWords first_words(std::string_view received) {
    if (received.starts_with("\r\n")) received.remove_prefix(2);
    auto line = received.substr(0, received.find_first_of("\r\n"));
    auto space = line.find(' ');
    if (space == line.npos) return {line, {}};
    auto target = line.substr(space + 1);
    return {line.substr(0, space), target.substr(0, target.find_first_of(" ?"))};
}

std::optional<std::string_view> find_line(std::string_view head, std::string_view name) {
    head = head.substr(0, head.find("\r\n\r\n"));
    for (auto at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
        auto line = head.substr(at + 1);
        line = line.substr(0, line.find_first_of("\r\n"));
        auto colon = line.find(':');
        if (colon == line.npos || !equals_lower(line.substr(0, colon), name)) continue;
        return trim_blanks(line.substr(colon + 1));
    }
    return std::nullopt;
}

bool is_sane_request_id(std::string_view id) {
    // What this server does by itself is known by these in its logs of events.
    static constexpr std::array<std::string_view, 3> own = {"import", "migrate-", "scheduler-"};
    if (id.empty() || id.size() > 64) return false;
    if (std::any_of(own.begin(), own.end(), [&](auto one) { return id.starts_with(one); })) {
        return false;
    }
    for (char c : id) {
        bool good = (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
                    c == '.' || c == '_' || c == '-';
        if (!good) return false;
    }
    return true;
}

}  // namespace http
