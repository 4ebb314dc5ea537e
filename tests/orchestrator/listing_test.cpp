#include "listing.hpp"

#include "base/text.hpp"
#include "response_cache.hpp"
#include "support/catch.hpp"
#include "support/fake_queries.hpp"

namespace orchestrator {

namespace {

news::Article article(const char* type, std::int64_t second, std::int64_t id) {
    news::Article article;
    article.news_type = type;
    article.id = id;
    article.published_at = base::from_micros(second * 1000000);
    return article;
}

using support::FakeQueries;

const ResponseCache::Moment now{};

CachedResponse page_of(const FakeQueries& queries, std::size_t bytes = 10) {
    http::PreparedResponse answer;
    answer.body = std::string(bytes, 'x');
    return {std::make_shared<const http::PreparedResponse>(answer),
            {{&queries, *queries.generation()}}};
}

}  // namespace

TEST_CASE("lists of several types are one list, newest first, ties by id and then by type",
          "[orchestrator]") {
    auto listing =
        merge({{"sports", std::vector{article("sports", 9, 1), article("sports", 5, 7)}},
               {"famous", std::vector{article("famous", 9, 2), article("famous", 5, 7)}}},
              std::nullopt);
    REQUIRE(listing);
    std::string order;
    for (const auto& item : listing->items) order += item.news_type + std::to_string(item.id) + " ";
    CHECK(order == "famous2 sports1 famous7 sports7 ");
    CHECK_FALSE(listing->more);
}

TEST_CASE("a type that fails is named, and only if all fail the list does", "[orchestrator]") {
    auto partial = merge(
        {{"sports", base::deadline_passed()}, {"famous", std::vector{article("famous", 1, 1)}}},
        10);
    REQUIRE(partial);
    CHECK(partial->failed == std::vector<std::string>{"sports"});
    CHECK(partial->items.size() == 1);
    auto none =
        merge({{"sports", base::deadline_passed()}, {"famous", base::deadline_passed()}}, 10);
    REQUIRE_FALSE(none);
    CHECK(none.error().reason == base::Reason::deadline);
}

TEST_CASE("one item more than wanted says that there is more", "[orchestrator]") {
    auto two = std::vector{article("sports", 2, 1), article("sports", 1, 1)};
    CHECK(merge({{"sports", two}}, 1)->more);
    CHECK(merge({{"sports", two}}, 1)->items.size() == 1);
    CHECK_FALSE(merge({{"sports", two}}, 2)->more);
}

TEST_CASE("a cursor comes back as the cursor it was made from, and nothing else is a cursor",
          "[orchestrator]") {
    auto cursor = cursor_of(article("world-news", 1700000000, 42));
    auto back = news::from_cursor(to_cursor(cursor));
    REQUIRE(back);
    CHECK(back->published_at == cursor.published_at);
    CHECK(back->id == 42);
    CHECK(back->news_type == "world-news");
    // Before 1970 and at both ends of what a year may be.
    for (std::int64_t second : {-1470000000ll, -62135596800ll, 253402300799ll}) {
        auto old = cursor_of(article("sports", second, 7));
        auto same = news::from_cursor(to_cursor(old));
        REQUIRE(same);
        CHECK(same->published_at == old.published_at);
    }
    // The last ones are times of years that no article can have, and two ways to write 0.
    for (std::string bad :
         {std::string(""), std::string("x"), std::string("!!!!"), std::string("MS4y"),
          std::string("MTIz"), std::string("MS4uYQ"), base::to_base64url("-62135596800000001.2.a"),
          base::to_base64url("253402300800000000.2.a"), base::to_base64url("-0.2.a"),
          base::to_base64url("--1.2.a")}) {
        CAPTURE(bad);
        CHECK_FALSE(news::from_cursor(bad));
    }
    CHECK_FALSE(news::from_cursor(std::string(300, 'A')));
}

TEST_CASE("a page is valid for as long as what it shows has not changed", "[orchestrator]") {
    FakeQueries queries;
    ResponseCache cache(100000);
    cache.put("/v1/news/sports/1/10", page_of(queries), now);
    CHECK(cache.find("/v1/news/sports/1/10", now));
    CHECK_FALSE(cache.find("/v1/news/sports/2/10", now));
    queries.known = news::Generation{0, 2};
    CHECK_FALSE(cache.find("/v1/news/sports/1/10", now));
    CHECK(cache.bytes() == 0);
}

TEST_CASE("a page is not valid while it is not known what has changed", "[orchestrator]") {
    FakeQueries queries;
    ResponseCache cache(100000);
    cache.put("/v1/news/sports/1/10", page_of(queries), now);
    queries.known.reset();
    CHECK_FALSE(cache.find("/v1/news/sports/1/10", now));
}

TEST_CASE("the cache never holds more than it may, and keeps what was used last",
          "[orchestrator]") {
    FakeQueries queries;
    ResponseCache cache(4000);
    cache.put("a", page_of(queries, 1000), now);
    cache.put("b", page_of(queries, 1000), now);
    CHECK(cache.find("a", now));
    cache.put("c", page_of(queries, 1000), now);
    CHECK(cache.find("a", now));
    CHECK_FALSE(cache.find("b", now));
    CHECK(cache.find("c", now));
    cache.put("huge", page_of(queries, 10000), now);
    CHECK_FALSE(cache.find("huge", now));
    CHECK(cache.bytes() <= 4000);
    cache.put("a", page_of(queries, 2000), now);
    CHECK(cache.find("a", now)->answer->body.size() == 2000);
}

}  // namespace orchestrator
