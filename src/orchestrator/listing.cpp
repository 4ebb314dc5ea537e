#include "listing.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "base/text.hpp"

namespace orchestrator {

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

bool comes_before(const news::Article& a, const news::Article& b) {
    return std::tie(b.published_at, b.id, a.news_type) <
           std::tie(a.published_at, a.id, b.news_type);
}

}  // namespace

base::Result<Listing> merge(std::vector<Part> parts, std::optional<std::int64_t> limit) {
    Listing listing;
    for (auto& part : parts) {
        if (!part.items) {
            listing.failed.push_back(part.news_type);
            continue;
        }
        std::move(part.items->begin(), part.items->end(), std::back_inserter(listing.items));
    }
    if (!parts.empty() && listing.failed.size() == parts.size()) return parts.front().items.error();
    std::sort(listing.items.begin(), listing.items.end(), comes_before);
    if (limit && std::ssize(listing.items) > *limit) {
        listing.items.resize(static_cast<std::size_t>(*limit));
        listing.more = true;
    }
    return listing;
}

news::ListCursor cursor_of(const news::Article& article) {
    return {article.published_at.value_or(base::Time{}), article.id, article.news_type};
}

std::string to_cursor(const news::ListCursor& cursor) {
    return base::to_base64url(std::to_string(base::to_micros(cursor.published_at)) + "." +
                              std::to_string(cursor.id) + "." + cursor.news_type);
}

std::optional<news::ListCursor> from_cursor(std::string_view text) {
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
    return news::ListCursor{*time, *id, std::string(rest.substr(second + 1))};
}

}  // namespace orchestrator
