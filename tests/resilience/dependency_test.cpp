// What counts against a dependency, and what says nothing of it.
#include "resilience/dependency.hpp"

#include "base/task.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"

namespace resilience {

namespace {

base::Task<int> refused_as(const char* code) {
    co_return base::Error{base::Reason::unavailable, code, "Not now."};
}

}  // namespace

TEST_CASE("a dependency that says at once why it cannot answer is asked again at once",
          "[resilience]") {
    struct Case {
        const char* code;
        bool rests;
    };
    for (auto [code, rests] : {Case{"store_unreadable", true}, Case{"overloaded", false},
                               Case{"view_rebuilding", false}, Case{"not_counted_yet", false}}) {
        CAPTURE(code);
        telemetry::Metrics metrics;
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        Dependency dependency("news:sports", {}, metrics, clock);
        for (int i = 0; i < 50; ++i) {
            auto asked = base::run(dependency.ask<int>(base::Deadline(), refused_as(code)));
            CHECK_FALSE(asked);
        }
        CHECK(dependency.rests() == rests);
    }
}

}  // namespace resilience
