#include "shared_portal.hpp"

#include "base/clock.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

namespace tests {

using nlohmann::json;

support::PortalProcess& shared_portal() {
    static support::PortalProcess portal(json{
        {"site", {{"address", "https://news.example"}, {"name", "The Example"}}},
        {"orchestrator", {{"feed_items", 100}}},
        {"news",
         {{"types", {"sports", "politics", "famous", "paged", "walked", "tagged", "hidden"}}}},
        {"gateway",
         {{"routes", json::array({json{{"name", "contract"}, {"path", "/old/{rest...}"}}})}}}});
    static bool started = (portal.start(), true);
    REQUIRE(started);
    return portal;
}

json create(const support::PortalProcess& portal, const std::string& type, const json& item) {
    auto answer = portal.post("/v1/news/" + type, item);
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    return answer.news();
}

std::string path_of(const json& item) {
    return "/v1/news/" + item.at("news_type").get<std::string>() + "/" +
           std::to_string(item.at("id").get<std::int64_t>());
}

std::string title_of(const support::PortalProcess& portal, const json& item) {
    auto answer = portal.get(path_of(item));
    return answer.status == 200 ? answer.news().at("title").get<std::string>() : "";
}

json walk(const support::PortalProcess& portal, const std::string& path, int limit) {
    auto items = json::array();
    std::string query = "?limit=" + std::to_string(limit);
    for (std::string cursor;;) {
        auto answer = portal.get(path + query + (cursor.empty() ? "" : "&cursor=" + cursor));
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        auto body = answer.json();
        REQUIRE(body.contains("next"));
        REQUIRE(body["news"].size() <= static_cast<std::size_t>(limit));
        for (auto& item : body["news"]) items.push_back(std::move(item));
        if (body["next"].is_null()) return items;
        // Only a full page may have a next one, so the walk ends.
        REQUIRE(body["news"].size() == static_cast<std::size_t>(limit));
        cursor = body["next"].get<std::string>();
        REQUIRE(cursor == support::percent_encoded(cursor));
    }
}

void pass_millisecond_of(const json& item) {
    auto changed = *base::parse_rfc3339(item.at("updated_at").get<std::string>());
    base::SystemClock clock;
    auto next = changed + std::chrono::milliseconds(1);
    REQUIRE(support::eventually([&] { return clock.now() >= next; }));
}

std::string time_from_now(std::chrono::milliseconds span) {
    return base::to_rfc3339(base::SystemClock().now() + span);
}

}  // namespace tests
