// An import and the stores that it fills: what it does when they are slow, refuse or break.
#include "news/import.hpp"
#include "news/batch.hpp"

#include <fstream>
#include <future>
#include <thread>

#include "news/instance.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;

/// Takes imports as the test says, each answered from another thread, as a store does.
class FakeCommands final : public Commands {
public:
    using Answer = std::function<base::Result<Imported>(int call)>;
    explicit FakeCommands(Answer answer) : answer_(std::move(answer)) {}
    ~FakeCommands() override {
        for (auto& thread : threads_) thread.join();
    }

    base::Task<Article> create(NewArticle, Command) override { co_return refused(); }
    base::Task<Article> revise(ArticleId, Revision, Command) override { co_return refused(); }
    base::Task<Article> publish(ArticleId, std::optional<base::Time>, Command) override {
        co_return refused();
    }
    base::Task<Article> unpublish(ArticleId, Command) override { co_return refused(); }
    base::Task<Version> remove(ArticleId, Command) override { co_return refused(); }
    base::Task<Article> restore(ArticleId, Version, Command) override { co_return refused(); }
    base::Task<Article> take(ArticleId, Step, Remark, Command) override { co_return refused(); }
    base::Task<std::vector<Article>> batch(std::vector<BatchCommand>, Command) override {
        co_return refused();
    }
    base::Task<Imported> import(std::vector<ImportItem>, base::Context) override {
        auto start = [this, call = ++calls](base::Completion<Imported> completion) {
            threads_.emplace_back(
                [this, call, moved = std::move(completion)]() mutable { moved(answer_(call)); });
        };
        auto result = co_await base::suspend<Imported>(start);
        ++ended;
        if (breaks) throw std::runtime_error("the file is damaged");
        co_return result;
    }

    int calls = 0;
    int ended = 0;
    bool breaks = false;

private:
    static base::Error refused() {
        return {base::Reason::unavailable, "not_asked", "Nobody asks this."};
    }

    Answer answer_;
    std::vector<std::thread> threads_;
};

base::Error error_of(const char* code) {
    return {base::Reason::unavailable, code, "Not now."};
}

class Site {
public:
    explicit Site(int lines) {
        config.import_batch_items = 1;
        std::ofstream out(file());
        for (int i = 0; i < lines; ++i) {
            out << R"({"source_id":")" << i << R"(","news_type":")"
                << (i % 2 == 0 ? "sports" : "politics")
                << R"(","title":"T","content":"C","author":"Ann"})" << '\n';
        }
    }

    base::Result<ImportReport> import(FakeCommands& sports, FakeCommands& politics) {
        std::map<std::string, Commands*> types{{"sports", &sports}, {"politics", &politics}};
        auto tell = [](const ImportReport&) {};
        return import_file(file(), {}, folder.path(), types, config, "import", clock, tell, stop);
    }
    std::filesystem::path file() const { return folder / "archive.jsonl"; }

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::at_once};
    Config config;
    std::atomic<bool> stop{false};
};

}  // namespace

TEST_CASE("an import that one store refuses waits for what the others have under way", "[news]") {
    Site site(4);
    std::promise<void> told;
    auto future = told.get_future().share();
    FakeCommands sports([&](int) {
        future.wait();
        return Imported{1};
    });
    FakeCommands politics([&](int) -> base::Result<Imported> {
        told.set_value();
        return error_of("storage_full");
    });
    site.config.import_batch_items = 2;

    auto report = site.import(sports, politics);

    REQUIRE_FALSE(report);
    CHECK(report.error().code == "storage_full");
    CHECK(sports.ended == sports.calls);
    CHECK(politics.ended == politics.calls);
}

TEST_CASE("an import that breaks half-way leaves nothing under way", "[news]") {
    Site site(8);
    std::promise<void> told;
    auto future = told.get_future().share();
    FakeCommands sports([&](int) {
        future.wait();
        return Imported{1};
    });
    FakeCommands politics([&](int call) -> base::Result<Imported> {
        if (call == 1) told.set_value();
        return Imported{1};
    });
    politics.breaks = true;

    CHECK_THROWS_AS(site.import(sports, politics), std::runtime_error);

    CHECK(sports.ended == sports.calls);
}

TEST_CASE("an import waits for a store that has too much to do, and goes on", "[news]") {
    Site site(6);
    auto busy = [](int call) -> base::Result<Imported> {
        if (call % 3 != 0) return error_of("overloaded");
        return Imported{1};
    };
    FakeCommands sports(busy);
    FakeCommands politics(busy);

    auto report = site.import(sports, politics);

    REQUIRE(report);
    CHECK(report->added == 6);
    CHECK(sports.calls == 9);
}

TEST_CASE("an import does not wait for ever for a store that has too much to do", "[news]") {
    Site site(2);
    site.config.import_wait_max_ms = 1000ms;
    FakeCommands sports([](int) -> base::Result<Imported> { return error_of("overloaded"); });
    FakeCommands politics([](int) { return Imported{1}; });

    auto report = site.import(sports, politics);

    REQUIRE_FALSE(report);
    CHECK(report.error().code == "overloaded");
    // After 10, 20, 40, 80, 160, 320 and 500 ms, which are too long together.
    CHECK(sports.calls == 8);
    CHECK(politics.ended == 1);
}

TEST_CASE("an import that is stopped while it waits for a store ends", "[news]") {
    Site site(2);
    FakeCommands sports([&](int call) -> base::Result<Imported> {
        if (call == 2) site.stop = true;
        return error_of("overloaded");
    });
    FakeCommands politics([](int) { return Imported{1}; });

    CHECK_FALSE(site.import(sports, politics));
    CHECK(sports.calls == 2);
}

}  // namespace news
