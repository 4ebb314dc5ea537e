#include "tally.hpp"
#include "support/catch.hpp"

namespace {

using legacy::Difference;
using legacy::Tally;

const base::Time start = *base::parse_rfc3339("2026-03-01T12:00:00Z");

base::Time at(int second) {
    return start + std::chrono::seconds(second);
}

Difference difference(const std::string& pointer) {
    return {pointer, "value", "1", "2"};
}

Tally begin(legacy::TallyLimits limits = {}) {
    legacy::TallyState state;
    state.since = start;
    return Tally(limits, state);
}

std::vector<std::string> pointers(const legacy::CompareReport& report) {
    std::vector<std::string> all;
    for (const auto& kind : report.kinds) all.push_back(kind.pointer);
    return all;
}

using Pointers = std::vector<std::string>;

}  // namespace

TEST_CASE("differences are filed under their kind", "[legacy]") {
    auto tally = begin();
    tally.file({}, "/1", at(1));
    tally.file({difference("/a")}, "/2", at(2));
    tally.file({difference("/a"), difference("/b")}, "/3", at(3));
    tally.skip();
    tally.fail();
    tally.drop(2);

    auto report = tally.report();

    CHECK(report.compared == 3);
    CHECK(report.equal == 1);
    CHECK(report.skipped == 1);
    CHECK(report.failed == 1);
    CHECK(report.dropped == 2);
    CHECK(report.since == start);
    CHECK(report.last_new_kind == at(3));
    REQUIRE(pointers(report) == Pointers{"/a", "/b"});
    CHECK(report.kinds[0].count == 2);
    CHECK(report.kinds[0].first == at(2));
    CHECK(report.kinds[0].last == at(3));
    REQUIRE(report.kinds[0].samples.size() == 2);
    CHECK(report.kinds[0].samples[0].target == "/2");
    CHECK(report.kinds[0].samples[0].legacy == "1");
    CHECK(report.kinds[0].samples[0].native == "2");
}

TEST_CASE("of many samples the first and the latest stay", "[legacy]") {
    auto tally = begin();
    for (int i = 0; i < 100; ++i) tally.file({difference("/a")}, std::to_string(i), at(i));

    auto samples = tally.report().kinds.at(0).samples;

    REQUIRE(samples.size() == 20);
    CHECK(samples[0].target == "0");
    CHECK(samples[9].target == "9");
    CHECK(samples[10].target == "90");
    CHECK(samples[19].target == "99");
}

TEST_CASE("a comparison that differs only in noise is equal, also one before it was known",
          "[legacy]") {
    auto tally = begin();
    tally.file({difference("/noise")}, "/1", at(1));
    tally.file({difference("/noise"), difference("/a")}, "/2", at(2));
    tally.file({difference("/noise"), difference("/other")}, "/3", at(3));
    REQUIRE(tally.report().equal == 0);

    tally.learn({"/noise", "/other"});
    REQUIRE(tally.report().equal == 0);
    tally.learn({"/noise", "/other", "/once"});
    tally.file({difference("/noise")}, "/4", at(4));

    auto report = tally.report();
    CHECK(report.compared == 4);
    CHECK(report.equal == 3);
    CHECK(pointers(report) == Pointers{"/a"});
    CHECK(report.noise == Pointers{"/noise", "/other"});
    CHECK(report.last_new_kind == at(2));
}

TEST_CASE("what has changed between two questions is not taken for noise", "[legacy]") {
    auto tally = begin();
    tally.learn({"/title"});
    for (int i = 0; i < 30; ++i) tally.learn({"/hits"});
    tally.learn({"/title"});

    tally.file({difference("/title")}, "/1", at(1));

    CHECK(tally.report().noise == Pointers{"/hits"});
    CHECK(tally.report().equal == 0);
}

TEST_CASE("what there is no room for is counted together, and never as equal", "[legacy]") {
    legacy::TallyLimits limits;
    limits.kinds_max = 2;
    limits.sets_max = 2;
    limits.noise_max = 1;
    auto tally = begin(limits);
    for (const char* pointer : {"/a", "/b", "/c", "/d"})
        tally.file({difference(pointer)}, "", at(1));
    tally.file({difference("/a"), difference("/b")}, "", at(5));
    for (int i = 0; i < 2; ++i) tally.learn({"/a", "/b"});

    auto report = tally.report();

    CHECK(report.compared == 5);
    CHECK(report.equal == 1);
    CHECK(report.noise == Pointers{"/a"});
    CHECK(pointers(report) == Pointers{"further", "/b"});
    CHECK(report.kinds[0].count == 2);
    CHECK(report.kinds[0].what == "more");
}

TEST_CASE("counting begins anew without what was found before", "[legacy]") {
    auto tally = begin();
    for (int i = 0; i < 10; ++i) tally.file({difference("/a")}, "", at(1));
    for (int i = 0; i < 2; ++i) tally.learn({"/noise"});
    REQUIRE(tally.report().differs_bound == 1);

    tally.begin_anew(at(9), "rules");
    for (int i = 0; i < 1000; ++i) tally.file({}, "", at(10));

    auto report = tally.report();
    CHECK(report.since == at(9));
    CHECK(report.compared == 1000);
    CHECK(report.kinds.empty());
    CHECK(report.noise.empty());
    CHECK(report.differs_bound < 0.003);
    CHECK(tally.state().generation == 1);
}

TEST_CASE("what has changed is handed out once, and all of it if it was not stored", "[legacy]") {
    auto tally = begin();
    tally.file({difference("/a")}, "/1", at(1));
    tally.file({difference("/b")}, "/2", at(2));
    tally.learn({"/noise"});
    auto first = tally.take_changes();
    CHECK(first.any);
    CHECK(first.state.kinds.size() == 2);
    CHECK(first.state.noise.size() == 1);
    CHECK_FALSE(tally.take_changes().any);

    tally.file({difference("/a")}, "/3", at(3));
    auto second = tally.take_changes();
    CHECK(second.state.compared == 3);
    CHECK(second.state.kinds.size() == 1);
    CHECK(second.state.sets.size() == 1);
    CHECK(second.state.noise.empty());

    tally.nothing_stored();
    auto again = tally.take_changes();
    CHECK(again.state.kinds.size() == 2);
    CHECK(again.state.sets.size() == 2);
    CHECK(again.state.noise.size() == 1);
}
