// Old addresses, curated lists and counts on the built server.
#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"

using nlohmann::json;
using support::failure_faults;
using support::new_item;
using support::PortalProcess;

namespace {

constexpr const char* redirects = "/v1/newsroom/redirects";

json redirect(const std::string& from, const json& to) {
    return {{"from", from}, {"to", to}};
}

support::Answer put_redirects(const PortalProcess& portal, const json& all) {
    return portal.put(redirects, {{"redirects", all}});
}

json counts(const PortalProcess& portal) {
    auto answer = portal.get("/v1/newsroom/counts");
    REQUIRE(answer.status == 200);
    return answer.json();
}

}  // namespace

TEST_CASE("an old address is redirected, also after a restart, until it is forgotten", "[system]") {
    PortalProcess portal;
    portal.start();
    auto put = put_redirects(portal, {redirect("/2019/storm.html", "/storm"),
                                      redirect("/storm", "/news/sports/7"),
                                      redirect("/caf%c3%a9", "https://example.org/?x=1"),
                                      redirect("/forum/", nullptr),
                                      {{"from", "/lottery"}, {"to", "/x"}, {"permanent", false}}});
    REQUIRE(put.status == 200);
    CHECK(put.json().at("total") == 5);
    for (bool again : {false, true}) {
        CAPTURE(again);
        if (again) {
            REQUIRE(portal.stop() == 0);
            portal.start();
        }
        struct Row {
            const char* path;
            json to;
            int status;
        };
        const Row rows[] = {
            {"/2019/storm.html", "/news/sports/7", 301},
            {"/%32019/storm.html", "/news/sports/7", 301},
            {"/caf%C3%A9", "https://example.org/?x=1", 301},
            {"/forum/", nullptr, 410},
            {"/lottery", "/x", 302},
        };
        for (const auto& [path, to, status] : rows) {
            CAPTURE(path);
            auto answer = portal.get("/v1/resolve?path=" + support::percent_encoded(path));
            REQUIRE(answer.status == 200);
            CHECK(answer.json().at("to") == to);
            CHECK(answer.json().at("status") == status);
            CHECK(answer.field("ETag").starts_with('"'));
        }
        CHECK(failure_faults(portal.get("/v1/resolve?path=/nobody"), 404, "path_not_found") == "");
    }
    put = put_redirects(portal, {{{"from", "/storm"}, {"remove", true}}});
    CHECK(put.json() == json{{"stored", 0}, {"removed", 1}, {"unchanged", 0}, {"total", 4}});
    CHECK(portal.get("/v1/resolve?path=/2019/storm.html").json().at("to") == "/storm");
    auto all = portal.get(std::string(redirects) + "?limit=2").json();
    CHECK(all.at("redirects").size() == 2);
    auto rest = portal.get(std::string(redirects) + "?cursor=" + all.at("next").get<std::string>());
    CHECK(rest.json().at("redirects").size() == 2);
    CHECK(rest.json().at("next").is_null());
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
}

TEST_CASE("redirects that lead in a circle, or nowhere that there is, are refused as a whole",
          "[system]") {
    PortalProcess portal(json{{"site", {{"redirects_max", 4}}}});
    portal.start();
    REQUIRE(put_redirects(portal, {redirect("/a", "/b"), redirect("/b", "/c")}).status == 200);
    auto circle = put_redirects(portal, {redirect("/new", "/x"), redirect("/c", "/a")});
    CHECK(failure_faults(circle, 409, "redirect_loop") == "");
    CHECK(support::fields_in_details(circle) == std::vector<std::string>{"redirects[1].to"});
    CHECK(circle.json().at("message").get<std::string>().find("/c → /a → /b → /c") !=
          std::string::npos);
    CHECK(
        failure_faults(put_redirects(portal, json::array({redirect("/d", "javascript:alert(1)")})),
                       422, "invalid_redirects") == "");
    CHECK(failure_faults(put_redirects(portal, json::array({redirect("/d", 7)})), 400,
                         "malformed_redirects") == "");
    CHECK(failure_faults(put_redirects(portal, {redirect("/d", "/x"), redirect("/e", "/x"),
                                                redirect("/f", "/x")}),
                         409, "too_many_redirects") == "");
    CHECK(failure_faults(portal.get("/v1/resolve?path=/new"), 404, "path_not_found") == "");
    json chain = json::array();
    json longer{{"site", {{"redirects_max", 1000}}}};
    REQUIRE(portal.stop() == 0);
    portal.configure(longer);
    portal.start();
    for (int i = 0; i <= 100; ++i) {
        chain.push_back(redirect("/" + std::to_string(i), "/" + std::to_string(i + 1)));
    }
    CHECK(failure_faults(put_redirects(portal, chain), 409, "redirect_chain_too_long") == "");
    CHECK(portal.stop() == 0);
}

TEST_CASE("a list is curated: made, changed by who has seen it, removed, and its past is kept",
          "[system]") {
    PortalProcess portal(json{{"site", {{"lists_max", 1}}}});
    portal.start();
    auto item = tests::create(portal, "sports", new_item("on the front page"));
    json entries{{{"type", "sports"}, {"id", item.at("id")}, {"pinned", true}},
                 {{"newest", "politics"}},
                 {{"newest", nullptr}}};
    support::Fields key{{"Idempotency-Key", "front-1"}};
    auto made = portal.put("/v1/lists/front", {{"entries", entries}}, key);
    REQUIRE(made.status == 201);
    CHECK(made.field("Location") == "/v1/lists/front");
    CHECK(made.json().at("entries") == entries);

    CHECK(failure_faults(portal.put("/v1/lists/front", {{"entries", entries}}), 428,
                         "precondition_required") == "");
    CHECK(failure_faults(portal.put("/v1/lists/front", {{"entries", entries}, {"version", 0}}), 409,
                         "version_conflict") == "");
    CHECK(failure_faults(
              portal.put("/v1/lists/front", {{"entries", entries}}, {{"If-Match", "\"9.1\""}}), 412,
              "precondition_failed") == "");
    CHECK(failure_faults(portal.put("/v1/lists/other", {{"entries", entries}}), 409,
                         "too_many_lists") == "");
    CHECK(failure_faults(portal.put("/v1/lists/front", {{"entries", {{{"newest", "x"}}}}}), 422,
                         "invalid_list") == "");
    CHECK(failure_faults(portal.put("/v1/lists/front", {{"entries", 7}}), 400, "malformed_list") ==
          "");
    auto changed = portal.put("/v1/lists/front", {{"entries", json::array()}},
                              {{"If-Match", made.field("ETag")}});
    REQUIRE(changed.status == 200);
    CHECK(changed.json().at("version") == 2);

    // The same call again, after a restart, is answered with the list of then.
    REQUIRE(portal.stop() == 0);
    portal.start();
    auto again = portal.put("/v1/lists/front", {{"entries", entries}}, key);
    CHECK(again.status == 201);
    CHECK(again.json() == made.json());
    CHECK(failure_faults(portal.put("/v1/lists/front", {{"entries", json::array()}}, key), 422,
                         "idempotency_key_reused") == "");
    auto read = portal.get("/v1/lists/front");
    CHECK(read.json() == changed.json());
    CHECK(portal.get("/v1/lists/front", {{"If-None-Match", read.field("ETag")}}).status == 304);

    CHECK(failure_faults(portal.ask("DELETE", "/v1/lists/front", "", {{"If-Match", "\"1.1\""}}),
                         412, "precondition_failed") == "");
    CHECK(portal.ask("DELETE", "/v1/lists/front").status == 204);
    CHECK(failure_faults(portal.ask("DELETE", "/v1/lists/front"), 404, "list_not_found") == "");
    CHECK(failure_faults(portal.get("/v1/lists/front"), 404, "list_not_found") == "");
    CHECK(portal.get("/v1/lists").json().at("lists").empty());
    auto history = portal.get("/v1/lists/front/history?limit=2").json();
    REQUIRE(history.at("history").size() == 2);
    CHECK(history["history"][0]["entries"] == entries);
    CHECK(history.at("next") == "2");
    history = portal.get("/v1/lists/front/history?cursor=2").json();
    REQUIRE(history.at("history").size() == 1);
    CHECK(history["history"][0]["type"] == "list_removed.v1");
    CHECK(failure_faults(portal.get("/v1/lists/never/history"), 404, "list_not_found") == "");
    CHECK(portal.stop() == 0);
}

TEST_CASE("articles are counted as they change, also when the server is killed then", "[system]") {
    PortalProcess portal;
    portal.start();
    auto one = tests::create(portal, "sports", new_item("one"));
    tests::create(portal, "sports", new_item("two", {{"status", "draft"}}));
    tests::create(
        portal, "politics",
        new_item("three", {{"published_at", tests::time_from_now(std::chrono::hours(1))}}));
    auto now = counts(portal);
    CHECK(now.at("types").size() == 3);
    CHECK(now["types"]["sports"] ==
          json{{"draft", 1}, {"scheduled", 0}, {"published", 1}, {"removed", 0}});
    CHECK(now["total"] == json{{"draft", 1}, {"scheduled", 1}, {"published", 1}, {"removed", 0}});

    REQUIRE(portal.ask("DELETE", tests::path_of(one)).status == 200);
    portal.kill();
    portal.start();
    now = counts(portal);
    CHECK(now["total"] == json{{"draft", 1}, {"scheduled", 1}, {"published", 0}, {"removed", 1}});
    CHECK(portal.stop() == 0);
    auto verified = portal.command({"verify"});
    CHECK(verified.code == 0);
    CHECK(verified.output.find("site: 0 events: good") != std::string::npos);
    support::change_database(portal.query_file("sports"), "update article_counts set articles = 5");
    verified = portal.command({"verify"});
    CHECK(verified.code == 1);
    CHECK(verified.output.find("the kept numbers of articles") != std::string::npos);
}
