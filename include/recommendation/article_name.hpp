#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

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

}  // namespace recommendation
