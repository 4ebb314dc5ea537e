// Search as clients see it: over HTTP, at once after publication, across a kill.
#include "people.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using nlohmann::json;
using support::failure_faults;
using support::new_item;
using support::PortalProcess;

TEST_CASE("what is published is found within a second, what is not is not, also after kill -9",
          "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    auto ann = tests::log_in(portal, tests::create_person(portal, "author", "ann")).bearer();
    auto eve = tests::log_in(portal, tests::create_person(portal, "editor", "eve")).bearer();
    auto found = [&](const std::string& query) {
        auto answer = portal.get("/v1/search?" + query);
        REQUIRE(answer.status == 200);
        return answer.json();
    };
    auto count = [&](const std::string& query) { return found(query)["news"].size(); };

    auto made = portal.post("/v1/news/sports", new_item("The quokka wins"), ann);
    REQUIRE(made.status == 201);
    REQUIRE(support::eventually([&] { return count("q=quokka") == 1; }));
    auto secret =
        portal.post("/v1/news/politics", new_item("A secret quokka", {{"status", "draft"}}), ann);
    REQUIRE(secret.status == 201);
    portal.kill();
    portal.start();
    auto answer = found("q=quokk&sort=newest&limit=5");
    REQUIRE(answer["news"].size() == 1);
    CHECK(answer["news"][0]["highlight"]["title"] == "The <mark>quokka</mark> wins");
    CHECK(answer["news"][0]["id"] == made.news()["id"]);
    CHECK(answer["facets"]["type"][0]["value"] == "sports");
    CHECK(answer["next"] == nullptr);
    CHECK(failure_faults(portal.get("/v1/search"), 400, "malformed_q") == "");

    auto path = "/v1/news/sports/" + std::to_string(made.news()["id"].get<std::int64_t>());
    REQUIRE(portal.ask("DELETE", path, "", eve).status == 200);
    CHECK(count("q=quokka") == 0);
    CHECK(support::eventually([&] { return found("q=quokka")["facets"]["type"].empty(); }));
}
