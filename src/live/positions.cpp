#include "positions.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace live {

namespace {

constexpr std::int64_t position_max = (std::int64_t{1} << 53) - 1;

}  // namespace

std::string text_of(const Positions& positions, const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += ',';
        text.append(names[i]).append(":").append(std::to_string(positions[i]));
    }
    return text;
}

std::optional<Positions> parse_positions(std::string_view text,
                                         const std::vector<std::string>& names) {
    Positions positions(names.size(), missing);
    std::size_t next = 0;
    for (bool more = true; more;) {
        auto comma = text.find(',');
        more = comma != text.npos;
        auto part = text.substr(0, comma);
        if (more) text.remove_prefix(comma + 1);
        auto colon = part.find(':');
        if (colon == part.npos) return std::nullopt;
        while (next < names.size() && names[next] != part.substr(0, colon)) ++next;
        auto position = base::parse_number(part.substr(colon + 1), position_max);
        if (next == names.size() || !position) return std::nullopt;
        positions[next++] = *position;
    }
    return positions;
}

bool covers(const Positions& positions, const Positions& others) {
    return std::equal(positions.begin(), positions.end(), others.begin(), others.end(),
                      std::greater_equal<>());
}

void raise(Positions& positions, const Positions& to) {
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = std::max(positions[i], to[i]);
}

}  // namespace live
