// What is read next, by rules that need no store.
#include "ranking.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "support/catch.hpp"

namespace recommendation {

using namespace std::chrono_literals;

namespace {

const base::Time first_visit = base::from_micros(1'700'000'000'000'000);

std::vector<Index> articles_of(const std::vector<Ranked>& ranked) {
    std::vector<Index> articles;
    for (const auto& one : ranked) articles.push_back(one.article);
    return articles;
}

bool has(const std::vector<Ranked>& ranked, Index article) {
    auto all = articles_of(ranked);
    return std::ranges::find(all, article) != all.end();
}

/// Articles 0 to 99, an hour old, with the label that is the last digit.
Ranking stage() {
    Ranking ranking{RankingWeights{}};
    for (Index article = 0; article < 100; ++article) {
        ranking.publish(article, first_visit - 1h, {article % 10});
    }
    return ranking;
}

}  // namespace

TEST_CASE("the best of many are those that a sort would give, however they grow") {
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::vector<int> ranks(60, 0);
    TopList top(10);
    for (int i = 0; i < 3000; ++i) {
        auto index = static_cast<Index>(random() % ranks.size());
        ranks[index] += 1 + static_cast<int>(random() % 3);
        top.grew(index, [&](Index one) { return ranks[one]; });
        std::vector<Index> sorted;
        for (Index one = 0; one < ranks.size(); ++one) {
            if (ranks[one] > 0) sorted.push_back(one);
        }
        std::ranges::sort(sorted, [&](Index a, Index b) {
            return std::pair(-ranks[a], b) < std::pair(-ranks[b], a);
        });
        if (sorted.size() > 10) sorted.resize(10);
        REQUIRE(top.best() == sorted);
    }
}

TEST_CASE("a visit weighs half after a half-life, and the order stays as nothing is read") {
    Popularity popularity(1h);
    for (int i = 0; i < 3; ++i) popularity.add(7, first_visit);
    popularity.add(2, first_visit);
    CHECK(popularity.weight_at(7, first_visit) == Approx(3));
    CHECK(popularity.weight_at(7, first_visit + 2h) == Approx(0.75));
    CHECK(popularity.weight_at(9, first_visit) == 0);
    CHECK(popularity.rank(9) == Popularity::never);
    CHECK(popularity.best() == std::vector<Index>{7, 2});
    // Years later neither is gone, and one visit is more than both.
    popularity.add(4, first_visit + 24h * 365 * 5);
    CHECK(popularity.best() == std::vector<Index>{4, 7, 2});
}

TEST_CASE("what is read after what counts less the further it was behind, and fades") {
    Sequences sequences(24h);
    const std::vector<Index> before = {5, 4, 3};
    sequences.add(9, before, first_visit);
    auto weight_after = [&](Index article, base::Time at) {
        auto after = sequences.after(article);
        REQUIRE(after.size() == 1);
        CHECK(after[0].article == 9);
        return sequences.weight_at(after[0], at);
    };
    CHECK(weight_after(5, first_visit) == Approx(1));
    CHECK(weight_after(4, first_visit) == Approx(0.5));
    CHECK(weight_after(3, first_visit + 24h) == Approx(1.0 / 6));
    CHECK(sequences.after(9).empty());
    CHECK(sequences.after(1000).empty());
    // Of too many successors the lightest goes.
    const std::vector<Index> one = {5};
    for (Index next = 100; next < 163; ++next) sequences.add(next, one, first_visit + 1h);
    CHECK(sequences.after(5).size() == Sequences::successors_max);
    sequences.add(200, one, first_visit + 2h);
    CHECK(sequences.after(5).size() == Sequences::successors_max);
    CHECK(std::ranges::none_of(sequences.after(5), [](auto& next) { return next.article == 9; }));
}

TEST_CASE("two readers get two front pages, and a visit changes the very next one") {
    auto ranking = stage();
    // Given others, who read 11 and then 21.
    for (Index reader = 10; reader < 20; ++reader) {
        ranking.visit(reader, 11, first_visit);
        ranking.visit(reader, 21, first_visit + 1min);
    }
    auto now = first_visit + 2min;
    auto before = ranking.rank(1, now, 10);
    ranking.visit(1, 11, now);
    ranking.visit(2, 35, now);
    auto one = ranking.rank(1, now, 10);
    auto two = ranking.rank(2, now, 10);
    // Then what they read next is first; and nobody is offered what they have read.
    CHECK(one.front().article == 21);
    CHECK(one.front().part(Term::read_next) > 0);
    CHECK_FALSE(has(one, 11));
    CHECK_FALSE(has(two, 35));
    CHECK(articles_of(one) != articles_of(two));
    CHECK(articles_of(one) != articles_of(before));
    // Labels are what the second has.
    CHECK(std::ranges::any_of(two, [](const Ranked& item) {
        return item.article % 10 == 5 && item.part(Term::interest) > 0;
    }));
    // Half an hour later it is a new session.
    auto later = ranking.rank(1, now + 31min, 10);
    for (const auto& item : later) CHECK(item.part(Term::read_next) == 0);
}

TEST_CASE("a score is the sum of its parts, and who is unknown gets what is read and new") {
    auto ranking = stage();
    for (Index reader = 0; reader < 5; ++reader) ranking.visit(reader, 40 + reader, first_visit);
    ranking.publish(500, first_visit, {});
    for (Index reader : {Index{3}, Index{77777}}) {
        auto ranked = ranking.rank(reader, first_visit + 1min, 30);
        REQUIRE(ranked.size() > 20);
        for (const auto& one : ranked) {
            auto sum = std::accumulate(one.parts.begin(), one.parts.end(), 0.0);
            CHECK(sum == Approx(one.score));
            CHECK(one.placed_by <= one.score);
            for (auto part : one.parts) CHECK(part >= 0);
        }
        CHECK(has(ranked, 500));
    }
    auto unknown = ranking.rank(77777, first_visit + 1min, 5);
    for (const auto& one : unknown) {
        CHECK(one.part(Term::interest) == 0);
        CHECK(one.part(Term::read_next) == 0);
    }
}

TEST_CASE("who reads an item again in a session has read it once") {
    auto ranking = stage();
    CHECK(ranking.visit(1, 11, first_visit));
    CHECK(ranking.visit(1, 12, first_visit + 1min));
    CHECK_FALSE(ranking.visit(1, 11, first_visit + 2min));
    CHECK_FALSE(ranking.visit(1, 11, first_visit + 3min));
    CHECK(ranking.last_hour().weight_at(11, first_visit) == Approx(1));
    // What is read after it is what is read next all the same.
    ranking.visit(2, 11, first_visit + 4min);
    CHECK(ranking.rank(2, first_visit + 4min, 5).front().article == 12);
    CHECK(ranking.visit(1, 11, first_visit + 2h));
}

TEST_CASE("an article that gets other labels is found by these, and no more by the old ones") {
    auto ranking = stage();
    // Given a reader of label 5 alone, and nothing that is popular any more.
    for (Index article : {5, 15, 25}) ranking.visit(1, article, first_visit);
    ranking.visit(2, 61, first_visit);
    auto interest_in_61 = [&] {
        for (const auto& one : ranking.rank(1, first_visit + 1min, 600)) {
            if (one.article == 61) return one.part(Term::interest);
        }
        return -1.0;
    };
    CHECK(interest_in_61() == 0);
    ranking.publish(61, first_visit, {5});
    CHECK(interest_in_61() > 0);
    ranking.publish(61, first_visit, {1});
    CHECK(interest_in_61() == 0);
}

TEST_CASE("interest counts half until three items were read") {
    auto ranking = stage();
    auto interest_in_16 = [&] {
        const std::vector<Index> pool = {16};
        return ranking.rank_among(1, first_visit, pool).front().part(Term::interest);
    };
    ranking.visit(1, 6, first_visit);
    CHECK(interest_in_16() == Approx(0.15));
    ranking.visit(1, 26, first_visit);
    CHECK(interest_in_16() == Approx(0.15));
    ranking.visit(1, 36, first_visit);
    CHECK(interest_in_16() == Approx(0.3));
}

TEST_CASE("of ten items three have the same main label, unless there is nothing else") {
    Ranking ranking{RankingWeights{}};
    for (Index article = 0; article < 24; ++article) {
        bool is_alike = article < 16;
        ranking.publish(article, first_visit - (is_alike ? 1min * article : 10h),
                        {is_alike ? Index{0} : article});
    }
    auto ranked = ranking.rank(1, first_visit, 10);
    REQUIRE(ranked.size() == 10);
    CHECK(std::ranges::count_if(ranked, [](const Ranked& one) { return one.article < 16; }) == 3);

    Ranking alike{RankingWeights{}};
    for (Index article = 0; article < 20; ++article) alike.publish(article, first_visit, {0});
    CHECK(alike.rank(1, first_visit, 10).size() == 10);
}

TEST_CASE("the same visits in the same order make the same ranking") {
    auto seed = std::random_device()();
    INFO("seed " << seed);
    auto played = [&] {
        std::mt19937 random(seed);
        auto ranking = stage();
        auto now = first_visit;
        for (int i = 0; i < 5000; ++i) {
            now += std::chrono::seconds(random() % 600);
            ranking.visit(random() % 40, random() % 100, now);
            if (random() % 10 == 0) ranking.show(random() % 100);
        }
        std::vector<std::pair<Index, double>> all;
        for (Index reader = 0; reader < 40; ++reader) {
            for (const auto& one : ranking.rank(reader, now, 20)) {
                all.emplace_back(one.article, one.score);
            }
        }
        return all;
    };
    CHECK(played() == played());
}

TEST_CASE("the labels that a reader was made to like are theirs after thirty reads") {
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    Ranking ranking{RankingWeights{}};
    // 2,000 articles with one of 40 labels; of 100 readers each likes three, and reads by chance
    // every fifth time.
    for (Index article = 0; article < 2000; ++article)
        ranking.publish(article, first_visit, {article % 40});
    int found = 0;
    for (Index reader = 0; reader < 100; ++reader) {
        std::vector<Index> likes;
        while (likes.size() < 3) {
            auto label = static_cast<Index>(random() % 40);
            if (std::ranges::find(likes, label) == likes.end()) likes.push_back(label);
        }
        for (int i = 0; i < 30; ++i) {
            auto label = i % 5 == 4 ? static_cast<Index>(random() % 40) : likes[random() % 3];
            ranking.visit(reader, static_cast<Index>(random() % 50) * 40 + label,
                          first_visit + 1min * i);
        }
        std::vector<Index> pool(40);
        std::iota(pool.begin(), pool.end(), Index{0});
        auto by_interest = ranking.rank_among(reader, first_visit + 40h, pool);
        std::ranges::stable_sort(by_interest, std::ranges::greater(),
                                 [](const Ranked& one) { return one.part(Term::interest); });
        for (std::size_t i = 0; i < 3; ++i) {
            found += std::ranges::find(likes, by_interest[i].article % 40) != likes.end();
        }
    }
    CHECK(found >= 270);
}

}  // namespace recommendation
