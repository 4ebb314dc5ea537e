// Idempotency-Key: the same call again gets the same answer and does nothing twice.
#include <set>
#include <thread>

#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::Answer;
using support::failure_faults;
using support::Fields;
using support::new_item;
using tests::path_of;

namespace {

void check_same(const Answer& a, const Answer& b) {
    CHECK(a.status == b.status);
    CHECK(a.body == b.body);
    CHECK(a.field("Location") == b.field("Location"));
    CHECK(a.field("ETag") == b.field("ETag"));
}

std::size_t versions_of(const support::PortalProcess& portal, const json& item) {
    return portal.get(path_of(item) + "/history").json().at("history").size();
}

}  // namespace

TEST_CASE("a repeated call gets the answer of the first, also after kill -9", "[system]") {
    support::PortalProcess portal;
    portal.start();
    Fields create_key = {{"Idempotency-Key", "create-1"}};
    Fields revise_key = {{"Idempotency-Key", "revise-1"}};
    Fields publish_key = {{"Idempotency-Key", "publish-1"}};
    auto body = new_item("once", {{"status", "draft"}});

    auto created = portal.post("/v1/news/sports", body, create_key);
    REQUIRE(created.status == 201);
    auto item = created.news();
    json revision = {{"id", item["id"]}, {"version", 1}, {"title", "revised once"}};
    auto revised = portal.put("/v1/news/sports", revision, revise_key);
    REQUIRE(revised.status == 201);
    auto published = portal.ask("POST", path_of(item) + "/publish", "", publish_key);
    REQUIRE(published.status == 200);
    auto repeat_all = [&] {
        check_same(portal.post("/v1/news/sports", body, create_key), created);
        check_same(portal.put("/v1/news/sports", revision, revise_key), revised);
        check_same(portal.ask("POST", path_of(item) + "/publish", "", publish_key), published);
        // The older form of the route, and a slash at its end, are the same route.
        check_same(portal.post("/news/v1/sports/", body, create_key), created);
        CHECK(versions_of(portal, item) == 3);
        CHECK(portal.get("/v1/news/sports/1/100").news().size() == 1);
    };
    repeat_all();
    portal.kill();
    portal.start();
    repeat_all();
    CHECK(portal.ask("DELETE", path_of(item)).status == 200);
    check_same(portal.post("/v1/news/sports", body, create_key), created);
    CHECK(portal.stop() == 0);
}

TEST_CASE("a request with two keys is refused", "[system]") {
    auto& portal = tests::shared_portal();
    auto answer = portal.post("/v1/news/sports", new_item("two keys"),
                              {{"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}});
    CHECK(failure_faults(answer, 400, "malformed_idempotency_key") == "");
}

TEST_CASE("a registration can be repeated with its key, and makes one account", "[system]") {
    auto& portal = tests::shared_portal();
    json user{{"name", "Kay"}, {"email", "kay@example.org"}, {"password", "a long enough one"}};
    support::Fields key{{"Idempotency-Key", "registration of Kay"}};
    auto first = portal.post("/v1/users", user, key);
    REQUIRE(first.status == 201);
    auto again = portal.post("/v1/users", user, key);
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(failure_faults(portal.post("/v1/users", user), 409, "email_taken") == "");
    user["password"] = "another long one";
    CHECK(failure_faults(portal.post("/v1/users", user, key), 422, "idempotency_key_reused") == "");
}

TEST_CASE("a key that was used for another body is refused", "[system]") {
    auto& portal = tests::shared_portal();
    Fields key = {{"Idempotency-Key", "reused"}};
    auto first = portal.post("/v1/news/sports", new_item("first"), key);
    REQUIRE(first.status == 201);

    auto other = portal.post("/v1/news/sports", new_item("second"), key);
    CHECK(failure_faults(other, 422, "idempotency_key_reused") == "");

    // Another route or another caller is another call.
    CHECK(portal.post("/v1/news/politics", new_item("second"), key).status == 201);
    Fields ann = {{"Idempotency-Key", "reused"}, {"Cookie", "user_id=77"}};
    auto of_ann = portal.post("/v1/news/sports", new_item("second"), ann);
    CHECK(of_ann.status == 201);
    CHECK(of_ann.news().at("id") != first.news().at("id"));
    auto long_key =
        portal.post("/v1/news/sports", new_item("x"), {{"Idempotency-Key", std::string(256, 'k')}});
    CHECK(failure_faults(long_key, 400, "malformed_idempotency_key") == "");
}

TEST_CASE("a call that was refused is not remembered", "[system]") {
    auto& portal = tests::shared_portal();
    Fields key = {{"Idempotency-Key", "refused first"}};
    auto item = tests::create(portal, "sports", new_item("base"));
    json revision = {{"id", item["id"]}, {"version", 2}, {"title", "for version two"}};
    CHECK(portal.put("/v1/news/sports", revision, key).status == 409);
    CHECK(portal.put("/v1/news/sports", {{"id", item["id"]}, {"version", 1}, {"title", "v2"}})
              .status == 201);
    auto answer = portal.put("/v1/news/sports", revision, key);
    CHECK(answer.status == 201);
    CHECK(answer.news().at("version") == 3);
}

TEST_CASE("the same call from many at once is carried out once", "[system]") {
    auto& portal = tests::shared_portal();
    auto item = tests::create(portal, "sports", new_item("contended"));
    json revision = {{"id", item["id"]}, {"version", 1}, {"title", "by one of many"}};
    Fields key = {{"Idempotency-Key", "many at once"}};
    std::vector<Answer> created(8);
    std::vector<Answer> revised(8);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < created.size(); ++i) {
        threads.emplace_back([&, i] {
            created[i] = portal.post("/v1/news/sports", new_item("of many"), key);
            revised[i] = portal.put("/v1/news/sports", revision, key);
        });
    }
    for (auto& thread : threads) thread.join();

    for (std::size_t i = 0; i < created.size(); ++i) {
        CHECK(created[i].status == 201);
        check_same(created[i], created[0]);
        CHECK(revised[i].status == 201);
        check_same(revised[i], revised[0]);
    }
    CHECK(versions_of(portal, item) == 2);
}
