// What is done from time to time, by the clock alone.
#include "site.hpp"
#include "support/stepped_loop.hpp"

namespace tests {

using namespace std::chrono_literals;

TEST_CASE("every quarter of an hour signing keys get successors, and the old ones go",
          "[identity]") {
    Site site;
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::SteppedLoop background;
    host::Environment environment{site.folder.path(), clock, site.metrics, background.executor()};
    auto module = std::move(*identity::Module::open(site.config, environment));
    REQUIRE(background.run(module->start()));
    CHECK(site.keys().size() == 1);

    clock.set_by(site.config.key_life_s + 1s);
    background.settle();
    clock.pass(15min - 1ms);
    background.settle();
    CHECK(site.keys().size() == 1);
    clock.pass(1ms);
    background.settle();
    CHECK(site.keys().size() == 2);

    // The old one goes when it has signed nothing that is still good.
    clock.set_by(1h + site.config.session_life_s + 1min);
    clock.pass(15min - 1ms);
    background.settle();
    CHECK(site.keys().size() == 2);
    clock.pass(1ms);
    background.settle();
    CHECK(site.keys().size() == 1);
    REQUIRE(background.run(module->stop({})));
}

}  // namespace tests
