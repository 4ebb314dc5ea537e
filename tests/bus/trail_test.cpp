#include "bus/trail.hpp"

#include "fixture.hpp"

namespace bus {

namespace {

struct Seconds {
    int at;
    std::optional<std::int64_t> actor;
};

/// A log with an event for each, in that order, each in a stream of its own.
class Audited {
public:
    explicit Audited(const std::vector<Seconds>& events) {
        auto work = [&](database::Transaction& transaction) -> base::Result<void> {
            std::int64_t stream = 0;
            for (const auto& [at, actor] : events) {
                log.append(transaction, {++stream, 1, "tested.v1", R"({"secret":1})", actor, "r-1",
                                         base::from_micros(std::int64_t{at} * 1000000)});
            }
            return {};
        };
        REQUIRE(base::run(database->write<void>(base::Deadline(), 0, work)));
    }
    TrailPage ask(TrailQuery query) {
        return *base::run(log.trail(std::move(query), base::Deadline()));
    }
    static Positions positions(const TrailPage& page) {
        Positions all;
        for (const auto& entry : page.entries) all.push_back(entry.position);
        return all;
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    std::unique_ptr<database::Database> database = open(folder, "log.db", {log_schema()});
    Log log{*database, clock, "test"};
};

base::Time at(int second) {
    return base::from_micros(std::int64_t{second} * 1000000);
}

}  // namespace

TEST_CASE("a trail is by time, also where events were brought in with older times", "[bus]") {
    Audited site({{50, 7}, {20, 7}, {20, {}}, {60, 8}});
    auto all = site.ask({});
    CHECK(Audited::positions(all) == Positions{4, 1, 3, 2});
    CHECK_FALSE(all.looked_to);
    const auto& newest = all.entries.front();
    CHECK(newest.stream == 4);
    CHECK(newest.version == 1);
    CHECK(newest.type == "tested.v1");
    CHECK(newest.actor == 8);
    CHECK(newest.correlation_id == "r-1");
    CHECK(newest.at == at(60));

    TrailQuery span;
    span.from = at(20);
    span.to = at(60);
    CHECK(Audited::positions(site.ask(span)) == Positions{1, 3, 2});
    span.from = at(21);
    CHECK(Audited::positions(site.ask(span)) == Positions{1});
    TrailQuery by_seven;
    by_seven.actor = 7;
    CHECK(Audited::positions(site.ask(by_seven)) == Positions{1, 2});
}

TEST_CASE("a trail goes on where its page ended", "[bus]") {
    Audited site({{10, 7}, {10, 7}, {10, 7}, {20, 7}});
    TrailQuery query;
    query.count = 2;
    Positions walked;
    for (;;) {
        auto page = site.ask(query);
        for (auto position : Audited::positions(page)) walked.push_back(position);
        if (!page.looked_to) break;
        query.behind = page.looked_to;
    }
    CHECK(walked == Positions{4, 3, 2, 1});
    // A place that is later than the end of the span does not widen it.
    query.behind = TrailPlace{at(30), 9};
    query.to = at(20);
    CHECK(Audited::positions(site.ask(query)) == Positions{3, 2});
}

TEST_CASE("one question looks at so many events and no more, and says how far it came", "[bus]") {
    Audited site({{10, 7}, {30, 8}, {30, 8}, {30, 8}});
    TrailQuery query;
    query.actor = 7;
    query.look_max = 3;
    auto first = site.ask(query);
    CHECK(first.entries.empty());
    REQUIRE(first.looked_to);
    query.behind = first.looked_to;
    CHECK(Audited::positions(site.ask(query)) == Positions{1});
}

TEST_CASE("of one stream the trail is by version, the newest first", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {log_schema()});
    Log log(*database, clock, "test");
    for (int version : {1, 2, 3}) REQUIRE(append(*database, log, 5, version));
    REQUIRE(append(*database, log, 6, 1));
    auto two = *base::run(log.trail_of(5, INT64_MAX, 2, base::Deadline()));
    REQUIRE(two.size() == 2);
    CHECK(two[0].version == 3);
    CHECK(two[0].stream == 5);
    CHECK(two[0].correlation_id == "request-1");
    auto rest = *base::run(log.trail_of(5, two[1].version, 2, base::Deadline()));
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].version == 1);
}

}  // namespace bus
