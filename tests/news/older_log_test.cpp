// A view and a log that do not fit each other, and a clock that was wrong.
#include <filesystem>

#include "event_store.hpp"
#include "news/events.hpp"
#include "news/instance.hpp"
#include "news/verify.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"
#include "version_store.hpp"

#include <thread>

namespace news {

namespace {

using namespace std::chrono_literals;

/// One news type on real files that can be closed, copied and opened again.
class StagedLog {
public:
    ~StagedLog() { close(); }

    base::Result<void> try_open(bool accept_older_data = false) {
        config.view_wait_ms = 10s;
        // A new one each time: what a stop has posted late must not run beside the next.
        background = std::make_unique<base::Loop>();
        host::Environment environment{folder.path(), clock, metrics, background->get_executor()};
        environment.scheduled = false;
        environment.accept_older_data = accept_older_data;
        auto opened = Instance::open("sports", config, environment);
        if (!opened) return opened.error();
        instance = std::move(*opened);
        return {};
    }
    void start() {
        instance->start();
        thread = std::thread([this] { background->run(); });
    }
    void open() {
        REQUIRE(try_open());
        start();
    }
    void close() {
        if (!instance) return;
        base::run(instance->stop({}));
        if (thread.joinable()) thread.join();
        instance.reset();
    }
    Article create(const std::string& title) {
        Command command;
        command.context.actor = {7, base::Role::author};
        auto created =
            base::run(instance->commands().create({title, "", "Content", "Ann", {"x"}}, command));
        REQUIRE(created);
        return *created;
    }
    std::vector<std::string> titles() {
        std::vector<std::string> all;
        auto listed = base::run(instance->queries().page(1, 100, {}));
        REQUIRE(listed);
        for (const auto& article : *listed) all.push_back(article.title);
        std::sort(all.begin(), all.end());
        return all;
    }
    void copy(const char* from, const char* to) {
        std::filesystem::copy_file(folder / from, folder / to,
                                   std::filesystem::copy_options::overwrite_existing);
    }
    VerifyReport verified() {
        return verify(folder.path(), "sports", [](std::int64_t, std::int64_t) {});
    }

    static constexpr const char* command_file = "news-sports.command.db";
    static constexpr const char* query_file = "news-sports.query.db";

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    std::unique_ptr<base::Loop> background;
    Config config;
    std::unique_ptr<Instance> instance;
    std::thread thread;
};

using Titles = std::vector<std::string>;

}  // namespace

TEST_CASE("a log that is older than its view has seen is refused, unless that is accepted",
          "[news]") {
    StagedLog news;
    news.open();
    news.create("A");
    news.create("B");
    news.close();
    news.copy(StagedLog::command_file, "old.db");
    news.open();
    for (const char* title : {"C", "D", "E"}) news.create(title);
    news.close();
    news.copy("old.db", StagedLog::command_file);

    CHECK_FALSE(news.verified().problems.empty());
    auto refused = news.try_open();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "older_data");
    CHECK_THAT(refused.error().message, Catch::Contains("older"));
    CHECK_THAT(refused.error().message, Catch::Contains("news-sports.command.db"));

    REQUIRE(news.try_open(true));
    // Until the view is made anew, it says nothing: C, D and E are ghosts.
    CHECK_FALSE(news.instance->view_fits());
    auto meanwhile = base::run(news.instance->queries().page(1, 10, {}));
    REQUIRE_FALSE(meanwhile);
    CHECK(meanwhile.error().code == "view_rebuilding");
    news.start();
    REQUIRE(*base::run(news.instance->caught_up(20s)));
    CHECK(news.instance->view_fits());
    CHECK(news.titles() == Titles{"A", "B"});
    news.create("F");
    CHECK(news.titles() == Titles{"A", "B", "F"});
    news.close();
    CHECK(news.verified().problems.empty());
    news.open();
    CHECK(news.instance->view_fits());
    CHECK(news.titles() == Titles{"A", "B", "F"});
}

TEST_CASE("a view of another history is made anew from its log", "[news]") {
    StagedLog news;
    StagedLog other;
    for (auto* stage : {&news, &other}) {
        stage->open();
        for (int i = 1; i <= 3; ++i) {
            stage->create((stage == &news ? "ours " : "theirs ") + std::to_string(i));
        }
        stage->close();
    }
    std::filesystem::copy_file(other.folder / StagedLog::query_file,
                               news.folder / StagedLog::query_file,
                               std::filesystem::copy_options::overwrite_existing);
    auto problems = news.verified().problems;
    CHECK_FALSE(problems.empty());

    REQUIRE(news.try_open());
    CHECK_FALSE(news.instance->view_fits());
    auto before = news.instance->queries().generation();
    news.start();
    REQUIRE(*base::run(news.instance->caught_up(20s)));
    CHECK(news.instance->view_fits());
    CHECK(news.titles() == Titles{"ours 1", "ours 2", "ours 3"});
    CHECK(news.instance->queries().generation() != before);
    news.close();
    CHECK(news.verified().problems.empty());
}

TEST_CASE("a view that is older than its log just hears the rest", "[news]") {
    StagedLog news;
    news.open();
    news.create("A");
    news.close();
    news.copy(StagedLog::query_file, "old.db");
    news.open();
    news.create("B");
    news.close();
    news.copy("old.db", StagedLog::query_file);
    REQUIRE(news.try_open());
    CHECK(news.instance->view_fits());
    news.start();
    REQUIRE(*base::run(news.instance->caught_up(20s)));
    CHECK(news.titles() == Titles{"A", "B"});
}

TEST_CASE("what was recorded while the clock was wrong does not date what follows", "[news]") {
    StagedLog news;
    news.open();
    constexpr auto ten_years = 24h * 3650;
    news.clock.set_by(ten_years);
    auto early = news.create("From the future");
    news.clock.set_by(-ten_years);
    CHECK(news.instance->ahead_of_clock() > 24h);

    news.clock.advance(1s);
    auto late = news.create("From now");
    CHECK(late.created_at <= news.clock.now());
    CHECK(late.created_at > news.clock.now() - 1min);
    CHECK(news.instance->ahead_of_clock() == 0s);
    base::Context editor;
    editor.actor.role = base::Role::editor;
    auto now = news.clock.now();
    for (const auto& article : {early, late}) {
        auto as_of = base::run(news.instance->queries().as_of(article.id, now, editor));
        REQUIRE(as_of);
        CHECK(as_of->title == article.title);
    }
    CHECK_FALSE(base::run(news.instance->queries().as_of(late.id, now - 1h, editor)));
    news.close();
    auto report = news.verified();
    CHECK(report.problems.empty());
    CHECK(report.set_back == 1);
}

TEST_CASE("the version at a time goes by the order of events, whatever they are dated", "[news]") {
    auto at = [](int seconds) { return base::from_micros(std::int64_t{seconds} * 1000000); };
    support::TemporaryFolder folder;
    support::FakeClock clock;
    database::Options options;
    options.name = "log";
    options.file = folder / "log.db";
    options.migrations = command_schema();
    auto database = *database::Database::open(std::move(options));
    bus::Log log(*database, clock, "log");
    ArticleId newest = 0;
    auto history = [&](const std::vector<int>& dates) {
        auto work = [&, id = ++newest](database::Transaction& transaction) -> base::Result<bool> {
            std::int64_t version = 0;
            for (int date : dates) {
                bus::NewEvent event{id, ++version, "article_removed.v1", "{}", {}, "test"};
                event.at = at(date);
                log.append(transaction, std::move(event));
            }
            return true;
        };
        REQUIRE(base::run(database->write<bool>(base::Deadline(), 0, work)));
        return newest;
    };
    auto version_at = [&](ArticleId id, base::Time end) {
        auto work = [&](database::ReadTransaction& transaction) -> base::Result<Version> {
            return read_version_before(transaction, id, end, at(1000));
        };
        return *base::run(database->read<Version>(base::Deadline(), work));
    };
    CHECK(version_at(history({10, 20, 30}), at(25)) == 2);
    CHECK(version_at(history({10, 20, 30}), at(5)) == 0);
    CHECK(version_at(history({10, 20, 30}), at(-5)) == 0);
    CHECK(version_at(history({10, 20, 30}), at(5000)) == 3);
    // The second is dated far ahead, but the third came after it.
    CHECK(version_at(history({10, 9000, 30}), at(31)) == 3);
    CHECK(version_at(history({10, 9000, 30}), at(30)) == 1);
    // The last one is, and still it has happened by now.
    CHECK(version_at(history({10, 9000}), at(1001)) == 2);
    CHECK(version_at(history({10, 9000}), at(999)) == 1);
}

TEST_CASE("who hears a news log reads its events with the public decoder", "[news]") {
    StagedLog news;
    news.open();
    auto created = news.create("A");
    CHECK(news.instance->feed().source() == "news-sports");
    auto events = base::run(news.instance->feed().stream(created.id, base::Deadline()));
    REQUIRE(events->size() == 1);
    auto event = article_event(events->front());
    CHECK(std::get<ArticleCreated>(event).title == "A");
    events->front().type = "article_created.v9";
    CHECK_THROWS_AS(article_event(events->front()), std::runtime_error);
}

}  // namespace news
