// What is kept of readers, articles and labels, and that it is bounded.
#include "ranking_state.hpp"

#include <filesystem>
#include <fstream>
#include <random>

#include "ranking_snapshot.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace recommendation {

using namespace std::chrono_literals;

namespace {

const base::Time began_at = base::from_micros(1'700'000'000'000'000);

ArticleName sports(std::int64_t id) {
    return {"sports", id};
}

std::vector<std::string> names_in(RankingState& state, const std::vector<Ranked>& ranked) {
    std::vector<std::string> names;
    for (const auto& one : ranked) {
        const auto& name = state.articles().key(one.article);
        names.push_back(name.news_type + "/" + std::to_string(name.id));
    }
    return names;
}

std::vector<Ranked> rank_for(RankingState& state, ReaderHash reader, base::Time now) {
    Wanted wanted;
    wanted.reader = state.readers().find(reader);
    return state.ranking().rank(wanted, now, 20);
}

/// Five thousand calls that one seed makes.
void play(RankingState& state, unsigned seed) {
    std::mt19937 random(seed);
    auto at = began_at;
    for (int i = 0; i < 5000; ++i) {
        at += 1s * static_cast<int>(random() % 60);
        auto article = sports(static_cast<std::int64_t>(random() % 300));
        switch (random() % 10) {
            case 0:
                state.publish(article, at,
                              {"l" + std::to_string(random() % 40), "m" + std::to_string(i % 7)});
                break;
            case 1:
                state.withdraw(article);
                break;
            case 2:
                if (random() % 20 == 0) state.forget(random() % 90);
                break;
            default:
                state.visit(random() % 90, article, at);
        }
    }
}

}  // namespace

TEST_CASE("each key has a number, and the one unused for longest is known") {
    Names<std::string> names(3);
    CHECK(names.use("a") == Index{0});
    CHECK(names.use("b") == Index{1});
    CHECK(names.use("c") == Index{2});
    CHECK(names.is_full());
    CHECK_FALSE(names.use("d"));
    CHECK(names.use("a") == Index{0});
    CHECK(names.unused_longest(2) == std::vector<Index>{1, 2});
    names.forget(2);
    CHECK_FALSE(names.find("c"));
    CHECK(names.use("d") == Index{2});
    CHECK(names.key(2) == "d");
    CHECK(names.unused_longest(9) == std::vector<Index>{1, 0, 2});
    names.forget(1);
    names.forget(2);
    names.forget(0);
    CHECK(names.size() == 0);
    CHECK(names.unused_longest(9).empty());
    CHECK(names.use("e") == Index{0});
    CHECK(names.unused_longest(9) == std::vector<Index>{0});
}

TEST_CASE("the reader who was away for longest is forgotten where there is no room") {
    RankingState state(RankingWeights{}, {2, 100, 100});
    for (int id = 0; id < 10; ++id) state.publish(sports(id), began_at, {"cup"});
    CHECK(state.visit(1, sports(1), began_at));
    CHECK(state.visit(2, sports(2), began_at));
    CHECK(state.visit(1, sports(3), began_at + 1min));
    CHECK(state.visit(3, sports(4), began_at + 2min));
    CHECK(state.readers().size() == 2);
    CHECK_FALSE(state.readers().find(2));
    // The newcomer has the number, and nothing else of theirs.
    auto newcomer = *state.readers().find(3);
    CHECK_FALSE(state.ranking().has_read(newcomer, *state.articles().find(sports(2))));
    CHECK(state.ranking().has_read(newcomer, *state.articles().find(sports(4))));
}

TEST_CASE("articles that nobody reads go where there is no room, and leave nothing behind") {
    RankingState state(RankingWeights{}, {100, 20, 100});
    for (int id = 0; id < 20; ++id) state.publish(sports(id), began_at, {"cup"});
    auto at = began_at;
    for (ReaderHash reader = 0; reader < 30; ++reader) {
        state.visit(reader, sports(0), at);
        state.visit(reader, sports(19), at);
    }
    // 1, 2 and 3 are the ones that go.
    state.publish({"politics", 1}, at + 1min, {"vote"});
    CHECK(state.articles().size() == 18);
    CHECK_FALSE(state.articles().find(sports(1)));
    CHECK_FALSE(state.articles().find(sports(3)));
    CHECK(state.articles().find(sports(0)));
    // Then the others go as well, one of which was read after another.
    for (int id = 100; id < 140; ++id) {
        state.publish(sports(id), at + 2min, {"cup"});
        state.visit(7, sports(19), at + 2min);
    }
    CHECK_FALSE(state.articles().find(sports(0)));
    auto last = *state.articles().find(sports(19));
    auto now = at + 3min;
    for (const auto& one : state.ranking().next(last, now, 100)) {
        CHECK(state.articles().find(state.articles().key(one.article)) == one.article);
    }
    auto most_read = names_in(state, [&] {
        std::vector<Ranked> all;
        for (const auto& one : state.ranking().most_read(now, std::nullopt, 100)) {
            if (one.visits > 0) all.push_back({one.article, one.score, {}, 0});
        }
        return all;
    }());
    CHECK(most_read == std::vector<std::string>{"sports/19"});
    // Who had the numbers before is read by nobody.
    CHECK_FALSE(state.visit(7, sports(0), now));
}

TEST_CASE("a label that there is no room for is none, and counted") {
    RankingState state(RankingWeights{}, {10, 10, 2});
    state.publish(sports(1), began_at, {"a", "b"});
    state.publish(sports(2), began_at, {"c", "b"});
    CHECK(state.labels_left_out() == 1);
    CHECK(state.labels().size() == 2);
    state.visit(1, sports(2), began_at);
    auto label = state.labels().find("b");
    CHECK(state.ranking().most_read(began_at, label, 10).front().article ==
          *state.articles().find(sports(2)));
}

TEST_CASE("who is forgotten is nobody in particular, and comes back as a stranger") {
    RankingState state(RankingWeights{}, RankingLimits{});
    for (int id = 0; id < 50; ++id) {
        state.publish(sports(id), began_at, {"l" + std::to_string(id % 5)});
    }
    for (int id = 0; id < 5; ++id) state.visit(4, sports(id * 5), began_at + 1min * id);
    auto now = began_at + 10min;
    CHECK(names_in(state, rank_for(state, 4, now)) != names_in(state, rank_for(state, 5, now)));
    state.forget(4);
    state.forget(4);
    CHECK(names_in(state, rank_for(state, 4, now)) == names_in(state, rank_for(state, 5, now)));
    CHECK(state.readers().size() == 0);
    // The places that they have left are a stranger's.
    state.visit(6, sports(49), now);
    CHECK_FALSE(state.ranking().has_read(*state.readers().find(6), 0));
}

TEST_CASE("the same calls in the same order make the same state, also where there is no room") {
    auto seed = std::random_device()();
    INFO("seed " << seed);
    RankingLimits tight{40, 60, 20};
    RankingState one(RankingWeights{}, tight);
    RankingState other(RankingWeights{}, tight);
    play(one, seed);
    play(other, seed);
    CHECK(one.readers().size() <= 40);
    CHECK(one.articles().size() <= 60);
    CHECK(one.labels().size() <= 20);
    CHECK(one.labels_left_out() > 0);
    auto now = began_at + 48h;
    for (ReaderHash reader = 0; reader < 91; ++reader) {
        auto ranked = rank_for(one, reader, now);
        CHECK(names_in(one, ranked) == names_in(other, rank_for(other, reader, now)));
        for (const auto& article : ranked) {
            auto name = one.articles().key(article.article);
            CHECK(one.articles().find(name) == article.article);
        }
    }
}

namespace {

SnapshotSettings settings_of(const RankingLimits& limits) {
    return {RankingWeights(), limits};
}

std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream input(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(input), {}};
}

}  // namespace

TEST_CASE("a state that was written and read goes on as the one that stayed", "[recommendation]") {
    support::TemporaryFolder folder;
    RankingLimits limits{50, 40, 20};
    auto file = (folder / "ranking").string();
    for (unsigned seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        RankingState stayed(RankingWeights(), limits);
        play(stayed, seed);
        write_snapshot(file, {seed, 17}, settings_of(limits), stayed);
        auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
        CHECK((std::filesystem::status(file).permissions() & others) ==
              std::filesystem::perms::none);
        RankingState read(RankingWeights(), limits);
        CHECK(read_snapshot(file, seed, settings_of(limits), read).position == 17);
        for (auto* state : {&stayed, &read}) play(*state, seed + 100);
        CHECK(read.readers().size() == stayed.readers().size());
        CHECK(read.articles().size() == stayed.articles().size());
        auto now = began_at + 24h * 30;
        for (ReaderHash reader = 0; reader < 100; ++reader) {
            auto a = rank_for(stayed, reader, now);
            auto b = rank_for(read, reader, now);
            REQUIRE(names_in(stayed, a) == names_in(read, b));
            for (std::size_t i = 0; i < a.size(); ++i) REQUIRE(a[i].score == b[i].score);
        }
    }
}

TEST_CASE("a snapshot that is damaged, or another one, is refused", "[recommendation]") {
    support::TemporaryFolder folder;
    RankingLimits limits{50, 40, 20};
    auto file = (folder / "ranking").string();
    RankingState state(RankingWeights(), limits);
    play(state, 1);
    write_snapshot(file, {5, 17}, settings_of(limits), state);
    auto refusal = [&](std::uint64_t name, const SnapshotSettings& settings) -> std::string {
        RankingState read(RankingWeights(), limits);
        try {
            read_snapshot(file, name, settings, read);
        } catch (const std::exception& failure) {
            return failure.what();
        }
        return "";
    };
    CHECK(refusal(5, settings_of(limits)).empty());
    CHECK_THAT(refusal(6, settings_of(limits)), Catch::Contains("another one"));
    CHECK_THAT(refusal(5, settings_of({50, 40, 21})), Catch::Contains("other settings"));
    auto other = settings_of(limits);
    other.weights.session_min = 31min;
    CHECK_THAT(refusal(5, other), Catch::Contains("other settings"));

    auto good = bytes_of(file);
    auto put = [&](const std::string& bytes) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    };
    std::mt19937 random(3);
    for (int i = 0; i < 300; ++i) {
        auto bad = good;
        auto at = random() % good.size();
        if (i % 3 == 0) bad.resize(at);
        if (i % 3 == 1) bad[at] = static_cast<char>(bad[at] ^ (1 << random() % 8));
        // A length that nobody has memory for.
        if (i % 3 == 2) bad.replace(at, 8, std::string(8, static_cast<char>(0x7f)));
        put(bad);
        CAPTURE(i, at);
        CHECK_FALSE(refusal(5, settings_of(limits)).empty());
    }
    put(good + "more");
    CHECK_FALSE(refusal(5, settings_of(limits)).empty());
    std::filesystem::remove(file);
    CHECK_FALSE(refusal(5, settings_of(limits)).empty());
}

}  // namespace recommendation
