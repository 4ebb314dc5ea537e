#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "news/headings.hpp"
#include "news/list_cursor.hpp"
#include "site/pages.hpp"

namespace orchestrator {

/// Articles of each news type by month, as they are kept.
using MonthsByType = std::map<std::string, std::vector<news::Month>>;

/// A sitemap with some of the articles of a month, or all of them.
struct SitemapPart {
    std::string month;        ///< as `2026-11`
    std::int64_t number = 1;  ///< of the parts of its month
    std::optional<base::Time> changed_at{};

    bool operator==(const SitemapPart&) const = default;
};

/// What a part has of one type: those articles of the month that follow the first `skip` ones.
struct SitemapSlice {
    std::string news_type;
    std::int64_t skip = 0;
    std::int64_t limit = 0;

    bool operator==(const SitemapSlice&) const = default;
};

/// An article by its heading.
struct SitemapEntry {
    std::string news_type;
    news::Heading heading;
};

// All that follows is pure. Whatever the texts are, the XML is well-formed.

/// As it stands in addresses: `2026-11`, or `2026-11-2` for the second part.
std::string name_of(const SitemapPart& part);
std::optional<SitemapPart> parse_sitemap_name(std::string_view name);
/// Where that part is.
std::string address_of(const site::Pages& pages, const SitemapPart& part);

/// All parts, the newest month first, with `most` articles in each.
std::vector<SitemapPart> parts_of(const MonthsByType& months, std::int64_t most);
/// What such a part has; nothing if there is no such part.
std::vector<SitemapSlice> slices_of(const MonthsByType& months, const SitemapPart& part,
                                    std::int64_t most);

std::string sitemap_index_of(const site::Pages& pages, const std::vector<SitemapPart>& parts);
/// An address that is longer than sitemaps may have is left out: so 20,000 are below 50 MiB.
std::string sitemap_of(const site::Pages& pages, const std::vector<SitemapEntry>& entries);
/// With what news search engines want to know of each article.
std::string news_sitemap_of(const site::Pages& pages, const std::vector<SitemapEntry>& entries);

}  // namespace orchestrator
