// What a bridge in the Django site is told of the articles that are changed here.
#include <future>

#include "change_service.hpp"
#include "feed_json.hpp"
#include "feed_service.hpp"
#include "mapping_json.hpp"
#include "push_json.hpp"
#include "support/stepped_loop.hpp"
#include "texts_site.hpp"

namespace django {

namespace {

/// A site of texts, and its feed. What the logs say is heard when the test says so.
class FeedSite : public TextsSite {
public:
    explicit FeedSite(const std::string& mapping = way_back,
                      const std::vector<std::string>& base = texts_base)
        : TextsSite(base) {
        std::ofstream(folder / "base.jsonl") << lines_of(base);
        config.base = (folder / "base.jsonl").string();
        database_ = open_store();
        store = std::make_unique<FeedStore>(*database_);
        owner_store_ = std::make_unique<OwnerStore>(*database_, clock);
        remap(mapping);
        own(Owner::portal);
    }
    ~FeedSite() {
        rows.reset();
        owners.reset();
        owner_store_.reset();
        store.reset();
        database_.reset();
    }
    void own(Owner owner) {
        REQUIRE(base::run(owners->set("b.text", owner, as(base::Role::admin))));
    }
    /// A restart with another mapping.
    void remap(const std::string& text) {
        rows.reset();
        auto mapping = mapping_from_json(text);
        REQUIRE(mapping);
        mapping_ = std::make_shared<const Mapping>(std::move(*mapping));
        owners = std::make_unique<OwnerService>(mapping_, owner_store_.get());
        restart();
    }
    void restart() {
        rows.reset();
        zone_ = *base::TimeZone::load(mapping_->time_zone);
        rows.emplace(FeedRows::Parts{config, folder.path(), *mapping_, *zone_, exported_, *store,
                                     *owners, clock, stop});
        REQUIRE(rows->prepare());
    }
    void hear() {
        for (const auto& [type, instance] : news->instances()) {
            auto events = base::run(instance->feed().after(heard_[type], 500, {}));
            REQUIRE(events);
            if (events->empty()) continue;
            heard_[type] = events->back().position;
            auto work = [&, of_type = type](database::Transaction& transaction) {
                FeedRecorder(of_type).apply(transaction, *events);
                return base::Result<bool>(true);
            };
            REQUIRE(base::run(database_->write<bool>(base::Deadline(), 0, std::move(work))));
        }
    }
    /// What is new after that position, once all is shown.
    FeedPage page(std::int64_t after = 0, std::int64_t limit = 100) {
        hear();
        show_all();
        auto entries = base::run(store->after(after, limit, base::Deadline()));
        REQUIRE(entries);
        auto made = rows->page(*entries, after, {});
        REQUIRE(made);
        return *made;
    }
    /// The first page, for who waits for nothing.
    base::Result<FeedPage> hurried_page() {
        auto entries = base::run(store->after(0, 100, base::Deadline()));
        REQUIRE(entries);
        return rows->page(*entries, 0, base::Deadline(base::Deadline::Clock::time_point::min()));
    }
    /// That row of a model that is Django's again comes from there, with all that stand in the
    /// base.
    Pushed push(std::int64_t sequence, const Json& row) {
        Json change{{"sequence", sequence},
                    {"operation", row.contains("fields") ? "save" : "delete"},
                    {"model", row["model"]},
                    {"pk", row["pk"]},
                    {"related", Json::array()}};
        if (row.contains("fields")) change["record"] = row;
        for (const auto& one : texts_base) change["related"].push_back(Json::parse(one));
        auto read = push_from_json({{"source", "box"}, {"changes", Json::array({change})}});
        REQUIRE(read);
        PushStore pushes(*database_, clock);
        ChangeService changes(mapping_, std::make_shared<const base::TimeZone>(), neighbours(),
                              config, clock, *owners, &pushes);
        auto pushed = base::run(changes.push(std::move(*read), {}));
        REQUIRE(pushed);
        show_all();
        return *pushed;
    }
    news::ArticleId create(const std::string& title) {
        news::NewArticle article;
        article.title = title;
        article.content = "A < B";
        article.author = "Ann Lee";
        article.tags = {"air"};
        auto made = base::run(news->types().at("sports").commands->create(article, editing()));
        REQUIRE(made);
        return made->id;
    }
    void retitled(news::ArticleId id, const std::string& title) {
        news::Revision revision;
        revision.title = title;
        revise("sports", id, revision);
    }
    void remove(news::ArticleId id, const std::string& type = "sports") {
        REQUIRE(base::run(news->types().at(type).commands->remove(id, editing())));
    }
    void publish(news::ArticleId id, std::optional<base::Time> at = std::nullopt) {
        REQUIRE(base::run(news->types().at("sports").commands->publish(id, at, editing())));
    }
    void unpublish(news::ArticleId id) {
        REQUIRE(base::run(news->types().at("sports").commands->unpublish(id, editing())));
    }
    base::Task<ModelOwner> set_owner(Owner owner) {
        return owners->set("b.text", owner, as(base::Role::admin));
    }
    base::Task<bool> keep_writer_until(std::shared_future<void> may_go) {
        auto work = [may_go = std::move(may_go)](database::Transaction&) {
            may_go.wait();
            return base::Result<bool>(true);
        };
        return database_->write<bool>(base::Deadline(), 0, std::move(work));
    }
    ModelOwner kept_owner() {
        OwnerStore again(*database_, clock);
        REQUIRE(base::run(again.load()));
        return again.owners()->at("b.text");
    }
    std::unique_ptr<FeedService> service(const host::Environment& environment) {
        rows.reset();
        return std::make_unique<FeedService>(mapping_, std::make_shared<const base::TimeZone>(),
                                             goes_back(), config, environment, *owners,
                                             store.get());
    }

    std::unique_ptr<FeedStore> store;
    std::unique_ptr<OwnerService> owners;
    std::optional<FeedRows> rows;

protected:
    const Exported exported_ = goes_back();
    std::shared_ptr<const base::TimeZone> zone_;
    std::shared_ptr<const Mapping> mapping_;
    std::unique_ptr<database::Database> database_;
    std::unique_ptr<OwnerStore> owner_store_;
    std::map<std::string, std::int64_t> heard_;
};

std::string with(std::string text, const std::string& old, const std::string& now) {
    auto at = text.find(old);
    REQUIRE(at != text.npos);
    for (; at != text.npos; at = text.find(old, at + now.size())) text.replace(at, old.size(), now);
    return text;
}

/// A mapping of which what is made here has that at first.
std::string with_status(const std::string& status) {
    return with(way_back, R"("price": "0.00")", R"("price": "0.00", "status": )" + status);
}

/// No rule can make a row of it public, or take it back.
std::string public_by_section() {
    auto mapping =
        with(with_status("2"), R"({"if": {"status": 2}})", R"({"if": {"section__slug": "sport"}})");
    return with(mapping, R"("published_at": "at")",
                R"("published_at": {"first": ["at", "changed"]})");
}

Json fields_of(const FeedPage& page, std::size_t change = 0) {
    return Json::parse(to_json(page))["changes"].at(change)["record"]["fields"];
}

/// `save b.text 1 Uno`
std::string told(const FeedPage& page) {
    std::string out;
    auto answer = Json::parse(to_json(page));
    for (const auto& change : answer["changes"]) {
        out += change["operation"].get<std::string>() + " " + change["model"].get<std::string>() +
               " " + change["pk"].dump();
        if (change.contains("record")) {
            const auto& record = change["record"];
            out += " " + (record.is_null() ? "?" : record["fields"]["title"].get<std::string>());
        }
        out += "; ";
    }
    return out;
}

}  // namespace

TEST_CASE(
    "what is changed here is in the feed as a row of the old site, what came from there is not",
    "[django]") {
    FeedSite site;
    CHECK(site.page().head == 0);

    site.retitled(1, "Uno");

    auto page = site.page();
    CHECK(told(page) == "save b.text 1 Uno; ");
    CHECK(page.next == page.head);
    auto change = Json::parse(to_json(page))["changes"][0];
    auto fields = Json::parse(texts_base[3])["fields"];
    fields["title"] = "Uno";
    fields["changed"] = change["record"]["fields"]["changed"];
    CHECK(change["record"] == Json({{"model", "b.text"}, {"pk", 1}, {"fields", fields}}));

    auto newer = texts_base;
    newer[4].replace(newer[4].find("Two"), 3, "Due");
    site.import(newer);
    CHECK(told(site.page(page.next)).empty());
    CHECK(site.article("politics", 2)->title == "Due");
}

TEST_CASE("an article stands in the feed once, at its newest change", "[django]") {
    FeedSite site;
    site.retitled(1, "Uno");
    auto first = site.page();
    news::Revision revision;
    revision.title = "Due";
    site.revise("politics", 2, revision);
    site.retitled(1, "Un");

    auto page = site.page(0, 1);
    CHECK(page.changes.size() == 1);
    CHECK(page.next < page.head);
    auto rest = site.page(page.next);
    CHECK(rest.changes.size() == 1);
    CHECK(rest.next == rest.head);
    auto both = told(page) + told(rest);
    CHECK(both.find("save b.text 2 Due; ") != both.npos);
    CHECK(both.find("save b.text 1 Un; ") != both.npos);
    CHECK(told(site.page(first.next)) == both);
    CHECK(site.page(rest.next).next == rest.next);
}

TEST_CASE("an article that is made here has one pk for ever, and none that is taken", "[django]") {
    FeedSite site;
    auto id = site.create("New");
    CHECK(told(site.page()) == "save b.text 3 New; ");
    site.restart();
    site.retitled(id, "Newer");
    CHECK(told(site.page()) == "save b.text 3 Newer; ");
    auto row = site.rows->row("b.text", "3", {});
    REQUIRE(row);
    CHECK(Json::parse(record_json(*row))["record"]["fields"]["title"] == "Newer");

    // A row that the base does not have, since it was made later.
    auto later = texts_base;
    auto text = Json::parse(texts_base[3]);
    text["pk"] = 4;
    text["fields"]["slug"] = "four";
    later.push_back(text.dump());
    site.import(later);
    auto before = site.page().next;
    site.create("Another");
    CHECK(told(site.page(before)) == "save b.text 5 Another; ");

    site.remove(id);
    CHECK(told(site.page(before)).find("delete b.text 3; ") != std::string::npos);
    CHECK(site.rows->row("b.text", "3", {}).error().code == "row_not_found");
}

TEST_CASE("what is made here, told to Django and edited there stays the same article", "[django]") {
    FeedSite site;
    auto id = site.create("New");
    auto page = site.page();
    REQUIRE(told(page) == "save b.text 3 New; ");
    auto row = Json::parse(to_json(page))["changes"][0]["record"];
    site.clock.advance(std::chrono::seconds(1));
    site.own(Owner::django);

    row["fields"]["title"] = "Edited there";
    CHECK(site.push(1, row).refused.empty());

    auto article = site.article("sports", id);
    REQUIRE(article);
    CHECK(article->title == "Edited there");
    CHECK(article->legacy_id == "b.text:3");
    CHECK(article->version == 2);
    CHECK_FALSE(site.article("sports", 3));
    // Also in a dump.
    auto later = texts_base;
    row["fields"]["title"] = "Dumped there";
    later.push_back(row.dump());
    site.import(later);
    CHECK(site.article("sports", id)->title == "Dumped there");
    CHECK_FALSE(site.article("sports", 3));
    CHECK(site.push(2, {{"model", "b.text"}, {"pk", 3}}).refused.empty());
    CHECK(site.article("sports", id)->status == news::Status::draft);
}

TEST_CASE("a row that was made here and is in the base since keeps what Django has made of it",
          "[django]") {
    FeedSite site;
    auto id = site.create("New");
    auto row = Json::parse(to_json(site.page()))["changes"][0]["record"];
    REQUIRE(row["fields"]["price"] == "0.00");
    row["fields"]["price"] = "9.90";
    auto later = texts_base;
    later.push_back(row.dump());
    std::ofstream(site.folder / "base.jsonl") << FeedSite::lines_of(later);
    site.restart();

    site.retitled(id, "Newer");

    auto page = site.page();
    CHECK(told(page) == "save b.text 3 Newer; ");
    CHECK(fields_of(page)["price"] == "9.90");
    CHECK(fields_of(page)["topics"] == row["fields"]["topics"]);
}

TEST_CASE("what was changed here and not told of stands against an edit in Django", "[django]") {
    FeedSite site;
    auto id = site.create("New");
    auto row = Json::parse(to_json(site.page()))["changes"][0]["record"];
    row["fields"]["title"] = "Theirs";
    site.retitled(id, "Ours");
    site.show_all();
    site.own(Owner::django);

    auto refused = site.push(1, row).refused;
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].code == "changed_here");
    CHECK(site.article("sports", id)->title == "Ours");

    site.page();
    CHECK(site.push(2, row).refused.empty());
    CHECK(site.article("sports", id)->title == "Theirs");
}

TEST_CASE("what is removed here goes there, and what was never told of does not", "[django]") {
    FeedSite site;
    site.remove(1);
    CHECK(told(site.page()) == "delete b.text 1; ");
    auto before = site.page().next;
    site.remove(site.create("Short"));
    auto page = site.page(before);
    CHECK(told(page).empty());
    CHECK(page.next == page.head);
}

TEST_CASE("a row that the base does not have is told to be unknown", "[django]") {
    FeedSite site;
    auto later = texts_base;
    auto text = Json::parse(texts_base[3]);
    text["pk"] = 9;
    text["fields"]["slug"] = "nine";
    later.push_back(text.dump());
    site.import(later);
    site.retitled(9, "Nove");
    auto page = site.page();
    CHECK(told(page) == "save b.text 9 ?; ");
    CHECK(page.changes[0].why.find("django.base") != std::string::npos);
    CHECK(site.rows->row("b.text", "9", {}).error().code == "row_not_found");
    CHECK(site.rows->row("b.note", "1", {}).error().code == "row_not_found");
}

TEST_CASE("the feed tells of the models that portal owns alone", "[django]") {
    FeedSite site;
    site.own(Owner::django);
    site.clock.advance(std::chrono::seconds(1));
    site.create("New");
    auto page = site.page();
    CHECK(told(page).empty());
    CHECK(page.next == page.head);
    CHECK(site.rows->row("b.text", "1", {}).error().code == "row_not_found");
}

TEST_CASE("what was changed here before its model went back to Django is still told", "[django]") {
    FeedSite site;
    site.retitled(1, "Uno");
    auto id = site.create("New");
    site.clock.advance(std::chrono::seconds(1));
    site.own(Owner::django);
    auto page = site.page();
    CHECK(told(page) == "save b.text 1 Uno; save b.text 3 New; ");

    site.clock.advance(std::chrono::seconds(1));
    site.retitled(id, "Newer");
    CHECK(told(site.page(page.next)).empty());
}

TEST_CASE("what was removed here before its model went back to Django is still told", "[django]") {
    FeedSite site;
    site.remove(1);
    site.clock.advance(std::chrono::seconds(1));
    site.own(Owner::django);
    CHECK(told(site.page()) == "delete b.text 1; ");
}

TEST_CASE("a model of portal that the mapping does not name any more is not told of", "[django]") {
    FeedSite site;
    site.retitled(1, "Uno");
    site.remap(with(way_back, "b.text", "b.other"));
    auto page = site.page();
    CHECK(told(page).empty());
    CHECK(page.next == page.head);
    CHECK(site.rows->row("b.text", "1", {}).error().code == "row_not_found");
}

TEST_CASE("owners that are set at once are set one after the other", "[django]") {
    FeedSite site;
    std::promise<void> go;
    support::SteppedLoop loop;
    std::optional<base::Result<bool>> kept_busy;
    loop.spawn(site.keep_writer_until(go.get_future().share()), kept_busy);
    std::vector<Owner> wanted;
    for (int i = 0; i < 4; ++i) {
        wanted.push_back(Owner::django);
        wanted.push_back(Owner::django);
        wanted.push_back(Owner::portal);
    }
    wanted.push_back(Owner::django);
    std::vector<std::optional<base::Result<ModelOwner>>> answers(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        loop.spawn(site.set_owner(wanted[i]), answers[i]);
    loop.begin();
    go.set_value();
    loop.settle();

    for (std::size_t i = 0; i < wanted.size(); ++i) {
        REQUIRE(answers[i]);
        REQUIRE(*answers[i]);
        CHECK((*answers[i])->owner == wanted[i]);
    }
    CHECK_FALSE(site.owners->is_portals("b.text"));
    CHECK(site.kept_owner().owner == Owner::django);
}

TEST_CASE("a draft whose row cannot be taken from the readers is told without its row",
          "[django]") {
    FeedSite site(public_by_section());
    auto id = site.create("New");
    CHECK(told(site.page()) == "save b.text 3 New; ");
    auto before = site.page().next;

    site.unpublish(1);
    auto page = site.page(before);
    CHECK(told(page) == "save b.text 1 ?; ");
    CHECK(page.changes[0].why.find("public") != std::string::npos);
    CHECK(site.rows->row("b.text", "1", {}).error().code == "row_not_found");

    site.unpublish(id);
    CHECK(told(site.page(page.next)) == "save b.text 3 ?; ");
}

TEST_CASE("what is scheduled goes to the feed as a draft until it is public", "[django]") {
    FeedSite site(with_status("1"));
    auto later = site.clock.now() + std::chrono::hours(5);
    site.unpublish(1);
    site.publish(1, later);
    auto page = site.page();
    CHECK(fields_of(page)["title"] == "  One ");
    CHECK(fields_of(page)["status"] == 1);
    news::NewArticle article;
    article.title = "Secret";
    article.content = "Until then.";
    article.author = "Ann Lee";
    article.published_at = later;
    auto made =
        base::run(site.news->types().at("sports").commands->create(article, site.editing()));
    REQUIRE(made);
    auto next = site.page(page.next);
    CHECK(fields_of(next)["status"] == 1);

    site.publish(1);
    site.publish(made->id);
    auto shown = site.page(next.next);
    CHECK(fields_of(shown, 0)["status"] == 2);
    CHECK(fields_of(shown, 1)["status"] == 2);
}

TEST_CASE("the row of an article stays one of its model when other rules come", "[django]") {
    FeedSite site;
    auto id = site.create("New");
    CHECK(told(site.page()) == "save b.text 3 New; ");
    auto rules = Json::parse(way_back);
    auto first = rules["news"];
    first["model"] = "b.post";
    first["type"] = Json{{"text", "sports"}};
    first.erase("tags");
    rules["news"] = Json::array({first, rules["news"]});
    rules["export"]["b.post"] = Json::parse(R"({"defaults": {"title": "", "body": "", "lead": "",
        "sub": "", "status": 1, "at": null, "byline": "", "slug": "", "changed": null}})");
    site.remap(rules.dump());

    // They make of what is new a row of the other model.
    site.retitled(id, "Newer");
    auto another = site.create("Another");
    REQUIRE(base::run(site.owners->set("b.post", Owner::portal, site.as(base::Role::admin))));
    auto page = site.page();
    CHECK(told(page) == "save b.text 3 Newer; save b.post 1 Another; ");
    site.retitled(another, "Another one");
    CHECK(told(site.page(page.next)) == "save b.post 1 Another one; ");
    rules["news"].erase(1);
    site.remap(rules.dump());
    CHECK(told(site.page()) == "save b.post 1 Another one; ");
}

TEST_CASE("a time is written as a day of the site's calendar where the field has days",
          "[django]") {
    auto base = texts_base;
    base[3] = with(base[3], "2020-05-04T10:00:00.123Z", "2020-05-04");
    auto source = R"("time_zone": "America/New_York")" +
                  std::string(GENERATE("", R"(, "naive_times": "utc")"));
    FeedSite site(with(way_back, R"("time_zone": "UTC")", source), base);
    news::NewArticle article;
    article.title = "New";
    article.content = "A";
    article.author = "Ann Lee";
    article.published_at = base::parse_rfc3339("2020-03-02T03:30:00Z");
    auto made =
        base::run(site.news->types().at("sports").commands->create(article, site.editing()));
    REQUIRE(made);

    auto page = site.page();
    CHECK(told(page) == "save b.text 3 New; ");
    CHECK(fields_of(page)["at"] == "2020-03-01");
    CHECK(page.changes.at(0).kept.empty());

    site.unpublish(made->id);
    site.publish(made->id, base::parse_rfc3339("2020-03-02T06:30:00Z"));
    CHECK(fields_of(site.page(page.next))["at"] == "2020-03-02");
}

TEST_CASE("a row does not lead to what was removed here", "[django]") {
    auto base = texts_base;
    auto one = Json::parse(base[3]);
    auto two = Json::parse(base[4]);
    one["fields"]["parent"] = 2;
    two["fields"]["parent"] = nullptr;
    one["fields"]["related"] = {2, 1};
    two["fields"]["related"] = Json::array();
    auto mapping = with(way_back, R"("b.note.text": "b.text")",
                        R"("b.note.text": "b.text", "b.text.parent": "b.text",
                           "b.text.related": "b.text")");

    SECTION("keys are null and lists are shorter") {
        base[3] = one.dump();
        base[4] = two.dump();
        FeedSite site(mapping, base);
        site.retitled(1, "Uno");
        CHECK(fields_of(site.page())["parent"] == 2);
        site.remove(2, "politics");
        auto page = site.page();
        CHECK(told(page) == "save b.text 1 Uno; delete b.text 2; ");
        CHECK(fields_of(page)["parent"].is_null());
        CHECK(fields_of(page)["related"] == Json::array({1}));
    }
    SECTION("a key that is never null is no row") {
        two["fields"]["parent"] = 1;
        base[3] = one.dump();
        base[4] = two.dump();
        FeedSite site(mapping, base);
        site.retitled(1, "Uno");
        site.hear();
        site.remove(2, "politics");
        auto page = site.page();
        CHECK(told(page) == "save b.text 1 ?; delete b.text 2; ");
        CHECK(page.changes[0].why.find("parent") != std::string::npos);
    }
}

TEST_CASE("a long page ends early, and what no rule can say is told", "[django]") {
    FeedSite site;
    site.config.feed_bytes_max = 1;
    site.retitled(1, "Uno");
    news::Revision revision;
    revision.tags = {"sea", "a word that no topic has"};
    site.revise("politics", 2, revision);
    auto page = site.page();
    CHECK(page.changes.size() == 1);
    auto rest = site.page(page.next);
    auto kept = page.changes[0].kept.size() + rest.changes.at(0).kept.size();
    CHECK(kept == 1);
}

TEST_CASE("the base is looked through once for all that a new row has, however long that takes",
          "[django]") {
    auto base = texts_base;
    for (int i = 100; i < 1300; ++i) {
        base.push_back(R"({"model":"b.topic","pk":)" + std::to_string(i) +
                       R"(,"fields":{"name":"t)" + std::to_string(i) + "\"}}");
    }
    FeedSite site(with_status("2"), base);
    site.create("New");
    site.hear();
    site.show_all();

    site.stop = true;
    CHECK(site.hurried_page().error().code == "base_not_read");
    site.stop = false;
    auto page = site.hurried_page();
    int asked = 1;
    for (; !page && asked < 20; ++asked) {
        CHECK(page.error().code == "base_not_read");
        page = site.hurried_page();
    }

    REQUIRE(page);
    CHECK(asked > 3);
    CHECK(told(*page) == "save b.text 3 New; ");
    // Texts, sections, topics.
    CHECK(site.rows->passes().rows() == 2 + 2 + 1202);
}

TEST_CASE("the feed says how far it is, and what is wrong with a position", "[django]") {
    FeedSite site;
    site.retitled(1, "Uno");
    site.hear();
    site.show_all();
    base::Loop loop;
    host::Environment environment{site.folder.path(), site.clock, site.metrics,
                                  loop.get_executor()};
    auto made = site.service(environment);
    auto& feed = *made;
    CHECK(base::run(feed.page(0, 10, {})).error().code == "no_base");

    feed.start();
    auto page = base::run(feed.page(0, 10, {}));
    while (!page && page.error().code == "base_not_read") page = base::run(feed.page(0, 10, {}));
    REQUIRE(page);
    CHECK(page->changes.size() == 1);
    site.clock.advance(std::chrono::seconds(90));
    CHECK(feed.lag() == std::chrono::seconds(90));
    CHECK(base::run(feed.page(page->next, 10, {}))->changes.empty());
    CHECK(feed.lag() == std::chrono::seconds(0));
    CHECK(base::run(feed.page(page->next + 1, 10, {})).error().code == "feed_is_behind");
    auto row = base::run(feed.row("b.text", "1", {}));
    REQUIRE(row);
    feed.stop();
}

TEST_CASE("what asked the feed may go after the feed", "[django]") {
    FeedSite site;
    site.show_all();
    base::Loop background;
    host::Environment environment{site.folder.path(), site.clock, site.metrics,
                                  background.get_executor()};
    auto feed = site.service(environment);
    feed->start();
    while (!base::run(feed->row("b.text", "1", {}))) std::this_thread::yield();
    auto asking = std::make_unique<base::Loop>();
    auto unheard = [](const std::exception_ptr&, const base::Result<FeedChange>&) {};
    boost::asio::co_spawn(*asking, feed->row("b.text", "1", {}), unheard);
    asking->poll();
    feed.reset();
    CHECK_NOTHROW(asking.reset());
}

}  // namespace django
