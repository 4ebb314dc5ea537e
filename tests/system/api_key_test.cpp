// API keys on the built server: what their roles allow, whose doing it is, and how they end.
#include <thread>

#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using nlohmann::json;
using support::failure_faults;
using support::Fields;
using support::new_item;
using support::PortalProcess;
using tests::path_of;

namespace {

struct Key {
    std::int64_t id = 0;
    std::string secret;

    Fields bearer() const { return {{"Authorization", "Bearer " + secret}}; }
};

Key make_key(const PortalProcess& portal, const tests::Login& admin, const std::string& role) {
    auto answer =
        portal.post("/v1/auth/api-keys", {{"name", "the " + role}, {"role", role}}, admin.bearer());
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    return {answer.json().at("id"), answer.json().at("key")};
}

}  // namespace

TEST_CASE("an API key may do what its role may, and is named where it was done", "[system]") {
    PortalProcess portal(tests::enforced());
    auto admin = tests::create_person(portal, "admin", "Ada Admin");
    portal.start();
    auto admins = tests::log_in(portal, admin);
    auto reader = make_key(portal, admins, "reader");
    auto author = make_key(portal, admins, "author");
    auto editor = make_key(portal, admins, "editor");

    auto item = new_item("By a program", {{"tags", {"robots"}}});
    CHECK(portal.post("/v1/news/sports", item).status == 401);
    auto refused = portal.post("/v1/news/sports", item, reader.bearer());
    CHECK(failure_faults(refused, 403, "forbidden") == "");
    auto made = tests::create_as(portal, author.bearer(), "sports", item);
    auto change = json{{"id", made["id"]}, {"version", 1}, {"title", "Changed"}};
    // What it has created is its own; another key of the role has nothing to do with it.
    auto other = make_key(portal, admins, "author");
    CHECK(portal.put("/v1/news/sports", change, other.bearer()).status == 403);
    CHECK(portal.put("/v1/news/sports", change, author.bearer()).status == 201);
    auto history = portal.get(path_of(made) + "/history", editor.bearer());
    REQUIRE(history.status == 200);
    for (const auto& entry : history.json()["history"]) CHECK(entry["actor"] == author.id);

    // It is no user: it has no profile, and what it reads is nobody's interest.
    CHECK(portal.get("/v1/users/" + std::to_string(author.id), author.bearer()).status == 404);
    CHECK(failure_faults(portal.get("/v1/auth/me", author.bearer()), 404, "user_not_found") == "");
    CHECK(portal.get(path_of(made), reader.bearer()).status == 200);
    auto person = tests::register_person(portal, "Rita Reader");
    CHECK(portal.get(path_of(made), tests::log_in(portal, person).bearer()).status == 200);
    CHECK(support::eventually([&] {
        auto readers =
            tests::ids_in(portal.get("/v1/recommendation/label/robots", editor.bearer()));
        return readers == json{person.id};
    }));
    auto interests =
        portal.get("/v1/recommendation/user/" + std::to_string(reader.id), admins.bearer());
    CHECK(interests.json() == json::array());

    // The same Idempotency-Key of two API keys is two calls.
    Fields first = author.bearer();
    Fields second = other.bearer();
    first.emplace_back("Idempotency-Key", "one");
    second.emplace_back("Idempotency-Key", "one");
    auto once = portal.post("/v1/news/sports", item, first);
    CHECK(portal.post("/v1/news/sports", item, first).news()["id"] == once.news()["id"]);
    CHECK(portal.post("/v1/news/sports", item, second).news()["id"] != once.news()["id"]);

    auto gone = portal.ask("DELETE", path_of(made), "", editor.bearer());
    CHECK(gone.status == 200);
    CHECK(portal.stop() == 0);
}

TEST_CASE("API keys outlive a kill, a revoked one does not come back", "[system]") {
    PortalProcess portal(tests::enforced());
    auto admin = tests::create_person(portal, "admin", "Ada Admin");
    portal.start();
    auto admins = tests::log_in(portal, admin);
    auto kept = make_key(portal, admins, "admin");
    auto gone = make_key(portal, admins, "admin");
    auto target = "/v1/auth/api-keys/" + std::to_string(gone.id);
    CHECK(portal.get("/v1/auth/api-keys", gone.bearer()).status == 200);
    CHECK(portal.ask("DELETE", target, "", kept.bearer()).status == 204);
    auto refused = portal.get("/v1/auth/api-keys", gone.bearer());
    CHECK(failure_faults(refused, 401, "invalid_token") == "");
    // Also where none is needed: who sends one means it.
    CHECK(portal.get("/v1/news/all", gone.bearer()).status == 401);

    portal.kill();
    portal.start();

    CHECK(portal.get("/v1/auth/api-keys", gone.bearer()).status == 401);
    auto listed = portal.get("/v1/auth/api-keys", kept.bearer());
    REQUIRE(listed.status == 200);
    REQUIRE(listed.json()["api_keys"].size() == 1);
    CHECK(listed.json()["api_keys"][0]["id"] == kept.id);
    CHECK(listed.json()["api_keys"][0]["created_by"] == admin.id);
    CHECK(listed.body.find("pk_") == std::string::npos);
    CHECK(portal.stop() == 0);
}

TEST_CASE("of two admins who remove each other at the same moment one is left", "[system]") {
    PortalProcess portal(tests::enforced());
    auto root = tests::create_person(portal, "admin", "Ada Admin");
    portal.start();
    auto roots = tests::log_in(portal, root);
    for (int round = 0; round < 8; ++round) {
        CAPTURE(round);
        auto other = tests::register_person(portal, "Other " + std::to_string(round));
        tests::give_role(portal, roots, other, "admin");
        auto others = tests::log_in(portal, other);
        support::Answer one;
        support::Answer two;
        std::thread first([&] { one = portal.ask("DELETE", other.path(), "", roots.bearer()); });
        std::thread second([&] { two = portal.ask("DELETE", root.path(), "", others.bearer()); });
        first.join();
        second.join();
        // The one who was slower has no login any more, or would be the last.
        bool root_left = one.status == 200;
        INFO(one.status << ' ' << one.body << ' ' << two.status << ' ' << two.body);
        REQUIRE(root_left != (two.status == 200));
        auto& refused = root_left ? two : one;
        CHECK((refused.status == 401 || refused.status == 409));
        if (!root_left) {
            root = other;
            roots = others;
        }
        CHECK(tests::role_of(portal, roots.bearer()) == "admin");
    }
    CHECK(portal.stop() == 0);
}

TEST_CASE("a client that asks which addresses are taken is limited as registrations are",
          "[system]") {
    auto settings = tests::enforced();
    settings["gateway"]["throttle"]["registration"] = {{"per_minute", 4}};
    PortalProcess portal(settings);
    portal.start();
    auto person = tests::register_person(portal, "Rita Reader");
    auto other = tests::register_person(portal, "Rosa Writer");
    auto login = tests::log_in(portal, person);
    auto ask = [&] {
        return portal.put(person.path(), {{"email", other.email}}, login.bearer()).status;
    };
    CHECK(ask() == 409);
    CHECK(ask() == 409);
    CHECK(ask() == 429);
    CHECK(portal.get(person.path(), login.bearer()).status == 200);
    CHECK(portal.stop() == 0);
}
