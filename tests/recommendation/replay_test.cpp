// Recorded clicks, asked before they are learned.
#include "replay.hpp"

#include <nlohmann/json.hpp>
#include <random>

#include "click_json.hpp"
#include "support/catch.hpp"

namespace recommendation {

namespace {

std::string line(const std::string& session, const std::string& item, int at) {
    return nlohmann::json{{"session", session}, {"item", item}, {"at", 1'700'000'000 + at}}.dump();
}

base::Result<void> taken(Replay& replay, const std::string& line) {
    auto click = click_from_json(line);
    REQUIRE(click);
    return replay.take(*click);
}

ReplayScore score_of(const Replay& replay, const std::string& ranker) {
    for (auto& score : replay.scores()) {
        if (score.ranker == ranker) return score;
    }
    FAIL("there is no ranker " << ranker);
    return {};
}

}  // namespace

TEST_CASE("a click is read, or refused with what is wrong with it") {
    auto click = click_from_json(
        R"({"user": 7, "item": "a", "at": "2026-05-04T10:20:30Z", "labels": ["x", "x", "y"],
            "shown": ["a", 5]})");
    REQUIRE(click);
    CHECK(click->reader == "u7");
    CHECK(click->item == "a");
    CHECK(click->labels == std::vector<std::string>{"x", "y"});
    CHECK(click->at == base::parse_rfc3339("2026-05-04T10:20:30Z"));
    CHECK(click->shown == std::vector<std::string>{"a", "5"});
    CHECK(click_from_json(R"({"session": "7", "item": 1, "at": 1.5})")->reader == "s7");
    for (const char* bad : {
             "",
             "[]",
             "{}",
             "{\"session\": \"a\"}",
             R"({"session": "a", "user": "a", "item": "b", "at": 1})",
             R"({"session": "", "item": "b", "at": 1})",
             R"({"session": "a", "item": null, "at": 1})",
             R"({"session": "a", "item": "b"})",
             R"({"session": "a", "item": "b", "at": "yesterday"})",
             R"({"session": "a", "item": "b", "at": -1})",
             R"({"session": "a", "item": "b", "at": 1e300})",
             R"({"session": "a", "item": "b", "at": 1, "labels": "x"})",
             R"({"session": "a", "item": "b", "at": 1, "shown": [{}]})",
             R"({"session": "a", "item": "b", "at": 1, "shown": ["c"]})",
             R"({"session": "a", "item": "b", "at": 1} {})",
         }) {
        INFO(bad);
        auto refused = click_from_json(bad);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "malformed_click");
    }
    auto many = nlohmann::json{{"session", "a"}, {"item", "b"}, {"at", 1}};
    for (int i = 0; i < 1001; ++i) many["shown"].push_back(i);
    CHECK_FALSE(click_from_json(many.dump()));
}

TEST_CASE("a click is asked for before it is learned, and only in a session") {
    Replay replay(RankingWeights{}, 1);
    // Of the first session nothing is known; what is asked for the first time nobody can guess.
    for (const char* item : {"a", "b", "c"}) REQUIRE(taken(replay, line("s1", item, 0)));
    CHECK(replay.clicks() == 3);
    CHECK(replay.asked() == 2);
    CHECK(score_of(replay, "portal").hit_rate_10 == 0);
    CHECK(score_of(replay, "newest").hit_rate_10 == 0);
    // The second goes the same way: both are found, at the first place.
    for (const char* item : {"a", "b", "c"}) REQUIRE(taken(replay, line("s2", item, 60)));
    CHECK(replay.asked() == 4);
    CHECK(score_of(replay, "portal").hit_rate_5 == 0.5);
    CHECK(score_of(replay, "portal").reciprocal_rank_10 == 0.5);
    CHECK(score_of(replay, "portal").discounted_gain_10 == 0.5);
    // The same again is no new article, and an hour later is no session.
    REQUIRE(taken(replay, line("s2", "a", 61)));
    REQUIRE(taken(replay, line("s2", "d", 7200)));
    CHECK(replay.asked() == 4);

    auto earlier = taken(replay, line("s2", "a", 7199));
    REQUIRE_FALSE(earlier);
    CHECK(earlier.error().code == "clicks_not_in_order");
    CHECK(replay.clicks() == 8);
}

TEST_CASE(
    "where it is said what was shown, the ranking is among these, and ties count against it") {
    Replay replay(RankingWeights{}, 1);
    auto shown = [](const std::string& session, const std::string& item, int at) {
        nlohmann::json click{{"session", session}, {"item", item}, {"at", at}};
        click["shown"] = {"a", "b", "c", "d"};
        return click.dump();
    };
    // Nothing was read yet: all four tie.
    REQUIRE(taken(replay, shown("s1", "c", 1)));
    CHECK(score_of(replay, "popularity_1h").reciprocal_rank_10 == 0.25);
    CHECK(score_of(replay, "portal").reciprocal_rank_10 == 0.25);
    CHECK(score_of(replay, "newest").reciprocal_rank_10 == 0.25);
    REQUIRE(taken(replay, shown("s2", "c", 2)));
    CHECK(replay.asked() == 2);
    CHECK(score_of(replay, "popularity_1h").reciprocal_rank_10 == (0.25 + 1) / 2);
    CHECK(score_of(replay, "portal").reciprocal_rank_10 == (0.25 + 1) / 2);
}

TEST_CASE("what a reader has read is neither offered nor asked for, also of what was shown") {
    Replay replay(RankingWeights{}, 1);
    auto shown = [](const std::string& item, int at) {
        nlohmann::json click{{"session", "s"}, {"item", item}, {"at", at}};
        click["shown"] = {"a", "b"};
        return click.dump();
    };
    REQUIRE(taken(replay, shown("a", 1)));
    REQUIRE(taken(replay, shown("a", 2)));
    CHECK(replay.asked() == 1);
    REQUIRE(taken(replay, shown("b", 3)));
    CHECK(replay.asked() == 2);
    // Two that tied, and then one that was left.
    for (const auto& score : replay.scores()) {
        if (score.ranker != "random") CHECK(score.reciprocal_rank_10 == (0.5 + 1) / 2);
    }
}

TEST_CASE(
    "of sessions that follow a rule, most of what it allows is guessed from the first one on") {
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    // From each of 100 items one of 20 others is read, the k-th with weight 1/k.
    constexpr int items = 100;
    constexpr std::size_t choices = 20;
    std::vector<std::vector<int>> next(items);
    for (auto& some : next) {
        auto own = static_cast<int>(&some - next.data());
        while (some.size() < choices) {
            auto other = static_cast<int>(random() % items);
            if (other != own && !std::ranges::count(some, other)) some.push_back(other);
        }
    }
    std::vector<double> weights;
    for (std::size_t k = 1; k <= choices; ++k) weights.push_back(1.0 / static_cast<double>(k));
    std::discrete_distribution<std::size_t> choice(weights.begin(), weights.end());
    Replay replay(RankingWeights{}, 1);
    int asked = 0;
    int by_rule = 0;
    for (int session = 0; session < 3000; ++session) {
        int item = static_cast<int>(random() % items);
        std::vector<int> read;
        for (int step = 0; step < 5; ++step) {
            auto at = session * 5 + step;
            REQUIRE(taken(replay, line(std::to_string(session), std::to_string(item), at)));
            read.push_back(item);
            const auto& following = next[static_cast<std::size_t>(item)];
            item = following[choice(random)];
            bool is_new = std::ranges::find(read, item) == read.end();
            if (step == 4 || !is_new) continue;
            ++asked;
            // Who knows the rule guesses the first ten that were not read.
            int before = 0;
            for (auto one : following) {
                if (one == item) break;
                if (!std::ranges::count(read, one)) ++before;
            }
            by_rule += before < 10 ? 1 : 0;
        }
    }
    REQUIRE(replay.asked() == asked);
    auto best = static_cast<double>(by_rule) / asked;
    INFO("by the rule " << best);
    CHECK(score_of(replay, "portal").hit_rate_10 >= 0.75 * best);
    CHECK(score_of(replay, "portal").hit_rate_10 >
          2 * score_of(replay, "popularity_24h").hit_rate_10);
    CHECK(score_of(replay, "random").hit_rate_10 < 0.3);
}

}  // namespace recommendation
