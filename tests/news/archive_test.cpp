// Articles that go to archives: they are read as before, are in no list, and come back.
#include <filesystem>
#include <map>
#include <random>

#include "bus/archive.hpp"
#include "fixture.hpp"
#include "news/article_json.hpp"
#include "news/importer.hpp"
#include "news/verify.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;
using Sentences = std::vector<std::string>;

constexpr auto day = std::chrono::hours(24);

std::string told(const base::Result<Article>& article) {
    if (!article) return article.error().code;
    std::string text;
    base::JsonWriter json(text);
    write_json(json, *article);
    return text;
}

std::string told(const HistoryEntry& entry) {
    auto text = std::to_string(entry.version) + " " + entry.type + " " +
                std::to_string(entry.actor.value_or(0)) + " " + base::to_rfc3339(entry.at);
    for (const auto& change : entry.changes) {
        text += " " + change.member + ":" + change.before + ">" + change.after;
    }
    return text;
}

class Newsroom : public Fixture {
public:
    std::filesystem::path file(const std::string& name) { return folder / name.c_str(); }
    std::filesystem::path log() { return file("news-sports.command.db"); }
    std::filesystem::path archive() { return file("archive/news-sports-" + year + ".db"); }

    base::Result<ArchiveReport> try_to_archive(base::Time before, bool dry_run = false) {
        std::atomic<bool> stop{false};
        ArchiveWish wish{before, dry_run};
        auto ignore = [](std::int64_t, std::int64_t) {};
        return base::run(instance->archiver().archive(wish, ignore, stop));
    }
    ArchiveReport to_archives(base::Time before, bool dry_run = false) {
        auto report = try_to_archive(before, dry_run);
        REQUIRE(report);
        return *report;
    }
    Article article(ArticleId id) {
        auto found = base::run(instance->queries().article(id, {}));
        REQUIRE(found);
        return *found;
    }
    base::Result<Article> revise(ArticleId id, const std::string& title, Command by) {
        Revision revision;
        revision.title = title;
        return base::run(instance->commands().revise(id, revision, std::move(by)));
    }
    Command any_version() {
        auto by = command();
        by.expected = Expected{{}, true};
        return by;
    }
    ImportOutcome import(NewArticle article) {
        auto item = import_item(std::move(article));
        REQUIRE(item);
        base::Context context;
        context.request_id = "import-test";
        std::vector<ImportItem> items;
        items.push_back(std::move(*item));
        auto outcomes = base::run(instance->importer().import_items(std::move(items), context));
        REQUIRE(outcomes);
        REQUIRE(*base::run(instance->caught_up(10s)));
        return outcomes->front();
    }
    VerifyReport verified() {
        return verify(folder.path(), "sports", [](std::int64_t, std::int64_t) {});
    }
    std::vector<ArticleId> listed() {
        auto all = base::run(instance->queries().list(std::nullopt, 1000, {}));
        REQUIRE(all);
        std::vector<ArticleId> ids;
        for (const auto& one : *all) ids.push_back(one.id);
        std::sort(ids.begin(), ids.end());
        return ids;
    }
    /// All that anybody can be told of an article, by what was asked.
    std::map<std::string, std::string> answers(ArticleId id) {
        const auto& queries = instance->queries();
        std::map<std::string, std::string> all;
        all["to readers"] = told(base::run(queries.article(id, {})));
        all["to editors"] = told(base::run(queries.article(id, editor())));
        Version last = 0;
        HistoryQuestion question;
        question.limit = 3;
        for (bool more = true; more;) {
            auto page = base::run(queries.history(id, question, editor()));
            REQUIRE(page);
            for (const auto& entry : page->entries) {
                last = entry.version;
                all["history " + std::to_string(last)] = told(entry);
                auto at = entry.at - 1s;
                all["before " + std::to_string(last)] =
                    told(base::run(queries.as_of(id, at, editor())));
            }
            more = page->next.has_value();
            question.after = page->next.value_or(0);
        }
        for (Version version = 0; version <= last + 1; ++version) {
            all["version " + std::to_string(version)] =
                told(base::run(queries.version(id, version, editor())));
        }
        auto history = base::run(queries.history(id, {}, {}));
        all["history to readers"] = history ? "there" : history.error().code;
        auto moved = base::run(queries.moved_to(id, {}));
        all["moved"] = moved && *moved ? (*moved)->news_type : "no";
        return all;
    }
    std::string named(const std::string& slug) {
        auto match = base::run(instance->queries().by_slug(slug, {}));
        if (!match) return match.error().code;
        return std::to_string(match->id) + (match->now ? " now" : " once");
    }
    std::string by_legacy(const std::string& legacy_id) {
        auto id = base::run(instance->queries().by_legacy_id(legacy_id, {}));
        return id ? std::to_string(*id) : id.error().code;
    }
    void reopen() {
        close();
        open();
        REQUIRE(*base::run(instance->caught_up(10s)));
    }
    void reopen_after(const std::filesystem::path& at, const std::string& sql) {
        close();
        support::change_database(at, sql);
        open();
        REQUIRE(*base::run(instance->caught_up(10s)));
    }

    const std::string year = base::to_rfc3339(clock.now()).substr(0, 4);
};

NewArticle old_row(int number, const std::string& title) {
    NewArticle article{title, "", "Of old", "Ann", {"old"}};
    article.source_id = "story:" + std::to_string(number);
    article.legacy_id = *article.source_id;
    article.published_at = *base::parse_rfc3339("2011-05-04T10:00:00Z");
    article.updated_at = *base::parse_rfc3339("2011-06-01T09:30:00Z");
    article.slug = "old-story";  // each of them
    return article;
}

}  // namespace

TEST_CASE("whatever is asked of archived articles is answered as before, and lists have none",
          "[news]") {
    Newsroom news;
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 dice(seed);
    auto one_of = [&dice](int sides) { return static_cast<int>(dice() % unsigned(sides)); };
    std::vector<ArticleId> ids;
    std::set<std::string> slugs;
    for (int i = 0; i < 25; ++i) {
        auto made = news.create("Title " + std::to_string(one_of(8)), {"cup", "x"});
        ids.push_back(made.id);
        slugs.insert(made.slug);
        for (int change = one_of(one_of(6) == 0 ? 50 : 5); change > 0; --change) {
            news.clock.advance(1s);
            auto id = ids[static_cast<std::size_t>(one_of(int(ids.size())))];
            auto by = news.any_version();
            Revision revision;
            int kind = one_of(6);
            if (kind < 2) revision.title = "Title " + std::to_string(change);
            if (kind == 1) revision.content = "Content " + std::to_string(change);
            if (kind == 2)
                revision.slug = "slug-" + std::to_string(id) + "-" + std::to_string(change);
            if (revision.slug) slugs.insert(*revision.slug);
            if (kind == 3) revision.extra = R"({"n":1})";
            if (kind == 4) std::ignore = base::run(news.instance->commands().unpublish(id, by));
            if (kind == 5) std::ignore = base::run(news.instance->commands().publish(id, {}, by));
            if (kind < 4)
                std::ignore = base::run(news.instance->commands().revise(id, revision, by));
        }
    }
    std::ignore = base::run(news.instance->commands().remove(ids[3], news.any_version()));
    for (int i = 0; i < 5; ++i) ids.push_back(news.import(old_row(i, "Old")).id);
    slugs.insert("old-story");
    auto end = news.clock.now() + 1s;
    news.clock.advance(400 * day);
    for (int i = 0; i < 5; ++i) ids.push_back(news.create("Young").id);
    std::map<ArticleId, std::map<std::string, std::string>> before;
    std::map<std::string, std::string> names;
    for (auto id : ids) before[id] = news.answers(id);
    for (const auto& slug : slugs) names[slug] = news.named(slug);
    auto at_once = [&] {
        auto several = base::run(news.instance->queries().several(ids, {}));
        REQUIRE(several);
        std::vector<std::string> all;
        for (const auto& one : *several) all.push_back(told(one));
        return all;
    };
    auto chosen = at_once();
    auto listed = news.listed();
    auto report = news.to_archives(end, true);
    REQUIRE(report.articles > 5);
    CHECK(news.listed() == listed);

    auto moved = news.to_archives(end);

    CHECK(moved.articles == report.articles);
    CHECK(moved.events == report.events);
    CHECK(moved.bytes == report.bytes);
    auto left = news.listed();
    CHECK(left.size() == listed.size() - static_cast<std::size_t>(moved.articles));
    CHECK(left.size() == 5);
    auto compare = [&] {
        for (auto id : ids) {
            CAPTURE(id);
            CHECK(news.answers(id) == before[id]);
        }
        for (const auto& slug : slugs) {
            CAPTURE(slug);
            CHECK(news.named(slug) == names[slug]);
        }
        CHECK(news.by_legacy("story:3") == std::to_string(ids[28]));
        CHECK(news.listed() == left);
        CHECK(at_once() == chosen);
        auto tagged = base::run(news.instance->queries().tagged("cup", std::nullopt, 100, {}));
        REQUIRE(tagged);
        CHECK(tagged->empty());
        auto counts = base::run(news.instance->queries().counts({}));
        REQUIRE(counts);
        CHECK(counts->published == 5);
    };
    compare();
    CHECK(std::filesystem::exists(news.archive()));
    CHECK(std::filesystem::exists(news.file("archive/news-sports-2011.db")));
    auto verified = news.verified();
    CHECK(verified.problems == Sentences());
    CHECK(verified.archived == moved.articles);

    SECTION("after a restart") {
        news.reopen();
        compare();
    }
    SECTION("once the view was made anew") {
        REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
        compare();
        CHECK(news.verified().problems == Sentences());
    }
    SECTION("without a view") {
        news.close();
        std::filesystem::remove(news.file("news-sports.query.db"));
        news.open();
        REQUIRE(*base::run(news.instance->caught_up(10s)));
        compare();
    }
    SECTION("once the states beside the log were made anew") {
        news.reopen_after(news.log(), "delete from article_states; delete from states_filled");
        compare();
        CHECK(news.verified().problems == Sentences());
    }
    CHECK(news.to_archives(end).articles == 0);
}

TEST_CASE("who changes an archived article brings it back, and who may not does not", "[news]") {
    Newsroom news;
    auto made = news.create("One", {"cup"});
    auto other = news.create("Two");
    news.clock.advance(60 * day);
    auto end = news.clock.now() - 30 * day;
    REQUIRE(news.to_archives(end).articles == 2);
    auto stranger = news.any_version();
    stranger.context.actor.id = 8;
    CHECK(news.revise(made.id, "Mine", stranger).error().code == "forbidden");
    CHECK(news.revise(made.id, "Late", news.command(5)).error().code == "version_conflict");
    CHECK(news.listed().empty());

    SECTION("by a revision") {
        auto revised = news.revise(made.id, "One, better", news.command(1));
        REQUIRE(revised);
        CHECK(revised->version == 2);
        CHECK(news.listed() == std::vector<ArticleId>{made.id});
        auto history = base::run(news.instance->queries().history(made.id, {}, news.editor()));
        REQUIRE(history);
        CHECK(history->entries.size() == 2);
        CHECK(news.to_archives(end).articles == 0);
    }
    SECTION("by a removal") {
        auto removed = base::run(news.instance->commands().remove(made.id, news.command()));
        REQUIRE(removed);
        CHECK(base::run(news.instance->queries().article(made.id, {})).error().code ==
              "news_not_found");
    }
    SECTION("by a restored version, of one that went to the archives twice") {
        REQUIRE(news.revise(made.id, "One, better", news.command(1)));
        news.clock.advance(60 * day);
        REQUIRE(news.to_archives(news.clock.now() - 30 * day).articles == 1);
        CHECK(news.article(made.id).title == "One, better");
        auto restored = base::run(news.instance->commands().restore(made.id, 1, news.command()));
        REQUIRE(restored);
        CHECK(restored->title == "One");
        CHECK(restored->version == 3);
    }
    SECTION("by an operator") {
        REQUIRE(base::run(news.instance->archiver().bring_back(made.id, {})));
        REQUIRE(base::run(news.instance->archiver().bring_back(made.id, {})));
        CHECK(news.listed() == std::vector<ArticleId>{made.id});
        CHECK(news.article(made.id) == made);
    }
    CHECK(news.article(other.id) == other);
    CHECK(news.verified().problems == Sentences());
    news.reopen();
    CHECK(news.verified().problems == Sentences());
    CHECK(news.article(other.id) == other);
}

TEST_CASE("what is archived and not out of the view yet is good until it is due", "[news]") {
    Newsroom news;
    auto first = news.import(old_row(1, "First"));
    auto second = news.import(old_row(2, "Second"));
    news.close();
    auto view = news.file("news-sports.query.db");
    std::filesystem::copy_file(view, news.file("before"));
    news.open();
    REQUIRE(*base::run(news.instance->caught_up(10s)));
    REQUIRE(news.to_archives(news.clock.now() - 2 * day).articles == 2);
    news.close();
    std::filesystem::copy_file(news.file("before"), view,
                               std::filesystem::copy_options::overwrite_existing);
    // As a server leaves it that is killed between the two.
    support::change_database(news.log(), "insert into view_debts (article) values (" +
                                             std::to_string(first.id) + "), (" +
                                             std::to_string(second.id) + ")");
    CHECK(news.verified().problems == Sentences());
    support::change_database(news.log(),
                             "delete from view_debts where article = " + std::to_string(first.id));
    CHECK(news.verified().problems.size() == 1);
    support::change_database(
        news.log(), "insert into view_debts (article) values (" + std::to_string(first.id) + ")");
    news.reopen();
    CHECK(news.listed().empty());
    CHECK(news.verified().problems == Sentences());
}

TEST_CASE("an item that is imported again is brought back only where its source says something new",
          "[news]") {
    Newsroom news;
    auto first = news.import(old_row(1, "First"));
    auto second = news.import(old_row(2, "Second"));
    REQUIRE(news.to_archives(news.clock.now() - 2 * day).articles == 2);

    CHECK(news.import(old_row(1, "First")).kind == ImportOutcome::Kind::unchanged);
    CHECK(news.listed().empty());
    auto changed = news.import(old_row(2, "Second, better"));

    CHECK(changed.kind == ImportOutcome::Kind::updated);
    CHECK(changed.id == second.id);
    CHECK(news.article(second.id).title == "Second, better");
    CHECK(news.listed() == std::vector<ArticleId>{second.id});
    auto known = base::run(news.instance->importer().imported({"story:1", "story:2"}, {}));
    REQUIRE(known);
    REQUIRE((*known)[0]);
    CHECK((*known)[0]->version == 1);
    CHECK_FALSE((*known)[0]->removed);
    CHECK_FALSE((*known)[0]->changed_here);
    auto all = base::run(news.instance->importer().imported_of("story:", "", 10, {}));
    REQUIRE(all);
    CHECK(all->size() == 2);
    for (const auto& one : *all) CHECK(one.is_public);
    base::Context context;
    context.request_id = "import-test";
    auto gone = base::run(news.instance->importer().withdraw("story:1", false, context));
    REQUIRE(gone);
    CHECK(gone->kind == ImportOutcome::Kind::updated);
    REQUIRE(*base::run(news.instance->caught_up(10s)));
    CHECK(base::run(news.instance->queries().article(first.id, {})).error().code ==
          "news_not_found");
    CHECK(news.verified().problems == Sentences());
}

TEST_CASE("drafts, what is scheduled, what was removed, and what is young are not archived",
          "[news]") {
    Newsroom news;
    auto draft = news.create("Draft");
    REQUIRE(base::run(news.instance->commands().unpublish(draft.id, news.any_version())));
    auto removed = news.create("Removed");
    REQUIRE(base::run(news.instance->commands().remove(removed.id, news.command())));
    auto scheduled = news.create("Scheduled");
    REQUIRE(base::run(news.instance->commands().unpublish(scheduled.id, news.any_version())));
    REQUIRE(base::run(news.instance->commands().publish(scheduled.id, news.clock.now() + 900 * day,
                                                        news.any_version())));
    news.clock.advance(60 * day);
    news.create("Young");
    CHECK(news.to_archives(news.clock.now() - 30 * day).articles == 0);
    CHECK_FALSE(std::filesystem::exists(news.file("archive")));
    CHECK(news.try_to_archive(news.clock.now()).error().code == "too_recent");
}

TEST_CASE("an archive that is missing takes only its own articles away", "[news]") {
    Newsroom news;
    auto old = news.import(old_row(1, "Old")).id;
    auto made = news.create("One");
    news.clock.advance(60 * day);
    auto young = news.create("Young");
    REQUIRE(news.to_archives(news.clock.now() - 30 * day).articles == 2);
    news.close();
    SECTION("missing") {
        std::filesystem::rename(news.archive(), news.file("kept.db"));
    }
    SECTION("damaged") {
        support::overwrite_pages(news.archive());
    }
    news.open();
    CHECK_FALSE(news.instance->warning().empty());
    for (int look = 0; look < 2; ++look) {
        auto refused = base::run(news.instance->queries().article(made.id, {}));
        CHECK(refused.error().code == "archive_unreadable");
        CHECK(refused.error().reason == base::Reason::unavailable);
    }
    CHECK(base::run(news.instance->queries().history(made.id, {}, news.editor())).error().code ==
          "archive_unreadable");
    CHECK(news.revise(made.id, "Two", news.any_version()).error().code == "archive_unreadable");
    CHECK(news.article(old).title == "Old");
    CHECK(news.article(young.id) == young);
    CHECK(news.listed() == std::vector<ArticleId>{young.id});
    CHECK(news.create("Another").version == 1);
    auto problems = news.verified().problems;
    REQUIRE_FALSE(problems.empty());
    for (const auto& problem : problems) {
        CAPTURE(problem);
        CHECK_THAT(problem, Catch::Contains("news-sports-" + news.year));
    }
}

TEST_CASE("a changed, swapped or forgotten row of an archive is found by verify", "[news]") {
    Newsroom news;
    auto made = news.create("One");
    news.clock.advance(60 * day);
    REQUIRE(news.to_archives(news.clock.now() - 30 * day).articles == 1);
    news.close();
    auto expect = [&news](const std::string& sentence) {
        auto problems = news.verified().problems;
        REQUIRE_FALSE(problems.empty());
        CHECK_THAT(problems.front(), Catch::Contains(sentence));
    };
    SECTION("an event") {
        support::change_database(news.archive(),
                                 "drop trigger events_are_not_changed;"
                                 " update events set body = replace(body, 'One', 'Two')");
        expect("is not what was recorded");
        news.open();
        CHECK(base::run(news.instance->queries().article(made.id, {})).error().code ==
              "news_damaged");
    }
    SECTION("what look-ups need") {
        support::change_database(news.log(), "update archived_articles set slug = 'other'");
        expect("what is known of it is not what its events say");
    }
    SECTION("the mark") {
        support::change_database(news.log(), "delete from archived_streams");
        expect("says nothing, and is in no archive");
    }
}

TEST_CASE("what breaks off while articles are archived, or come back, is made good", "[news]") {
    Newsroom news;
    auto one = news.create("One", {"cup"});
    auto two = news.create("Two");
    news.clock.advance(60 * day);
    auto young = news.create("Young");
    auto end = news.clock.now() - 30 * day;
    const std::string breaks = " begin select raise(abort, 'broken off'); end";
    auto view = news.file("news-sports.query.db");
    auto archives = [&] {
        try {
            return news.try_to_archive(end).has_value();
        } catch (const database::Failure&) {
            return false;
        }
    };
    auto comes_back = [&] {
        try {
            return base::run(news.instance->archiver().bring_back(one.id, {})).has_value();
        } catch (const database::Failure&) {
            return false;
        }
    };
    auto is_whole = [&] {
        CHECK(news.article(one.id) == one);
        CHECK(news.article(two.id) == two);
        CHECK(news.verified().problems == Sentences());
    };
    std::vector<ArticleId> all{one.id, two.id, young.id};
    std::sort(all.begin(), all.end());

    struct Moment {
        bool of_view;
        const char* sql;
        bool is_archived;  ///< once it has been started again
    };
    // Where the marks go in, where the view lets go, where the debt is paid.
    for (auto moment : {Moment{false, "before insert on archived_articles", false},
                        Moment{false, "before update on events", false},
                        Moment{true, "before delete on articles_a", true},
                        Moment{false, "before delete on view_debts", true}}) {
        CAPTURE(moment.sql);
        auto at = moment.of_view ? view : news.log();
        news.reopen_after(at, std::string("create trigger breaks ") + moment.sql + breaks);
        CHECK_FALSE(archives());
        news.close();
        support::change_database(at, "drop trigger breaks");
        news.open();
        REQUIRE(*base::run(news.instance->caught_up(10s)));
        is_whole();
        auto left = moment.is_archived ? std::vector<ArticleId>{young.id} : all;
        CHECK(news.listed() == left);
        CHECK(archives());
        is_whole();
        CHECK(news.listed() == std::vector<ArticleId>{young.id});
        for (auto id : {one.id, two.id}) {
            REQUIRE(base::run(news.instance->archiver().bring_back(id, {})));
        }
        CHECK(news.listed() == all);
        is_whole();
    }
    REQUIRE(archives());
    for (auto moment : {Moment{false, "before insert on view_debts", true},
                        Moment{true, "before insert on articles_a", true},
                        Moment{false, "before update on events", true},
                        Moment{false, "before delete on archived_streams", true},
                        Moment{false, "before delete on view_debts", false}}) {
        CAPTURE(moment.sql);
        auto at = moment.of_view ? view : news.log();
        news.reopen_after(at, std::string("create trigger breaks ") + moment.sql + breaks);
        CHECK_FALSE(comes_back());
        news.close();
        support::change_database(at, "drop trigger breaks");
        news.open();
        REQUIRE(*base::run(news.instance->caught_up(10s)));
        is_whole();
        bool is_listed = news.listed().size() > 1;
        CHECK(is_listed == !moment.is_archived);
        CHECK(comes_back());
        is_whole();
        CHECK(news.listed().size() == 2);
        REQUIRE(archives());
    }
}

TEST_CASE("nothing is archived or brought back while the view is made anew", "[news]") {
    Newsroom news;
    auto made = news.create("One");
    news.clock.advance(60 * day);
    auto end = news.clock.now() - 30 * day;
    REQUIRE(news.to_archives(end).articles == 1);
    std::string refused;
    std::atomic<bool> answered{false};
    auto ask = [&](std::int64_t, std::int64_t) {
        if (!refused.empty()) return;
        std::thread other([&] {
            auto back = base::run(news.instance->archiver().bring_back(made.id, {}));
            refused = back ? "brought back" : back.error().code;
            answered = true;
        });
        // It asks again and again for a while, by a clock that the test moves.
        while (!answered) {
            news.clock.advance(10ms);
            std::this_thread::sleep_for(1ms);
        }
        other.join();
    };
    REQUIRE(base::run(news.instance->rebuild(ask)));
    CHECK(refused == "view_busy");
    CHECK(news.listed().empty());
    CHECK(news.verified().problems == Sentences());
}

}  // namespace news
