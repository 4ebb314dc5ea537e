#pragma once

#include <string>
#include <string_view>

#include "news/article.hpp"

namespace site {

/// The site as readers see it, and where they find its articles.
struct Pages {
    std::string name{};
    std::string description{};
    std::string language{};  ///< as `en`; empty: not said
    /// Whether articles may be read for free, `free` or `paid`; empty: not said.
    std::string access{};
    std::string paid_part{};  ///< of a page, as the CSS selector `.paid`; empty: not said
    std::string copyright{};  ///< as `© 2026 The Example`; empty: not said
    std::string address{};  ///< `https://example.org`, without a slash at its end; empty: not said
    std::string page = "/{type}/{slug}";  ///< an article's, below the address; {id} as well
};

/// Where readers find an article: absolute if there is an address. Pure.
std::string page_of(const Pages& pages, std::string_view news_type, news::ArticleId id,
                    std::string_view slug);
std::string page_of(const Pages& pages, const news::Article& article);

}  // namespace site
