#include "resilience/fair_slots.hpp"

#include <vector>

#include "support/catch.hpp"

using resilience::FairSlots;

namespace {

/// As many as that client gets now.
std::vector<FairSlots::Slot> take_all(FairSlots& slots, const std::string& client) {
    std::vector<FairSlots::Slot> taken;
    while (auto slot = slots.take(client)) taken.push_back(std::move(*slot));
    return taken;
}

}  // namespace

TEST_CASE("one client gets half of the places, and the next a share of the rest", "[resilience]") {
    FairSlots slots(32);

    auto first = take_all(slots, "first");
    auto second = take_all(slots, "second");

    CHECK(first.size() == 16);
    CHECK(second.size() == 8);
    CHECK(slots.take("third"));
}

TEST_CASE("a place is free again when whoever had it is done", "[resilience]") {
    FairSlots slots(2);
    auto first = slots.take("first");
    REQUIRE(first);
    REQUIRE_FALSE(slots.take("first"));

    auto moved = std::move(first);
    CHECK_FALSE(slots.take("first"));
    moved.reset();

    CHECK(slots.take("first"));
}

TEST_CASE("the last place goes to who has none", "[resilience]") {
    FairSlots slots(1);

    auto only = slots.take("first");

    CHECK(only);
    CHECK_FALSE(slots.take("second"));
    CHECK_FALSE(slots.take(""));
}

TEST_CASE("who has no address gets what is free", "[resilience]") {
    FairSlots slots(4);

    auto all = take_all(slots, "");

    CHECK(all.size() == 4);
}
