// What is changed in portal goes back into a real Django, by the feed and portal_pull.
#include <fstream>

#include "people.hpp"
#include "support/catch.hpp"
#include "support/django_site.hpp"
#include "support/eventually.hpp"
#include "support/portal_process.hpp"
#include "support/skip.hpp"

using nlohmann::json;
using support::DjangoSite;
using support::PortalProcess;

namespace {

const char* const mapping = R"({
    "relations": {"news.article.author": "auth.user", "news.article.category": "news.category",
                  "news.article.tags": "news.tag"},
    "news": {"model": "news.article", "type": {"text": "sports"}, "title": "headline",
             "description": "summary", "content": "content", "author": "author__username",
             "slug": "slug", "status": "status", "published_at": "pub_date",
             "created_at": "created", "updated_at": "modified"},
    "export": {"news.article": {"defaults": {"category": 1, "tags": [], "subtitle": null}}}})";

/// manage.py of the site with the bridge.
support::Finished manage(const DjangoSite& site, std::vector<std::string> arguments) {
    return site.manage(std::move(arguments));
}

/// The articles of a Django, as `pk headline` in order of their keys.
std::string articles_of(const DjangoSite& site) {
    auto said = manage(
        site, {"shell", "-c",
               "from news.models import Article\n"
               "print('; '.join(f'{a.pk} {a.headline}' for a in Article.objects.order_by('pk')))"});
    CAPTURE(said.errors);
    CHECK(said.code == 0);
    return said.output.substr(said.output.rfind('\n', said.output.size() - 2) + 1);
}

}  // namespace

TEST_CASE("what is changed in portal comes into Django's tables, once and for good", "[system]") {
    auto missing = DjangoSite::missing(DjangoSite::Stack::pypi);
    if (!missing.empty()) return support::skip(missing);
    // Given an admin's key, a Django with the bridge, and portal with its data
    PortalProcess portal(tests::enforced());
    auto admin = tests::create_person(portal, "admin", "Ada Admin");
    portal.start();
    auto key = portal.post("/v1/auth/api-keys", {{"name", "the bridge"}, {"role", "admin"}},
                           tests::log_in(portal, admin).bearer());
    REQUIRE(key.status == 201);
    REQUIRE(portal.stop() == 0);
    DjangoSite::Options options;
    options.articles = 3;
    options.environment = {{"PORTAL_BRIDGE_KEY", key.json().at("key").get<std::string>()}};
    DjangoSite site(options);
    // Where portal is says `--url`.
    std::ofstream(site.data() / "portal_bridge.json")
        << json{{"url", "http://127.0.0.1:9"}, {"owned_by_portal", json::array({"news.Article"})}};
    REQUIRE(manage(site, {"migrate", "portal_bridge"}).code == 0);
    auto base = (portal.folder() / "base.jsonl").string();
    REQUIRE(manage(site,
                   {"dumpdata", "auth.group", "auth.user", "news", "--format", "jsonl", "-o", base})
                .code == 0);
    auto mapping_file = (portal.folder() / "mapping.json").string();
    std::ofstream(mapping_file) << mapping;
    portal.configure({{"django", {{"mapping", mapping_file}, {"base", base}}}});
    portal.start();
    auto imported = portal.command({"import", "django", "--mapping", mapping_file, base});
    CAPTURE(imported.output, imported.errors);
    REQUIRE(imported.code == 0);
    auto before = articles_of(site);
    auto pull = [&](std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"portal_pull", "--once", "--url",
                                           "http://" + portal.address()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto pulled = manage(site, arguments);
        CAPTURE(pulled.output, pulled.errors);
        CHECK(pulled.code == 0);
        return pulled.output;
    };
    auto admins = tests::log_in(portal, admin);
    // Django owns the articles until somebody says otherwise.
    auto change = json{{"id", 1}, {"version", 1}, {"title", "Uno"}};
    CHECK(support::failure_faults(portal.put("/v1/news/sports", change, admins.bearer()), 409,
                                  "owned_by_django") == "");
    auto owner = [&](const std::string& model, const json& body) {
        return portal.put("/v1/migration/models/" + model, body, admins.bearer());
    };
    auto owned = owner("news.article", {{"owner", "portal"}});
    CHECK(owned.status == 200);
    CHECK(owned.json().at("owner") == "portal");
    auto models = portal.get("/v1/migration/models", admins.bearer()).json();
    CHECK(models == json{{"models", json::array({owned.json()})}});
    auto imports = portal.get("/v1/migration/imports", admins.bearer()).json();
    REQUIRE(imports.at("imports").size() >= 1);
    CHECK(imports.at("imports").at(0).at("source") == "jsonl");
    CHECK(imports.at("imports").at(0).at("rules").at(0).at("rejected") == 0);
    CHECK(support::failure_faults(owner("news.article", {{"owner", "us"}}), 422, "invalid_owner") ==
          "");
    CHECK(support::failure_faults(owner("news.tag", {{"owner", "portal"}}), 404,
                                  "model_not_found") == "");

    // When nothing was changed here, then nothing comes.
    pull();
    CHECK(articles_of(site) == before);

    // When an article is changed here, one made and one removed, then so it is there.
    auto changed = portal.put("/v1/news/sports", change, admins.bearer());
    CAPTURE(changed.body);
    REQUIRE(changed.status == 201);
    auto made = portal.post("/v1/news/sports",
                            {{"title", "Made here"},
                             {"content", "Text."},
                             {"author", "editor"},
                             {"status", "published"}},
                            admins.bearer());
    CAPTURE(made.body);
    REQUIRE(made.status == 201);
    auto removed =
        portal.ask("DELETE", "/v1/news/sports/3", "", {admins.bearer().front(), {"If-Match", "*"}});
    CAPTURE(removed.body);
    REQUIRE(removed.status / 100 == 2);
    auto feed = [&](const std::string& query) {
        return portal.get("/v1/migration/feed" + query, admins.bearer());
    };
    CHECK(support::eventually([&] { return feed("").json().at("head") == 3; }));
    auto pulled = pull();
    auto told = feed("").body;
    CAPTURE(pulled, told);
    auto two = before.substr(before.find("; 2 ") + 2);
    two = two.substr(0, two.find("; 3 "));
    auto now = "1 Uno; " + two + "; 4 Made here\n";
    CHECK(articles_of(site) == now);

    // When all of it comes once more, then it is the same, and nothing of it goes back.
    pull({"--after", "0"});
    CHECK(articles_of(site) == now);
    CHECK(manage(site, {"portal_push", "--status"}).output.find("To send: 0 changes") !=
          std::string::npos);

    // When somebody changes a row there all the same, then portal's comes again.
    REQUIRE(manage(site, {"shell", "-c",
                          "from news.models import Article\n"
                          "a = Article.objects.get(pk=1); a.headline = 'Mine'; a.save()"})
                .code == 0);
    CHECK(articles_of(site).starts_with("1 Mine; "));
    pull();
    CHECK(articles_of(site) == now);

    // What the feed refuses
    CHECK(support::failure_faults(feed("?after=99"), 409, "feed_is_behind") == "");
    CHECK(support::failure_faults(feed("?after=x"), 400, "malformed_after") == "");
    CHECK(support::failure_faults(feed("?limit=0"), 400, "malformed_limit") == "");
    CHECK(support::failure_faults(portal.get("/v1/migration/feed/news.article/3", admins.bearer()),
                                  404, "row_not_found") == "");
    auto row = portal.get("/v1/migration/feed/news.article/1", admins.bearer());
    CHECK(row.json().at("record").at("fields").at("headline") == "Uno");
    CHECK(portal.stop() == 0);
    CHECK(portal.breakdowns().empty());
}
