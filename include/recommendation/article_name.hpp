#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recommendation {

/// An article of whichever type.
struct ArticleName {
    std::string news_type;
    std::int64_t id = 0;

    auto operator<=>(const ArticleName&) const = default;

    template <class File>
    void keep(File& file) {
        file(news_type, id);
    }
};
std::size_t hash_value(const ArticleName& name);

/// `sports/17`, as requests and answers name it; and back, nothing for what is none.
std::string to_text(const ArticleName& name);
std::optional<ArticleName> parse_article_name(std::string_view text);

}  // namespace recommendation
