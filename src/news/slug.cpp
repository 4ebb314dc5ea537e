#include "slug.hpp"

#include "base/slug.hpp"
#include "base/text.hpp"

namespace news {

namespace {

constexpr std::size_t made_length_max = 80;

}  // namespace

std::string first_slug(std::string_view title) {
    auto slug = base::make_slug(title, made_length_max);
    return slug.empty() ? "news" : slug;
}

std::string slug_from_before(std::string_view first_title, ArticleId id) {
    return first_slug(first_title) + "-" + std::to_string(id);
}

std::optional<ArticleId> id_in_slug(std::string_view slug) {
    auto hyphen = slug.rfind('-');
    if (hyphen == slug.npos) return std::nullopt;
    return base::parse_number(slug.substr(hyphen + 1), (std::int64_t{1} << 53) - 1);
}

}  // namespace news
