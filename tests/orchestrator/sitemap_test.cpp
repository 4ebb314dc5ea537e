#include "sitemap.hpp"

#include "support/catch.hpp"

namespace orchestrator {

namespace {

const site::Pages example{.name = "The <Example>",
                          .language = "de",
                          .address = "https://news.example",
                          .page = "/{type}/{slug}"};

base::Time at(const char* text) {
    return *base::parse_rfc3339(text);
}

SitemapEntry entry(std::string slug, std::string title = "Title", std::string language = "") {
    news::Heading heading{17,
                          std::move(title),
                          std::move(slug),
                          std::move(language),
                          at("2026-11-05T10:00:00Z"),
                          at("2026-11-06T10:00:00Z")};
    return {"sports", std::move(heading)};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("a sitemap has one name, of its month and part", "[orchestrator]") {
    for (const char* name : {"2026-11", "0001-01", "9999-12", "2026-11-2", "2026-11-100"}) {
        CAPTURE(name);
        auto part = parse_sitemap_name(name);
        REQUIRE(part);
        CHECK(name_of(*part) == name);
    }
    for (const char* name :
         {"", "2026", "2026-13", "2026-00", "2026-1", "2026-11-", "2026-11-1", "2026-11-0",
          "2026-11-02", "2026-11-x", "2026-11x2", "2026-11-2-3", "0000-01", "2026-11-9999999"}) {
        CAPTURE(name);
        CHECK(!parse_sitemap_name(name));
    }
    CHECK(news::month_after("2026-12") == "2027-01");
    CHECK(news::month_after("2024-02") == "2024-03");
    CHECK(!news::month_after("9999-12"));
}

TEST_CASE("a month's articles are shared out over its parts, each once", "[orchestrator]") {
    auto changed = at("2026-11-05T10:00:00Z");
    auto later = at("2026-11-07T10:00:00Z");
    MonthsByType months{{"politics", {{"2026-10", 4, {}}, {"2026-11", 5, later}}},
                        {"sports", {{"2026-11", 7, changed}, {"2026-12", 1, changed}}}};
    CHECK(parts_of(months, 5) == std::vector<SitemapPart>{{"2026-12", 1, changed},
                                                          {"2026-11", 1, later},
                                                          {"2026-11", 2, later},
                                                          {"2026-11", 3, later},
                                                          {"2026-10", 1, {}}});
    using Slices = std::vector<SitemapSlice>;
    CHECK(slices_of(months, {"2026-11", 1}, 5) == Slices{{"politics", 0, 5}});
    CHECK(slices_of(months, {"2026-11", 2}, 5) == Slices{{"sports", 0, 5}});
    CHECK(slices_of(months, {"2026-11", 3}, 5) == Slices{{"sports", 5, 2}});
    CHECK(slices_of(months, {"2026-11", 4}, 5).empty());
    CHECK(slices_of(months, {"2026-09", 1}, 5).empty());
    CHECK(slices_of(months, {"2026-11", 1}, 8) == Slices{{"politics", 0, 5}, {"sports", 0, 3}});
    CHECK(slices_of(months, {"2026-11", 2}, 8) == Slices{{"sports", 3, 4}});
    // When one type does not know when it changed, nobody does.
    months["famous"] = {{"2026-12", 1, {}}};
    CHECK(parts_of(months, 5).front() == SitemapPart{"2026-12", 1, {}});
}

TEST_CASE("a sitemap names pages and their times, but for what is too long", "[orchestrator]") {
    auto map = sitemap_of(example, {entry("späte&tore"), entry(std::string(2100, 'x'))});
    CHECK(has(map,
              "<url><loc>https://news.example/sports/sp%C3%A4te%26tore</loc>"
              "<lastmod>2026-11-06T10:00:00.000Z</lastmod></url></urlset>"));
    CHECK(!has(map, "xxx"));
    auto news = news_sitemap_of(example, {entry("a", "Tore & <b>\x01"), entry("b", "B", "pt-BR")});
    CHECK(has(news, "<news:name>The &lt;Example&gt;</news:name><news:language>de</news:language>"));
    CHECK(has(news,
              "<news:publication_date>2026-11-05T10:00:00.000Z</news:publication_date>"
              "<news:title>Tore &amp; &lt;b&gt;</news:title>"));
    CHECK(has(news, "<news:language>pt</news:language>"));
    CHECK(!has(news_sitemap_of(example, {entry(std::string(2100, 'x'))}), "<url>"));
    for (auto [tag, told] :
         {std::pair{"zh-Hant-TW", "zh-tw"}, {"zh", "zh-cn"}, {"zh-HK", "zh-tw"}}) {
        CAPTURE(tag);
        auto language = std::string("<news:language>").append(told).append("</news:language>");
        CHECK(has(news_sitemap_of(example, {entry("c", "C", tag)}), language));
    }
    auto silent = example;
    silent.language = "";
    silent.name = "";
    CHECK(has(news_sitemap_of(silent, {entry("d")}),
              "<news:name>https://news.example</news:name><news:language>und</news:language>"));
    auto index =
        sitemap_index_of(example, {{"2026-11", 2, at("2026-11-06T10:00:00Z")}, {"2026-10"}});
    CHECK(has(index,
              "<sitemap><loc>https://news.example/sitemap-2026-11-2.xml</loc>"
              "<lastmod>2026-11-06T10:00:00.000Z</lastmod></sitemap><sitemap>"
              "<loc>https://news.example/sitemap-2026-10.xml</loc></sitemap>"));
}

}  // namespace orchestrator
