// How often things happen, and how long they take, over the last hour and day.
#include "base/traffic.hpp"

#include <cmath>

#include "support/catch.hpp"

namespace base {

using namespace std::chrono_literals;

TEST_CASE("answers are counted for an hour and a day, and forgotten after", "[base]") {
    Traffic traffic;
    auto start = Traffic::Moment() + 1000h;
    for (int i = 0; i < 100; ++i) traffic.add(start, 2ms);
    traffic.add(start + 30min, std::nullopt);
    CHECK(traffic.read(start + 30min).hour == 101);
    CHECK(traffic.read(start + 59min).hour == 101);
    CHECK(traffic.read(start + 60min).hour == 1);
    CHECK(traffic.read(start + 60min).day == 101);
    CHECK(traffic.read(start + 24h + 1min).day == 1);
    CHECK(traffic.read(start + 48h).day == 0);
    traffic.add(start + 24h, 1ms);
    CHECK(traffic.read(start + 24h).hour == 1);
}

TEST_CASE("half and 99 of 100 answers are told within an eighth", "[base]") {
    Traffic traffic;
    auto start = Traffic::Moment() + 1000h;
    CHECK_FALSE(traffic.read(start).p50);
    for (int i = 1; i <= 1000; ++i) traffic.add(start, std::chrono::microseconds(i * 100));
    auto counts = traffic.read(start + 5min);
    CHECK(std::abs(static_cast<double>(counts.p50->count()) / 50000 - 1) < 0.125);
    CHECK(std::abs(static_cast<double>(counts.p99->count()) / 99000 - 1) < 0.125);
    CHECK_FALSE(traffic.read(start + 80min).p50);
    traffic.add(start + 80min, 0us);
    traffic.add(start + 80min, 10h);
    CHECK(traffic.read(start + 80min).p50 < 20us);
    CHECK(traffic.read(start + 80min).p99 > 60s);
}

}  // namespace base
