// A news type of which one store, or both, cannot be used.
#include <filesystem>
#include <fstream>

#include "news/instance.hpp"
#include "news/verify.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/sqlite_file.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// One type on real files; its background work is done when the test says so.
class StepStage {
public:
    ~StepStage() { close(); }

    void open() {
        config.view_wait_ms = 0ms;
        config.author_lists = true;
        config.database.cache_kib = 64;
        background = std::make_unique<support::SteppedLoop>();
        host::Environment environment{folder.path(), clock, metrics, background->executor()};
        environment.scheduled = false;
        auto opened = Instance::open("sports", config, environment);
        if (!opened) FAIL(opened.error().message);
        instance = std::move(*opened);
    }
    void start() {
        instance->start();
        background->settle();
    }
    void close() {
        if (!instance) return;
        REQUIRE(background->run(instance->stop({})));
        instance.reset();
    }
    void pass(std::chrono::milliseconds span) {
        clock.advance(span);
        background->settle();
    }
    base::Result<Article> create(const std::string& title) {
        Command command;
        command.context.actor = {7, base::Role::author};
        NewArticle article{title, "", std::string(3000, 'x'), "Ann", {"x"}};
        auto created = base::run(instance->commands().create(article, command));
        background->settle();
        return created;
    }
    /// A closed stage with articles.
    void fill() {
        open();
        start();
        for (int i = 0; i < 30; ++i) REQUIRE(create("n" + std::to_string(i)));
        close();
    }
    base::Result<std::vector<Article>> list() {
        return base::run(instance->queries().page(1, 100, {}));
    }
    std::size_t shown() {
        auto listed = list();
        REQUIRE(listed);
        return listed->size();
    }
    std::string list_code() {
        auto listed = list();
        return listed ? "" : listed.error().code;
    }
    fs::path view() const { return folder / "news-sports.query.db"; }
    fs::path log() const { return folder / "news-sports.command.db"; }
    std::size_t count_aside() const {
        std::size_t count = 0;
        for (const auto& entry : fs::directory_iterator(folder.path())) {
            auto name = entry.path().filename().string();
            bool is_log = name.ends_with("-wal") || name.ends_with("-shm");
            if (name.starts_with("news-sports.query.db.aside-") && !is_log) ++count;
        }
        return count;
    }
    std::vector<std::string> problems() const {
        return verify(folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems;
    }

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    Config config;
    std::unique_ptr<support::SteppedLoop> background;
    std::unique_ptr<Instance> instance;
};

struct Fault {
    const char* name;
    void (*spoil)(const fs::path& file);
    std::size_t aside;
};

}  // namespace

TEST_CASE("a view that is damaged, unreadable or gone at the start is made anew", "[news]") {
    const Fault faults[] = {{"pages overwritten", support::overwrite_pages, 1},
                            {"no database", support::put_text, 1},
                            {"a folder", support::put_folder, 1},
                            {"cut short", support::cut_short, 1},
                            {"gone", support::take_away, 0}};
    for (const auto& fault : faults) {
        CAPTURE(fault.name);
        StepStage news;
        news.fill();
        fault.spoil(news.view());

        news.open();

        CHECK_FALSE(news.instance->view_fits());
        CHECK_FALSE(news.instance->readable());
        CHECK_FALSE(news.list());
        news.start();
        CHECK(news.instance->view_fits());
        CHECK(news.shown() == 30);
        base::Context anybody;
        CHECK(*base::run(news.instance->queries().count({"", "Ann"}, anybody)) == 30);
        REQUIRE(news.create("after"));
        CHECK(news.shown() == 31);
        CHECK(news.count_aside() == fault.aside);
        news.close();
        CHECK(news.problems().empty());
    }
}

TEST_CASE("a view that is damaged while it serves is made anew by itself", "[news]") {
    StepStage news;
    news.fill();
    news.open();
    news.start();
    auto before = news.instance->queries().generation();
    support::overwrite_pages(news.view());

    CHECK(news.list_code() == "store_damaged");
    CHECK_FALSE(news.instance->readable());
    CHECK_THAT(news.instance->warning(), Catch::Contains("the store news-sports.query is out"));
    // Changes are the log's business.
    REQUIRE(news.create("meanwhile"));
    news.pass(1000ms);

    CHECK(news.instance->readable());
    CHECK(news.instance->warning().empty());
    CHECK(news.shown() == 31);
    CHECK(news.instance->queries().generation() != before);
    CHECK(news.count_aside() == 1);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("a view that the projector finds damaged, or gone, is made anew", "[news]") {
    bool is_gone = GENERATE(true, false);
    StepStage news;
    news.fill();
    news.open();
    news.start();
    if (is_gone) {
        fs::remove(news.view());
    } else {
        support::overwrite_pages(news.view());
    }
    REQUIRE(news.create("next"));
    news.pass(1000ms);
    CHECK(news.shown() == 31);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("a view that is lost again and again is made anew after waits that double", "[news]") {
    StepStage news;
    news.fill();
    news.open();
    news.start();
    std::size_t all = 30;
    for (auto wait : {0ms, 1000ms, 2000ms}) {
        CAPTURE(wait.count());
        fs::remove(news.view());
        REQUIRE(news.create("another"));
        ++all;
        CHECK_FALSE(news.instance->readable());
        auto begun = news.clock.steady();
        while (!news.instance->readable() && news.clock.steady() - begun < 60s) news.pass(20ms);
        auto took = news.clock.steady() - begun;
        CHECK(took >= wait);
        CHECK(took < wait + 6s);
        CHECK(news.shown() == all);
    }
    CHECK(news.count_aside() == 0);
}

TEST_CASE("a type without its log can be read, and not changed", "[news]") {
    const Fault faults[] = {{"no database", support::put_text, 0},
                            {"a folder", support::put_folder, 0}};
    for (const auto& fault : faults) {
        CAPTURE(fault.name);
        StepStage news;
        news.fill();
        fault.spoil(news.log());

        news.open();
        news.start();

        CHECK(news.instance->readable());
        CHECK(news.shown() == 30);
        auto refused = news.create("new");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().reason == base::Reason::unavailable);
        CHECK(database::is_out(refused.error()));
        CHECK(news.instance->has_room());
        CHECK_THAT(news.instance->warning(),
                   Catch::Contains("the store news-sports.command is out"));
        // However long that lasts.
        news.pass(60s);
        CHECK(news.shown() == 30);
        CHECK(news.count_aside() == 0);
    }
}

TEST_CASE("a log that is damaged while it serves is read no more, and left as it is", "[news]") {
    StepStage news;
    news.fill();
    news.open();
    news.start();
    support::overwrite_pages(news.log());
    auto size = fs::file_size(news.log());

    // The history of the first article stands on pages that nobody has read since.
    base::Context editor;
    editor.actor.role = base::Role::editor;
    auto first = news.list()->back().id;
    auto history = base::run(news.instance->queries().history(first, {}, editor));
    REQUIRE_FALSE(history);
    CHECK(history.error().code == "store_damaged");
    CHECK(news.create("new").error().code == "store_damaged");
    CHECK(news.shown() == 30);
    CHECK(news.instance->readable());
    news.close();
    CHECK(fs::file_size(news.log()) == size);
}

TEST_CASE("a type without both is absent, and its view is not taken for an empty one", "[news]") {
    StepStage news;
    news.fill();
    support::put_text(news.log());
    SECTION("at the start") {
        support::put_text(news.view());
        news.open();
        news.start();
    }
    SECTION("while it serves") {
        news.open();
        news.start();
        CHECK(news.shown() == 30);
        support::overwrite_pages(news.view());
        CHECK(news.list_code() == "store_damaged");
        // Nothing could be made in its place.
        news.pass(60s);
        CHECK(news.count_aside() == 0);
    }
    CHECK_FALSE(news.instance->readable());
    CHECK_FALSE(news.list());
    CHECK(news.create("new").error().code == "store_damaged");
    news.pass(60s);
    CHECK_FALSE(news.list());
}

}  // namespace news
