// One store that cannot be used takes only itself down: each store, each fault, at the start and
// while everything is served.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/sqlite_file.hpp"

using nlohmann::json;
using support::new_item;
using support::PortalProcess;

namespace {

namespace fs = std::filesystem;

constexpr int items_of_politics = 40;

json settings_of_all_stores() {
    auto settings = tests::enforced();
    auto mapping = fs::path(PORTAL_SOURCE_DIR) / "integrations/django/mappings/newsroom.json";
    json small{{"database", {{"cache_kib", 64}}}};
    settings.merge_patch(
        {{"identity", small},
         {"users", small},
         {"news", small},
         {"site", small},
         {"recommendation", small},
         {"legacy", {{"upstream", "http://127.0.0.1:9"}}},
         {"django", {{"mapping", mapping.string()}}},
         {"gateway",
          {{"database", small["database"]},
           {"routes", json::array({{{"name", "old"}, {"path", "/old/{rest...}"}}})}}}});
    return settings;
}

/// A folder with something in each store, and what the tests know of it.
class FullFolder {
public:
    FullFolder() : portal(settings_of_all_stores()) {
        portal.make_data_folder();
        auto file = portal.folder() / "archive.jsonl";
        {
            std::ofstream out(file);
            for (int i = 0; i < items_of_politics; ++i) {
                auto item = new_item("politics " + std::to_string(i),
                                     {{"content", std::string(8000, 'p')}});
                item["source_id"] = std::to_string(i);
                item["news_type"] = "politics";
                out << item.dump() << '\n';
            }
        }
        REQUIRE(portal.command({"import", "news", file.string()}).code == 0);
        admin = tests::create_person(portal, "admin", "chief");
        portal.start();
        reader = tests::register_person(portal, "ann");
        token = tests::log_in(portal, admin);
        tests::create_as(portal, token.bearer(), "sports", new_item("sports"));
        json moved{{"redirects", json::array({{{"from", "/a"}, {"to", "/b"}}})}};
        CHECK(change("PUT", "/v1/newsroom/redirects", moved) == 200);
        REQUIRE(portal.stop() == 0);
        fs::copy(portal.data(), whole(), fs::copy_options::recursive);
    }
    fs::path whole() const { return portal.folder() / "whole"; }
    fs::path file(const std::string& store) const { return portal.data() / (store + ".db"); }
    void restore() {
        fs::remove_all(portal.data());
        fs::copy(whole(), portal.data(), fs::copy_options::recursive);
    }
    support::Fields with_json() const {
        auto fields = token.bearer();
        fields.emplace_back("Content-Type", "application/json");
        return fields;
    }
    int change(const std::string& method, const std::string& target, const json& body) const {
        return portal.ask(method, target, body.dump(), with_json()).status;
    }
    int create(const std::string& type) const {
        return change("POST", "/v1/news/" + type, new_item("new"));
    }
    std::size_t count(const std::string& type) const {
        auto answer = portal.get("/v1/news/" + type + "/1/100");
        return answer.status == 200 ? answer.json().at("news").size() : 0;
    }
    json ready() const {
        auto answer = support::HttpClient(portal.operations()).request("GET", "/readyz");
        CHECK(answer.status == 200);
        return answer.json();
    }
    std::string metrics() const {
        return support::HttpClient(portal.operations()).request("GET", "/metrics").body;
    }
    bool is_out(const std::string& store) const {
        auto line = "portal_database_out{store=\"" + store + "\"} 1";
        return metrics().find(line) != std::string::npos;
    }
    /// How often the log says that it is out.
    std::size_t told(const std::string& store) const {
        auto lines = portal.breakdowns();
        return static_cast<std::size_t>(
            std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
                return line.find("a store is out") != std::string::npos &&
                       line.find("\"store\":\"" + store + "\"") != std::string::npos;
            }));
    }
    std::string interests() const { return reader.interests_path(); }

    PortalProcess portal;
    tests::Person admin;
    tests::Person reader;
    tests::Login token;
};

const std::map<std::string, void (*)(const fs::path&)> faults = {
    {"pages overwritten", support::overwrite_pages},
    {"no database", support::put_text},
    {"not to be opened", support::put_folder},
    {"cut short", support::cut_short},
    {"gone", support::take_away}};

/// What everybody is answered while that store is out; other stores are whole.
void check_answers(const FullFolder& site, const std::string& store) {
    const auto& portal = site.portal;
    auto if_out = [&](const char* which, int otherwise) {
        return store == which ? 503 : otherwise;
    };
    bool nobody_known = store == "identity";
    // Anybody reads.
    CHECK(site.count("sports") > 0);
    CHECK(site.count("politics") >= items_of_politics);
    auto all = portal.get("/v1/news/all/1/3");
    CHECK(all.status == 200);
    CHECK(portal.get("/v1/news/sports/1/9", site.token.bearer()).status == 200);
    // Newsrooms work, but where they are touched.
    CHECK(site.create("sports") == (nobody_known ? 503 : 201));
    bool read_only = nobody_known || store == "news-politics.command";
    CHECK(site.create("politics") == (read_only ? 503 : 201));
    // What belongs to one store.
    json login{{"email", site.admin.email}, {"password", site.admin.password}};
    CHECK(portal.post("/v1/auth/token", login).status == if_out("identity", 200));
    json person{{"name", "ben"},
                {"email", "ben-" + store + "@example.org"},
                {"password", "correct horse battery"}};
    bool no_people = nobody_known || store == "users";
    CHECK(portal.post("/v1/users", person).status == (no_people ? 503 : 201));
    CHECK(portal.get("/v1/resolve?path=/a").status == if_out("site", 200));
    auto asked = [&](const std::string& target, const char* which, int otherwise = 200) {
        CAPTURE(target);
        int expected = nobody_known ? 503 : if_out(which, otherwise);
        CHECK(portal.get(target, site.token.bearer()).status == expected);
    };
    // Who wants a front page gets the plain one.
    auto front = portal.get("/v1/news/for-me?limit=3");
    CHECK(front.status == 200);
    CHECK(front.json().at("news").size() == 3);
    CHECK(front.json().at("personal") == false);
    if (!nobody_known && store == "recommendation") {
        auto own = portal.get("/v1/news/for-me?limit=3", site.token.bearer());
        CHECK(own.status == 200);
        CHECK(own.json().at("personal") == false);
        CHECK(portal.post("/v1/visits", {{"visits", json::array()}}).status == 503);
    }
    asked("/v1/users/all", "users");
    asked(site.interests(), "recommendation");
    asked("/v1/migration/routes", "gateway");
    asked("/v1/migration/models", "django");
}

}  // namespace

TEST_CASE("a store that cannot be used at the start takes only itself down", "[system]") {
    struct Row {
        const char* store;
        const char* fault;
    };
    const Row rows[] = {
        {"identity", "no database"},
        {"identity", "not to be opened"},
        {"identity", "cut short"},
        {"users", "no database"},
        {"users", "not to be opened"},
        {"site", "no database"},
        {"recommendation", "not to be opened"},
        {"recommendation", "no database"},
        {"gateway", "no database"},
        {"legacy", "no database"},
        {"django", "no database"},
        {"news-politics.command", "no database"},
        {"news-politics.command", "not to be opened"},
        {"news-politics.query", "pages overwritten"},
        {"news-politics.query", "no database"},
        {"news-politics.query", "not to be opened"},
        {"news-politics.query", "cut short"},
        {"news-politics.query", "gone"},
    };
    FullFolder site;
    for (const auto& row : rows) {
        CAPTURE(row.store, row.fault);
        site.restore();
        const std::string store = row.store;
        // What can be made again, or begun again.
        bool is_view = store == "news-politics.query" || store == "legacy";
        faults.at(row.fault)(site.file(store));
        std::error_code is_none;
        auto bytes = fs::file_size(site.file(store), is_none);

        site.portal.start();

        if (is_view) {
            CHECK(support::eventually([&] { return site.count("politics") == items_of_politics; }));
            CHECK(support::eventually([&] { return !site.ready().contains("warnings"); }));
        } else {
            CHECK(site.is_out(store));
            CHECK(site.ready()["warnings"].dump().find("the store " + store + " is out") !=
                  std::string::npos);
        }
        check_answers(site, store);
        CHECK(site.portal.stop() == 0);
        if (std::string(row.fault) != "gone") CHECK(site.told(store) == 1);
        if (is_view) {
            CHECK(site.portal.command({"verify"}).code == 0);
        } else {
            CHECK(fs::file_size(site.file(store), is_none) == bytes);
        }
    }
    // What was out and is whole again is not taken for older than the others.
    auto kept = site.portal.folder() / "identity.whole";
    fs::copy_file(site.file("identity"), kept);
    support::put_text(site.file("identity"));
    site.portal.start();
    CHECK(site.portal.stop() == 0);
    auto verified = site.portal.command({"verify"});
    INFO(verified.output);
    CHECK(verified.code == 1);
    CHECK(verified.output.find("identity.db: the file is damaged") != std::string::npos);
    CHECK(verified.output.find("sports: ") != std::string::npos);
    fs::copy_file(kept, site.file("identity"), fs::copy_options::overwrite_existing);
    site.portal.start();
    CHECK(tests::ask_token(site.portal, site.admin.email, site.admin.password).status == 200);
    CHECK(site.portal.stop() == 0);
}

TEST_CASE("stores that are damaged while they serve go out one by one, and views come back",
          "[system]") {
    FullFolder site;
    auto& portal = site.portal;
    portal.start();
    auto bearer = site.token.bearer();
    auto damage = [&](const std::string& store) { support::overwrite_pages(site.file(store)); };

    // A view is back as it was, and its type alone was missing meanwhile.
    damage("news-politics.query");
    CHECK(support::eventually([&] {
        CHECK(site.count("sports") > 0);
        return site.told("news-politics.query") == 1 || site.count("politics") == 0;
    }));
    CHECK(support::eventually([&] { return site.count("politics") == items_of_politics; }));
    CHECK(site.create("politics") == 201);
    CHECK(site.create("sports") == 201);
    auto found = [&] {
        auto answer = portal.get("/v1/search?q=politics+&limit=100");
        return answer.status == 200 ? answer.json().at("news").size() : 0;
    };
    CHECK(support::eventually([&] { return found() == items_of_politics; }));
    support::take_away(site.file("search"));
    CHECK(support::eventually([&] {
        CHECK(site.count("sports") > 0);
        site.create("sports");
        return site.told("search") == 1;
    }));
    CHECK(support::eventually([&] { return found() == items_of_politics; }));

    struct Step {
        const char* store;
        std::function<int()> ask;
    };
    const Step steps[] = {
        {"recommendation", [&] { return portal.get(site.interests(), bearer).status; }},
        {"site", [&] { return portal.get("/v1/resolve?path=/a").status; }},
        {"users", [&] { return portal.get("/v1/users/all", bearer).status; }},
        {"news-politics.command", [&] { return site.create("politics"); }},
        {"identity",
         [&] { return tests::ask_token(portal, site.admin.email, site.admin.password).status; }},
    };
    for (const auto& step : steps) {
        CAPTURE(step.store);
        damage(step.store);
        CHECK(support::eventually([&] { return step.ask() == 503; }));
        CHECK(site.is_out(step.store));
        CHECK(site.count("sports") > 0);
        CHECK(site.count("politics") == items_of_politics + 1);
        if (std::string(step.store) != "identity") CHECK(site.create("sports") == 201);
    }
    CHECK(site.ready()["warnings"].size() == std::size(steps));
    CHECK(portal.stop() == 0);
    for (const auto& step : steps) CHECK(site.told(step.store) == 1);
    CHECK(site.told("news-politics.query") == 1);
    CHECK(site.told("search") == 1);
}
