// What to read now, over HTTP: by what was read, explained, private, and after a kill.
#include <bit>
#include <filesystem>

#include "people.hpp"
#include "secrets.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::Fields;
using support::new_item;
using tests::path_of;
using tests::Person;

namespace {

Fields cookie_of(const Person& person) {
    return {{"Cookie", "user_id=" + std::to_string(person.id)}};
}

std::string name_of(const json& item) {
    return item.at("news_type").get<std::string>() + "/" +
           std::to_string(item.at("id").get<std::int64_t>());
}

/// A server with six items of two labels, football first.
struct Site {
    explicit Site(const json& settings = json::object()) : portal(settings) {
        portal.start();
        for (const char* label : {"football", "chess"}) {
            for (int i = 1; i <= 3; ++i) {
                auto title = std::string(label) + " " + std::to_string(i);
                items.push_back(
                    tests::create_as(portal, {}, "sports", new_item(title, {{"tags", {label}}})));
            }
        }
    }

    json page(const Fields& fields, const std::string& query = "limit=10") {
        auto answer = portal.get("/v1/news/for-me?" + query, fields);
        CAPTURE(answer.body);
        REQUIRE(answer.status == 200);
        return answer.json();
    }
    /// The first labels of a front page, in order.
    static std::string labels_of(const json& page) {
        std::string labels;
        for (const auto& item : page.at("news")) {
            labels += item.at("tags").at(0).get<std::string>().substr(0, 1);
        }
        return labels;
    }
    bool offers(const json& page, const json& item) {
        auto is_it = [&](const json& one) { return one.at("id") == item.at("id"); };
        return std::any_of(page.at("news").begin(), page.at("news").end(), is_it);
    }
    support::Answer tell(const Fields& fields, const json& visits) {
        return portal.post("/v1/visits", {{"visits", visits}}, fields);
    }

    support::PortalProcess portal;
    std::vector<json> items;
};

/// How often the bytes of an id, as SQLite keeps it, stand in the files of recommendation.
std::size_t places_of(const std::filesystem::path& folder, std::int64_t id) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) {
        bytes += static_cast<char>((static_cast<std::uint64_t>(id) >> shift) & 0xff);
    }
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.path().filename().string().starts_with("recommendation")) continue;
        auto content = tests::content_of(entry.path());
        for (const auto& wanted : {bytes, std::to_string(id)}) {
            for (auto at = content.find(wanted); at != content.npos;
                 at = content.find(wanted, at + 1)) {
                ++found;
            }
        }
    }
    return found;
}

}  // namespace

TEST_CASE("readers with different histories have different front pages, and are told why",
          "[system]") {
    Site site;
    auto ann = tests::register_person(site.portal, "Ann Reader");
    auto bob = tests::register_person(site.portal, "Bob Reader");
    CHECK(site.page(cookie_of(ann)).at("personal") == false);
    CHECK(site.page({}).at("personal") == false);

    // Each sees it in the very next page.
    CHECK(site.portal.get(path_of(site.items[0]), cookie_of(ann)).status == 200);
    auto of_ann = site.page(cookie_of(ann), "limit=5&explain=1");
    CHECK(of_ann.at("personal") == true);
    CHECK_FALSE(site.offers(of_ann, site.items[0]));
    CHECK(Site::labels_of(of_ann).starts_with("ff"));
    CHECK(site.portal.get(path_of(site.items[3]), cookie_of(bob)).status == 200);
    auto of_bob = site.page(cookie_of(bob), "limit=5&explain=1");
    CHECK_FALSE(site.offers(of_bob, site.items[3]));
    CHECK(of_bob.at("news") != of_ann.at("news"));
    for (const auto& page : {of_ann, of_bob}) {
        for (const auto& item : page.at("news")) {
            double shares = 0;
            for (const auto& reason : item.at("reasons"))
                shares += reason.at("share").get<double>();
            CHECK(std::abs(shares - 1) < 1e-9);
        }
    }
    // A list is complete: what was read stands behind what was not, where there is room.
    CHECK(site.page(cookie_of(ann)).at("news").size() == 6);
    CHECK(site.page(cookie_of(ann)).at("news").back().at("id") == site.items[0].at("id"));
}

TEST_CASE("what was told is there after a kill, and what was read at most a moment before",
          "[system]") {
    Site site;
    auto ann = tests::register_person(site.portal, "Ann Reader");
    auto told = site.tell(cookie_of(ann), {{{"kind", "view"}, {"item", name_of(site.items[0])}},
                                           {{"kind", "like"}, {"item", name_of(site.items[4])}}});
    REQUIRE(told.status == 202);
    CHECK(told.json().at("taken") == 2);
    CHECK(site.portal.get(path_of(site.items[1]), cookie_of(ann)).status == 200);
    auto export_of = "/v1/users/" + std::to_string(ann.id) + "/privacy/export";
    CHECK(support::eventually([&] {
        return site.portal.get(export_of, cookie_of(ann)).json().at("visits").size() == 3;
    }));
    auto before = site.page(cookie_of(ann));
    site.portal.kill();
    site.portal.start();
    CHECK(support::eventually([&] { return site.page(cookie_of(ann)).at("personal") == true; }));
    auto after = site.page(cookie_of(ann));
    CHECK_FALSE(site.offers(site.page(cookie_of(ann), "limit=4"), site.items[0]));
    CHECK_FALSE(site.offers(site.page(cookie_of(ann), "limit=4"), site.items[1]));
    CHECK(Site::labels_of(after) == Site::labels_of(before));
    CHECK(site.portal.stop() == 0);
    site.portal.start();
    CHECK(support::eventually([&] { return site.page(cookie_of(ann)).at("personal") == true; }));
}

TEST_CASE("who is removed, or wants nothing kept, leaves no byte", "[system]") {
    Site site;
    auto ann = tests::register_person(site.portal, "Ann Reader");
    auto bob = tests::register_person(site.portal, "Bob Reader");
    for (const auto& person : {ann, bob}) {
        for (const auto& item : site.items) {
            CHECK(site.portal.get(path_of(item), cookie_of(person)).status == 200);
        }
        auto own = "/v1/recommendation/user/" + std::to_string(person.id);
        CHECK(site.portal.ask("PUT", own + "/mutes/weather", "", cookie_of(person)).status == 204);
    }
    auto is_known = [&](const Person& person) {
        auto target = "/v1/users/" + std::to_string(person.id) + "/privacy/export";
        return site.portal.get(target, cookie_of(person)).json().at("visits").size();
    };
    CHECK(support::eventually([&] { return is_known(ann) == 6 && is_known(bob) == 6; }));
    CHECK(places_of(site.portal.data(), ann.id) > 0);
    CHECK(places_of(site.portal.data(), bob.id) > 0);

    auto privacy = "/v1/users/" + std::to_string(ann.id) + "/privacy";
    CHECK(site.portal.put(privacy, {{"personalisation", false}}, cookie_of(ann)).status == 200);
    CHECK(is_known(ann) == 0);
    CHECK(site.page(cookie_of(ann)).at("personal") == false);
    CHECK(site.portal.ask("DELETE", bob.path(), "", cookie_of(bob)).status == 200);
    auto is_gone = [&] { return site.page(cookie_of(bob)).at("personal") == false; };
    CHECK(support::eventually(is_gone));
    CHECK(site.portal.stop() == 0);
    CHECK(places_of(site.portal.data(), ann.id) == 0);
    CHECK(places_of(site.portal.data(), bob.id) == 0);
}

TEST_CASE("what is next, similar and trending is found by who is not known", "[system]") {
    Site site;
    for (int reader = 0; reader < 6; ++reader) {
        json visits = {{{"kind", "view"}, {"item", name_of(site.items[0])}},
                       {{"kind", "view"}, {"item", name_of(site.items[4])}}};
        json body = {{"session", "browser " + std::to_string(reader)}, {"visits", visits}};
        CHECK(site.portal.post("/v1/visits", body).status == 202);
    }
    auto path = path_of(site.items[0]);
    auto first = [&](const std::string& target) {
        auto answer = site.portal.get(target);
        CAPTURE(answer.body);
        REQUIRE(answer.status == 200);
        REQUIRE_FALSE(answer.json().at("news").empty());
        return answer.json().at("news").at(0).at("id");
    };
    CHECK(first(path + "/next") == site.items[4].at("id"));
    auto similar = site.portal.get(path + "/similar").json().at("news");
    REQUIRE(similar.size() >= 3);
    CHECK(similar.at(0).at("tags").at(0) == "football");
    CHECK(similar.at(2).at("id") == site.items[4].at("id"));
    CHECK(first("/v1/news/trending?tag=chess") == site.items[4].at("id"));
    CHECK(first("/v1/news/trending?window=24h&tag=football") == site.items[0].at("id"));
    json reads = {{"reads", {name_of(site.items[0])}}};
    auto page = site.portal.post("/v1/recommendation/session?limit=3", reads);
    REQUIRE(page.status == 200);
    CHECK(page.json().at("personal") == true);
    CHECK(page.json().at("news").at(0).at("id") == site.items[4].at("id"));
}
