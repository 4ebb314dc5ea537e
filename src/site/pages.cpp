#include "site/pages.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace site {

std::string page_of(const Pages& pages, const news::Article& article) {
    return page_of(pages, article.news_type, article.id, article.slug);
}

std::string page_of(const Pages& pages, std::string_view news_type, news::ArticleId number,
                    std::string_view slug) {
    auto id = std::to_string(number);
    const std::array<std::pair<std::string_view, std::string_view>, 3> parts = {
        {{"{type}", news_type}, {"{slug}", slug}, {"{id}", id}}};
    auto out = pages.address;
    std::string_view left = pages.page;
    while (!left.empty()) {
        std::size_t taken = 0;
        for (const auto& [name, value] : parts) {
            if (!left.starts_with(name)) continue;
            base::append_percent_encoded(out, value);
            taken = name.size();
        }
        if (taken == 0) out += left[taken++];
        left.remove_prefix(taken);
    }
    return out;
}

}  // namespace site
