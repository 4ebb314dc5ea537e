// Rows that a bridge pushes, taken by the mapping, on real stores.
#include "change_service.hpp"
#include "mapping_json.hpp"
#include "push_json.hpp"
#include "whole_site.hpp"

namespace migrations {
database::MigrationSet django();
}

namespace django {

namespace {

using nlohmann::json;

/// A whole site that a bridge pushes to.
class Bridged : public WholeSite {
public:
    Bridged() { open(); }
    void open() {
        service_.reset();
        pushes_.reset();
        database_.reset();
        database::Options options;
        options.name = "django";
        options.file = folder / "django.db";
        options.migrations = {migrations::django()};
        auto opened = database::Database::open(std::move(options));
        REQUIRE(opened);
        database_ = std::move(*opened);
        pushes_ = std::make_unique<PushStore>(*database_, clock);
        auto mapping = mapping_from_json(story_mapping);
        REQUIRE(mapping);
        service_ = std::make_unique<ChangeService>(
            std::make_shared<const Mapping>(std::move(*mapping)),
            std::make_shared<const base::TimeZone>(), neighbours(), config, clock, pushes_.get());
    }

    Pushed push(const std::vector<json>& changes, const std::string& source = "box") {
        auto read = push_from_json({{"source", source}, {"changes", changes}});
        REQUIRE(read);
        auto pushed = base::run(service_->push(std::move(*read), {}));
        REQUIRE(pushed);
        REQUIRE(news::wait_for_views(
            news->instances(), std::chrono::seconds(10), clock, [](const auto&, auto) {}, stop));
        return *pushed;
    }

private:
    std::unique_ptr<database::Database> database_;
    std::unique_ptr<PushStore> pushes_;
    std::unique_ptr<ChangeService> service_;
};

json user_record(int key, const std::string& login) {
    return {
        {"model", "auth.user"},
        {"pk", key},
        {"fields", {{"username", login}, {"email", ""}, {"is_active", true}, {"password", "!"}}}};
}

json story_record(const std::string& title, bool live = true) {
    return {{"model", "a.story"},
            {"pk", 1},
            {"fields",
             {{"section", "sports"},
              {"title", title},
              {"body", "<p>B</p>"},
              {"live", live},
              {"at", "2020-05-04T10:00:00Z"},
              {"byline", "Ann"},
              {"slug", "storm"},
              {"writer", 7}}}};
}

json save(std::int64_t sequence, const json& record,
          const std::vector<json>& related = {user_record(7, "ann")}) {
    return {{"sequence", sequence}, {"operation", "save"}, {"model", record["model"]},
            {"pk", record["pk"]},   {"record", record},    {"related", related}};
}

json removal(std::int64_t sequence, const char* model, int key) {
    return {{"sequence", sequence}, {"operation", "delete"}, {"model", model}, {"pk", key}};
}

std::string codes(const Pushed& pushed) {
    std::string text;
    for (const auto& one : pushed.refused) {
        text += std::to_string(one.sequence) + " " + one.code + " ";
    }
    return text;
}

}  // namespace

TEST_CASE("what is saved in the old site is here, with those who wrote it", "[django]") {
    Bridged site;
    auto ann = user_record(7, "ann");
    auto first = site.push({save(3, ann), save(4, story_record("Storm"), {ann})});
    CHECK(first.last_sequence == 4);
    CHECK(first.accepted == 2);
    auto story = site.article("sports", 1, base::Role::anonymous);
    REQUIRE(story);
    CHECK(story->title == "Storm");
    CHECK(site.leads_to("/2020/storm/") == "/v1/news/sports/1");

    site.push({save(9, story_record("Storm 2"), {ann})});
    CHECK(site.article("sports", 1)->title == "Storm 2");
    CHECK(site.article("sports", 1)->version == 2);
    site.push({save(10, story_record("Storm 2", false), {ann})});
    CHECK_FALSE(site.article("sports", 1, base::Role::anonymous));
    site.push({save(11, story_record("Storm 2"), {ann}), removal(12, "a.story", 1)});
    CHECK_FALSE(site.article("sports", 1, base::Role::anonymous));
    CHECK(site.article("sports", 1)->title == "Storm 2");
    CHECK(codes(site.push({removal(13, "a.story", 99), removal(14, "auth.user", 7)})) ==
          "14 not_removed ");
}

TEST_CASE(
    "what was pushed before changes nothing, also after a restart, and each outbox counts by "
    "itself",
    "[django]") {
    Bridged site;
    site.push({save(1, story_record("One")), save(2, story_record("Two"))});
    auto version = site.article("sports", 1)->version;
    site.open();
    auto again = site.push({save(1, story_record("One")), save(2, story_record("Two"))});
    CHECK(again.last_sequence == 2);
    CHECK(again.accepted == 0);
    CHECK(site.article("sports", 1)->version == version);
    CHECK(site.article("sports", 1)->title == "Two");
    CHECK(site.push({save(1, story_record("Three"))}, "another").accepted == 1);
    CHECK(site.article("sports", 1)->title == "Three");
}

TEST_CASE("a change that cannot be taken is told, and those behind it are taken", "[django]") {
    Bridged site;
    auto wrong = story_record("T");
    wrong["fields"]["section"] = "weather";
    auto another = save(3, story_record("T"));
    another["pk"] = 2;
    auto pushed = site.push({save(1, wrong),
                             save(2, {{"model", "a.tag"}, {"pk", 1}, {"fields", json::object()}}),
                             another, save(4, story_record("Good"))});
    CHECK(codes(pushed) == "1 unknown_news_type 2 unmapped_model 3 another_row ");
    CHECK(pushed.last_sequence == 4);
    CHECK(site.article("sports", 1)->title == "Good");
    // Without the row of its author it would be somebody else's.
    CHECK(codes(site.push({save(5, story_record("Alone"), json::array())})) ==
          "5 missing_related ");
    CHECK(site.article("sports", 1)->title == "Good");
    // Changed here and there: as it is here.
    site.retitle("sports", 1, "Ours");
    CHECK(codes(site.push({save(6, story_record("Theirs"))})) == "6 changed_here ");
    CHECK(site.article("sports", 1)->title == "Ours");
}

TEST_CASE("what no bridge writes is refused whole", "[django]") {
    auto good = save(1, story_record("T"));
    auto with = [&](const char* member, const json& value) {
        auto change = good;
        change[member] = value;
        return json{{"source", "box"}, {"changes", std::vector<json>{change}}};
    };
    REQUIRE(push_from_json({{"source", "box"}, {"changes", std::vector<json>{good}}}));
    for (const auto& bad : {json(), json::array(), json(1), json("x")}) {
        CHECK(push_from_json(bad).error().code == "malformed_changes");
    }
    for (const auto& bad :
         {json{{"source", "box"}}, json{{"source", ""}, {"changes", json::array()}},
          json{{"source", "box"}, {"changes", std::vector<json>{good, good}}},
          json{{"source", "box"}, {"changes", std::vector<json>{1}}}, with("sequence", 0),
          with("sequence", "1"), with("sequence", 1.5), with("operation", "drop"),
          with("model", "story"), with("model", 7), with("pk", nullptr), with("pk", 1.5),
          with("pk", ""), with("record", nullptr), with("record", "x"),
          with("record", {{"model", "a.story"}, {"pk", 1}}), with("related", "x"),
          with("related", std::vector<json>{1})}) {
        CAPTURE(bad.dump());
        auto read = push_from_json(bad);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == "invalid_changes");
        CHECK_FALSE(read.error().details.empty());
    }
}

}  // namespace django
