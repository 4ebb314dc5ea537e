// Publication at a time that lies ahead.
#include "base/clock.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::new_item;
using tests::path_of;

namespace {

bool is_published(const support::PortalProcess& portal, const json& item) {
    auto answer = portal.get(path_of(item));
    return answer.status == 200 && answer.news().at("status") == "published";
}

/// How long after its time the item was published, by the log's own clock.
std::chrono::milliseconds lateness(const support::PortalProcess& portal, const json& item) {
    auto last = portal.get(path_of(item) + "/history").json().at("history").back();
    auto due = *base::parse_rfc3339(item.at("published_at").get<std::string>());
    auto done = *base::parse_rfc3339(last.at("at").get<std::string>());
    return std::chrono::floor<std::chrono::milliseconds>(done - due);
}

}  // namespace

TEST_CASE("what is scheduled is published in its time, not before and at most a second late",
          "[system]") {
    auto& portal = tests::shared_portal();
    auto time = tests::time_from_now(1500ms);
    auto created =
        tests::create(portal, "famous", new_item("at creation", {{"published_at", time}}));
    auto draft = tests::create(portal, "famous", new_item("by order", {{"status", "draft"}}));
    auto ordered =
        portal.post(path_of(draft) + "/publish", {{"published_at", tests::time_from_now(1500ms)}})
            .news();
    CHECK(ordered.at("status") == "draft");
    auto called_off =
        tests::create(portal, "famous", new_item("called off", {{"published_at", time}}));
    CHECK(portal.ask("POST", path_of(called_off) + "/unpublish").status == 200);
    CHECK_FALSE(is_published(portal, created));

    for (const auto& item : {created, ordered}) {
        REQUIRE(support::eventually([&] { return is_published(portal, item); }));
        CHECK(lateness(portal, item) >= 0ms);
        CHECK(lateness(portal, item) <= 1s);
        auto now = portal.get(path_of(item)).news();
        CHECK(now.at("published_at") == item.at("published_at"));
        CHECK(now.at("version") == item.at("version").get<int>() + 1);
        auto listed = support::ids_of(portal.get("/v1/news/famous/1/100"));
        CHECK(std::count(listed.begin(), listed.end(), item.at("id").get<std::int64_t>()) == 1);
    }
    CHECK_FALSE(is_published(portal, called_off));
}

TEST_CASE("what came due while the server was down is published after its start", "[system]") {
    support::PortalProcess portal;
    portal.start();
    auto item = tests::create(
        portal, "sports", new_item("overslept", {{"published_at", tests::time_from_now(700ms)}}));
    REQUIRE(item.at("status") == "draft");
    bool hard = GENERATE(false, true);
    if (hard) {
        portal.kill();
    } else {
        CHECK(portal.stop() == 0);
    }
    auto due = *base::parse_rfc3339(item.at("published_at").get<std::string>());
    REQUIRE(support::eventually([&] { return base::SystemClock().now() > due; }));

    portal.start();

    REQUIRE(support::eventually([&] { return is_published(portal, item); }, 5s));
    CHECK(portal.get(path_of(item)).news().at("published_at") == item.at("published_at"));
    CHECK(portal.get(path_of(item) + "/history").json().at("history").size() == 2);
    CHECK(portal.stop() == 0);
}
