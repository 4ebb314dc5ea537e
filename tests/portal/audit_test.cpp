#include "audit.hpp"

#include "support/catch.hpp"

namespace portal {

namespace {

using Shown = std::vector<std::string>;

base::Time at(int second) {
    return base::from_micros(std::int64_t{second} * 1000000);
}

bus::TrailEntry entry(int second, std::int64_t position) {
    bus::TrailEntry made;
    made.at = at(second);
    made.position = position;
    return made;
}

Shown shown(const AuditPage& page) {
    Shown all;
    for (const auto& one : page.entries) {
        all.push_back(one.log + ':' + std::to_string(one.entry.position));
    }
    return all;
}

}  // namespace

TEST_CASE("what several logs answer becomes one page, the newest first", "[portal]") {
    std::vector<AuditPart> parts = {{"users", {{entry(9, 4), entry(5, 3)}, {}}},
                                    {"identity", {{entry(9, 8), entry(7, 7), entry(5, 6)}, {}}}};
    auto all = merge(parts, 10);
    CHECK(shown(all) == Shown{"identity:8", "users:4", "identity:7", "identity:6", "users:3"});
    CHECK_FALSE(all.next);
    auto some = merge(parts, 3);
    CHECK(shown(some) == Shown{"identity:8", "users:4", "identity:7"});
    REQUIRE(some.next);
    CHECK(some.next->log == "identity");
    CHECK(some.next->position == 7);
}

TEST_CASE("nothing is given behind a place to which one log has not looked", "[portal]") {
    // `identity` has found nothing so far, and may have something at second 6.
    auto page = merge({{"identity", {{}, bus::TrailPlace{at(7), 90}}},
                       {"users", {{entry(9, 4), entry(5, 3)}, {}}}},
                      10);
    CHECK(shown(page) == Shown{"users:4"});
    REQUIRE(page.next);
    CHECK(page.next->in("identity").position == 90);
    CHECK(page.next->in("identity").at == at(7));
}

TEST_CASE("a place says where each log goes on, also within one moment", "[portal]") {
    AuditPlace place{at(7), "news-sports", 12};
    auto same = AuditPlace::parse(place.text());
    REQUIRE(same);
    CHECK(same->at == place.at);
    CHECK(same->log == place.log);
    CHECK(same->position == place.position);
    CHECK(place.in("news-sports").position == 12);
    // Those of that moment in the logs before it are given, those in the logs behind it are not.
    CHECK(place.in("identity").position == 0);
    CHECK(place.in("users").position == std::numeric_limits<std::int64_t>::max());
    for (const char* broken : {"", "x", "MQ", "MXwy"}) CHECK_FALSE(AuditPlace::parse(broken));
}

}  // namespace portal
