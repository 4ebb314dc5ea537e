// A story on its way through review to its readers, and back from them, by three people.
#include "base/clock.hpp"
#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::failure_faults;
using support::new_item;
using tests::path_of;

namespace {

/// What a reader who looks everywhere comes by, as of now.
class Everywhere {
public:
    Everywhere(const support::PortalProcess& portal, const json& item, const tests::Login& editor)
        : portal_(portal), item_(item), editor_(editor) {}

    /// How many of the ways to the item lead there: all or none.
    std::size_t ways() const {
        auto id = item_.at("id").get<std::int64_t>();
        std::size_t found = 0;
        for (const char* list : {"/v1/news/sports", "/v1/news/sports/1/10", "/v1/news/all/1/10",
                                 "/v1/news/tags/storm"}) {
            for (auto listed : support::ids_of(portal_.get(list))) found += listed == id ? 1u : 0u;
        }
        for (const auto& target : {path_of(item_), by_slug()}) {
            auto answer = portal_.get(target, kept_);
            if (answer.status == 304 || answer.status == 200) ++found;
        }
        if (portal_.get("/v1/resolve?path=/old/storm").status == 200) ++found;
        found += support::ids_of(portal_.get("/v1/search?q=storm")).size();
        auto counted = portal_.get("/v1/newsroom/counts", editor_.bearer()).json();
        if (counted.at("types").at("sports").at("published") == 1) ++found;
        return found;
    }
    static constexpr std::size_t all_ways = 9;
    std::string by_slug() const {
        return "/v1/news/sports/by-slug/" + item_.at("slug").get<std::string>();
    }
    /// From now on asked as by whoever has it already.
    void keeps(const std::string& etag) { kept_ = {{"If-None-Match", etag}}; }

private:
    const support::PortalProcess& portal_;
    const json item_;
    const tests::Login editor_;
    support::Fields kept_;
};

}  // namespace

TEST_CASE("a story goes through review to its readers and is killed, and nobody sees it too early",
          "[system]") {
    auto settings = tests::enforced();
    settings["news"]["workflow"] = {{"sports", "review"}};
    support::PortalProcess portal(settings);
    portal.make_data_folder();
    auto ann = tests::create_person(portal, "author", "Ann Author");
    auto bob = tests::create_person(portal, "author", "Bob Author");
    auto eve = tests::create_person(portal, "editor", "Eve Editor");
    portal.start();
    auto author = tests::log_in(portal, ann);
    auto other = tests::log_in(portal, bob);
    auto editor = tests::log_in(portal, eve);
    auto step = [&](const json& item, const char* name, const tests::Login& who,
                    const json& body = json::object()) {
        return portal.post(path_of(item) + "/" + name, body, who.bearer());
    };

    auto given = new_item("Storm", {{"tags", {"storm"}}});
    auto too_much = given;
    too_much["status"] = "published";
    auto denied = portal.post("/v1/news/sports", too_much, author.bearer());
    CHECK(failure_faults(denied, 403, "forbidden") == "");
    auto item = tests::create_as(portal, author.bearer(), "sports", given);
    CHECK(item.at("status") == "draft");
    auto redirect = json{{"from", "/old/storm"}, {"to", path_of(item)}};
    REQUIRE(
        portal.put("/v1/newsroom/redirects", {{"redirects", {redirect}}}, editor.bearer()).status ==
        200);
    Everywhere reader(portal, item, editor);
    CHECK(reader.ways() == 0);

    CHECK(failure_faults(step(item, "submit", other), 404, "news_not_found") == "");
    CHECK(step(item, "submit", author).news().at("status") == "in_review");
    CHECK(failure_faults(step(item, "submit", author), 409, "not_a_draft") == "");
    CHECK(failure_faults(step(item, "approve", author), 403, "forbidden") == "");
    CHECK(failure_faults(step(item, "return", editor), 422, "invalid_news") == "");
    CHECK(step(item, "return", editor, {{"note", "Who said that?"}}).news().at("status") ==
          "draft");
    CHECK(failure_faults(step(item, "approve", editor), 409, "not_in_review") == "");
    auto told = portal.get(path_of(item) + "/history", author.bearer()).json().at("history");
    CHECK(told.back().at("note") == "Who said that?");

    REQUIRE(step(item, "submit", author, {{"note", "The mayor did."}}).status == 200);
    CHECK(failure_faults(step(item, "approve", editor, {{"version", 3}}), 409,
                         "version_conflict") == "");
    auto approved = step(item, "approve", editor, {{"version", 4}});
    CHECK(approved.news().at("status") == "approved");
    CHECK(reader.ways() == 0);
    json change{{"id", item["id"]}, {"version", 5}, {"title", "x"}};
    CHECK(failure_faults(portal.put("/v1/news/sports", change, author.bearer()), 403,
                         "forbidden") == "");
    CHECK(failure_faults(step(item, "publish", author), 403, "forbidden") == "");

    auto time = tests::time_from_now(1500ms);
    auto scheduled = step(item, "publish", editor, {{"published_at", time}}).news();
    CHECK(scheduled.at("status") == "scheduled");
    auto due = *base::parse_rfc3339(time);
    support::eventually([&] {
        bool is_early = std::chrono::system_clock::now() < due;
        auto ways = reader.ways();
        if (is_early && std::chrono::system_clock::now() < due) CHECK(ways == 0);
        return ways == Everywhere::all_ways;
    });
    CHECK(reader.ways() == Everywhere::all_ways);

    json correction{{"note", "It hit the north."}, {"title", "Storm in the north"}};
    CHECK(failure_faults(step(item, "correct", author, correction), 403, "forbidden") == "");
    auto corrected = step(item, "correct", editor, correction);
    REQUIRE(corrected.status == 200);
    auto shown = portal.get(path_of(item));
    CHECK(shown.news().at("title") == "Storm in the north");
    CHECK(shown.news().at("corrections").at(0).at("note") == "It hit the north.");
    reader.keeps(shown.field("ETag"));
    CHECK(reader.ways() == Everywhere::all_ways);

    json notice{{"notice", "We withdraw this report."}};
    CHECK(failure_faults(step(item, "kill", author, notice), 403, "forbidden") == "");
    support::Fields once = editor.bearer();
    once.emplace_back("Idempotency-Key", "kill-1");
    for (int i = 0; i < 2; ++i) {
        CHECK(portal.post(path_of(item) + "/kill", notice, once).status == 200);
    }
    // The old address leads there still, where the notice is.
    CHECK(reader.ways() == 1);
    for (const auto& target : {path_of(item), reader.by_slug()}) {
        auto answer = portal.get(target, {{"If-None-Match", shown.field("ETag")}});
        CHECK(failure_faults(answer, 410, "killed") == "");
        CHECK(answer.json().at("details").at(0).at("message") == "We withdraw this report.");
        CHECK(answer.body.find("Storm") == std::string::npos);
    }
    CHECK(failure_faults(step(item, "publish", editor), 410, "killed") == "");
    CHECK(failure_faults(portal.get(path_of(item) + "/history", author.bearer()), 403,
                         "forbidden") == "");

    REQUIRE(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
    portal.start();
    CHECK(failure_faults(portal.get(path_of(item)), 410, "killed") == "");
    CHECK(support::ids_of(portal.get("/v1/search?q=storm")).empty());
    CHECK(portal.breakdowns().empty());
}
