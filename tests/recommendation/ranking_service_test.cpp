// What to read now, as the module answers it: on real files, by what was published and read.
#include <algorithm>
#include <filesystem>

#include "fixture.hpp"
#include "support/sqlite_file.hpp"

namespace recommendation {

namespace {

using namespace std::chrono_literals;

/// Six articles of two labels, an hour ago, and two readers who have read something.
void begin(Fixture& it) {
    it.open();
    for (int i = 1; i <= 3; ++i) it.publish(i, {"football"});
    for (int i = 4; i <= 6; ++i) it.publish(i, {"chess"});
    it.settle();
    it.clock.advance(1h);
    it.settle();
}

std::vector<std::int64_t> ids_of(const std::vector<Recommended>& list) {
    std::vector<std::int64_t> ids;
    for (const auto& one : list) ids.push_back(one.article.id);
    return ids;
}

std::int64_t rows_of(Fixture& it, const std::string& where) {
    auto file = it.folder / "recommendation.db";
    return support::number_from_database(file, "select count(*) from visit_log where " + where);
}

}  // namespace

TEST_CASE("two readers with different histories have different lists", "[recommendation]") {
    Fixture it;
    begin(it);
    CHECK(it.news_for(7) == "not personal");
    it.visit(7, 1, {"football"});
    it.visit(8, 4, {"chess"});
    it.apply();
    auto of_7 = ids_of(it.list_for(7).articles);
    auto of_8 = ids_of(it.list_for(8).articles);
    // What the other one has read is what is read most; then come those of one's own label.
    CHECK(of_7.size() == 5);
    CHECK(std::ranges::count(of_7, 1) == 0);
    CHECK(of_7.at(1) <= 3);
    CHECK(of_8.size() == 5);
    CHECK(std::ranges::count(of_8, 4) == 0);
    CHECK(of_8.at(1) >= 4);
}

TEST_CASE("the very next list knows a visit, also one that is not stored yet", "[recommendation]") {
    Fixture it;
    begin(it);
    it.visit(7, 1, {"football"});
    auto list = it.news_for(7);
    CHECK(list.find('1') == list.npos);
    CHECK(list != "not personal");
    auto share = [&] {
        auto first = it.list_for(7, {20, true}).articles.front();
        return first.reasons.front().share;
    };
    auto pending = share();
    it.apply();
    CHECK(it.news_for(7) == list);
    // It counts once, whether it waits, or is applied and nothing came since.
    CHECK(share() == Catch::Detail::Approx(pending));
}

TEST_CASE("reasons add up to the score", "[recommendation]") {
    Fixture it;
    begin(it);
    for (int reader = 10; reader < 16; ++reader) {
        it.visit(reader, 1, {"football"});
        it.visit(reader, 2, {"football"});
    }
    it.visit(7, 1, {"football"});
    it.apply();
    auto list = it.list_for(7, {20, true});
    REQUIRE(list.articles.size() == 5);
    const auto& first = list.articles.front();
    CHECK(first.article == ArticleName{"sports", 2});
    const auto& reason = first.reasons.front();
    CHECK(reason.kind == Reason::Kind::read_next);
    CHECK(reason.article == ArticleName{"sports", 1});
    for (const auto& one : list.articles) {
        double all = 0;
        for (const auto& why : one.reasons) all += why.share;
        CHECK(all == Catch::Detail::Approx(1));
    }
    auto has_label = [](const Reason& why) { return why.label == "football"; };
    CHECK(std::ranges::any_of(first.reasons, has_label));
}

TEST_CASE("nothing is recommended that cannot be read any more", "[recommendation]") {
    Fixture it;
    begin(it);
    it.visit(7, 1, {"football"});
    it.apply();
    it.unpublish(2);
    it.settle();
    auto list = ids_of(it.list_for(7).articles);
    CHECK(std::ranges::count(list, 2) == 0);
    it.publish(9, {"football"});
    it.settle();
    CHECK(ids_of(it.list_for(7).articles).front() == 9);
}

TEST_CASE("after a start the same is known again", "[recommendation]") {
    Fixture it;
    begin(it);
    it.visit(7, 1, {"football"});
    it.visit(8, 1, {"football"});
    it.visit(8, 5, {"chess"});
    it.apply();
    auto before = it.news_for(7);
    it.close();
    it.open(false);
    base::Context context;
    context.actor = {7, base::Role::reader};
    auto too_early = it.ask(it.module->rankings().for_reader({}, context));
    REQUIRE(!too_early);
    CHECK(too_early.error().code == "recommendation_not_ready");
    it.start();
    it.settle();
    CHECK(it.news_for(7) == before);
}

TEST_CASE("who is removed is a stranger, and leaves no row", "[recommendation]") {
    Fixture it;
    begin(it);
    it.visit(7, 1, {"football"});
    it.visit(8, 1, {"football"});
    it.apply();
    CHECK(rows_of(it, "reader is not null") == 2);
    it.remove_user(7);
    it.settle();
    CHECK(it.news_for(7) == "not personal");
    it.visit(7, 2, {"football"});
    it.apply();
    CHECK(it.news_for(7) == "not personal");
    CHECK(it.news_for(8) != "not personal");
    CHECK(rows_of(it, "reader is not null") == 1);
}

TEST_CASE("somebody who is not known says what they have read", "[recommendation]") {
    Fixture it;
    begin(it);
    base::Context nobody;
    auto list = it.ask(
        it.module->rankings().for_reads({{"sports", 1}, {"sports", 99}, {"none", 1}}, {}, nobody));
    REQUIRE(list);
    CHECK(list->personal);
    CHECK(ids_of(list->articles).front() <= 3);
    auto none = it.ask(it.module->rankings().for_reads({{"sports", 99}}, {}, nobody));
    REQUIRE(none);
    CHECK(!none->personal);
    CHECK(rows_of(it, "reader is not null") == 0);
}

TEST_CASE("what is next, what is similar, what many read", "[recommendation]") {
    Fixture it;
    begin(it);
    it.publish(7, {"weather"}, "Storm over the northern harbour");
    it.publish(8, {"shipping"}, "Northern harbour closed");
    for (int reader = 10; reader < 16; ++reader) {
        it.visit(reader, 1, {"football"});
        it.visit(reader, 5, {"chess"});
    }
    it.apply();
    const auto& rankings = it.module->rankings();
    auto next = it.ask(rankings.next({"sports", 1}, 3, {}));
    REQUIRE(next);
    CHECK(ids_of(*next).front() == 5);
    CHECK(next->size() == 3);  // then those of the same label
    auto similar = it.ask(rankings.similar({"sports", 7}, 3, {}));
    REQUIRE(similar);
    CHECK(ids_of(*similar) == std::vector<std::int64_t>{8});
    auto hour = it.ask(rankings.trending({TrendingQuestion::Window::hour, "", "chess", 5}, {}));
    REQUIRE(hour);
    REQUIRE(ids_of(*hour) == std::vector<std::int64_t>{5});
    CHECK(hour->front().reasons.front().visits == Catch::Detail::Approx(6));
    auto day = it.ask(rankings.trending({TrendingQuestion::Window::day, "sports", "", 5}, {}));
    REQUIRE(day);
    CHECK(day->size() == 2);
    auto other = it.ask(rankings.trending({TrendingQuestion::Window::day, "other", "", 5}, {}));
    REQUIRE(other);
    CHECK(other->empty());
}

TEST_CASE("a start goes on from the snapshot", "[recommendation]") {
    Fixture it;
    it.config.snapshot_rows = 10;
    begin(it);
    auto file = it.folder / "recommendation.ranking";
    auto named = [&] {
        return support::number_from_database(it.folder / "recommendation.db",
                                             "select count(*) from snapshot where name <> ''");
    };
    for (int reader = 10; reader < 16; ++reader) it.visit(reader, 1, {"football"});
    it.visit(7, 1, {"football"});
    it.apply();
    CHECK(std::filesystem::exists(file));
    CHECK(named() == 1);
    auto before = it.news_for(7);
    it.close();
    // What it had learned by then is in the file, whatever the log says.
    support::change_database(it.folder / "recommendation.db",
                             "delete from visit_log where labels is null");
    it.open();
    it.settle();
    CHECK(it.news_for(7) == before);

    // Whoever is erased is in no file, and in none that was made before; nobody has to ask.
    it.remove_user(7);
    it.settle();
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK(named() == 0);
    it.close();
    it.open();
    it.settle();
    CHECK(it.news_for(7) == "not personal");

    // Another file of that name, as a copy of the folder may have, is none.
    for (int reader = 20; reader < 40; ++reader) it.visit(reader, 2, {"football"});
    it.apply();
    it.pass(600s);
    it.visit(40, 3, {"football"});
    it.apply();
    REQUIRE(std::filesystem::exists(file));
    it.close();
    support::change_database(it.folder / "recommendation.db", "update snapshot set name = '1'");
    it.open();
    it.settle();
    CHECK(support::number_from_database(it.folder / "recommendation.db",
                                        "select count(*) from snapshot where name = '1'") == 0);
    CHECK(it.news_for(20) != "not personal");
}

TEST_CASE("the log forgets what is too old, and what an article is about last",
          "[recommendation]") {
    Fixture it;
    it.config.log_days = 2;
    begin(it);
    it.visit(7, 1, {"football"});
    it.apply();
    it.unpublish(2);
    it.settle();
    it.clock.advance(25h);
    it.pass(60s);
    CHECK(rows_of(it, "labels is null") == 1);
    it.visit(7, 3, {"football"});
    it.apply();
    it.clock.advance(24h);
    it.pass(60s);
    CHECK(rows_of(it, "labels is null") == 1);
    CHECK(rows_of(it, "labels is null and news_id = 3") == 1);
    // One row of each article, the last.
    CHECK(rows_of(it, "labels is not null") == 6);
    CHECK(rows_of(it, "labels is not null and news_id = 2 and kind = 11") == 1);
    it.close();
    it.open();
    it.settle();
    CHECK(it.news_for(7) != "not personal");
}

TEST_CASE("the sweep takes no row away that what is kept was read by", "[recommendation]") {
    Fixture it;
    begin(it);
    it.visit(7, 1, {"football"});
    it.apply();
    auto before = it.news_for(7);
    it.happens(1, "article_revised.v1", {{"title", "Another title of it"}});
    it.settle();
    it.pass(24h);
    it.pass(60s);
    CHECK(rows_of(it, "labels is not null and news_id = 1") == 2);
    it.close();
    it.open();
    it.settle();
    CHECK(it.news_for(7) == before);
    CHECK(before.find('1') == before.npos);
}

TEST_CASE("what was read while the clock was ten years ahead does not outweigh the rest",
          "[recommendation]") {
    Fixture it;
    begin(it);
    it.clock.advance(24h * 3650);
    it.publish(7, {"wrong"});
    for (int reader = 10; reader < 16; ++reader) it.visit(reader, 7, {"wrong"});
    it.visit(7, 1, {"football"});
    it.apply();
    it.clock.advance(-24h * 3650);
    auto check = [&] {
        it.visit(8, 4, {"chess"});
        for (int reader = 20; reader < 40; ++reader) it.visit(reader, 5, {"chess"});
        it.apply();
        auto list = it.list_for(8, {10, true}).articles;
        REQUIRE_FALSE(list.empty());
        CHECK(list.front().article.id == 5);
        for (const auto& one : list) {
            for (const auto& why : one.reasons) CHECK(why.visits < 100);
        }
        // Who has read with the wrong clock goes on as others do.
        it.visit(7, 2, {"football"});
        it.apply();
        auto of_7 = it.list_for(7, {10, true}).articles;
        REQUIRE_FALSE(of_7.empty());
        CHECK(of_7.front().article.id == 5);
    };
    check();
    it.close();
    it.open();
    it.settle();
    check();
}

TEST_CASE("what is muted or hidden is told where nothing else is known", "[recommendation]") {
    Fixture it;
    begin(it);
    auto put = [&](const std::string& path) {
        return it.call(http::Method::put, "/v1/recommendation/user/7/" + path, 7).status;
    };
    CHECK(put("mutes/football") == 204);
    CHECK(put("hidden/sports/6") == 204);
    auto list = it.list_for(7);
    CHECK(list.personal);
    CHECK(ids_of(list.articles) == std::vector<std::int64_t>{5, 4});
    CHECK(list.muted == std::vector<std::string>{"football"});
    CHECK(list.hidden == std::vector<ArticleName>{{"sports", 6}});
}

TEST_CASE("a log of news with another history is heard anew", "[recommendation]") {
    Fixture it;
    begin(it);
    it.visit(7, 1, {"football"});
    it.apply();
    it.close();
    it.replace_news_log();
    it.publish(50, {"football"});
    it.open();
    it.settle();
    it.pass(2s);
    CHECK(ids_of(it.list_for(7).articles) == std::vector<std::int64_t>{50});
}

}  // namespace recommendation
