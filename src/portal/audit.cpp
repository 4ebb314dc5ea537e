#include "audit.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace portal {

namespace {

constexpr std::int64_t number_max = std::numeric_limits<std::int64_t>::max();

AuditPlace place_of(const AuditEntry& one) {
    return {one.entry.at, one.log, one.entry.position};
}

/// From the start of `text` to the next `|`, which is taken away with it.
std::string_view cut(std::string_view& text) {
    auto end = std::min(text.find('|'), text.size());
    auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

}  // namespace

std::string AuditPlace::text() const {
    // Times are no older than base::time_min: none is negative then.
    auto micros = base::to_micros(at) - base::to_micros(base::time_min);
    return base::to_base64url(std::to_string(micros) + '|' + std::to_string(position) + '|' + log);
}

std::optional<AuditPlace> AuditPlace::parse(std::string_view text) {
    auto plain = base::from_base64url(text);
    if (!plain) return std::nullopt;
    std::string_view rest = *plain;
    auto span = base::to_micros(base::time_max) - base::to_micros(base::time_min);
    auto micros = base::parse_number(cut(rest), span);
    auto position = base::parse_number(cut(rest), number_max);
    if (!micros || !position || rest.empty()) return std::nullopt;
    return AuditPlace{base::from_micros(*micros + base::to_micros(base::time_min)),
                      std::string(rest), *position};
}

bool AuditPlace::before(const AuditPlace& other) const {
    if (at != other.at) return at > other.at;
    if (log != other.log) return log < other.log;
    return position > other.position;
}

bus::TrailPlace AuditPlace::in(const std::string& source) const {
    if (source == log) return {at, position};
    return {at, source < log ? 0 : number_max};
}

AuditPage merge(std::vector<AuditPart> parts, std::int64_t count) {
    AuditPage page;
    std::optional<AuditPlace> known;
    for (auto& part : parts) {
        if (const auto& to = part.page.looked_to) {
            AuditPlace place{to->at, part.log, to->position};
            if (!known || place.before(*known)) known = place;
        }
        for (auto& entry : part.page.entries) page.entries.push_back({part.log, std::move(entry)});
    }
    auto& entries = page.entries;
    std::sort(entries.begin(), entries.end(), [](const AuditEntry& a, const AuditEntry& b) {
        return place_of(a).before(place_of(b));
    });
    std::erase_if(entries,
                  [&](const AuditEntry& one) { return known && known->before(place_of(one)); });
    page.next = known;
    if (std::ssize(entries) > count) {
        entries.resize(static_cast<std::size_t>(count));
        page.next = place_of(entries.back());
    }
    return page;
}

}  // namespace portal
