// The modules of a process: started in order, stopped in reverse, and gone when nothing of them
// runs any more.
#include "host/host.hpp"

#include "base/watermark.hpp"
#include "host/task_group.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
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
    REQUIRE(host.jobs().size() == 2);
    CHECK(host.jobs()[1].name == "job of second");
    REQUIRE(host.checks().size() == 2);
    CHECK(host.checks()[0].name == "first");
}

TEST_CASE("a group of tasks has ended when each of them has, however it ended", "[host]") {
    base::Loop background;
    auto guard = boost::asio::make_work_guard(background);
    std::thread thread([&] { background.run(); });
    TaskGroup group("test", background.get_executor());
    CHECK(base::run(group.ended({})));

    auto mark = std::make_shared<base::Watermark>();
    group.spawn("nothing waits any more", until(mark));
    group.spawn("nothing breaks any more", breaks());
    auto early = base::run(group.ended(base::Deadline::in(std::chrono::milliseconds(0))));
    REQUIRE_FALSE(early);
    CHECK(early.error().reason == base::Reason::deadline);
    mark->advance(1);
    CHECK(base::run(group.ended({})));
    guard.reset();
    thread.join();
}

}  // namespace host
