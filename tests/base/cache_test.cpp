#include "base/cache.hpp"

#include "support/catch.hpp"

namespace base {

TEST_CASE("a cache forgets what was not asked for the longest, never what is pinned", "[base]") {
    Cache<int, int> cache(160);
    cache.pin(-1, 7);
    for (int i = 0; i < 10000; ++i) {
        cache.put(i, i);
        REQUIRE(cache.find(0) == 0);
    }
    CHECK(cache.find(-1) == 7);
    CHECK(cache.find(9999) == 9999);
    CHECK_FALSE(cache.find(1));
    CHECK(cache.size() <= 16 * 11 + 1);
}

TEST_CASE("an entry is pinned until it was unpinned as often", "[base]") {
    Cache<int, int> cache(16);
    cache.put(1, 10);
    cache.pin(1, 11);
    cache.pin(1, 12);
    cache.unpin(1);
    for (int i = 2; i < 1000; ++i) cache.put(i, i);
    CHECK(cache.find(1) == 12);
    cache.unpin(1);
    cache.unpin(1);
    for (int i = 2; i < 1000; ++i) cache.put(i, i);
    CHECK_FALSE(cache.find(1));
    cache.pin(1, 13);
    cache.erase(1);
    CHECK_FALSE(cache.find(1));
}

TEST_CASE("what was read earlier does not take the place of what was written since", "[base]") {
    Cache<int, int> cache(16);
    cache.put(1, 2);
    cache.fill(1, 1);
    CHECK(cache.find(1) == 2);
    cache.fill(2, 5);
    CHECK(cache.find(2) == 5);
}

}  // namespace base
