// One member that differs in one answer of many is found, named, and mended.
#include <cstdlib>
#include <fstream>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/newsroom_checks.hpp"
#include "support/portal_process.hpp"
#include "support/skip.hpp"

using nlohmann::json;
using support::DjangoSite;
using support::eventually;
using support::HttpClient;
using support::PortalProcess;
using support::skip;

namespace {

/// Asked for one by one, twice, so the ordinary size is a quarter.
const int articles = std::getenv("PORTAL_TEST_LONG") ? 1000 : 250;

/// What no difference in all of them bounds (three of so many, nearly), and one does not.
int differs_max_millionths() {
    return 3'500'000 / articles;
}

/// The old API in the shape that the newsroom site gives it.
json old_api() {
    return json::parse(R"({
        "time_zone": "America/Chicago",
        "routes": [{"path": "/api/articles/", "answers": "list", "envelope": "page_number",
                    "page_size": {"default": 20, "max": 100},
                    "query": {"page": "page", "page_size": "limit"}, "item": "article"}],
        "shapes": {"article": {
            "headline": "title", "body": "content", "byline": "author",
            "published": {"value": "published_at", "format": "django"},
            "category": {"name": "news_type"}, "tags": ["tags", {"name": "."}]}}
    })");
}

/// What the newsroom site has beside that, and what never stays the same.
json route() {
    return {{"name", "articles"},
            {"path", "/api/articles/"},
            {"mode", "shadow"},
            {"compare",
             {{"percent", 100},
              // The import keeps no more of a time.
              {"time_precision", "ms"},
              {"ignore", {"/results/*/id", "/results/*/slug", "/results/*/subtitle"}},
              {"subset", false},
              {"repeat", 10}}}};
}

/// The articles as lines for an import; of every `plant`th one something differs.
std::string lines_of(const DjangoSite& site, int plant) {
    std::vector<std::string> arguments{"dump_lines"};
    if (plant > 0) arguments.insert(arguments.end(), {"--plant", std::to_string(plant)});
    auto dumped = site.manage(arguments);
    REQUIRE(dumped.code == 0);
    return dumped.output;
}

json report_of(const PortalProcess& portal) {
    return portal.get("/v1/migration/report").json().at("routes").at(0);
}

/// Asks for every article on a page of its own.
void read_everything(const PortalProcess& portal, std::int64_t pages) {
    HttpClient reader(portal.address());
    for (std::int64_t page = 1; page <= pages; ++page) {
        // A comparison that finds no room is dropped, so the reader waits for the report now and
        // then.
        auto asked =
            reader.request("GET", "/api/articles/?page_size=1&page=" + std::to_string(page));
        REQUIRE(asked.status == 200);
        if (page % 50 != 0 && page != pages) continue;
        CHECK(eventually([&] {
            auto compared = report_of(portal).at("comparison");
            return compared.at("compared").get<std::int64_t>() +
                       compared.at("failed").get<std::int64_t>() >=
                   page;
        }));
    }
}

}  // namespace

TEST_CASE("a member that differs in one answer of many is named, and mended the route is ready",
          "[road]") {
    auto missing = DjangoSite::missing(DjangoSite::Stack::pypi);
    if (!missing.empty()) {
        skip(missing);
        return;
    }
    // Given a newsroom, and a portal with the same articles but for one planted difference
    DjangoSite::Options options;
    options.articles = articles + articles / 9 + 1;  // every tenth is a draft
    DjangoSite site(options);
    site.start();
    PortalProcess portal;
    std::ofstream(portal.folder() / "api.json") << old_api();
    portal.configure({{"legacy",
                       {{"upstream", "http://" + site.address()},
                        {"api", (portal.folder() / "api.json").string()}}},
                      {"gateway",
                       {{"routes", json::array({route()})},
                        {"ready",
                         {{"compared_min", articles},
                          {"differs_max_millionths", differs_max_millionths()},
                          {"quiet_h", 0}}}}}});
    portal.start();
    auto import = [&](int plant) {
        auto ended = portal.command({"import", "news", "-"}, std::chrono::seconds(120),
                                    lines_of(site, plant));
        INFO(ended.output << ended.errors);
        REQUIRE(ended.code == 0);
    };
    // Of the drafts, every tenth, none is seen.
    import(articles - 1);
    auto pages = site.get("/api/articles/?page_size=1").json().at("count").get<std::int64_t>();
    REQUIRE(pages >= articles);

    // When readers ask for all of it
    read_everything(portal, pages);

    // Then the report names the kind with a sample, and the route is not ready.
    auto report = report_of(portal);
    INFO(report.dump(1));
    const auto& kinds = report.at("comparison").at("kinds");
    REQUIRE(kinds.size() == 1);
    CHECK(kinds[0].at("pointer") == "/results/*/headline");
    CHECK(kinds[0].at("count").get<int>() >= 1);
    CHECK(kinds[0].at("samples").size() >= 1);
    CHECK(report.at("verdict").at("ready") == false);

    // And mended, after as many answers, it is, and the bound is said.
    import(0);
    CHECK(portal.post("/v1/migration/routes/articles/restart", json::object()).status == 204);
    read_everything(portal, pages);
    auto mended = report_of(portal);
    INFO(mended.dump(1));
    CHECK(mended.at("comparison").at("kinds").empty());
    CHECK(mended.at("comparison").at("differs_bound").get<double>() * 1'000'000 <
          differs_max_millionths());
    CHECK(mended.at("verdict").at("ready") == true);
    auto said = portal.command({"migrate", "status", "articles"});
    CHECK(said.code == 0);
    CHECK(said.output.find("Ready.") != said.output.npos);
}
