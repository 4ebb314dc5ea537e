#include "sitemap.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/xml_writer.hpp"

namespace orchestrator {

namespace {

using base::XmlWriter;

constexpr std::string_view sitemaps = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// Longer ones no sitemap may have.
constexpr std::size_t address_bytes_max = 2047;
constexpr std::int64_t number_max = 1000000;

std::string page_of(const site::Pages& pages, const SitemapEntry& entry) {
    const auto& heading = entry.heading;
    return site::page_of(pages, entry.news_type, heading.id, heading.slug);
}

/// How many articles of each type a month has.
std::map<std::string, std::int64_t> counts_of(const MonthsByType& months, const std::string& name) {
    std::map<std::string, std::int64_t> counts;
    for (const auto& [type, all] : months) {
        for (const auto& month : all) {
            if (month.name == name) counts[type] += month.articles;
        }
    }
    return counts;
}

/// As news sitemaps want it (ISO 639): the language alone, but for the two ways to write Chinese.
std::string language_of(const site::Pages& pages, const news::Heading& heading) {
    auto site = news::tidy_language(pages.language).value_or("");
    const auto& tag = heading.language.empty() ? site : heading.language;
    auto language = tag.substr(0, tag.find('-'));
    if (language.size() < 2 || language.size() > 3) return "und";
    if (language != "zh") return language;
    for (const char* part : {"-TW", "-HK", "-MO", "-Hant"}) {
        if (tag.find(part) != tag.npos) return "zh-tw";
    }
    return "zh-cn";
}

}  // namespace

std::string name_of(const SitemapPart& part) {
    return part.number == 1 ? part.month : part.month + "-" + std::to_string(part.number);
}

std::optional<SitemapPart> parse_sitemap_name(std::string_view name) {
    SitemapPart part{std::string(name.substr(0, 7))};
    if (!news::begin_of_month(part.month)) return std::nullopt;
    if (name.size() == 7) return part;
    if (name[7] != '-') return std::nullopt;
    auto number = base::parse_number(name.substr(8), number_max);
    part.number = number.value_or(0);
    // Each has one name.
    if (part.number < 2 || name_of(part) != name) return std::nullopt;
    return part;
}

std::string address_of(const site::Pages& pages, const SitemapPart& part) {
    return pages.address + "/sitemap-" + name_of(part) + ".xml";
}

std::vector<SitemapPart> parts_of(const MonthsByType& months, std::int64_t most) {
    struct Sum {
        std::int64_t articles = 0;
        std::optional<base::Time> changed_at{};
        bool is_known = true;  ///< when all of them changed
    };
    std::map<std::string, Sum> sums;
    for (const auto& [type, all] : months) {
        for (const auto& month : all) {
            auto& sum = sums[month.name];
            sum.articles += month.articles;
            sum.changed_at = std::max(sum.changed_at, month.changed_at);
            sum.is_known = sum.is_known && month.changed_at;
        }
    }
    std::vector<SitemapPart> parts;
    for (auto one = sums.rbegin(); one != sums.rend(); ++one) {
        const auto& [name, sum] = *one;
        auto changed_at = sum.is_known ? sum.changed_at : std::nullopt;
        auto count = (sum.articles + most - 1) / most;
        for (std::int64_t i = 1; i <= count; ++i) parts.push_back({name, i, changed_at});
    }
    return parts;
}

std::vector<SitemapSlice> slices_of(const MonthsByType& months, const SitemapPart& part,
                                    std::int64_t most) {
    auto begin = (part.number - 1) * most;
    auto end = begin + most;
    std::int64_t before = 0;
    std::vector<SitemapSlice> slices;
    for (const auto& [type, articles] : counts_of(months, part.month)) {
        auto first = std::max<std::int64_t>(begin - before, 0);
        auto last = std::min(end - before, articles);
        if (first < last) slices.push_back({type, first, last - first});
        before += articles;
    }
    return slices;
}

std::string sitemap_index_of(const site::Pages& pages, const std::vector<SitemapPart>& parts) {
    std::string out;
    XmlWriter xml(out);
    xml.declaration().open("sitemapindex").attribute("xmlns", sitemaps);
    for (const auto& part : parts) {
        xml.open("sitemap").element("loc", address_of(pages, part));
        if (part.changed_at) xml.element("lastmod", base::to_rfc3339(*part.changed_at));
        xml.close();
    }
    xml.close();
    return out;
}

std::string sitemap_of(const site::Pages& pages, const std::vector<SitemapEntry>& entries) {
    std::string out;
    XmlWriter xml(out);
    xml.declaration().open("urlset").attribute("xmlns", sitemaps);
    for (const auto& entry : entries) {
        auto address = page_of(pages, entry);
        if (address.size() > address_bytes_max) continue;
        xml.open("url").element("loc", address);
        xml.element("lastmod", base::to_rfc3339(entry.heading.updated_at)).close();
    }
    xml.close();
    return out;
}

std::string news_sitemap_of(const site::Pages& pages, const std::vector<SitemapEntry>& entries) {
    std::string out;
    XmlWriter xml(out);
    xml.declaration().open("urlset").attribute("xmlns", sitemaps);
    xml.attribute("xmlns:news", "http://www.google.com/schemas/sitemap-news/0.9");
    for (const auto& entry : entries) {
        const auto& heading = entry.heading;
        auto address = page_of(pages, entry);
        if (address.size() > address_bytes_max) continue;
        xml.open("url").element("loc", address);
        xml.open("news:news").open("news:publication");
        xml.element("news:name", pages.name.empty() ? pages.address : pages.name);
        xml.element("news:language", language_of(pages, heading)).close();
        xml.element("news:publication_date", base::to_rfc3339(heading.published_at));
        xml.element("news:title", heading.title).close().close();
    }
    xml.close();
    return out;
}

}  // namespace orchestrator
