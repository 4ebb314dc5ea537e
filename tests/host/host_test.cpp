// The modules of a process: started in order, stopped in reverse, and gone when nothing of them
// runs any more.
#include "host/host.hpp"

#include "base/watermark.hpp"
#include "host/task_group.hpp"
#include "parked_job.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_feed.hpp"
#include "support/fake_inbox.hpp"
#include "support/temporary_folder.hpp"

namespace host {

namespace {

using Story = std::vector<std::string>;

/// Does nothing but tell when it is told to.
class FakeModule : public Module {
public:
    FakeModule(std::string name, Story& story) : name_(std::move(name)), story_(story) {}
    ~FakeModule() override { story_.push_back(name_ + " is gone"); }

    std::string name() const override { return name_; }
    std::vector<operations::Check> checks() override {
        return {{name_, [] { return std::string(); }}};
    }
    std::vector<operations::NamedJob> jobs() override { return {{"job of " + name_, {}}}; }
    base::Task<void> start() override {
        story_.push_back(name_ + " starts");
        if (refuses) {
            co_return base::Error{base::Reason::unavailable, "not_today", "It does not start."};
        }
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline) override {
        story_.push_back(name_ + " stops");
        if (never_ends) co_return base::deadline_passed();
        co_return base::Result<void>();
    }

    bool refuses = false;
    bool never_ends = false;

private:
    std::string name_;
    Story& story_;
};

struct Fixture {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    Story story;
};

base::Task<void> until(std::shared_ptr<base::Watermark> mark) {
    co_await mark->reached(1, std::chrono::minutes(1));
    co_return base::Result<void>();
}

base::Task<void> breaks() {
    throw std::runtime_error("broken");
    co_return base::Result<void>();
}

base::Task<void> refuses() {
    co_return base::Error{base::Reason::unavailable, "not_today", "It does not work."};
}

/// A background thread with a clock that is moved by hand; breaks last 1, 2, 3, 3 … seconds.
struct Background {
    Background() {
        environment.supervision = std::make_shared<Supervision>(
            Restarts{std::chrono::milliseconds(1000), std::chrono::milliseconds(3000)});
    }
    ~Background() {
        guard.reset();
        thread.join();
    }

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    base::Loop loop;
    boost::asio::executor_work_guard<base::Executor> guard = boost::asio::make_work_guard(loop);
    Environment environment{folder.path(), clock, metrics, loop.get_executor()};
    std::thread thread{[this] { loop.run(); }};
};

}  // namespace

TEST_CASE("modules start in the order of their list, and stop and go in reverse", "[host]") {
    Fixture with;
    {
        Host host({with.folder.path(), 2}, with.clock);
        host.add(std::make_unique<FakeModule>("first", with.story));
        host.add(std::make_unique<FakeModule>("second", with.story));
        REQUIRE(host.start());
        host.stop({});
        host.stop({});
    }
    CHECK(with.story == Story{"first starts", "second starts", "second stops", "first stops",
                              "second is gone", "first is gone"});
}

TEST_CASE("a module that cannot be started stops those before it, and is not stopped itself",
          "[host]") {
    Fixture with;
    {
        Host host({with.folder.path()}, with.clock);
        host.add(std::make_unique<FakeModule>("first", with.story));
        host.add(std::make_unique<FakeModule>("second", with.story)).refuses = true;
        host.add(std::make_unique<FakeModule>("third", with.story));
        auto started = host.start();
        REQUIRE_FALSE(started);
        CHECK(started.error().code == "not_today");
    }
    CHECK(with.story == Story{"first starts", "second starts", "first stops", "third is gone",
                              "second is gone", "first is gone"});
}

TEST_CASE("a module that does not end in time is named, and keeps nobody from ending", "[host]") {
    Fixture with;
    Host host({with.folder.path()}, with.clock);
    host.add(std::make_unique<FakeModule>("first", with.story));
    host.add(std::make_unique<FakeModule>("second", with.story)).never_ends = true;
    REQUIRE(host.start());
    auto stopped = host.stop(base::Deadline::in(std::chrono::milliseconds(0)));
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().reason == base::Reason::deadline);
    CHECK(with.story == Story{"first starts", "second starts", "second stops", "first stops"});
    CHECK(host.stop({}));
}

TEST_CASE("a host gives what its modules have, in their order", "[host]") {
    Fixture with;
    Host host({with.folder.path(), 3, false}, with.clock);
    host.add(std::make_unique<FakeModule>("first", with.story));
    host.add(std::make_unique<FakeModule>("second", with.story));
    CHECK(host.environment().folder == with.folder.path());
    CHECK(host.environment().io_threads == 3);
    CHECK_FALSE(host.environment().scheduled);
    REQUIRE(host.jobs().size() == 3);
    CHECK(host.jobs()[1].name == "job of second");
    CHECK(host.jobs()[2].name == "parked");
    REQUIRE(host.checks().size() == 4);
    CHECK(host.checks()[0].name == "first");
}

TEST_CASE("a group of tasks has ended when each of them has, however it ended", "[host]") {
    Background background;
    TaskGroup group("test", background.environment);
    auto mark = std::make_shared<base::Watermark>();
    group.spawn("waits", "nothing waits", [mark] { return until(mark); });
    group.spawn("breaks", "nothing breaks", breaks);
    auto early = base::run(group.ended(base::Deadline::in(std::chrono::milliseconds(0))));
    REQUIRE_FALSE(early);
    CHECK(early.error().reason == base::Reason::deadline);
    mark->advance(1);
    CHECK(base::run(group.ended({})));
}

TEST_CASE("a task that breaks is begun again after waits that double, and counted", "[host]") {
    Background background;
    auto begun = std::make_shared<std::atomic<int>>(0);
    auto mark = std::make_shared<base::Watermark>();
    TaskGroup group("test", background.environment);
    group.spawn("worker", "nothing is done",
                [begun, mark] { return ++*begun < 4 ? breaks() : until(mark); });
    auto& supervision = *background.environment.supervision;
    for (auto wait : {1000, 2000, 3000}) {
        CHECK(background.clock.skip() == std::chrono::milliseconds(wait));
    }
    REQUIRE(support::eventually([&] { return *begun == 4 && supervision.warning().empty(); }));
    CHECK(background.metrics.text().find(R"(portal_tasks_restarted_total{task="test.worker"} 3)") !=
          std::string::npos);
    mark->advance(1);
    CHECK(base::run(group.ended({})));
    CHECK(*begun == 4);
}

TEST_CASE("a task that is down is known, and is not begun again by a group that ends", "[host]") {
    Background background;
    auto begun = std::make_shared<std::atomic<int>>(0);
    TaskGroup group("test", background.environment);
    group.spawn("worker", "nothing is done", [begun] {
        ++*begun;
        return refuses();
    });
    auto& supervision = *background.environment.supervision;
    REQUIRE(support::eventually([&] { return !supervision.warning().empty(); }));
    CHECK(supervision.warning() == "test.worker broke and is begun again soon: nothing is done");
    CHECK(base::run(group.ended({})));
    CHECK(*begun == 1);
    CHECK(supervision.warning().empty());
}

TEST_CASE("a clock that is set is noticed, once for each time, and shown for an hour", "[host]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    telemetry::Metrics metrics;
    ClockWatch watch(clock, metrics);
    auto jumps = [&] { return metrics.counter("portal_clock_jumps_total", "").value(); };
    for (int i = 0; i < 100; ++i) {
        clock.advance(std::chrono::seconds(1));
        clock.set_by(std::chrono::milliseconds(i % 2 == 0 ? 900 : -900));
        watch.look();
    }
    CHECK(jumps() == 0);
    CHECK(watch.warning().empty());

    clock.set_by(std::chrono::hours(24 * 3650));
    watch.look();
    watch.look();
    CHECK(jumps() == 1);
    CHECK(watch.warning().find("315360000 seconds ahead") != std::string::npos);
    clock.advance(std::chrono::minutes(10));
    watch.look();
    CHECK(jumps() == 1);
    clock.set_by(-std::chrono::hours(24 * 3650));
    watch.look();
    CHECK(jumps() == 2);
    CHECK(watch.warning().find("has been set right") != std::string::npos);
    clock.advance(std::chrono::minutes(59));
    CHECK_FALSE(watch.warning().empty());
    clock.advance(std::chrono::minutes(1));
    CHECK(watch.warning().empty());
}

TEST_CASE("the parked streams of all subscriptions are one list, and each can be acted on",
          "[host]") {
    Background background;
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.break_on({7});
    bus::Config config;
    config.attempts_max = 1;
    bus::Subscription subscription(feed, inbox, background.clock, config,
                                   background.environment.background);
    REQUIRE(base::run(subscription.load()));
    TaskGroup group("test", background.environment);
    group.spawn("follower", "nothing is heard", [&] { return subscription.run(); });
    feed.add(7);
    REQUIRE(support::eventually([&] { return subscription.parked() == 1; }));

    auto job = parked_job({{"news.sports", &subscription}}).job;
    operations::Progress progress;
    auto listed = job({{"do", "list"}}, progress);
    REQUIRE(listed);
    REQUIRE(listed->at("parked").size() == 1);
    const auto& one = listed->at("parked")[0];
    CHECK(one.at("subscription") == "news.sports");
    CHECK(one.at("stream") == 7);
    CHECK(one.at("error") == "cannot take this one");

    auto ask = [&](const char* what, const char* name) {
        return job({{"do", what}, {"subscription", name}, {"stream", 7}}, progress);
    };
    CHECK(ask("retry", "news.spots").error().message.find("news.sports") != std::string::npos);
    CHECK(ask("retry", "news.sports").error().code == "still_broken");
    CHECK(ask("drop", "news.sports"));
    CHECK(job({{"do", "list"}}, progress)->at("parked").empty());
    CHECK(ask("retry", "news.sports").error().code == "not_parked");
    subscription.stop();
    CHECK(base::run(group.ended({})));
}

}  // namespace host
