// What is pure: positions, the ring, and who wants to hear what.
#include <algorithm>

#include "positions.hpp"
#include "ring.hpp"
#include "standing.hpp"
#include "support/catch.hpp"

namespace live {

namespace {

const std::vector<std::string> three = {"famous", "politics", "sports"};

Entry entry_at(std::int64_t position, std::size_t bytes = 10) {
    Entry entry;
    entry.position = position;
    entry.whole = std::string(bytes, 'x');
    return entry;
}

Part told_at(std::initializer_list<std::int64_t> positions, std::int64_t end) {
    Part told;
    for (auto position : positions) told.entries.push_back(entry_at(position));
    told.end = end;
    return told;
}

}  // namespace

TEST_CASE("the id of an event is read as it is written, and nothing else is") {
    CHECK(text_of({1, 0, 9007199254740991}, three) ==
          "famous:1,politics:0,sports:9007199254740991");
    for (const auto& positions : {Positions{0, 0, 0}, Positions{7, 12, 9007199254740991}}) {
        CHECK(parse_positions(text_of(positions, three), three) == positions);
    }
    CHECK(parse_positions("politics:4", three) == Positions{missing, 4, missing});
    CHECK(parse_positions("famous:1,sports:2", three) == Positions{1, missing, 2});
    for (const char* text : {"",
                             ",",
                             ":",
                             "sports",
                             "sports:",
                             ":1",
                             "sports:1,",
                             ",sports:1",
                             "sports:-1",
                             "sports:+1",
                             "sports:01",
                             "sports: 1",
                             " sports:1",
                             "sports:1 ",
                             "sports:1\n",
                             "sports:9007199254740992",
                             "sports:1:2",
                             "sports:1,sports:1",
                             "sports:1,famous:1",
                             "chess:1",
                             "sport:1",
                             "SPORTS:1",
                             "sports:1;famous:1",
                             "sports:0x1",
                             "12",
                             "sports:1.0"}) {
        INFO(text);
        CHECK_FALSE(parse_positions(text, three));
    }
    CHECK_FALSE(parse_positions("a:1", {}));
}

TEST_CASE("positions are compared log by log") {
    CHECK(covers({1, 2}, {1, 2}));
    CHECK(covers({2, 2}, {1, 2}));
    CHECK_FALSE(covers({9, 1}, {1, 2}));
    Positions positions{5, 1};
    raise(positions, {2, 3});
    CHECK(positions == Positions{5, 3});
}

TEST_CASE("the ring keeps the newest, and knows from where on it has everything") {
    const std::vector<std::string> two = {"a", "b"};
    auto ring = begin_at({10, 20}, two);
    CHECK(*ring.heartbeat == ":\nid: a:10,b:20\n\n");
    ring = after(ring, 0, told_at({11, 13}, 13), two, {3, 1000});
    ring = after(ring, 1, told_at({22}, 25), two, {3, 1000});
    REQUIRE(ring.entries.size() == 3);
    CHECK(ring.entries[0]->whole == "id: a:11,b:20\nxxxxxxxxxx");
    CHECK(ring.entries[0]->without_id() == "xxxxxxxxxx");
    // An entry's id says what was told with it; what came of nothing the heartbeat says.
    CHECK(ring.entries[2]->reached == Positions{13, 22});
    CHECK(ring.reached == Positions{13, 25});
    CHECK(*ring.heartbeat == ":\nid: a:13,b:25\n\n");
    CHECK(ring.floor == Positions{10, 20});
    CHECK(ring.first == 0);

    ring = after(ring, 1, told_at({26}, 26), two, {3, 1000});
    CHECK(ring.first == 1);
    CHECK(ring.end() == 4);
    CHECK(ring.floor == Positions{11, 20});
    // By bytes, too; but one stays, however large it is.
    Part large;
    large.entries.push_back(entry_at(30, 5000));
    ring = after(ring, 0, std::move(large), two, {3, 1000});
    REQUIRE(ring.entries.size() == 1);
    CHECK(ring.first == 4);
    CHECK(ring.floor == Positions{13, 26});
    CHECK(ring.bytes == ring.entries[0]->whole.size());
}

TEST_CASE("the ring says no more of an article that is hidden than its name") {
    const std::vector<std::string> two = {"a", "b"};
    auto ring = begin_at({0, 0}, two);
    auto with_text = [](std::int64_t position, std::int64_t article) {
        auto entry = entry_at(position, 500);
        entry.article = article;
        entry.bare = "name";
        entry.tags = {"Cup"};
        return entry;
    };
    Part told;
    for (std::int64_t i : {1, 2, 3}) told.entries.push_back(with_text(i, i == 2 ? 8 : 7));
    told.end = 3;
    ring = after(ring, 0, told, two, {});
    ring = after(ring, 1, told, two, {});
    CHECK(ring.hidings == 0);
    ring = after(ring, 0, {{}, 4, {7}}, two, {});
    CHECK(ring.hidings == 1);
    REQUIRE(ring.entries.size() == 6);
    CHECK(ring.entries[0]->whole == "id: a:1,b:0\nname");
    CHECK(ring.entries[0]->without_id() == "name");
    CHECK(ring.entries[0]->tags == std::vector<std::string>{"Cup"});
    CHECK(ring.entries[0]->reached == Positions{1, 0});
    CHECK(ring.entries[2]->whole == "id: a:3,b:0\nname");
    std::size_t bytes = 0;
    std::size_t with_text_count = 0;
    for (const auto& entry : ring.entries) {
        bytes += entry->bytes();
        with_text_count += entry->whole.size() > 500 ? 1 : 0;
    }
    // Others, and those of that number in another log, are as they were.
    CHECK(with_text_count == 4);
    CHECK(ring.bytes == bytes);
    // What is not told at all may have been such a change.
    CHECK(without(ring, 0, 9, two).hidings == 2);
}

TEST_CASE("a reader hears of the types and tags that it asked for, and of its own articles") {
    Entry entry;
    entry.log = 1;
    entry.tags = {"Cup", "Final"};
    entry.owner = 7;
    struct Row {
        Filter filter;
        bool wants;
    };
    const std::vector<Row> rows = {
        {{{true, true}}, true},
        {{{true, false}}, false},
        {{{false, true}, {"Final"}}, true},
        {{{false, true}, {"Goal", "Cup"}}, true},
        {{{false, true}, {"Goal", "cup"}}, false},
        {{{true, true}, {}, 7}, true},
        {{{true, true}, {}, 8}, false},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        CHECK(rows[i].filter.wants(entry) == rows[i].wants);
    }
}

TEST_CASE("who sees or saw an article under a tag hears of its change") {
    news::ArticleRevised retagged;
    retagged.tags = {"New"};
    news::ArticleCorrected corrected{"Note", retagged};
    const Standing seen{true, {"Old"}};
    CHECK(after(seen, retagged) == Standing{true, {"New"}});
    CHECK(after(seen, corrected) == Standing{true, {"New"}});
    CHECK(after(seen, news::ArticleRemoved{}) == Standing{false, {"Old"}});
    CHECK(after(seen, news::ArticleRevised{}) == seen);
    CHECK(tags_of(seen, {true, {"New", "Old"}}) == std::vector<std::string>{"New", "Old"});
    CHECK(tags_of(seen, {false, {"New"}}) == std::vector<std::string>{"Old"});
    CHECK(tags_of({false, {"Old"}}, {true, {"New"}}) == std::vector<std::string>{"New"});
}

}  // namespace live
