// How the answers of the types, and of the search, become one list.
#include "items_service.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/fake_items.hpp"
#include "support/fake_search.hpp"
#include "support/stepped_loop.hpp"

namespace editing {

namespace {

using support::FakeItems;

news::Item item(const char* type, news::ArticleId id, std::int64_t changed,
                news::Stage stage = news::Stage::draft) {
    news::Item made;
    made.news_type = type;
    made.id = id;
    made.title = type + std::to_string(id);
    made.stage = stage;
    made.created_by = 7;
    made.updated_at = base::from_micros(changed);
    return made;
}

/// Two types, and a search.
class Newsroom {
public:
    Newsroom() {
        politics.all = {item("politics", 5, 90), item("politics", 4, 50)};
        sports.all = {item("sports", 3, 80, news::Stage::published), item("sports", 2, 50),
                      item("sports", 1, 10)};
    }
    base::Result<ItemsFound> find(ItemsAsked asked, base::Role role = base::Role::editor) {
        base::Context context;
        context.actor = {7, role};
        return loop.run(service.find(std::move(asked), std::move(context)));
    }
    /// The titles, with a space between them.
    static std::string titles(const ItemsFound& found) {
        std::string all;
        for (const auto& one : found.items) all += (all.empty() ? "" : " ") + one.title;
        return all;
    }

    FakeItems politics;
    FakeItems sports;
    support::FakeSearch search;
    ItemsService service{
        {{"politics", {nullptr, nullptr, &politics}}, {"sports", {nullptr, nullptr, &sports}}},
        search};
    support::SteppedLoop loop;
};

}  // namespace

TEST_CASE("items of all types come in one order, part by part", "[editing]") {
    Newsroom newsroom;
    ItemsAsked asked;
    asked.question.limit = 3;
    auto first = newsroom.find(asked);
    REQUIRE(first);
    CHECK(Newsroom::titles(*first) == "politics5 sports3 politics4");
    CHECK(first->counts[0] == news::counted_max);
    CHECK(first->counts[1] == 5);
    CHECK(first->failed.empty());
    CHECK_FALSE(items_cursor(first->next, true));
    asked.question.after = items_cursor(first->next, false);
    REQUIRE(asked.question.after);
    auto rest = newsroom.find(asked);
    REQUIRE(rest);
    CHECK(Newsroom::titles(*rest) == "sports2 sports1");
    CHECK(rest->next.empty());
    asked.question.after.reset();
    asked.news_type = "sports";
    CHECK(Newsroom::titles(*newsroom.find(asked)) == "sports3 sports2 sports1");
}

TEST_CASE("what is behind the place up to which a type has looked waits for the next part",
          "[editing]") {
    news::ItemsQuestion question;
    news::ItemsPage whole{{item("politics", 5, 90), item("politics", 4, 50)}, {}};
    news::ItemsPage cut{{item("sports", 3, 80)}, cursor_of(item("sports", 9, 60))};
    auto found = merge({whole, cut}, question);
    CHECK(Newsroom::titles(found) == "politics5 sports3");
    auto next = items_cursor(found.next, false);
    REQUIRE(next);
    CHECK(next->id == 9);
    question.oldest_first = true;
    cut.looked_up_to = cursor_of(item("sports", 9, 85));
    found = merge({whole, cut}, question);
    CHECK(Newsroom::titles(found) == "politics4 sports3");
    CHECK(items_cursor(found.next, true));
}

TEST_CASE("a type that does not answer is named, and if none does that is refused", "[editing]") {
    Newsroom newsroom;
    newsroom.sports.broken =
        base::Error{base::Reason::unavailable, "circuit_open", "It is given rest."};
    auto found = newsroom.find({});
    REQUIRE(found);
    CHECK(Newsroom::titles(*found) == "politics5 politics4");
    CHECK(found->failed == std::vector<std::string>{"sports"});
    newsroom.politics.broken = newsroom.sports.broken;
    CHECK(newsroom.find({}).error().code == "circuit_open");
}

TEST_CASE("words are asked of the search, and only they fail with it", "[editing]") {
    Newsroom newsroom;
    auto hit = [](const char* type, news::ArticleId id) {
        search::Hit found;
        found.news_type = type;
        found.id = id;
        return found;
    };
    newsroom.search.parts = {{hit("sports", 3), hit("sports", 77)},
                             {hit("politics", 4), hit("sports", 2)}};
    ItemsAsked asked;
    asked.text = "cup";
    asked.question.stages = {news::Stage::draft};
    asked.question.tag = "final";
    auto found = newsroom.find(asked);
    REQUIRE(found);
    CHECK(Newsroom::titles(*found) == "politics4 sports2");
    CHECK(found->next.empty());
    REQUIRE(newsroom.search.asked.size() == 2);
    CHECK(newsroom.search.asked[0].drafts);
    CHECK(newsroom.search.asked[0].tag == "final");
    CHECK_FALSE(newsroom.search.asked[0].mine);
    CHECK(newsroom.search.asked[1].cursor == "1");
    REQUIRE(newsroom.find(asked, base::Role::author));
    CHECK(newsroom.search.asked.back().mine);
    // Where it finds nothing that is asked for it is not asked for ever.
    newsroom.search.parts = std::vector<std::vector<search::Hit>>(20, {hit("sports", 3)});
    newsroom.search.asked.clear();
    found = newsroom.find(asked);
    REQUIRE(found);
    CHECK(found->items.empty());
    CHECK(found->next == "5");

    newsroom.search.refused =
        base::Error{base::Reason::unavailable, "store_out", "The search cannot be used."};
    CHECK(newsroom.find(asked).error().code == "store_out");
    asked.text.clear();
    CHECK(newsroom.find(asked));
}

}  // namespace editing
