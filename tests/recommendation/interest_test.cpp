#include "interest.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "support/catch.hpp"

namespace recommendation {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const base::Time start = *base::parse_rfc3339("2026-03-01T12:00:00Z");
const Scale scale{start, 0, 14 * days(1)};

bool nearly(double value, double expected) {
    return std::abs(value - expected) <= 1e-9 * std::abs(expected);
}

/// The rank of visits at these times, applied in this order.
double rank_of(const Scale& line, const std::vector<base::Time>& times) {
    double rank = line.score(times.front());
    for (std::size_t i = 1; i < times.size(); ++i) rank = add_view(rank, line.score(times[i]));
    return rank;
}

/// What they weigh by the definition: the sum of 2^(-age / half-life).
double defined_weight(const std::vector<base::Time>& times, base::Time now) {
    long double sum = 0;
    for (auto time : times) {
        sum += std::exp2(-static_cast<long double>((now - time).count()) /
                         static_cast<long double>(scale.half_life.count()));
    }
    return static_cast<double>(sum);
}

std::vector<base::Time> random_times(std::mt19937& random, std::size_t count) {
    std::uniform_int_distribution<std::int64_t> micros(
        0, std::chrono::microseconds(days(3650)).count());
    std::vector<base::Time> times;
    for (std::size_t i = 0; i < count; ++i) {
        times.push_back(start + std::chrono::microseconds(micros(random)));
    }
    return times;
}

}  // namespace

TEST_CASE("a visit weighs one when it happens and half of that after each half-life",
          "[recommendation]") {
    double rank = scale.score(start);
    CHECK(weight(rank, scale.score(start)) == 1);
    CHECK(nearly(weight(rank, scale.score(start + days(14))), 0.5));
    CHECK(nearly(weight(rank, scale.score(start + days(28))), 0.25));
    CHECK(nearly(weight(rank, scale.score(start + days(3650))), std::exp2(-3650.0 / 14)));
    CHECK(nearly(weight(rank, scale.score(start + 1h)), std::exp2(-1.0 / 336)));
}

TEST_CASE("a rank is the sum of all its visits, also across ten years", "[recommendation]") {
    std::vector<base::Time> visits{start, start + days(3650), start + days(3651), start + days(14)};
    auto now = start + days(3660);
    CHECK(nearly(weight(rank_of(scale, visits), scale.score(now)), defined_weight(visits, now)));

    std::vector<base::Time> at_once(10000, start);
    CHECK(nearly(weight(rank_of(scale, at_once), scale.score(start)), 10000));

    // With the shortest half-life that is a factor of 2^87600, which no number holds.
    Scale hour{start, 0, 1h};
    std::vector<base::Time> far{start, start + days(3650)};
    CHECK(nearly(weight(rank_of(hour, far), hour.score(start + days(3650))), 1));
}

TEST_CASE("the order in which visits come changes nothing", "[recommendation]") {
    auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 50; ++round) {
        auto visits = random_times(random, 200);
        auto now = start + days(3650);
        auto expected = defined_weight(visits, now);
        for (int again = 0; again < 3; ++again) {
            std::shuffle(visits.begin(), visits.end(), random);
            CHECK(nearly(weight(rank_of(scale, visits), scale.score(now)), expected));
        }
    }
}

TEST_CASE("ranks that were made at different times compare like weights at any time",
          "[recommendation]") {
    double old_and_many = rank_of(scale, std::vector<base::Time>(100, start));
    double new_and_few = rank_of(scale, std::vector<base::Time>(2, start + days(90)));
    REQUIRE(new_and_few > old_and_many);
    for (int day : {90, 100, 1000, 3650}) {
        double now = scale.score(start + days(day));
        CHECK(weight(new_and_few, now) > weight(old_and_many, now));
    }
}

TEST_CASE("with another half-life everything weighs what it weighed, and fades anew from then on",
          "[recommendation]") {
    std::vector<base::Time> visits{start, start + days(3), start + days(9)};
    double rank = rank_of(scale, visits);
    auto changed_at = start + days(10);
    auto changed = with_half_life(scale, 24h, changed_at);

    auto before = weight(rank, scale.score(changed_at));
    CHECK(nearly(weight(rank, changed.score(changed_at)), before));
    CHECK(nearly(weight(rank, changed.score(changed_at + 24h)), before / 2));

    auto back = with_half_life(changed, scale.half_life, changed_at + 24h);
    CHECK(nearly(weight(rank, back.score(changed_at + 24h + days(14))), before / 4));
}

TEST_CASE("a weight is finite also when the clock was put back by decades", "[recommendation]") {
    Scale hour{start, 0, 1h};
    double rank = hour.score(start + days(36500));
    CHECK(std::isfinite(weight(rank, hour.score(start))));
    CHECK(std::isfinite(add_view(rank, hour.score(start))));
}

TEST_CASE("a visit counts once, and again only when it is later by the interval",
          "[recommendation]") {
    CHECK(counts(std::nullopt, start, 1h));
    CHECK_FALSE(counts(start, start, 1h));
    CHECK_FALSE(counts(start, start - 24h, 1h));
    CHECK_FALSE(counts(start, start + 1h - 1us, 1h));
    CHECK(counts(start, start + 1h, 1h));
}

TEST_CASE("what few read is rarer than what all read", "[recommendation]") {
    CHECK(nearly(rarity(10, 10), std::log(2.0)));
    CHECK(nearly(rarity(99, 1), std::log(100.0)));
    CHECK(rarity(1000, 5) > rarity(1000, 6));
    // Counts that cannot be: still a number, and not a negative one.
    CHECK(nearly(rarity(0, 0), std::log(2.0)));
}

TEST_CASE("tags become labels once each, if they are neither empty nor too long",
          "[recommendation]") {
    std::string longest(200, 'x');
    std::string too_long(201, 'x');
    CHECK(labels_of({"b", "a", "", "b", longest, too_long}) ==
          std::vector<std::string>{"b", "a", longest});
}

TEST_CASE("a list is heaviest first: recent before old, rare before common", "[recommendation]") {
    double now = scale.score(start + days(28));
    std::vector<Edge> edges{{"common", scale.score(start + days(28)), start + days(28), 100},
                            {"old", scale.score(start), start, 100},
                            {"rare", scale.score(start + days(14)), start + days(14), 1},
                            {"b", scale.score(start), start, 50},
                            {"a", scale.score(start), start, 50}};
    auto list = heaviest(edges, 100, now, 10);
    REQUIRE(list.size() == 5);
    CHECK(list[0].label == "rare");
    CHECK(nearly(list[0].weight, 0.5 * std::log(101.0)));
    CHECK(list[0].last_seen == start + days(14));
    CHECK(list[1].label == "common");
    CHECK(nearly(list[1].weight, std::log(2.0)));
    CHECK(list[2].label == "a");
    CHECK(list[3].label == "b");
    CHECK(list[4].label == "old");

    auto first = heaviest(edges, 100, now, 1);
    REQUIRE(first.size() == 1);
    CHECK(first[0].label == "rare");
}

}  // namespace recommendation
