#include "news/list_cursor.hpp"

#include <cstdlib>
#include <tuple>

#include "base/text.hpp"

namespace news {

namespace {

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

/// The time of a cursor: microseconds, negative before 1970.
std::optional<base::Time> parse_micros(std::string_view text) {
    bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    auto most = base::to_micros(negative ? base::time_min : base::time_max);
    auto micros = base::parse_number(text, std::abs(most));
    if (!micros || (negative && *micros == 0)) return std::nullopt;
    return base::from_micros(negative ? -*micros : *micros);
}

}  // namespace

ListCursor cursor_of(const Article& article) {
    return {article.published_at.value_or(base::Time{}), article.id, article.news_type};
}

bool comes_before(const ListCursor& a, const ListCursor& b) {
    return std::tie(b.published_at, b.id, a.news_type) <
           std::tie(a.published_at, a.id, b.news_type);
}

std::string to_cursor(const ListCursor& cursor) {
    return base::to_base64url(std::to_string(base::to_micros(cursor.published_at)) + "." +
                              std::to_string(cursor.id) + "." + cursor.news_type);
}

std::optional<ListCursor> from_cursor(std::string_view text) {
    if (text.size() > 200) return std::nullopt;
    auto plain = base::from_base64url(text);
    if (!plain) return std::nullopt;
    std::string_view rest = *plain;
    auto first = rest.find('.');
    auto second = first == rest.npos ? rest.npos : rest.find('.', first + 1);
    if (second == rest.npos) return std::nullopt;
    auto time = parse_micros(rest.substr(0, first));
    auto id = base::parse_number(rest.substr(first + 1, second - first - 1), id_max);
    if (!time || !id) return std::nullopt;
    return ListCursor{*time, *id, std::string(rest.substr(second + 1))};
}

}  // namespace news
