// How many articles there are: heard once each, whatever happens in between.
#include <random>
#include <set>
#include <thread>

#include "count_inbox.hpp"
#include "count_store.hpp"
#include "fixture.hpp"
#include "news/module.hpp"
#include "site/verify.hpp"
#include "support/fake_feed.hpp"
#include "support/inbox_suite.hpp"
#include "support/sqlite_file.hpp"

namespace site {

namespace {

using namespace std::chrono_literals;

StateCounts counts(std::int64_t draft, std::int64_t scheduled, std::int64_t published,
                   std::int64_t removed) {
    return {draft, scheduled, published, removed};
}

const char* const no_change = R"({"title":"Other"})";

}  // namespace

TEST_CASE("articles are counted in the state that their events leave them in", "[site]") {
    Fixture site;
    site.open();
    CHECK(site.counted().total == StateCounts());
    const char* later = R"({"published_at":"2026-03-02T12:00:00.000Z"})";
    struct Row {
        const char* event;
        std::string body;
        StateCounts after;
    };
    const std::vector<Row> rows = {
        {"article_revised.v1", no_change, counts(1, 0, 0, 0)},
        {"article_scheduled.v1", later, counts(0, 1, 0, 0)},
        {"article_published.v1", later, counts(0, 0, 1, 0)},
        {"article_published.v1", later, counts(0, 0, 1, 0)},
        {"article_revised.v1", no_change, counts(0, 0, 1, 0)},
        {"article_unpublished.v1", "{}", counts(1, 0, 0, 0)},
        {"article_revised.v2", R"({"status":"draft","published_at":"2026-03-02T12:00:00.000Z"})",
         counts(0, 1, 0, 0)},
        {"article_unpublished.v1", "{}", counts(1, 0, 0, 0)},
        {"article_revised.v2",
         R"({"status":"published","published_at":"2026-03-01T12:00:00.000Z"})", counts(0, 0, 1, 0)},
        {"article_removed.v1", "{}", counts(0, 0, 0, 1)},
        {"article_restored.v1",
         R"({"restored_version":1,"title":"T","description":"","content":"C","author":"A",)"
         R"("tags":[],"status":"draft"})",
         counts(1, 0, 0, 0)},
    };
    site.create("sports", 5, "draft");
    CHECK(site.counted().types.at("sports") == counts(1, 0, 0, 0));
    std::int64_t version = 1;
    for (const auto& row : rows) {
        ++version;
        CAPTURE(row.event, version);
        site.append("sports", 5, version, row.event, row.body);
        auto now = site.counted();
        CHECK(now.types.at("sports") == row.after);
        CHECK(now.types.at("politics") == StateCounts());
        CHECK(now.total == row.after);
    }
}

TEST_CASE("each type has its counts, and the site the sum of them", "[site]") {
    Fixture site;
    site.create("sports", 1, "published", true);
    site.create("sports", 2, "draft", true);
    site.create("politics", 1, "published", true);
    site.create("politics", 3, "draft");
    site.open();
    auto now = site.counted();
    CHECK(now.types.at("sports") == counts(0, 1, 1, 0));
    CHECK(now.types.at("politics") == counts(1, 0, 1, 0));
    CHECK(now.total == counts(1, 1, 2, 0));
    CHECK(now.behind == 0);
}

TEST_CASE("what is not counted yet is said to be behind", "[site]") {
    Fixture site;
    site.open();
    for (std::int64_t id = 1; id <= 3; ++id) site.create("sports", id, "draft");
    CHECK(site.counts().behind == 3);
    CHECK(site.counts().total == StateCounts());
    CHECK(site.counted().total == counts(3, 0, 0, 0));
}

TEST_CASE("what happened while the module was down is counted at its start, once", "[site]") {
    Fixture site;
    site.config.bus.batch_events_max = 2;
    for (int round = 1; round <= 4; ++round) {
        for (int i = 0; i < 5; ++i) site.create("sports", round * 10 + i, "published", true);
        site.open();
        // Each time it is stopped in the middle.
        auto before = site.counts().behind;
        site.counted(before - 2);
        site.close();
    }
    site.open();
    CHECK(site.counted().total == counts(0, 0, 20, 0));
    site.close();
    CHECK(verify(site.folder.path()).empty());
}

TEST_CASE("an event that cannot be understood holds back its own article alone", "[site]") {
    Fixture site;
    site.open();
    site.create("sports", 1, "draft");
    site.append("sports", 1, 2, "article_sung.v9");
    site.append("sports", 1, 3, "article_removed.v1");
    site.create("sports", 2, "published", true);
    site.append("sports", 3, 1, "article_revised.v1", no_change);
    CHECK(site.counted().total == counts(1, 0, 1, 0));
    CHECK_THAT(site.metrics.text(), Catch::Contains("portal_site_counts_parked_streams 2"));
}

TEST_CASE("a type that is configured no more is not shown, and counts on when it is back",
          "[site]") {
    Fixture site;
    site.create("sports", 1, "published", true);
    site.open();
    site.counted();
    site.close();
    // Given a folder whose counts also have another type
    support::change_database(site.folder / "site.db",
                             "insert into counts values ('weather', 1, 9, 9, 9, 9)");
    site.open();
    auto now = site.counted();
    CHECK(now.types.size() == 2);
    CHECK(now.total == counts(0, 0, 1, 0));
}

TEST_CASE("a log older than what was counted is refused, or counted anew if that is accepted",
          "[site]") {
    Fixture site;
    site.create("sports", 1, "published", true);
    site.create("sports", 2, "published", true);
    site.create("politics", 1, "draft");
    site.open();
    site.counted();
    site.close();
    // The log that is put back has the first of them only, and another article.
    site.replace_log("sports", "older");
    site.create("sports", 1, "draft");

    auto refused = site.try_open();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "older_data");
    CHECK(refused.error().reason == base::Reason::conflict);
    CHECK_THAT(refused.error().message, Catch::Contains("news-sports"));
    CHECK_THAT(refused.error().message, Catch::Contains("older"));

    REQUIRE(site.try_open(true));
    CHECK_FALSE(site.module->checks().front().ask().empty());
    site.create("sports", 7, "published", true);
    site.append("sports", 7, 2, "article_removed.v1");
    CHECK(site.counted().types.at("sports") == counts(1, 0, 0, 1));
    CHECK(site.counted().types.at("politics") == counts(1, 0, 0, 0));
    CHECK(site.module->checks().front().ask().empty());
    site.close();
    CHECK(verify(site.folder.path()).empty());
    // From now on that is the log.
    site.open();
    CHECK(site.counted().total == counts(2, 0, 0, 1));
}

namespace {

/// Each event as an article of its own, whose id is the event's position.
class Numbered final : public bus::Subscriber {
public:
    void apply(database::Transaction& transaction, const bus::Event& event) override {
        if (failing.contains(event.stream)) throw std::runtime_error("no");
        CountWriter(transaction, "sports").count(event.position, 1, State::draft);
    }
    std::set<std::int64_t> failing;
};

}  // namespace

TEST_CASE("where counts are kept is an inbox, and beginning anew forgets what was counted",
          "[site]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    database::Options options;
    options.file = folder / "site.db";
    options.name = "site";
    options.migrations = schema();
    auto database = std::move(*database::Database::open(std::move(options)));
    Numbered subscriber;
    CountInbox inbox("sports", *database, subscriber, clock);
    using Ids = std::vector<std::int64_t>;
    auto counted = [&] {
        auto read = [](database::ReadTransaction& transaction) -> base::Result<Ids> {
            Ids ids;
            auto row = transaction.prepare("select id from counted order by id");
            while (row.step()) ids.push_back(row.integer(0));
            return ids;
        };
        return *base::run(database->read<Ids>({}, read));
    };
    bus::check_inbox({inbox, counted, [&](std::set<std::int64_t> streams) {
                          subscriber.failing = std::move(streams);
                      }});

    auto all = [&] {
        auto read = [](database::ReadTransaction& transaction)
            -> base::Result<std::map<std::string, StateCounts>> {
            return read_counts(transaction);
        };
        return *base::run(database->read<std::map<std::string, StateCounts>>({}, read));
    };
    CHECK(all().at("sports") == counts(7, 0, 0, 0));
    support::FakeFeed feed;
    CHECK(*base::run(inbox.begin_anew(feed)) == bus::Cursor());
    CHECK(all().at("sports") == StateCounts());
    CHECK(base::run(inbox.load())->cursor == bus::Cursor());
}

TEST_CASE("an event that is heard again, late, counts no more", "[site]") {
    support::TemporaryFolder folder;
    database::Options options;
    options.file = folder / "site.db";
    options.name = "site";
    options.migrations = schema();
    auto database = std::move(*database::Database::open(std::move(options)));
    auto count = [&](std::int64_t version, std::optional<State> state) {
        auto work = [=](database::Transaction& transaction) -> base::Result<StateCounts> {
            CountWriter(transaction, "sports").count(5, version, state);
            return read_counts(transaction).at("sports");
        };
        return *base::run(database->write<StateCounts>({}, 0, work));
    };
    CHECK(count(1, State::draft) == counts(1, 0, 0, 0));
    CHECK(count(2, State::published) == counts(0, 0, 1, 0));
    CHECK(count(1, State::draft) == counts(0, 0, 1, 0));
    CHECK(count(2, State::removed) == counts(0, 0, 1, 0));
    CHECK(count(3, std::nullopt) == counts(0, 0, 1, 0));
    CHECK(count(4, State::removed) == counts(0, 0, 0, 1));
}

TEST_CASE("a log of another history is counted anew", "[site]") {
    Fixture site;
    for (std::int64_t id = 1; id <= 3; ++id) site.create("sports", id, "published", true);
    site.open();
    site.counted();
    site.close();
    site.replace_log("sports", "another");
    for (std::int64_t id = 2; id <= 6; ++id) site.create("sports", id, "draft");
    site.open();
    // Its old articles count no more, and the new ones from their first event on.
    CHECK(site.counted().total == counts(5, 0, 0, 0));
    site.close();
    CHECK(verify(site.folder.path()).empty());
}

namespace {

/// Real news types and the site beside them, all of which can be closed and opened again.
class Newsroom {
public:
    ~Newsroom() { close(); }

    void open() {
        background = std::make_unique<base::Loop>();
        host::Environment environment{folder.path(), clock, metrics, background->get_executor()};
        environment.scheduled = false;
        news_config.view_wait_ms = 0ms;
        NewsFeeds feeds;
        for (const char* type : {"politics", "sports"}) {
            auto opened = news::Instance::open(type, news_config, environment);
            REQUIRE(opened);
            feeds[type] = &(*opened)->feed();
            types[type] = std::move(*opened);
            types[type]->start();
        }
        config.bus.batch_events_max = 3;
        auto opened = Module::open(config, environment, feeds);
        REQUIRE(opened);
        site = std::move(*opened);
        REQUIRE(base::run(site->start()));
        thread = std::thread([this] { background->run(); });
    }
    void close() {
        if (!site) return;
        base::run(site->stop({}));
        for (auto& [type, instance] : types) base::run(instance->stop({}));
        thread.join();
        site.reset();
        types.clear();
    }
    SiteCounts counted() {
        for (;;) {
            auto now = base::run(site->counters().counts({}));
            REQUIRE(now);
            if (now->behind == 0) return *now;
            std::this_thread::yield();
        }
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    std::unique_ptr<base::Loop> background;
    news::Config news_config;
    Config config;
    std::map<std::string, std::unique_ptr<news::Instance>> types;
    std::unique_ptr<Module> site;
    std::thread thread;
};

/// What a recount of the log would give, by the states of the articles as news tells them.
using Recount = std::map<std::string, std::map<std::int64_t, std::string>>;

std::string state_of(const news::Article& article) {
    if (article.status == news::Status::published) return "published";
    if (article.status == news::Status::removed) return "removed";
    return article.published_at ? "scheduled" : "draft";
}

StateCounts sum_of(const std::map<std::int64_t, std::string>& articles) {
    StateCounts sum;
    for (const auto& [id, state] : articles) {
        if (state == "draft") ++sum.draft;
        if (state == "scheduled") ++sum.scheduled;
        if (state == "published") ++sum.published;
        if (state == "removed") ++sum.removed;
    }
    return sum;
}

}  // namespace

TEST_CASE("counts are what a recount gives, after any commands and restarts", "[site]") {
    auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    auto pick = [&](int count) { return std::uniform_int_distribution<int>(0, count - 1)(random); };
    Newsroom newsroom;
    newsroom.open();
    Recount recount;
    auto by = [] {
        news::Command command;
        command.context.actor = {7, base::Role::editor};
        command.context.request_id = "test";
        return command;
    };
    for (int step = 0; step < 150; ++step) {
        std::string type = pick(2) == 0 ? "sports" : "politics";
        auto& articles = recount[type];
        auto& commands = newsroom.types.at(type)->commands();
        if (articles.empty() || pick(4) == 0) {
            news::NewArticle article{"Title", "", "Content", "Ann", {}};
            article.draft = pick(3) == 0;
            if (pick(3) == 0) article.published_at = newsroom.clock.now() + 1h;
            auto created = base::run(commands.create(std::move(article), by()));
            REQUIRE(created);
            articles[created->id] = state_of(*created);
            continue;
        }
        auto at = std::next(articles.begin(), pick(static_cast<int>(articles.size())));
        auto id = at->first;
        base::Result<news::Article> changed = base::Error{base::Reason::conflict, "none", ""};
        switch (pick(6)) {
            case 0:
                changed = base::run(commands.publish(id, std::nullopt, by()));
                break;
            case 1:
                changed = base::run(commands.publish(id, newsroom.clock.now() + 1h, by()));
                break;
            case 2:
                changed = base::run(commands.unpublish(id, by()));
                break;
            case 3:
                changed = base::run(commands.restore(id, 1, by()));
                break;
            case 4: {
                news::Revision revision;
                revision.title = "Title " + std::to_string(step);
                auto command = by();
                command.expected = news::Expected();
                command.expected->any = true;
                changed = base::run(commands.revise(id, std::move(revision), std::move(command)));
                break;
            }
            default:
                if (base::run(commands.remove(id, by()))) at->second = "removed";
        }
        if (changed) at->second = state_of(*changed);
        if (pick(40) == 0) {
            newsroom.close();
            newsroom.open();
        }
    }
    auto now = newsroom.counted();
    StateCounts total;
    for (const auto& [type, articles] : recount) {
        CAPTURE(type);
        auto sum = sum_of(articles);
        CHECK(now.types.at(type) == sum);
        total.draft += sum.draft;
        total.scheduled += sum.scheduled;
        total.published += sum.published;
        total.removed += sum.removed;
    }
    CHECK(now.total == total);
    newsroom.close();
    CHECK(verify(newsroom.folder.path()).empty());
}

}  // namespace site
