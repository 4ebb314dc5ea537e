// Whether all is here that the old site has: what imports said and what is here, on real stores,
// and what of it is missing.
#include "transfer_service.hpp"

#include <nlohmann/json.hpp>

#include "jobs.hpp"
#include "mapping_json.hpp"
#include "transfer_json.hpp"
#include "whole_site.hpp"

namespace django {

namespace {

using nlohmann::json;

/// A site that imports, and is asked what has become of it.
class Moving : public WholeSite {
public:
    Moving() : settled_neighbours_(neighbours()) {
        settled_neighbours_.logins_used = [this] { return logins; };
        database_ = open_store();
        imports_ = std::make_unique<ImportStore>(*database_);
        pushes = std::make_unique<PushStore>(*database_, clock);
        auto read = mapping_from_json(story_mapping);
        REQUIRE(read);
        auto mapping = std::make_shared<const Mapping>(std::move(*read));
        owner_store_ = std::make_unique<OwnerStore>(*database_, clock);
        REQUIRE(base::run(owner_store_->load()));
        owners_ = std::make_unique<OwnerService>(mapping, owner_store_.get());
        service_ = std::make_unique<TransferService>(TransferService::Parts{
            mapping, settled_neighbours_, *owners_, imports_.get(), pushes.get(), clock});
    }

    /// The code of its refusal; empty: it has ended.
    std::string import(const json& dump, bool is_tried = false, bool is_stopped = false,
                       const std::string& mapping = story_mapping) {
        std::ofstream(folder / "dump.json") << dump.dump();
        std::ofstream(folder / "mapping.json") << mapping;
        operations::Progress progress;
        progress.stop = is_stopped;
        auto job = import_job(config, clock, settled_neighbours_, exported_, imports_.get());
        json arguments{{"source", (folder / "dump.json").string()},
                       {"mapping", (folder / "mapping.json").string()},
                       {"dry_run", is_tried}};
        auto done = job.job(arguments, progress);
        return done ? "" : done.error().code;
    }
    ImportStore& imports() { return *imports_; }
    json told() {
        auto transfer = base::run(service_->transfer({}));
        REQUIRE(transfer);
        return json::parse(to_json(*transfer));
    }
    json model(const std::string& name) {
        const auto all = told();
        for (const auto& one : all.at("models")) {
            if (one.at("model") == name) return one;
        }
        FAIL("no model " + name);
        return {};
    }

    const Exported exported_ = goes_back();
    std::unique_ptr<PushStore> pushes;
    legacy::LoginsUsed logins{{}, {{legacy::LoginKind::cookie_asked, {}, {}}}};

private:
    Neighbours settled_neighbours_;
    std::unique_ptr<database::Database> database_;
    std::unique_ptr<ImportStore> imports_;
    std::unique_ptr<OwnerStore> owner_store_;
    std::unique_ptr<OwnerService> owners_;
    std::unique_ptr<TransferService> service_;
};

json person(int key, const std::string& name) {
    return {{"model", "auth.user"},
            {"pk", key},
            {"fields",
             {{"username", name},
              {"email", name + "@example.org"},
              {"is_active", true},
              {"password", "!"}}}};
}

json story(int key, const std::string& title, const std::string& section = "sports") {
    return {{"model", "a.story"},
            {"pk", key},
            {"fields",
             {{"section", section},
              {"title", title},
              {"body", "<p>B</p>"},
              {"live", true},
              {"at", "2020-05-04T10:00:00Z"},
              {"byline", "Ann"},
              {"slug", "story-" + std::to_string(key)},
              {"writer", 7}}}};
}

json old_address() {
    return {{"model", "redirects.redirect"},
            {"pk", 1},
            {"fields", {{"old_path", "/s.html"}, {"new_path", "/2020/story-1/"}}}};
}

/// A site of which nothing is missing.
Transfer whole() {
    KeptImport last;
    last.source = "json";
    RuleReport rule;
    rule.rule = "news";
    rule.model = "a.story";
    rule.read = rule.taken = rule.added = 120;
    last.rules.push_back(rule);
    Transfer transfer;
    transfer.has_mapping = true;
    transfer.counted_at = base::Time(std::chrono::hours(24));
    transfer.models.push_back({"news", "a.story", Owner::portal, last, 120, 0, 0});
    transfer.logins.kinds.push_back({legacy::LoginKind::cookie_asked, {}, {}});
    return transfer;
}

}  // namespace

TEST_CASE("what the last import said is told beside what is here now", "[django]") {
    Moving site;
    auto dump = json::array({person(7, "ann"), person(8, "bob"), story(1, "One"), story(2, "Two"),
                             story(3, "Three"), story(4, "Rain", "weather"), old_address()});
    CHECK(site.model("a.story").at("last_import").is_null());

    CHECK(site.import(dump) == "");

    auto stories = site.model("a.story");
    auto last = stories.at("last_import");
    CHECK(last.at("source") == "json");
    CHECK(last.at("finished_at") == base::to_rfc3339(site.clock.now()));
    CHECK(last.at("read") == 4);
    CHECK(last.at("added") == 3);
    CHECK(last.at("rejected") == 1);
    CHECK(last.at("checksums").size() == 1);
    CHECK(stories.at("owner") == "django");
    CHECK(stories.at("here") == 3);
    CHECK(stories.at("changed_here") == 0);
    auto people = site.model("auth.user");
    CHECK(people.at("here") == 2);
    CHECK(people.at("last_import").at("added") == 2);
    auto redirects = site.model("redirects.redirect");
    // Those of the stories are among them.
    CHECK(redirects.at("here") == 4);
    CHECK(redirects.at("changed_here").is_null());
    auto told = site.told();
    CHECK(told.at("people").at("unusable") == 2);
    CHECK_FALSE(told.at("verdict").at("ready").get<bool>());
    CHECK(told.at("verdict").at("missing") ==
          json::array({"The last import rejected 1 row of a.story."}));

    // When some of it is changed and removed here, and the rest comes again.
    site.retitle("sports", 1, "Ours");
    news::Command command{WholeSite::as(base::Role::editor)};
    command.context.actor.id = 99;
    command.expected = news::Expected{{}, true};
    REQUIRE(base::run(site.news->types().at("sports").commands->remove(2, command)));
    dump.erase(5);
    dump.erase(4);
    CHECK(site.import(dump) == "");
    stories = site.model("a.story");
    CHECK(stories.at("last_import").at("read") == 2);
    CHECK(stories.at("last_import").at("unchanged") == 2);
    CHECK(stories.at("last_import").at("vanished") == 1);
    CHECK(stories.at("here") == 2);
    CHECK(stories.at("changed_here") == 1);
    CHECK(stories.at("removed_here") == 1);
    told = site.told();
    CHECK(told.at("verdict").at("ready").get<bool>());
    CHECK(told.at("notes") ==
          json::array({"The last import took 2 rows of a.story; 1 more came before it or since.",
                       "1 row of a.story came with an earlier import and was not in the source of "
                       "the last one.",
                       "1 row of a.story was changed here since.",
                       "1 row of a.story was removed here.",
                       "2 people have no password to log in with, as at Django."}));
}

TEST_CASE("an import that is only tried, or stopped, leaves what the one before has said",
          "[django]") {
    Moving site;
    auto dump = json::array({person(7, "ann"), story(1, "One")});
    CHECK(site.import(dump, true) == "");
    CHECK(site.model("a.story").at("last_import").is_null());

    CHECK(site.import(dump) == "");
    auto before = site.model("a.story").at("last_import");
    dump.push_back(story(2, "Two"));
    CHECK(site.import(dump, false, true) == "stopped");
    CHECK(site.model("a.story").at("last_import") == before);
    CHECK(site.import(dump, true) == "not_apart");
    CHECK(site.model("a.story").at("last_import") == before);
}

TEST_CASE("an import says nothing of a model that its source has not", "[django]") {
    Moving site;
    CHECK(site.import(json::array({person(7, "ann"), story(1, "One")})) == "");
    auto people = site.model("auth.user").at("last_import");
    site.clock.advance(std::chrono::hours(1));

    CHECK(site.import(json::array({story(1, "One"), story(2, "Two")})) == "");

    CHECK(site.model("auth.user").at("last_import") == people);
    CHECK(site.model("a.story").at("last_import").at("read") == 2);
}

TEST_CASE("what is here is counted anew when an import has ended, and else told again for a moment",
          "[django]") {
    Moving site;
    auto dump = json::array({person(7, "ann"), story(1, "One")});
    CHECK(site.import(dump) == "");
    site.clock.advance(std::chrono::seconds(1));
    CHECK(site.model("a.story").at("changed_here") == 0);
    site.retitle("sports", 1, "Ours");
    CHECK(site.model("a.story").at("changed_here") == 0);

    site.clock.advance(std::chrono::seconds(1));
    CHECK(site.import(dump) == "");

    CHECK(site.model("a.story").at("changed_here") == 1);
}

TEST_CASE("what a bridge has pushed is told since the last import", "[django]") {
    Moving site;
    REQUIRE(base::run(site.pushes->put("box", {12, "[]"}, 0)));
    CHECK(site.told().at("bridges").at(0).at("since_import_max") == 12);

    CHECK(site.import(json::array({story(1, "One")})) == "");
    CHECK(site.told().at("bridges").at(0).at("since_import_max") == 0);
    site.clock.advance(std::chrono::hours(1));
    auto refused = R"([{"sequence": 15, "code": "missing_related", "message": "M."}])";
    REQUIRE(base::run(site.pushes->put("box", {15, refused}, 1)));

    auto told = site.told();
    CHECK(told.at("bridges") == json::array({{{"source", "box"},
                                              {"pushed_at", base::to_rfc3339(site.clock.now())},
                                              {"sequence", 15},
                                              {"since_import_max", 3},
                                              {"refused", 1}}}));
    // What comes after it takes nothing of that back, nor does an import that was begun before.
    REQUIRE(base::run(site.pushes->put("box", {16, "[]"}, 0)));
    CHECK(site.told().at("bridges").at(0).at("refused") == 1);
    REQUIRE(base::run(site.imports().begin()));
    REQUIRE(base::run(site.pushes->put("box", {20, refused}, 2)));
    REQUIRE(base::run(site.imports().keep({}, site.clock.now())));
    CHECK(site.told().at("bridges").at(0).at("since_import_max") == 4);
    CHECK(site.told().at("bridges").at(0).at("refused") == 2);
    CHECK(site.import(json::array({story(1, "One")})) == "");
    CHECK(site.told().at("bridges").at(0).at("refused") == 0);
    auto missing = told.at("verdict").at("missing").dump();
    CHECK(missing.find("Of the bridge box 1 change was refused since the last import.") !=
          std::string::npos);
}

TEST_CASE("a moved site is ready if nothing would be lost with the old one", "[django]") {
    CHECK(verdict(whole()).ready);
    CHECK(verdict(whole()).missing.empty());
    struct Case {
        std::function<void(Transfer&)> change;
        std::vector<std::string> missing;
        std::vector<std::string> notes;
    };
    auto of_people = [](auto change) {
        return [change](Transfer& transfer) { change(transfer.people); };
    };
    const std::vector<Case> cases{
        {[](Transfer& transfer) { transfer.models[0].last.reset(); },
         {"No import of a.story has ended yet."},
         {}},
        {[](Transfer& transfer) { transfer.models[0].last->cut_off = true; },
         {"The source of the last import of a.story ended in the middle."},
         {}},
        {[](Transfer& transfer) {
             transfer.models[0].last->unreadable = 2;
             transfer.models[0].last->rules[0].rejected = 1;
         },
         {"The last import rejected 3 rows of a.story."},
         {}},
        {[](Transfer& transfer) { transfer.models[0].here = 118; },
         {"The last import took 120 rows of a.story, and 118 are here."},
         {}},
        {[](Transfer& transfer) {
             transfer.models[0].here = 118;
             transfer.models[0].removed_here = 2;
         },
         {},
         {"2 rows of a.story were removed here."}},
        {[](Transfer& transfer) {
             transfer.models[0].here = 125;
             transfer.bridges.push_back({"box", {}, 9, 9, 0});
         },
         {},
         {"The last import took 120 rows of a.story; 5 more came before it or since (bridges have "
          "pushed up to 9 changes since)."}},
        {[](Transfer& transfer) {
             // Both rules may have taken the same rows.
             transfer.models[0].last->rules.push_back(transfer.models[0].last->rules[0]);
         },
         {},
         {}},
        {[](Transfer& transfer) {
             transfer.models[0].rule = "redirects";
             transfer.models[0].removed_here.reset();
             transfer.models[0].here = 119;
         },
         {},
         {"The last import took 120 rows of a.story, and 119 are here."}},
        {of_people([](auto& people) { people.django_hash = 2; }),
         {},
         {"2 people have not logged in here yet, and can with the password that they have at "
          "Django, also later."}},
        {of_people([](auto& people) { people.unchecked["password_weak"] = 1; }),
         {"1 person cannot log in: the hash of the password is weak, and such are not checked "
          "(identity.weak_legacy_hashes)."},
         {}},
        {[](Transfer& transfer) {
             transfer.logins.kinds[0].counts = {0, 31};
         },
         {"31 requests of the last 24 hours came with Django's session cookie: whoever sent them "
          "has to log in here once Django is off."},
         {}},
        {[](Transfer& transfer) { transfer.logins.since = base::Time(std::chrono::seconds(1)); },
         {"Logins of Django are counted since 1970-01-01T00:00:01.000Z, the start of the server: "
          "look again when that is a day ago."},
         {}},
        {[](Transfer& transfer) {
             transfer.logins.kinds.clear();
             transfer.logins.since = base::Time(std::chrono::seconds(1));
         },
         {},
         {"Logins of Django do not count here (legacy.sessions), so who depends on them is not "
          "seen here."}},
    };
    for (const auto& row : cases) {
        auto transfer = whole();
        row.change(transfer);
        auto said = verdict(transfer);
        CHECK(said.missing == row.missing);
        CHECK(said.notes == row.notes);
        CHECK(said.ready == row.missing.empty());
    }
    CHECK_FALSE(verdict({}).ready);
}

}  // namespace django
