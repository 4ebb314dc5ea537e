// The rules of who answers what, each by itself.
#include <set>

#include "bucket.hpp"
#include "event_json.hpp"
#include "mode_history.hpp"
#include "path_pattern.hpp"
#include "rule_table.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "verdict.hpp"

namespace gateway {

namespace {

using namespace std::chrono_literals;

std::vector<std::string> segments_of(const std::string& path) {
    std::vector<std::string> segments;
    std::size_t at = 1;
    while (at < path.size()) {
        auto slash = std::min(path.find('/', at), path.size());
        segments.push_back(path.substr(at, slash - at));
        at = slash + 1;
    }
    return segments;
}

std::vector<std::string_view> views_of(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

bool matches(const std::string& pattern, const std::string& path) {
    auto parsed = PathPattern::parse(pattern);
    REQUIRE(parsed);
    auto segments = segments_of(path);
    return parsed->matches(views_of(segments), false);
}

RuleTable table_of(const std::vector<std::string>& patterns) {
    std::vector<Matcher> rules;
    for (const auto& pattern : patterns) rules.push_back({*PathPattern::parse(pattern)});
    return RuleTable(std::move(rules));
}

std::optional<std::size_t> find(const RuleTable& table, const std::string& path,
                                std::uint32_t method = 1) {
    auto segments = segments_of(path);
    return table.find(views_of(segments), false, method);
}

ModeHistory history_of(const std::vector<RouteState>& states) {
    ModeHistory history;
    std::optional<RouteState> before;
    for (const auto& state : states) {
        gateway::apply(history, RouteModeChanged{"a", before, state});
        before = state;
    }
    return history;
}

template <class T>
std::string code(const base::Result<T>& result) {
    return result ? "" : result.error().code;
}

legacy::CompareReport compared(std::int64_t count, std::int64_t equal, double bound,
                               base::Time since) {
    legacy::CompareReport report;
    report.compared = count;
    report.equal = equal;
    report.differs_bound = bound;
    report.since = since;
    return report;
}

}  // namespace

TEST_CASE("a pattern is for its words, one segment for a parameter, anything for a tail",
          "[gateway]") {
    struct Row {
        const char* pattern;
        const char* path;
        bool is_for;
    };
    const Row rows[] = {
        {"/", "/", true},
        {"/", "/a", false},
        {"/articles", "/articles", true},
        {"/articles/", "/articles", true},
        {"/articles", "/Articles", false},
        {"/articles", "/articles/7", false},
        {"/articles/{id}", "/articles/7", true},
        {"/articles/{id}", "/articles", false},
        {"/articles/{id}", "/articles/7/x", false},
        {"/articles/{id}/print", "/articles/7/print", true},
        {"/api/{rest...}", "/api", true},
        {"/api/{rest...}", "/api/a/b/c", true},
        {"/api/{rest...}", "/apis", false},
        {"/{rest...}", "/", true},
        {"/{rest...}", "/anything/at/all", true},
        {"/{section}/{slug}", "/sport/final", true},
    };
    for (const auto& [pattern, path, is_for] : rows) {
        CAPTURE(pattern, path);
        CHECK(matches(pattern, path) == is_for);
    }
    auto exact = PathPattern::parse("/a/b");
    auto segments = segments_of("/a/b");
    CHECK_FALSE(exact->matches(views_of(segments), true));
}

TEST_CASE("what is no pattern is refused with what is wrong", "[gateway]") {
    for (const char* text : {"", "articles", "/a//b", "/a/../b", "/a/./b", "/a?b", "/a#b", "/{}",
                             "/{a...}/b", "/{a b}", "/a{b}", "/%61", "/a\\b", "/a;b",
                             "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"}) {
        CAPTURE(text);
        auto parsed = PathPattern::parse(text);
        REQUIRE_FALSE(parsed);
        CHECK_FALSE(parsed.error().message.empty());
    }
}

TEST_CASE("two patterns overlap if one path could be of both", "[gateway]") {
    struct Row {
        const char* one;
        const char* other;
        bool overlap;
    };
    const Row rows[] = {
        {"/a", "/a", true},          {"/a", "/b", false},           {"/a", "/a/b", false},
        {"/{x}", "/a", true},        {"/{x}/b", "/a/{y}", true},    {"/{x}/b", "/a/c", false},
        {"/a/{r...}", "/a", true},   {"/a/{r...}", "/a/b/c", true}, {"/a/{r...}", "/b", false},
        {"/{r...}", "/{x}/y", true}, {"/a/{r...}", "/{x}/b", true},
    };
    for (const auto& [one, other, overlap] : rows) {
        CAPTURE(one, other);
        auto first = PathPattern::parse(one);
        auto second = PathPattern::parse(other);
        CHECK(first->overlaps(*second) == overlap);
        CHECK(second->overlaps(*first) == overlap);
    }
}

TEST_CASE("of several rules the first in the list wins, though a later one is narrower",
          "[gateway]") {
    auto table = table_of({"/a/{id}", "/a/b", "/{section}/{slug}", "/c/{rest...}", "/{rest...}"});
    CHECK(find(table, "/a/b") == 0u);
    CHECK(find(table, "/a/b/c") == 4u);
    CHECK(find(table, "/c/x") == 2u);
    CHECK(find(table, "/c") == 3u);
    CHECK(find(table, "/") == 4u);
    CHECK(find(table_of({"/a"}), "/b") == std::nullopt);
    CHECK(find(table_of({}), "/") == std::nullopt);
}

TEST_CASE("a rule for other methods is passed by", "[gateway]") {
    RuleTable table({{*PathPattern::parse("/a"), 2}, {*PathPattern::parse("/{x}"), 1}});
    CHECK(find(table, "/a", 1) == 1u);
    CHECK(find(table, "/a", 2) == 0u);
    CHECK(find(table, "/b", 2) == std::nullopt);
}

TEST_CASE("only the API, the console and the keys are ours whatever the rules say", "[gateway]") {
    for (const char* path : {"/v1", "/v1/", "/v1/news/all", "/v1/../admin", "/console", "/console/",
                             "/console/x", "/.well-known/jwks.json"}) {
        CAPTURE(path);
        CHECK(is_always_native(path));
    }
    for (const char* path : {"/", "/v10/x", "/V1/x", "/consoles", "/news/v1/x", "/docs", "/feeds/x",
                             "/robots.txt", "/.well-known/security.txt", "/%76%31/x", "//v1/x"}) {
        CAPTURE(path);
        CHECK_FALSE(is_always_native(path));
    }
}

TEST_CASE("a hash is the same on every machine and after every start", "[gateway]") {
    // By another implementation that reproduces the vectors of the paper.
    CHECK(stable_hash("", "") == 0xdd292f5aaafa3381);
    CHECK(stable_hash("front", "abc") == 0xa8263ab84736d73e);
    CHECK(bucket_of("", "session-0123456789abcdef") == 1987);
    CHECK(stable_hash("a", "b") != stable_hash("", "ab"));
    CHECK(stream_of("articles") == stream_of("articles"));
    CHECK(stream_of("articles") > 0);
}

TEST_CASE("a share covers that part of ten thousand keys, and only adds people while it grows",
          "[gateway]") {
    std::set<int> before;
    for (std::int64_t percent : {0, 1, 10, 33, 50, 99, 100}) {
        std::set<int> covered;
        for (int i = 0; i < 10000; ++i) {
            if (covers(percent, bucket_of("news", "session-" + std::to_string(i))))
                covered.insert(i);
        }
        CAPTURE(percent, covered.size());
        CHECK(std::abs(static_cast<double>(covered.size()) / 100 - static_cast<double>(percent)) <
              2);
        CHECK(std::includes(covered.begin(), covered.end(), before.begin(), before.end()));
        before = covered;
    }
    CHECK(before.size() == 10000);
}

TEST_CASE("routes of one group share their people, and groups do not", "[gateway]") {
    int same = 0;
    for (int i = 0; i < 1000; ++i) {
        auto key = std::to_string(i);
        same += covers(50, bucket_of("a", key)) == covers(50, bucket_of("b", key));
    }
    CHECK(same > 400);
    CHECK(same < 600);
}

TEST_CASE("what is not said of a change stays, and what changes nothing is no event", "[gateway]") {
    auto history = history_of({{Mode::proxied, 5, 10}});
    auto changed = change("a", history, {Mode::canary, std::nullopt, std::nullopt}, std::nullopt);
    REQUIRE(changed);
    REQUIRE(*changed);
    CHECK(std::get<RouteModeChanged>(**changed).after == RouteState{Mode::canary, 5, 10});
    CHECK(std::get<RouteModeChanged>(**changed).before == RouteState{Mode::proxied, 5, 10});
    auto same = change("a", history, {Mode::proxied, 5, std::nullopt}, std::nullopt);
    REQUIRE(same);
    CHECK_FALSE(*same);
    CHECK(code(change("a", history, {Mode::canary, 101, std::nullopt}, std::nullopt)) ==
          "invalid_mode");
    CHECK(code(change("a", history, {Mode::canary, std::nullopt, -1}, std::nullopt)) ==
          "invalid_mode");
}

TEST_CASE("a change names the version that it is based on, if it names one", "[gateway]") {
    auto history = history_of({{Mode::proxied, 0, 0}, {Mode::shadow, 0, 0}});
    base::Expected expected;
    expected.versions = {1};
    CHECK(code(change("a", history, {Mode::native, {}, {}}, expected)) == "version_conflict");
    expected.from_header = true;
    CHECK(code(change("a", history, {Mode::native, {}, {}}, expected)) == "precondition_failed");
    CHECK(code(undo("a", history, expected)) == "precondition_failed");
    expected.versions = {7, 2};
    CHECK(code(change("a", history, {Mode::native, {}, {}}, expected)) == "");
    expected.versions = {};
    expected.any = true;
    CHECK(code(undo("a", history, expected)) == "");
}

TEST_CASE("undo goes back one step, and again one more, until there is none", "[gateway]") {
    const RouteState first{Mode::proxied, 0, 10};
    const RouteState second{Mode::shadow, 0, 10};
    const RouteState third{Mode::canary, 10, 10};
    auto history = history_of({first, second, third});
    for (const auto& expected : {second, first}) {
        auto undone = undo("a", history, std::nullopt);
        REQUIRE(undone);
        gateway::apply(history, *undone);
        CHECK(history.current() == expected);
    }
    CHECK(history.version == 5);
    CHECK(code(undo("a", history, std::nullopt)) == "nothing_to_undo");
    gateway::apply(history, RouteModeChanged{"a", first, third});
    CHECK(std::get<RouteModeUndone>(*undo("a", history, std::nullopt)).after == first);
}

TEST_CASE("so many steps are remembered and no more", "[gateway]") {
    std::vector<RouteState> states;
    for (std::int64_t i = 0; i <= 300; ++i) states.push_back({Mode::canary, i % 101, i});
    auto history = history_of(states);
    CHECK(history.version == 301);
    CHECK(history.steps.size() == ModeHistory::steps_max + 1);
    std::size_t undone = 0;
    while (history.can_undo()) {
        gateway::apply(history, *undo("a", history, std::nullopt));
        ++undone;
    }
    CHECK(undone == ModeHistory::steps_max);
}

TEST_CASE("events of every stored version decode for ever", "[gateway]") {
    auto changed = event_from_json(
        "route_mode_changed.v1",
        R"({"route":"articles","before":{"mode":"shadow","percent":0,"compare_percent":10},)"
        R"("after":{"mode":"canary","percent":10,"compare_percent":5}})");
    CHECK(std::get<RouteModeChanged>(changed).before == RouteState{Mode::shadow, 0, 10});
    CHECK(std::get<RouteModeChanged>(changed).after == RouteState{Mode::canary, 10, 5});
    auto first = event_from_json(
        "route_mode_changed.v1",
        R"({"route":"a","before":null,"after":{"mode":"native","percent":0,"compare_percent":0}})");
    CHECK_FALSE(std::get<RouteModeChanged>(first).before);
    auto undone = event_from_json(
        "route_mode_undone.v1",
        R"({"route":"a","before":{"mode":"native","percent":0,"compare_percent":0},)"
        R"("after":{"mode":"native_or_legacy","percent":0,"compare_percent":0}})");
    CHECK(std::get<RouteModeUndone>(undone).after.mode == Mode::native_or_legacy);
    auto finished = event_from_json("migration_finished.v1", "{}");
    CHECK(std::holds_alternative<MigrationFinished>(finished));
    CHECK(route_of(finished).empty());
    for (const auto& event : {changed, first, undone, finished}) {
        CHECK(to_json(event_from_json(name_of(event), to_json(event))) == to_json(event));
    }
    CHECK_THROWS_AS(event_from_json("route_mode_changed.v2", "{}"), std::runtime_error);
    CHECK_THROWS_AS(event_from_json("route_mode_changed.v1", "[]"), std::runtime_error);
    CHECK_THROWS_AS(event_from_json("route_mode_changed.v1", "{"), std::runtime_error);
}

TEST_CASE("a route is ready when enough was compared, little differs and nothing is new",
          "[gateway]") {
    const auto now = support::FakeClock().now();
    ReadyLimits limits;
    struct Row {
        legacy::CompareReport report;
        std::vector<std::string> missing;
    };
    auto fresh = compared(2000, 2000, 0.0015, now - 5h);
    auto renewed = compared(2000, 1999, 0.0024, now - 100h);
    renewed.last_new_kind = now - 1h;
    renewed.kinds.push_back({"/title", "value", 1, now - 1h, now - 1h});
    const std::vector<Row> rows = {
        {compared(1000, 1000, 0.003, now - 24h), {}},
        {compared(0, 0, 1, {}), {"0 answers compared; 1000 are needed."}},
        {compared(999, 999, 0.00299, now - 48h), {"999 answers compared; 1000 are needed."}},
        {compared(1000, 999, 0.0047, now - 48h),
         {"1 answer of 1000 differs, so up to 0.47 % of all may; at most 0.3 % are allowed."}},
        {fresh,
         {"Answers have been compared for 5 hours; 24 hours without a new kind are needed."}},
        {renewed,
         {"A new kind of difference was seen 1 hour ago; 24 hours without a new kind are "
          "needed."}},
    };
    for (const auto& row : rows) {
        auto said = verdict(row.report, limits, now);
        CHECK(said.missing == row.missing);
        CHECK(said.ready == row.missing.empty());
    }
}

TEST_CASE("the site is ready when each route is, or is native already", "[gateway]") {
    auto route = [](const char* name, Mode mode, bool ready) {
        RouteReport report;
        report.route.name = name;
        report.route.state.mode = mode;
        report.verdict.ready = ready;
        return report;
    };
    CHECK_FALSE(verdict(std::vector<RouteReport>()).ready);
    CHECK(verdict({route("a", Mode::native, false), route("b", Mode::shadow, true)}).ready);
    auto said = verdict({route("a", Mode::shadow, false), route("b", Mode::canary, false),
                         route("c", Mode::native, false)});
    CHECK_FALSE(said.ready);
    CHECK(said.missing ==
          std::vector<std::string>{"2 routes of 3 are neither native nor ready: a, b."});
}

TEST_CASE("the migration may be finished when all is native and the monolith has not been asked",
          "[gateway]") {
    const auto now = support::FakeClock().now();
    ReadyLimits limits;
    auto report = [](Mode mode, std::optional<base::Time> asked_at) {
        MigrationReport all;
        all.routes.resize(1);
        all.routes[0].route.name = "articles";
        all.routes[0].route.state.mode = mode;
        if (asked_at) all.last_legacy = LegacyHit{*asked_at, "GET", "/old/"};
        return all;
    };
    struct Row {
        MigrationReport report;
        base::Time since;
        std::vector<std::string> missing;
        std::vector<std::string> owned{};
    };
    const std::vector<Row> rows = {
        {report(Mode::native, std::nullopt), now - 24h, {}},
        {report(Mode::native, now - 24h), now - 48h, {}},
        {report(Mode::native, std::nullopt),
         now - 24h,
         {"The monolith owns a.story (PUT /v1/migration/models/a.story)."},
         {"a.story"}},
        {MigrationReport(), now - 24h, {"No route is configured (gateway.routes)."}},
        {report(Mode::native_or_legacy, std::nullopt),
         now - 24h,
         {"The route articles is native_or_legacy, not native."}},
        {report(Mode::native, now - 23h),
         now - 48h,
         {"The monolith was asked 23 hours ago (GET /old/); 24 hours in which nobody does are "
          "needed."}},
        {report(Mode::canary, std::nullopt),
         now - 1h,
         {"The route articles is canary, not native.",
          "Whether the monolith is asked was watched for 1 hour; 24 hours in which nobody does "
          "are needed."}},
    };
    for (const auto& row : rows) {
        auto said = finish_verdict(row.report, row.owned, limits, row.since, now);
        CHECK(said.missing == row.missing);
        CHECK(said.ready == row.missing.empty());
    }
    limits.quiet_h = 0;
    CHECK(finish_verdict(report(Mode::native, now), {}, limits, now, now).ready);
}

}  // namespace gateway
