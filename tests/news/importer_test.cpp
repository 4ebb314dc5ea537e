// Archives of another system, brought in from within the process: what they keep, and what happens
// when they come again.
#include "news/importer.hpp"

#include <fstream>
#include <set>

#include "article.hpp"
#include "fixture.hpp"
#include "news/article_json.hpp"
#include "news/import.hpp"
#include "news/verify.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;
using Kind = ImportOutcome::Kind;

base::Time at(const char* text) {
    return *base::parse_rfc3339(text);
}

NewArticle row(const std::string& pk, const std::string& title) {
    NewArticle article{title, "", "<p>" + title + "</p>", "Ann", {"cup"}};
    article.source_id = "news.article:" + pk;
    article.legacy_id = *article.source_id;
    article.content_format = ContentFormat::html;
    article.published_at = at("2019-05-04T10:00:00Z");
    article.created_at = at("2019-05-03T08:00:00.123456Z");
    article.updated_at = at("2019-06-01T09:30:00.654321Z");
    article.owner = 7;
    return article;
}

class Archive : public Fixture {
public:
    Archive() { context.request_id = "import-test"; }

    ImportOutcome bring(NewArticle article, std::vector<EarlierVersion> history = {},
                        bool theirs = false) {
        auto item = import_item(std::move(article), std::move(history));
        REQUIRE(item);
        item->theirs = theirs;
        std::vector<ImportItem> items;
        items.push_back(std::move(*item));
        auto outcomes = base::run(instance->importer().import_items(std::move(items), context));
        REQUIRE(outcomes);
        REQUIRE(*base::run(instance->caught_up(10s)));
        return outcomes->front();
    }
    Article article(ArticleId id) {
        auto found = base::run(instance->queries().article(id, editor()));
        REQUIRE(found);
        return *found;
    }
    HistoryPage history(ArticleId id) {
        return *base::run(instance->queries().history(id, {}, editor()));
    }
    void retitle(ArticleId id, const std::string& title) {
        Revision revision;
        revision.title = title;
        auto command_of_author = command();
        command_of_author.expected = Expected{{}, true};
        REQUIRE(base::run(instance->commands().revise(id, revision, command_of_author)));
    }
    std::vector<std::string> problems() {
        return verify(folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems;
    }

    base::Context context;
};

}  // namespace

TEST_CASE("an imported row keeps its id, times, owner, slug and what has no member", "[news]") {
    Archive news;
    auto wanted = row("42", "Old story");
    wanted.id = 42;
    wanted.slug = "Old_Story.html";
    wanted.extra = R"({"subtitle":"Late"})";

    auto outcome = news.bring(wanted);

    CHECK(outcome.kind == Kind::added);
    CHECK(outcome.id == 42);
    auto article = news.article(42);
    CHECK(article.created_at == *wanted.created_at);
    CHECK(article.updated_at == *wanted.updated_at);
    CHECK(article.published_at == wanted.published_at);
    CHECK(article.slug == "Old_Story.html");
    CHECK(article.extra == wanted.extra);
    CHECK(article.legacy_id == "news.article:42");
    CHECK(article.content_format == ContentFormat::html);
    CHECK(*base::run(news.instance->queries().by_legacy_id("news.article:42", {})) == 42);
    // Its owner may act on it.
    news.retitle(42, "Edited");

    // The id is another's in this type: a new one.
    auto second = row("43", "Another");
    second.id = 42;
    CHECK(news.bring(second).id != 42);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("HTML is cleaned when it is imported or edited", "[news]") {
    Archive news;
    auto wanted = row("1", "Story");
    wanted.content = "<p onclick=x>One<script>alert(1)</script> <b>two</b></p>";
    EarlierVersion earlier;
    earlier.at = at("2019-05-04T08:00:00Z");
    earlier.title = "Earlier";
    earlier.content = "<a href='javascript:x'>before</a>";
    earlier.author = "Ann";
    earlier.content_format = ContentFormat::html;

    auto item = import_item(wanted, {earlier});
    REQUIRE(item);
    CHECK(item->dropped == std::vector<std::string>{"event_handler", "link", "script"});
    CHECK(item->history.front().content == "before");
    auto id = news.bring(wanted, {earlier}).id;
    CHECK(news.article(id).content == "<p>One <strong>two</strong></p>");
    // Other dirt is another item to its source, and nothing new here.
    CHECK(news.bring(wanted, {earlier}).kind == Kind::unchanged);
    auto dirtier = wanted;
    dirtier.content += "<style>x</style>";
    CHECK(import_item(dirtier)->hash != item->hash);

    Revision revision;
    revision.content = "<p>Edited<img src=x onerror=y></p>";
    auto command = news.command();
    command.expected = Expected{{}, true};
    auto edited = base::run(news.instance->commands().revise(id, revision, command));
    REQUIRE(edited);
    CHECK(edited->content == "<p>Edited</p>");

    auto embed = row("2", "Film");
    embed.content = "<iframe src=https://video.example/1></iframe>";
    CHECK(import_item(embed).error().code == "invalid_news");
    auto kept = import_item(embed, {}, {"video.example"});
    REQUIRE(kept);
    CHECK(kept->article->content == "<iframe src=\"https://video.example/1\"></iframe>");
    // What is no HTML is not touched.
    embed.content_format = ContentFormat::markdown;
    CHECK(import_item(embed)->article->content == embed.content);
}

TEST_CASE("a row that comes again published and under embargo is not seen before its end",
          "[news]") {
    Archive news;
    auto draft = row("1", "Story");
    draft.draft = true;
    draft.published_at.reset();
    auto id = news.bring(draft).id;
    auto held = row("1", "Story");
    held.embargo_until = news.clock.now() + std::chrono::hours(24);
    CHECK(news.bring(held).kind == Kind::updated);
    CHECK_FALSE(is_public(news.article(id), news.clock.now()));
    CHECK(news.article(id).status == Status::published);
    held.embargo_until = news.clock.now() + std::chrono::hours(48);
    CHECK(news.bring(held).kind == Kind::updated);
    CHECK(news.article(id).embargo_until == held.embargo_until);
}

TEST_CASE("an embargo that has passed at its source has passed here", "[news]") {
    Archive news;
    auto held = row("1", "Story");
    held.embargo_until = news.clock.now() + 24h;
    auto id = news.bring(held).id;
    CHECK_FALSE(is_public(news.article(id), news.clock.now()));
    CHECK(news.bring(held).version == 1);
    held.embargo_until = news.clock.now() - 1s;
    CHECK(news.bring(held).kind == Kind::updated);
    CHECK(is_public(news.article(id), news.clock.now()));
}

TEST_CASE("no version of a row under embargo is told as public, nor one that has expired",
          "[news]") {
    Archive news;
    auto publications = [&] {
        return support::number_from_database(
            news.folder / "news-sports.command.db",
            "select count(*) from events where json_extract(body, '$.status') = 'published' and"
            " json_extract(body, '$.embargo_until') is null or type = 'article_published.v1'");
    };
    EarlierVersion earlier{at("2019-05-03T08:00:00Z"),
                           7,
                           "Earlier",
                           "",
                           "<p>Earlier</p>",
                           "Ann",
                           {"cup"},
                           {Status::published, at("2019-05-03T08:00:00Z")}};
    earlier.content_format = ContentFormat::html;
    auto held = row("1", "Story");
    held.embargo_until = news.clock.now() + 24h;
    auto id = news.bring(held, {earlier}).id;
    CHECK_FALSE(is_public(news.article(id), news.clock.now()));
    auto over = row("2", "Over");
    over.expires_at = news.clock.now() - 1s;
    auto over_id = news.bring(over).id;
    CHECK(news.article(over_id).status == Status::draft);
    CHECK(news.article(over_id).version == 1);
    CHECK(publications() == 0);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("an item that is damaged here holds up no other of its import", "[news]") {
    Archive news;
    auto damaged = row("1", "Damaged");
    auto good = row("2", "Good");
    auto id = news.bring(damaged).id;
    news.bring(good);
    news.close();
    support::change_database(news.folder.path() / "news-sports.command.db",
                             "drop trigger events_are_not_changed;"
                             " update events set body = replace(body, '<p>', '<b>')"
                             " where body like '%Damaged%'");
    news.open();
    damaged.title = good.title = "Changed";
    CHECK(news.bring(damaged).reason == "news_damaged");
    CHECK(news.bring(damaged).id == id);
    CHECK(news.bring(good).kind == Kind::updated);
    auto& importer = news.instance->importer();
    for (bool theirs : {false, true}) {
        auto withdrawn = base::run(importer.withdraw("news.article:1", theirs, news.context));
        REQUIRE(withdrawn);
        CHECK(withdrawn->reason == "news_damaged");
    }
    CHECK(base::run(importer.withdraw("news.article:2", false, news.context))->kind ==
          Kind::updated);
}

TEST_CASE("a row that comes again changes nothing, one that changed is a new version", "[news]") {
    Archive news;
    auto first = row("1", "Story");
    auto added = news.bring(first);
    CHECK(news.bring(first).kind == Kind::unchanged);
    CHECK(news.bring(first).version == 1);

    auto changed = first;
    changed.content = "<p>More</p>";
    changed.updated_at = at("2019-07-01T00:00:00.000001Z");
    changed.owner = 8;
    auto outcome = news.bring(changed);

    CHECK(outcome.kind == Kind::updated);
    CHECK(outcome.id == added.id);
    CHECK(outcome.version == 2);
    CHECK(news.article(added.id).content == "<p>More</p>");
    CHECK(news.article(added.id).updated_at == *changed.updated_at);
    CHECK(news.article(added.id).published_at == first.published_at);
    CHECK_FALSE(news.history(added.id).entries[1].actor);
    // Only saved anew over there.
    changed.updated_at = at("2019-08-01T00:00:00Z");
    CHECK(news.bring(changed).kind == Kind::unchanged);
    auto draft = changed;
    draft.draft = true;
    draft.published_at.reset();
    CHECK(news.bring(draft).kind == Kind::updated);
    CHECK(news.article(added.id).status == Status::draft);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("what was changed or removed here since is a conflict, and only counts if it is said so",
          "[news]") {
    Archive news;
    auto edited = row("1", "Edited");
    auto removed = row("2", "Removed");
    auto edited_id = news.bring(edited).id;
    auto removed_id = news.bring(removed).id;
    news.retitle(edited_id, "Ours");
    REQUIRE(base::run(news.instance->commands().remove(removed_id, news.command())));

    CHECK(news.bring(edited).kind == Kind::unchanged);
    edited.title = "Theirs";
    removed.title = "Theirs, too";
    auto refused = news.bring(edited);
    CHECK(refused.kind == Kind::conflict);
    CHECK(refused.reason == "changed_here");
    CHECK(news.bring(removed).reason == "removed_here");
    // It is told again, until somebody decides.
    CHECK(news.bring(edited).kind == Kind::conflict);
    CHECK(news.article(edited_id).title == "Ours");
    auto before =
        *base::run(news.instance->importer().imported({"news.article:1", "x"}, news.context));
    REQUIRE(before[0]);
    CHECK(before[0]->changed_here);
    CHECK_FALSE(before[1]);

    CHECK(news.bring(edited, {}, true).kind == Kind::updated);
    CHECK(news.bring(removed, {}, true).kind == Kind::updated);
    CHECK(news.article(edited_id).title == "Theirs");
    CHECK(news.article(removed_id).title == "Theirs, too");
    edited.title = "Theirs again";
    CHECK(news.bring(edited).kind == Kind::updated);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("imported items are counted some at a time, with those that a person has touched since",
          "[news]") {
    Archive news;
    std::vector<ArticleId> ids;
    for (const char* pk : {"1", "2", "3", "4", "5"}) ids.push_back(news.bring(row(pk, pk)).id);
    auto other = row("1", "Of another model");
    other.source_id = other.legacy_id = "news.page:1";
    news.bring(other);
    EarlierVersion earlier;
    earlier.at = at("2019-05-04T08:00:00Z");
    earlier.title = "Earlier";
    earlier.content = "<p>before</p>";
    earlier.author = "Ann";
    earlier.actor = 7;
    earlier.content_format = ContentFormat::html;
    // Its versions are those of people, and came with it.
    news.bring(row("6", "With a past"), {earlier});
    auto count = [&] {
        std::string sums, after;
        for (;;) {
            auto page = base::run(
                news.instance->importer().count_imported("news.article:", after, 2, news.context));
            REQUIRE(page);
            sums += std::to_string(page->items) + "/" + std::to_string(page->changed_here) + "/" +
                    std::to_string(page->removed_here) + " ";
            if (page->last.empty()) return sums;
            after = page->last;
        }
    };
    CHECK(count() == "2/0/0 2/0/0 2/0/0 0/0/0 ");

    news.retitle(ids[1], "Ours");
    REQUIRE(base::run(news.instance->commands().remove(ids[2], news.command())));
    news.retitle(ids[3], "Ours");
    news.bring(row("4", "Theirs"), {}, true);
    news.bring(row("5", "New there"));
    CHECK(count() == "2/1/0 2/0/1 2/0/0 0/0/0 ");
}

TEST_CASE("a history comes along with its times and actors", "[news]") {
    Archive news;
    auto article = row("1", "Third");
    EarlierVersion first{at("2019-05-03T08:00:00Z"), 11, "First", "", "One", "Ann", {}, {}};
    EarlierVersion second{at("2019-05-04T10:00:00Z"),
                          12,
                          "Second",
                          "",
                          "Two",
                          "Ann",
                          {"cup"},
                          {Status::published, at("2019-05-04T10:00:00Z")}};
    auto id = news.bring(article, {first, second}).id;

    auto history = news.history(id);
    REQUIRE(history.entries.size() == 3);
    CHECK(history.entries[0].actor == 11);
    CHECK(history.entries[1].actor == 12);
    CHECK(history.entries[1].at == second.at);
    CHECK(history.entries[2].at == *article.updated_at);
    auto then =
        base::run(news.instance->queries().as_of(id, at("2019-05-05T00:00:00Z"), news.editor()));
    REQUIRE(then);
    CHECK(then->title == "Second");
    CHECK(then->content == "Two");
    auto sketch = *base::run(news.instance->queries().version(id, 1, news.editor()));
    CHECK(sketch.status == Status::draft);

    CHECK(news.bring(article, {first, second}).kind == Kind::unchanged);
    EarlierVersion third{at("2019-06-15T00:00:00Z"),
                         12,
                         "Fourth",
                         "",
                         "Four",
                         "Ann",
                         {"cup"},
                         {Status::published, article.published_at}};
    article.title = "Fifth";
    article.updated_at = at("2019-07-01T00:00:00Z");
    CHECK(news.bring(article, {first, second, third}).version == 5);
    CHECK(news.history(id).entries[3].actor == 12);
    CHECK(news.article(id).title == "Fifth");
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("what is a draft now was never public here, whatever its history says", "[news]") {
    Archive news;
    auto article = row("1", "Taken back");
    article.draft = true;
    article.published_at.reset();
    EarlierVersion shown{at("2019-05-03T08:00:00Z"),
                         11,
                         "Shown",
                         "",
                         "One",
                         "Ann",
                         {},
                         {Status::published, at("2019-05-03T08:00:00Z")}};
    auto id = news.bring(article, {shown}).id;
    CHECK(base::run(news.instance->queries().version(id, 1, news.editor()))->status ==
          Status::draft);
    CHECK_FALSE(base::run(news.instance->queries().article(id, {})));
}

TEST_CASE("what is too long is taken whole from an import, and an edit of it must fit", "[news]") {
    Archive news;
    auto article = row("1", std::string(300, 't'));
    article.content = std::string(300000, 'c');
    article.tags.assign(30, "x");
    for (std::size_t i = 0; i < article.tags.size(); ++i) article.tags[i] += std::to_string(i);
    auto id = news.bring(article).id;
    CHECK(news.article(id).content.size() == 300000);
    CHECK(news.article(id).tags.size() == 30);

    // Sent back whole, only what was changed counts.
    auto whole = news.article(id);
    Revision revision{whole.title, "Short", whole.content, whole.author, whole.tags};
    auto command = news.command();
    command.expected = Expected{{}, true};
    CHECK(base::run(news.instance->commands().revise(id, revision, command)));
    revision.content = whole.content + "c";
    auto refused = base::run(news.instance->commands().revise(id, revision, command));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_news");

    auto too_much = row("2", "T");
    too_much.content = std::string(4 * 1024 * 1024 + 1, 'c');
    CHECK_FALSE(import_item(too_much));
    too_much.content = "C";
    too_much.legacy_id = "no-key";
    CHECK_FALSE(import_item(too_much));
    too_much.source_id.reset();
    CHECK(import_item(too_much).error().code == "missing_source_id");
}

TEST_CASE("imported slugs may repeat: the newest is found by it", "[news]") {
    Archive news;
    auto older = row("1", "Older");
    auto newer = row("2", "Newer");
    older.slug = newer.slug = "weekly";
    newer.published_at = at("2020-05-04T10:00:00Z");
    auto newer_id = news.bring(newer).id;
    news.clock.advance(1s);
    auto older_id = news.bring(older).id;
    CHECK(news.article(older_id).slug == "weekly");
    CHECK(base::run(news.instance->queries().by_slug("weekly", {}))->id == newer_id);
    CHECK(news.create("Weekly").slug == "weekly-2");
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("an item of another type now leaves a way there, and comes back if it does", "[news]") {
    Archive news;
    auto article = row("1", "Story");
    auto id = news.bring(article).id;
    auto move = [&](bool theirs) {
        return *base::run(news.instance->importer().move_away("news.article:1", {"politics", 99},
                                                              theirs, news.context));
    };
    CHECK(move(false).kind == Kind::updated);
    CHECK(move(false).kind == Kind::unchanged);
    REQUIRE(*base::run(news.instance->caught_up(10s)));
    CHECK_FALSE(base::run(news.instance->queries().article(id, {})));
    CHECK(*base::run(news.instance->queries().moved_to(id, {})) == MovedTo{"politics", 99});
    CHECK(base::run(news.instance->queries().by_slug("story", {}))->id == id);
    CHECK(news.history(id).entries.size() == 2);
    CHECK_FALSE(
        (*base::run(news.instance->importer().imported({"news.article:1"}, news.context)))[0]);
    auto unknown = base::run(news.instance->importer().move_away("news.article:2", {"politics", 1},
                                                                 false, news.context));
    CHECK(unknown->kind == Kind::unchanged);

    CHECK(news.bring(article).kind == Kind::updated);
    CHECK(news.article(id).title == "Story");
    CHECK_FALSE(*base::run(news.instance->queries().moved_to(id, {})));
    news.retitle(id, "Ours");
    CHECK(move(false).kind == Kind::conflict);
    // What was killed stays killed, whatever its source says.
    auto editing = news.command();
    editing.context = news.editor();
    auto& commands = news.instance->commands();
    REQUIRE(base::run(commands.take(id, Step::kill, {"Not true.", {}}, editing)));
    CHECK(move(true).reason == "killed_here");
    REQUIRE(base::run(commands.restore(id, 1, editing)));
    CHECK(move(true).kind == Kind::updated);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("what its source has no more is taken back from its readers, until it is there again",
          "[news]") {
    Archive news;
    auto withdraw = [&](const char* source_id, bool theirs = false) {
        auto outcome =
            base::run(news.instance->importer().withdraw(source_id, theirs, news.context));
        REQUIRE(outcome);
        REQUIRE(*base::run(news.instance->caught_up(10s)));
        return *outcome;
    };
    auto known = [&](const std::string& prefix, const std::string& after, std::int64_t limit) {
        std::string text;
        auto items =
            base::run(news.instance->importer().imported_of(prefix, after, limit, news.context));
        REQUIRE(items);
        for (const auto& item : *items) text += item.source_id + (item.is_public ? "+ " : "- ");
        return text;
    };
    auto article = row("1", "Story");
    auto id = news.bring(article).id;
    auto draft = row("2", "Draft");
    draft.draft = true;
    draft.published_at.reset();
    news.bring(draft);
    auto later = row("3", "Later");
    later.published_at = news.clock.now() + 24h;
    auto scheduled = news.bring(later).id;
    CHECK(known("news.article:", "", 10) == "news.article:1+ news.article:2- news.article:3+ ");
    CHECK(known("news.article:", "news.article:1", 1) == "news.article:2- ");
    CHECK(known("news.articles:", "", 10).empty());
    CHECK(known("news.artic:", "", 10).empty());

    CHECK(withdraw("news.article:1").kind == Kind::updated);
    CHECK(withdraw("news.article:1").kind == Kind::unchanged);
    CHECK(withdraw("news.article:2").kind == Kind::unchanged);
    CHECK(withdraw("news.article:3").kind == Kind::updated);
    CHECK(withdraw("news.article:4").kind == Kind::unchanged);
    CHECK_FALSE(base::run(news.instance->queries().article(id, {})));
    CHECK(news.article(scheduled).published_at == std::nullopt);
    CHECK(known("news.article:", "", 10) == "news.article:1- news.article:2- news.article:3- ");

    CHECK(news.bring(article).kind == Kind::updated);
    CHECK(news.article(id).published_at == article.published_at);
    CHECK(news.bring(article).kind == Kind::unchanged);
    news.retitle(id, "Ours");
    CHECK(withdraw("news.article:1").kind == Kind::conflict);
    CHECK(news.article(id).status == Status::published);
    CHECK(withdraw("news.article:1", true).kind == Kind::updated);
    CHECK(news.article(id).title == "Ours");
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("a line of an import says all that a row has", "[news]") {
    Archive news;
    auto file = news.folder / "archive.jsonl";
    auto write = [&](const char* title) {
        std::ofstream(file)
            << R"({"source_id":1,"news_type":"sports","title":")" << title
            << R"(","content":"C","author":"Ann","created_at":"2018-01-01T00:00:00.000001Z",)"
            << R"("updated_at":"2018-02-01T00:00:00Z","published_at":"2018-01-02T00:00:00Z",)"
            << R"("slug":"Ein Pfad","owner":7,"legacy_id":"blog.post:1","extra":{"a":1},)"
            << R"("content_format":"markdown"})"
            << "\n"
            << R"({"source_id":2,"news_type":"sports","title":"T","content":"C","author":"Ann",)"
            << R"("owner":"7"})"
            << "\n";
    };
    std::map<std::string, Commands*> types{{"sports", &news.instance->commands()}};
    std::atomic<bool> stop{false};
    auto run = [&](bool theirs) {
        auto tell = [](const ImportReport&) {};
        auto report = import_file(file, {}, news.folder.path(), types, news.config, "import",
                                  news.clock, tell, stop, theirs);
        REQUIRE(report);
        REQUIRE(*base::run(news.instance->caught_up(10s)));
        return *report;
    };
    write("First");
    auto first = run(false);
    CHECK(first.added == 1);
    CHECK(first.reasons.at("malformed_news") == 1);
    auto id = *base::run(news.instance->queries().by_legacy_id("blog.post:1", {}));
    auto article = news.article(id);
    CHECK(article.slug == "Ein Pfad");
    CHECK(article.extra == R"({"a":1})");
    CHECK(article.created_at == at("2018-01-01T00:00:00.000001Z"));
    CHECK(article.updated_at == at("2018-02-01T00:00:00Z"));

    news.retitle(id, "Ours");
    write("Second");
    auto second = run(false);
    CHECK(second.conflicts == 1);
    CHECK(second.conflicting == std::vector<std::string>{"1"});
    CHECK(news.article(id).title == "Ours");
    CHECK(run(true).updated == 1);
    CHECK(news.article(id).title == "Second");
}

TEST_CASE("a batch is brought in whole or not at all, and again without harm", "[news]") {
    Archive news;
    std::vector<ImportItem> items;
    for (int i = 0; i < 300; ++i) {
        items.push_back(*import_item(row(std::to_string(i), "Same title")));
    }
    auto again = items;
    auto outcomes = *base::run(news.instance->importer().import_items(items, news.context));
    std::set<ArticleId> ids;
    for (const auto& outcome : outcomes) {
        CHECK(outcome.kind == Kind::added);
        ids.insert(outcome.id);
    }
    CHECK(ids.size() == 300);
    outcomes = *base::run(news.instance->importer().import_items(again, news.context));
    for (const auto& outcome : outcomes) CHECK(outcome.kind == Kind::unchanged);
    REQUIRE(*base::run(news.instance->caught_up(10s)));
    CHECK(base::run(news.instance->queries().by_slug("same-title-300", {})));
    CHECK(base::run(news.instance->queries().counts(news.editor()))->published == 300);
}

TEST_CASE("of a history what the log cannot keep is refused, all at once, and the rest is tidied",
          "[news]") {
    EarlierVersion good{at("2019-05-03T08:00:00Z"), 11, "First", "", "One", "Ann", {}, {}};
    auto refused = [&](auto spoil) {
        auto bad = good;
        spoil(bad);
        auto item = import_item(row("1", "Now"), {good, bad});
        std::string fields;
        if (item) return fields;
        CHECK(item.error().code == "invalid_news");
        for (const auto& problem : item.error().details) fields += problem.field + " ";
        return fields;
    };
    using Past = EarlierVersion;
    CHECK(refused([](Past& bad) { bad.title = "\xff"; }) == "history[1].title ");
    CHECK(refused([](Past& bad) { bad.description = bad.content = bad.author = "\xc3"; }) ==
          "history[1].description history[1].content history[1].author ");
    CHECK(refused([](Past& bad) { bad.tags = {"cup", "\xff"}; }) == "history[1].tags ");
    for (const char* extra : {"[]", "text", "{\"a\":", "{\"a\":\"\xff\"}", "{\"a\":1}}"}) {
        CAPTURE(extra);
        CHECK(refused([&](Past& bad) { bad.extra = extra; }) == "history[1].extra ");
    }
    CHECK(refused([](Past& bad) { bad.at = base::time_max + 1us; }) == "history[1].at ");
    CHECK(refused([](Past& bad) { bad.publication.published_at = base::time_min - 1us; }) ==
          "history[1].published_at ");
    CHECK(refused([](Past& bad) { bad.actor = -1; }) == "history[1].actor ");
    // As JSON, since a row of the log is that.
    CHECK(refused([](Past& bad) { bad.content = std::string(3 * 1024 * 1024, '\x01'); }) ==
          "history[1] ");
    auto article = row("1", "\xff");
    article.extra = "null";
    article.content = std::string(4 * 1024 * 1024, '\x01');
    auto item = import_item(article, {good});
    REQUIRE_FALSE(item);
    std::set<std::string> fields;
    for (const auto& problem : item.error().details) fields.insert(problem.field);
    CHECK(fields == std::set<std::string>{"title", "extra"});
    article.title = "T";
    article.extra.clear();
    CHECK_FALSE(import_item(article));

    std::vector<EarlierVersion> long_history(20, good);
    for (auto& version : long_history) version.content = std::string(3 * 1024 * 1024, 'x');
    CHECK(import_item(row("1", "Now"), long_history));
    long_history.resize(22, long_history[0]);
    auto too_long = import_item(row("1", "Now"), long_history);
    REQUIRE_FALSE(too_long);
    CHECK(too_long.error().details[0].field == "history");

    std::vector<EarlierVersion> all_bad(1000, good);
    for (auto& version : all_bad) version.extra = "[]";
    auto too_many = import_item(row("1", "Now"), all_bad);
    REQUIRE_FALSE(too_many);
    CHECK(too_many.error().details.size() == 20);

    // What is only long, empty, or said twice is no reason.
    Archive news;
    auto odd = good;
    odd.title = std::string(30000, 't');
    odd.content = "";
    odd.tags = {" cup ", "cup", "", "goal"};
    odd.extra = "{ \"b\" : 1,\n \"a\":2 }";
    odd.publication = {Status::published, odd.at};
    auto last = row("1", "Now");
    last.extra = R"({"b": 1, "a": 2})";
    auto id = news.bring(last, {odd}).id;
    CHECK(news.instance->parked() == 0);
    auto first = *base::run(news.instance->queries().version(id, 1, news.editor()));
    CHECK(first.title.size() == 30000);
    CHECK(first.tags == std::vector<std::string>{"cup", "goal"});
    CHECK(first.extra == R"({"a":2,"b":1})");
    CHECK(news.article(id).extra == first.extra);
    last.extra = R"({"a":2,"b":1})";
    CHECK(news.bring(last, {odd}).kind == Kind::unchanged);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("a history that grows too long where its HTML is cleaned is refused", "[news]") {
    EarlierVersion version{at("2019-05-03T08:00:00Z"), 11, "First", "", "", "Ann", {}, {}};
    version.content = std::string(4 * 1024 * 1024, '&');
    CHECK(import_item(row("1", "Now"), {version}));

    version.content_format = ContentFormat::html;
    auto item = import_item(row("1", "Now"), {version});

    REQUIRE_FALSE(item);
    CHECK(item.error().code == "invalid_news");
    REQUIRE(item.error().details.size() == 1);
    CHECK(item.error().details[0].field == "history[0]");
    CHECK(import_item(row("1", "Now")));
}

TEST_CASE("what a version takes as JSON counts what stands between its tags", "[news]") {
    EarlierVersion version;
    auto before = bytes_of_version(version);

    version.tags.assign(1000, "a");

    CHECK(bytes_of_version(version) == before + 1000 * std::string_view("\"a\",").size());
}

TEST_CASE("a history that says what the article says is no change by a person", "[news]") {
    Archive news;
    auto article = row("1", "Story");
    EarlierVersion same{at("2019-06-01T09:30:00Z"),
                        11,
                        article.title,
                        "",
                        article.content,
                        "Ann",
                        article.tags,
                        {Status::published, article.published_at},
                        "",
                        ContentFormat::html};
    auto id = news.bring(article, {same}).id;
    CHECK(news.history(id).entries.size() == 1);
    auto before = *base::run(news.instance->importer().imported({"news.article:1"}, news.context));
    REQUIRE(before[0]);
    CHECK_FALSE(before[0]->changed_here);

    article.title = "Story, corrected";
    CHECK(news.bring(article, {same}).kind == Kind::updated);
    CHECK(news.article(id).title == "Story, corrected");
}

TEST_CASE("who made what an imported article says is in its history, and that is no change here",
          "[news]") {
    Archive news;
    auto wanted = row("42", "Storm");
    wanted.updated_by = 9;
    auto id = news.bring(wanted).id;
    auto entries = news.history(id).entries;
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].actor == 9);

    wanted.title = "Storm 2";
    wanted.updated_by = 10;
    CHECK(news.bring(wanted).kind == Kind::updated);
    CHECK(news.history(id).entries.back().actor == 10);
    wanted.title = "Storm 3";
    CHECK(news.bring(wanted).kind == Kind::updated);
    // Who it was changes nothing by itself.
    wanted.updated_by = 11;
    CHECK(news.bring(wanted).kind == Kind::unchanged);
    news.retitle(id, "Ours");
    wanted.title = "Storm 4";
    CHECK(news.bring(wanted).kind == Kind::conflict);
    wanted.updated_by = 0;
    CHECK_FALSE(import_item(wanted));
}

TEST_CASE("times of publication of a history have milliseconds, as all have", "[news]") {
    Archive news;
    auto article = row("1", "Story");
    article.published_at = at("2019-05-04T10:00:00.123456Z");
    EarlierVersion timed{at("2019-05-04T10:00:00.123456Z"), 11, "First", "", "One", "Ann", {}, {}};
    timed.publication = {Status::published, article.published_at};
    auto untimed = timed;
    untimed.at += 1h;
    untimed.title = "Second";
    untimed.publication.published_at.reset();
    auto id = news.bring(article, {timed, untimed}).id;

    auto published = [&](Version version) {
        return *base::run(news.instance->queries().version(id, version, news.editor()))
                    ->published_at;
    };
    CHECK(published(1) == at("2019-05-04T10:00:00.123Z"));
    CHECK(published(2) == at("2019-05-04T11:00:00.123Z"));
    CHECK(published(3) == at("2019-05-04T10:00:00.123Z"));
    // What differs in less than that is no change.
    auto other = row("2", "Same");
    other.published_at = article.published_at;
    auto same = timed;
    same.title = other.title;
    same.content = other.content;
    same.tags = other.tags;
    same.content_format = other.content_format;
    CHECK(news.history(news.bring(other, {same}).id).entries.size() == 1);
    article.title = "Story, corrected";
    CHECK(news.bring(article, {timed, untimed}).version == 4);
    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("an imported slug may be longer than a chosen one, and not without end", "[news]") {
    auto article = row("1", "Story");
    article.slug = std::string(1000, 's');
    CHECK(import_item(article));
    article.slug += 's';
    auto refused = import_item(article);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().details[0].field == "slug");
}

TEST_CASE("an import that does not say that it is one is refused", "[news]") {
    Archive news;
    std::vector<ImportItem> items{*import_item(row("1", "Story"))};
    for (const char* request_id : {"", "Import-1", "bridge-import-1"}) {
        CAPTURE(request_id);
        news.context.request_id = request_id;
        auto& importer = news.instance->importer();
        auto brought = base::run(importer.import_items(items, news.context));
        REQUIRE_FALSE(brought);
        CHECK(brought.error().code == "not_an_import");
        auto moved =
            base::run(importer.move_away("news.article:1", {"politics", 1}, false, news.context));
        REQUIRE_FALSE(moved);
        CHECK(moved.error().code == "not_an_import");
        CHECK_FALSE(base::run(news.instance->commands().import(items, news.context)));
    }
    CHECK(news.titles(1, 10).empty());
}

TEST_CASE("what comes back from its source names the version that was there before", "[news]") {
    Archive news;
    auto article = row("1", "Story");
    auto id = news.bring(article).id;
    news.retitle(id, "Ours");
    REQUIRE(base::run(news.instance->commands().remove(id, news.command())));
    // Removed twice: here, and then since it is one of another type.
    REQUIRE(base::run(news.instance->importer().move_away("news.article:1", {"politics", 99}, true,
                                                          news.context)));

    CHECK(news.bring(article, {}, true).version == 5);

    news.close();
    auto body = support::rows_from_database(
        news.folder / "news-sports.command.db",
        "select json_extract(body, '$.restored_version') from events where version = 5");
    CHECK(body == std::vector<std::string>{"2"});
}

TEST_CASE("a slug leads to what readers see: what has it now, or else had it once", "[news]") {
    Archive news;
    auto ask = [&] { return base::run(news.instance->queries().by_slug("weekly", {}))->id; };
    auto shown = row("1", "Shown");
    shown.slug = "weekly";
    auto shown_id = news.bring(shown).id;
    shown.slug = "weekly-news";
    CHECK(news.bring(shown).kind == Kind::updated);
    auto later = row("2", "Later");
    later.slug = "weekly";
    later.draft = true;
    later.published_at.reset();
    auto later_id = news.bring(later).id;
    CHECK(ask() == shown_id);

    later.draft = false;
    later.published_at = at("2018-05-04T10:00:00Z");
    news.bring(later);
    CHECK(ask() == later_id);

    auto command = news.command();
    REQUIRE(base::run(news.instance->commands().unpublish(shown_id, command)));
    REQUIRE(base::run(news.instance->commands().unpublish(later_id, command)));
    CHECK(ask() == later_id);
    REQUIRE(base::run(news.instance->commands().remove(later_id, command)));
    CHECK(ask() == shown_id);
    REQUIRE(base::run(news.instance->commands().remove(shown_id, command)));
    CHECK(ask() == later_id);
}

}  // namespace news
