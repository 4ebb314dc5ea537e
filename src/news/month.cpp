#include "news/headings.hpp"

namespace news {

std::string month_of(base::Time time) {
    return base::to_rfc3339(time).substr(0, 7);
}

std::optional<base::Time> begin_of_month(std::string_view name) {
    if (name.size() != 7) return std::nullopt;
    std::string first(name);
    return base::parse_rfc3339(first.append("-01T00:00:00Z"));
}

std::optional<std::string> month_after(std::string_view name) {
    auto begin = begin_of_month(name);
    if (!begin) return std::nullopt;
    auto after = *begin + std::chrono::hours(32 * 24);
    if (after > base::time_max) return std::nullopt;
    return month_of(after);
}

}  // namespace news
