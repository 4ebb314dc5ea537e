// What a ranking is asked besides: for whom, why, what is next, what is read by many.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ranking.hpp"
#include "support/catch.hpp"

namespace recommendation {

using namespace std::chrono_literals;

namespace {

const base::Time asked_at = base::from_micros(1'700'000'000'000'000);

/// Articles 0 to 99, an hour old, with the label that is the last digit.
Ranking hundred() {
    Ranking ranking{RankingWeights{}};
    for (Index article = 0; article < 100; ++article) {
        ranking.publish(article, asked_at - 1h, {article % 10});
    }
    return ranking;
}

template <class T>
std::vector<Index> articles_in(const std::vector<T>& all) {
    std::vector<Index> articles;
    for (const auto& one : all) articles.push_back(one.article);
    return articles;
}

template <class T>
bool contains(const std::vector<T>& all, Index article) {
    auto articles = articles_in(all);
    return std::ranges::find(articles, article) != articles.end();
}

Wanted by_reads(std::vector<Index> reads) {
    Wanted wanted;
    wanted.reads = std::move(reads);
    return wanted;
}

}  // namespace

TEST_CASE("what was just read counts as if it were learned") {
    auto learned = hundred();
    auto told = hundred();
    auto now = asked_at;
    for (Index reader = 1; reader < 20; ++reader) {
        for (auto* ranking : {&learned, &told}) {
            ranking->visit(reader, 3, now);
            ranking->visit(reader, 40 + reader % 3, now + 1min);
        }
    }
    now += 2min;
    learned.visit(0, 3, now);
    auto by_visit = learned.rank(Index{0}, now, 5);
    auto by_word = told.rank(by_reads({3}), now, 5);
    REQUIRE(by_visit.size() == 5);
    CHECK(articles_in(by_visit) == articles_in(by_word));
    CHECK(by_word.front().part(Term::read_next) > 0);
    CHECK(by_word.front().part(Term::interest) == Approx(by_visit.front().part(Term::interest)));
    CHECK_FALSE(contains(by_word, 3));
    // Nothing of it was kept.
    CHECK(told.rank(Wanted(), now, 5).front().part(Term::read_next) == 0);
    CHECK(contains(told.rank(Wanted(), now, 100), 3));
}

TEST_CASE("what was just read goes before what was learned, and once") {
    auto ranking = hundred();
    ranking.visit(7, 11, asked_at);
    ranking.visit(7, 12, asked_at + 1min);
    for (Index reader = 20; reader < 30; ++reader) {
        ranking.visit(reader, 11, asked_at);
        ranking.visit(reader, 55, asked_at);
        ranking.visit(reader + 100, 12, asked_at);
        ranking.visit(reader + 100, 66, asked_at);
    }
    auto wanted = by_reads({11});
    wanted.reader = 7;
    auto ranked = ranking.rank(wanted, asked_at + 2min, 100);
    CHECK(ranked.front().article == 55);
    CHECK(contains(ranked, 66));
    CHECK_FALSE(contains(ranked, 12));
    auto before = ranking.rank(Index{7}, asked_at + 2min, 100);
    CHECK(before.front().article == 66);
}

TEST_CASE("muted labels and hidden articles are offered to that reader alone no more") {
    auto ranking = hundred();
    for (Index reader = 0; reader < 10; ++reader) ranking.visit(reader, 50 + reader, asked_at);
    Wanted wanted;
    wanted.muted = {3};
    wanted.hidden = {52, 10'000};
    auto ranked = ranking.rank(wanted, asked_at, 600);
    REQUIRE(ranked.size() > 10);
    for (const auto& one : ranked) {
        CHECK(one.article % 10 != 3);
        CHECK(one.article != 52);
    }
    auto others = ranking.rank(Wanted(), asked_at, 600);
    CHECK(contains(others, 52));
    CHECK(contains(others, 53));
    // What is muted takes nobody's place among the newest.
    wanted.muted = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    CHECK(ranking.rank(wanted, asked_at, 600).size() == 10);
}

TEST_CASE("a label that is followed counts before anything was read") {
    auto ranking = hundred();
    for (Index article = 0; article < 100; ++article) ranking.visit(article, article, asked_at);
    Wanted wanted;
    wanted.followed = {4, 10'000};
    auto ranked = ranking.rank(wanted, asked_at, 3);
    REQUIRE(ranked.size() == 3);
    for (const auto& one : ranked) CHECK(one.article % 10 == 4);
    CHECK(ranked.front().part(Term::interest) == Approx(.3));
}

TEST_CASE("what is withdrawn is offered to nobody, until it is published again") {
    auto ranking = hundred();
    for (Index reader = 0; reader < 10; ++reader) {
        ranking.visit(reader, 1, asked_at);
        ranking.visit(reader, 31, asked_at + 1min);
    }
    auto now = asked_at + 2min;
    REQUIRE(contains(ranking.next(1, now, 10), 31));
    ranking.withdraw(31);
    CHECK_FALSE(contains(ranking.next(1, now, 10), 31));
    CHECK_FALSE(contains(ranking.rank(by_reads({1}), now, 600), 31));
    CHECK_FALSE(contains(ranking.trending(now, std::nullopt, 10), 31));
    CHECK_FALSE(contains(ranking.most_read(now, Index{1}, 10), 31));
    // Who still has it open changes nothing of that.
    ranking.visit(77, 31, now);
    CHECK_FALSE(contains(ranking.rank(by_reads({1}), now, 600), 31));
    ranking.publish(31, asked_at - 1h, {1});
    CHECK(contains(ranking.rank(by_reads({1}), now, 600), 31));
    CHECK(contains(ranking.most_read(now, Index{1}, 10), 31));
    CHECK(ranking.next(1, now, 10).front().article == 31);
}

TEST_CASE("reasons say where a score comes from, and their shares add up to 1") {
    auto ranking = hundred();
    for (Index reader = 10; reader < 40; ++reader) {
        ranking.visit(reader, 8, asked_at);
        ranking.visit(reader, 25, asked_at + 1min);
        ranking.show(reader);
    }
    ranking.visit(0, 5, asked_at);
    ranking.visit(0, 8, asked_at + 1min);
    auto now = asked_at + 2min;
    Wanted wanted;
    wanted.reader = 0;
    auto ranked = ranking.rank(wanted, now, 50);
    auto reasons = ranking.explain(wanted, now, ranked);
    REQUIRE(reasons.size() == ranked.size());
    REQUIRE(ranked.size() > 10);
    for (const auto& one : reasons) {
        auto add = [](double sum, const Why& why) { return sum + why.share; };
        CHECK(std::accumulate(one.begin(), one.end(), 0.0, add) == Approx(1));
        CHECK(std::ranges::is_sorted(one, std::ranges::greater(), &Why::share));
    }
    REQUIRE(ranked.front().article == 25);
    auto find = [&](Term term) {
        auto found = std::ranges::find(reasons.front(), term, &Why::term);
        REQUIRE(found != reasons.front().end());
        return *found;
    };
    CHECK(find(Term::read_next).article == Index{8});
    CHECK(find(Term::popular).visits == Approx(30).epsilon(.05));
    CHECK(find(Term::fresh).age == 1h + 2min);
    CHECK(find(Term::explore).share > 0);
    auto label = find(Term::interest);
    CHECK(label.label == Index{5});
    // Two labels, which they and as many others read alike.
    CHECK(label.lift == Approx(1).epsilon(.01));
}

TEST_CASE("a trend is what is read more than the day makes one expect") {
    auto ranking = hundred();
    Index reader = 0;
    for (int hour = 24; hour > 0; --hour) {
        for (int i = 0; i < 30; ++i) ranking.visit(reader++, 1, asked_at - 1h * hour);
    }
    for (int i = 0; i < 20; ++i) ranking.visit(reader++, 2, asked_at);
    for (int i = 0; i < 4; ++i) ranking.visit(reader++, 3, asked_at);
    auto trending = ranking.trending(asked_at, std::nullopt, 10);
    REQUIRE_FALSE(trending.empty());
    CHECK(trending.front().article == 2);
    CHECK(trending.front().visits == Approx(20));
    auto expected = 20.0 / 24;
    CHECK(trending.front().score == Approx((20 - expected) / std::sqrt(expected + 1)));
    // Four visits say nothing yet.
    CHECK_FALSE(contains(trending, 3));
    auto most_read = ranking.most_read(asked_at, std::nullopt, 10);
    REQUIRE(most_read.size() == 3);
    CHECK(articles_in(most_read) == std::vector<Index>{1, 2, 3});
    CHECK(articles_in(ranking.most_read(asked_at, Index{2}, 10)) == std::vector<Index>{2});
    CHECK(articles_in(ranking.trending(asked_at, Index{1}, 10)) == std::vector<Index>{1});
    CHECK(ranking.most_read(asked_at, Index{10'000}, 10).empty());
}

TEST_CASE("what is next is what others read after it, as often as they did") {
    auto ranking = hundred();
    for (Index reader = 0; reader < 6; ++reader) {
        ranking.visit(reader, 1, asked_at);
        ranking.visit(reader, reader < 4 ? 20 : 30, asked_at + 1min);
    }
    auto next = ranking.next(1, asked_at + 1min, 10);
    CHECK(articles_in(next) == std::vector<Index>{20, 30});
    CHECK(next.front().score == Approx(4.0 / 11).epsilon(.01));
    CHECK(ranking.next(99, asked_at, 10).empty());
    CHECK(ranking.next(10'000, asked_at, 10).empty());
}

}  // namespace recommendation
