#include "recommendation/article_name.hpp"

#include <boost/container_hash/hash.hpp>

#include "base/text.hpp"

namespace recommendation {

namespace {
constexpr std::int64_t article_id_max = (std::int64_t{1} << 53) - 1;
}  // namespace

std::size_t hash_value(const ArticleName& name) {
    std::size_t hash = 0;
    boost::hash_combine(hash, name.news_type);
    boost::hash_combine(hash, name.id);
    return hash;
}

std::string to_text(const ArticleName& name) {
    return name.news_type + "/" + std::to_string(name.id);
}

std::optional<ArticleName> parse_article_name(std::string_view text) {
    auto slash = text.find('/');
    if (slash == text.npos || slash == 0) return std::nullopt;
    auto id = base::parse_number(text.substr(slash + 1), article_id_max);
    if (!id) return std::nullopt;
    return ArticleName{std::string(text.substr(0, slash)), *id};
}

}  // namespace recommendation
