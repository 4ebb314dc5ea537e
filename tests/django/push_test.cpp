// Rows that a bridge pushes, taken by the mapping, on real stores.
#include "change_service.hpp"
#include "mapping_json.hpp"
#include "push_json.hpp"
#include "whole_site.hpp"

namespace django {

namespace {

using nlohmann::json;

/// A whole site that a bridge pushes to.
class Bridged : public WholeSite {
public:
    explicit Bridged(const char* mapping = story_mapping) : mapping_(mapping) { open(); }
    void close() {
        service_.reset();
        owners.reset();
        owner_store_.reset();
        pushes_.reset();
        database_.reset();
    }
    void open() {
        close();
        database_ = open_store();
        pushes_ = std::make_unique<PushStore>(*database_, clock);
        auto read = mapping_from_json(mapping_);
        REQUIRE(read);
        auto mapping = std::make_shared<const Mapping>(std::move(*read));
        owner_store_ = std::make_unique<OwnerStore>(*database_, clock);
        REQUIRE(base::run(owner_store_->load()));
        owners = std::make_unique<OwnerService>(mapping, owner_store_.get());
        for (const auto& [type, instance] : news->instances()) instance->guard(*owners);
        service_ =
            std::make_unique<ChangeService>(mapping, std::make_shared<const base::TimeZone>(),
                                            neighbours(), config, clock, *owners, pushes_.get());
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

    base::Task<Pushed> pushing() { return service_->push({"box", {}}, {}); }

    void own(Owner owner) {
        REQUIRE(base::run(owners->set("a.story", owner, as(base::Role::admin))));
    }
    /// While the model was portal's for a time.
    void changed_here(const std::string& type, news::ArticleId id, const std::string& title) {
        own(Owner::portal);
        retitle(type, id, title);
        own(Owner::django);
    }

    std::unique_ptr<OwnerService> owners;

private:
    const char* const mapping_;
    std::unique_ptr<database::Database> database_;
    std::unique_ptr<PushStore> pushes_;
    std::unique_ptr<OwnerStore> owner_store_;
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
    CHECK(codes(site.push({removal(13, "a.story", 99), removal(14, "auth.user", 99)})).empty());
}

TEST_CASE("who is removed in the old site is disabled here, unless they were changed here",
          "[django]") {
    Bridged site;
    site.push({save(1, user_record(7, "ann")), save(2, user_record(8, "bob"))});
    CHECK(site.push({removal(3, "auth.user", 7)}).accepted == 1);
    CHECK_FALSE(site.is_active("auth.user:7"));

    site.change_address("auth.user:8", "mine@example.org");
    CHECK(codes(site.push({removal(4, "auth.user", 8)})) == "4 changed_here ");
    CHECK(site.is_active("auth.user:8"));
    // They come back.
    site.push({save(5, user_record(7, "ann"))});
    CHECK(site.is_active("auth.user:7"));
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
    site.changed_here("sports", 1, "Ours");
    CHECK(codes(site.push({save(6, story_record("Theirs"))})) == "6 changed_here ");
    CHECK(site.article("sports", 1)->title == "Ours");
}

TEST_CASE("who comes without their groups keeps their role", "[django]") {
    Bridged site(R"({"users": {"model": "auth.user", "login": "username", "password": "password",
        "role": [{"if": {"groups__name": "Editors"}, "then": "editor"}, {"then": "reader"}]}})");
    json ann{{"model", "auth.user"},
             {"pk", 7},
             {"fields", {{"username", "ann"}, {"password", "!"}, {"groups", std::vector<int>{1}}}}};
    json group{{"model", "auth.group"}, {"pk", 1}, {"fields", {{"name", "Editors"}}}};
    CHECK(site.push({save(1, ann, {group})}).accepted == 1);
    CHECK(codes(site.push({save(2, ann, std::vector<json>())})) == "2 missing_related ");
    CHECK(site.role("auth.user:7") == base::Role::editor);
}

TEST_CASE("a token that is pushed with its owner counts until they come without it", "[django]") {
    Bridged site(R"({"users": {"model": "auth.user", "login": "username", "password": "password",
        "tokens": {"each": "authtoken.token[user]", "as": "pk"}}})");
    const std::string key(40, 'a');
    auto ann = user_record(7, "ann");
    json token{{"model", "authtoken.token"}, {"pk", key}, {"fields", {{"user", 7}}}};

    CHECK(site.push({save(1, ann, {token})}).accepted == 1);
    CHECK(site.owner_of_token(key) == site.user("auth.user:7"));
    CHECK(site.push({save(2, ann, std::vector<json>())}).accepted == 1);
    CHECK(site.owner_of_token(key) == 0);
}

TEST_CASE("what is not for readers any more is taken from them, whatever else is wrong with it",
          "[django]") {
    Bridged site;
    site.push({save(1, story_record("Storm"))});
    auto blank = story_record("Storm");
    blank["fields"]["body"] = "";
    CHECK(codes(site.push({save(2, blank)})) == "2 missing_content ");
    CHECK(site.article("sports", 1, base::Role::anonymous));
    blank["fields"]["live"] = false;
    CHECK(codes(site.push({save(3, blank)})) == "3 missing_content ");
    CHECK_FALSE(site.article("sports", 1, base::Role::anonymous));

    site.push({save(4, story_record("Storm"))});
    REQUIRE(site.article("sports", 1, base::Role::anonymous));
    CHECK(codes(site.push({save(5, story_record("Storm", false), std::vector<json>())})) ==
          "5 missing_related ");
    CHECK_FALSE(site.article("sports", 1, base::Role::anonymous));
}

TEST_CASE("a rule that could not see a row leaves no article out", "[django]") {
    Bridged site(R"({"relations": {"a.story.category": "a.category"},
        "news": {"model": "a.story", "where": {"category__slug": "news"},
         "type": {"text": "sports"}, "title": "title", "content": {"html": "body"},
         "published": {"if": {"live": true}}, "published_at": "at", "author": "byline"}})");
    auto story = story_record("Storm");
    story["fields"]["category"] = 3;
    json category{{"model", "a.category"}, {"pk", 3}, {"fields", {{"slug", "news"}}}};
    CHECK(site.push({save(1, story, {category})}).accepted == 1);
    CHECK(codes(site.push({save(2, story, std::vector<json>())})) == "2 missing_related ");
    CHECK(site.article("sports", 1, base::Role::anonymous));
    category["fields"]["slug"] = "inside";
    CHECK(site.push({save(3, story, {category})}).accepted == 1);
    CHECK_FALSE(site.article("sports", 1, base::Role::anonymous));
}

TEST_CASE("what was refused is told again to who did not hear it", "[django]") {
    Bridged site;
    auto wrong = story_record("T");
    wrong["fields"]["section"] = "weather";
    std::vector<json> changes{save(1, story_record("Storm")), save(2, wrong)};
    CHECK(codes(site.push(changes)) == "2 unknown_news_type ");
    site.open();
    CHECK(codes(site.push(changes)) == "2 unknown_news_type ");
    changes = {save(2, wrong), save(3, wrong)};
    CHECK(codes(site.push(changes)) == "2 unknown_news_type 3 unknown_news_type ");
    CHECK(codes(site.push({save(3, wrong)})) == "3 unknown_news_type ");
    CHECK(codes(site.push({save(4, story_record("Storm"))})).empty());
}

TEST_CASE("a row that is none holds up nothing behind it", "[django]") {
    Bridged site;
    json deep = 1;
    for (int i = 0; i < 40; ++i) deep = std::vector<json>{deep};
    auto broken = story_record("T");
    broken["fields"]["more"] = deep;
    auto pushed =
        site.push({save(1, broken),
                   save(2, story_record("Storm"), {user_record(7, "ann"), json{{"model", "x"}}}),
                   save(3, story_record("Good"))});
    CHECK(codes(pushed) == "1 too_deep 2 not_a_row ");
    CHECK(site.article("sports", 1)->title == "Good");
}

TEST_CASE("of several rules of one model the one that takes the row says what comes of it",
          "[django]") {
    Bridged site(R"({"news": [
        {"model": "a.story", "where": {"section": "sports"}, "type": {"text": "sports"},
         "title": "title", "content": {"html": "body"}, "published": {"if": {"live": true}},
         "published_at": "at", "author": "byline"},
        {"model": "a.story", "where": {"section": "politics"}, "type": {"text": "politics"},
         "title": "title", "content": {"html": "body"}, "published": {"if": {"live": true}},
         "published_at": "at", "author": "byline"}]})");
    auto story = story_record("Storm");
    story["fields"]["section"] = "politics";
    CHECK(site.push({save(1, story)}).accepted == 1);
    CHECK(site.article("politics", 1, base::Role::anonymous));
    story["fields"]["section"] = "weather";
    CHECK(site.push({save(2, story)}).accepted == 1);
    CHECK_FALSE(site.article("politics", 1, base::Role::anonymous));
}

TEST_CASE("what was changed here is not taken from its readers by the other site", "[django]") {
    Bridged site;
    site.push({save(1, story_record("Storm"))});
    site.changed_here("sports", 1, "Ours");
    CHECK(codes(site.push({removal(2, "a.story", 1)})) == "2 changed_here ");
    CHECK(site.article("sports", 1, base::Role::anonymous));
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
          with("pk", ""), with("record", nullptr), with("related", "x")}) {
        CAPTURE(bad.dump());
        auto read = push_from_json(bad);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == "invalid_changes");
        CHECK_FALSE(read.error().details.empty());
    }
}

TEST_CASE("each model is changed by one side, and the other is refused", "[django]") {
    Bridged site;
    site.push({save(1, story_record("Storm"))});
    news::Command command{site.as(base::Role::editor)};
    command.expected = news::Expected{{}, true};
    news::Revision revision;
    revision.title = "Ours";
    auto& commands = *site.news->types().at("sports").commands;

    // Django's, as long as nobody says otherwise.
    auto refused = base::run(commands.revise(1, revision, command));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "owned_by_django");
    CHECK(base::run(commands.remove(1, command)).error().code == "owned_by_django");
    news::NewArticle article;
    article.title = "Made here";
    article.content = "Text.";
    article.author = "Ann";
    CHECK(base::run(commands.create(article, command)));

    // portal's, also after a restart.
    auto admin = site.as(base::Role::admin);
    REQUIRE(base::run(site.owners->set("a.story", Owner::portal, admin)));
    site.open();
    CHECK(site.owners->owners()->at("a.story").owner == Owner::portal);
    CHECK(base::run(commands.revise(1, revision, command)));
    CHECK(codes(site.push({save(2, story_record("Theirs")), removal(3, "a.story", 1)})) ==
          "2 owned_by_portal 3 owned_by_portal ");
    CHECK(site.article("sports", 1)->title == "Ours");

    // And back.
    auto again = base::run(site.owners->set("a.story", Owner::django, admin));
    REQUIRE(again);
    CHECK(again->changed_at);
    CHECK(base::run(commands.remove(1, command)).error().code == "owned_by_django");

    auto code = [&](const char* model) {
        return base::run(site.owners->set(model, Owner::portal, admin)).error().code;
    };
    CHECK(code("a.thing") == "model_not_found");
    CHECK(code("auth.user") == "not_to_be_owned");
    CHECK(base::run(OwnerService(nullptr, nullptr).set("a.story", Owner::portal, admin))
              .error()
              .code == "no_mapping");
}

TEST_CASE("what pushes may go after what takes it", "[django]") {
    Bridged site;
    auto asking = std::make_unique<base::Loop>();
    auto unheard = [](const std::exception_ptr&, const base::Result<Pushed>&) {};
    boost::asio::co_spawn(*asking, site.pushing(), unheard);
    asking->poll();
    site.close();
    CHECK_NOTHROW(asking.reset());
}

}  // namespace django
