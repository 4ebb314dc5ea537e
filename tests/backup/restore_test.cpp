// Backups are made beside whoever writes; what is restored is what was there.
#include <sys/stat.h>

#include <algorithm>

#include "fixture.hpp"
#include "news/verify.hpp"
#include "support/sqlite_file.hpp"

namespace backup {

namespace {

using namespace std::chrono_literals;

/// Tables that a backup leaves to the next start, and the mark of the folder.
bool is_made_anew(const std::string& table) {
    return table.ends_with(".article_states") || table.ends_with(".states_filled") ||
           table.ends_with(".lineage");
}

/// What `verify` says of the news.
std::vector<std::string> problems_of(const std::filesystem::path& folder) {
    return news::verify(folder, "sports", [](std::int64_t, std::int64_t) {}).problems;
}

}  // namespace

TEST_CASE("what is restored from a backup is what was there, in every table", "[backup]") {
    Folders with;
    Site site(with.data);
    auto first = site.create("First", "key-1");
    site.create("Second");
    site.retitle(first, "First, better");
    site.import("old:1", "Imported");
    site.add_person("Ann");
    site.add_person("Ben");
    auto taken = site.take(with.backups);
    REQUIRE(taken);
    CHECK(taken->manifest.together);
    CHECK(taken->events == 6);
    auto then = site.rows();
    auto shown = site.shown();
    site.create("After the backup");
    site.add_person("Carl");

    auto restored = with.restore("restored");

    INFO((restored ? std::string() : restored.error().message));
    REQUIRE(restored);
    CHECK(restored->events == 6);
    // Before the first start there is no view, and that is no fault.
    CHECK(problems_of(with.restored("restored")).empty());
    Site again(with.restored("restored"));
    CHECK(again.shown() == shown);
    CHECK(again.people() == std::vector<std::string>{"Ann", "Ben"});
    auto now = again.rows();
    REQUIRE(now.size() == then.size());
    for (const auto& [table, rows] : then) {
        CAPTURE(table);
        if (!is_made_anew(table)) CHECK(now[table] == rows);
    }
    CHECK(problems_of(with.restored("restored")).empty());
    // Numbers that were given are not given again, though their rows are gone.
    CHECK(then["people.sqlite_sequence"] == std::vector<std::string>{"notes|2"});
    struct stat facts {};
    for (const char* name : {"keys.json", "people.db"}) {
        CAPTURE(name);
        REQUIRE(stat((with.restored("restored") / name).c_str(), &facts) == 0);
        CHECK((facts.st_mode & 0777) == 0600);
    }
    REQUIRE(stat(with.backups.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0700);
    for (const auto& file : with.files()) {
        CAPTURE(file);
        REQUIRE(stat((with.backups / file).c_str(), &facts) == 0);
        CHECK((facts.st_mode & 0077) == 0);
    }
    CHECK(with.problems().empty());
}

TEST_CASE("a further backup writes new events only, and shares what has not changed", "[backup]") {
    Folders with;
    Site site(with.data);
    for (int i = 0; i < 20; ++i) site.create("Article " + std::to_string(i));
    site.add_person("Ann");
    auto first = site.take(with.backups);
    REQUIRE(first);
    for (int i = 0; i < 3; ++i) site.create("Later " + std::to_string(i));
    auto shown = site.shown();

    auto second = site.take(with.backups);

    REQUIRE(second);
    CHECK(second->events == 3);
    CHECK(second->bytes < first->bytes);
    const auto* before = find_store(first->manifest, "news-sports.command");
    const auto* now = find_store(second->manifest, "news-sports.command");
    REQUIRE(before);
    REQUIRE(now);
    REQUIRE(now->segments.size() == 2);
    CHECK(now->segments[0] == before->segments[0]);
    CHECK(now->segments[1].before.position == 20);
    CHECK(support::number_from_database(with.backups / now->segments[1].file.path,
                                        "select count(*) from events") == 3);
    for (const char* name : {"people", "counts"}) {
        CAPTURE(name);
        CHECK(*find_store(second->manifest, name) == *find_store(first->manifest, name));
    }
    CHECK(first->manifest.files == second->manifest.files);
    auto third = site.take(with.backups);
    REQUIRE(third);
    CHECK(third->bytes == 0);
    CHECK(third->manifest.number == 3);
    CHECK(with.problems().empty());

    REQUIRE(with.restore("restored"));
    CHECK(Site(with.restored("restored")).shown() == shown);
    Wanted wanted;
    wanted.backup = first->manifest.id;
    REQUIRE(with.restore("of-first", wanted));
    CHECK(Site(with.restored("of-first")).shown().size() == 20);
}

TEST_CASE("files that never change are copied once, and come back to their places", "[backup]") {
    Folders with;
    Site site(with.data);
    auto place = with.data / "media" / "ab";
    std::filesystem::create_directories(place);
    std::ofstream(place / "first") << "first bytes";
    auto first = site.take(with.backups);
    REQUIRE(first);
    REQUIRE(first->manifest.files.size() == 2);
    CHECK(first->manifest.files.back().name == "media/ab/first");
    std::ofstream(place / "second") << "second bytes";
    auto second = site.take(with.backups);
    REQUIRE(second);
    CHECK(second->manifest.files.size() == 3);
    CHECK(second->bytes == 12);
    std::filesystem::remove(place / "first");
    auto third = site.take(with.backups);
    REQUIRE(third);
    CHECK(third->manifest.files.size() == 2);
    CHECK(with.problems().empty());

    REQUIRE(with.restore("restored"));
    auto text_of = [](const std::filesystem::path& file) {
        std::ifstream in(file);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    CHECK(text_of(with.restored("restored") / "media/ab/second") == "second bytes");
    CHECK_FALSE(std::filesystem::exists(with.restored("restored") / "media/ab/first"));
    Wanted wanted;
    wanted.backup = first->manifest.id;
    REQUIRE(with.restore("of-first", wanted));
    CHECK(text_of(with.restored("of-first") / "media/ab/first") == "first bytes");
}

TEST_CASE("a file that is not what it is called after is named and costs nothing else",
          "[backup]") {
    Folders with;
    Site site(with.data);
    // SHA-256 of "abc", without its first two letters.
    const std::string rest = "7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    auto ba = with.data / "media" / "ba";
    std::filesystem::create_directories(ba);
    std::ofstream(ba / rest) << "abX";
    auto first = site.take(with.backups);
    REQUIRE(first);
    auto named = [](const std::vector<std::string>& all, const std::string& end) {
        return std::any_of(all.begin(), all.end(), [&](const std::string& one) {
            return one.find("media/ba/") != one.npos && one.find(end) != one.npos;
        });
    };
    CHECK(named(with.problems(), "was damaged already when it was copied"));
    auto restored = with.restore("damaged");
    REQUIRE(restored);
    CHECK(named(restored->sentences, "it was already when it was copied"));

    // Mended: the next backup has it.
    std::ofstream(ba / rest) << "abc";
    auto second = site.take(with.backups);
    REQUIRE(second);
    auto stored = with.backups / second->manifest.files.back().file.path;
    CHECK(second->manifest.files.back().file.sha256 == "ba" + rest);
    // Cut short in the folder of backups: seen, and copied again.
    auto lose = [&] { std::filesystem::resize_file(stored, 1); };
    lose();
    restored = with.restore("lost");
    REQUIRE(restored);
    CHECK(named(restored->sentences, "is not restored"));
    CHECK_FALSE(std::filesystem::exists(with.restored("lost") / ("media/ba/" + rest)));
    REQUIRE(site.take(with.backups));
    CHECK(std::filesystem::file_size(stored) == 3);
}

TEST_CASE("a log that is not the one of the last backup is copied from its beginning", "[backup]") {
    Folders with;
    std::string first_id;
    {
        Site site(with.data);
        site.create("Kept");
        auto first = site.take(with.backups);
        REQUIRE(first);
        first_id = first->manifest.id;
        site.create("Lost");
        REQUIRE(site.take(with.backups));
    }
    Wanted wanted;
    wanted.backup = first_id;
    REQUIRE(with.restore("restored", wanted));
    Site site(with.restored("restored"));
    site.create("Another history");
    auto shown = site.shown();

    auto taken = site.take(with.backups);

    REQUIRE(taken);
    const auto* news = find_store(taken->manifest, "news-sports.command");
    REQUIRE(news);
    CHECK(taken->events == 1);
    CHECK(news->segments.size() == 2);
    CHECK(with.problems().empty());
    REQUIRE(with.restore("third"));
    CHECK(Site(with.restored("third")).shown() == shown);
    // The way from the second to the third leads through no moment of one history.
    wanted = {};
    wanted.store = "news-sports.command";
    wanted.position = 2;
    auto mixed = with.restore("mixed", wanted);
    REQUIRE(mixed);
    CHECK(Site(with.restored("mixed")).shown() == shown);
}

TEST_CASE("a restore to a moment between two backups is what a model of then says", "[backup]") {
    Folders with;
    Site site(with.data);
    struct Moment {
        base::Time at;
        Shown shown;
        std::int64_t position = 0;
    };
    std::vector<Moment> moments;
    std::vector<news::Article> articles;
    auto note = [&] {
        auto written = support::number_from_database(with.data / "news-sports.command.db",
                                                     "select max(position) from events");
        moments.push_back({site.clock.now(), site.shown(), written});
        site.clock.advance(10s);
    };
    auto change = [&](int round) {
        auto name = std::to_string(round);
        articles.push_back(site.create("Article " + name, "key-" + name));
        note();
        site.import("old:" + name, "Imported " + name);
        note();
        site.retitle(articles[articles.size() / 2], "Retitled " + name);
        note();
        if (round % 3 == 0) site.remove(articles[articles.size() / 3]);
        site.import("old:0", "Imported again " + name);
        note();
    };
    for (int round = 0; round < 3; ++round) change(round);
    site.add_person("Ann");
    site.clock.advance(10s);
    REQUIRE(site.take(with.backups));
    auto first = moments.size();
    site.clock.advance(10s);
    site.add_person("Ben");
    for (int round = 3; round < 7; ++round) change(round);
    auto last = moments.size();
    site.clock.advance(10s);
    REQUIRE(site.take(with.backups));
    for (int round = 7; round < 9; ++round) change(round);
    REQUIRE(site.take(with.backups));

    for (auto i = first; i + 4 < last; i += 3) {
        CAPTURE(i);
        auto name = "at-" + std::to_string(i);
        Wanted wanted;
        wanted.time = moments[i].at + 5s;
        auto restored = with.restore(name, wanted);
        INFO((restored ? std::string() : restored.error().message));
        REQUIRE(restored);
        REQUIRE(restored->sentences.size() == 4);
        CHECK(restored->sentences[0].starts_with("news-sports.command: up to position "));
        CHECK(restored->sentences[1].ends_with("counts, people."));
        {
            Site then(with.restored(name));
            CHECK(then.shown() == moments[i].shown);
            CHECK(then.people() == std::vector<std::string>{"Ann"});
            // A call of before is answered as it was; an item of before is there already.
            auto count = then.shown().size();
            CHECK(then.create("Article 3", "key-3").id == articles[3].id);
            CHECK(then.import("old:1", "Imported 1").kind == news::ImportOutcome::Kind::unchanged);
            CHECK(then.shown().size() == count);
            // What came later counts as new.
            CHECK(then.import("old:6", "Imported 6").kind == news::ImportOutcome::Kind::added);
            CHECK(then.create("Article 6", "key-6").id != articles[6].id);
            // What the source said later is compared with what is here.
            CHECK(then.import("old:0", "Imported again 6").kind ==
                  news::ImportOutcome::Kind::updated);
        }
        CHECK(problems_of(with.restored(name)).empty());
        name += "-by-position";
        wanted = {};
        wanted.store = "news-sports.command";
        wanted.position = moments[i].position;
        REQUIRE(with.restore(name, wanted));
        CHECK(Site(with.restored(name)).shown() == moments[i].shown);
    }
}

TEST_CASE("a moment that backups do not reach is refused with what they reach", "[backup]") {
    Folders with;
    Site site(with.data);
    site.create("One");
    auto early = site.clock.now() - 1h;
    REQUIRE(site.take(with.backups));
    struct Row {
        Wanted wanted;
        const char* code;
    };
    Wanted before;
    before.time = early;
    Wanted behind;
    behind.store = "news-sports.command";
    behind.position = 7;
    Wanted no_such_log;
    no_such_log.store = "people";
    no_such_log.position = 1;
    Wanted no_such_backup;
    no_such_backup.backup = "000009-20260301T120000Z";
    for (const auto& [wanted, code] :
         {Row{before, "no_such_moment"}, Row{behind, "no_such_moment"},
          Row{no_such_log, "no_such_moment"}, Row{no_such_backup, "unknown_backup"}}) {
        auto restored = with.restore("restored", wanted);
        REQUIRE_FALSE(restored);
        CHECK(restored.error().code == code);
        CHECK_FALSE(std::filesystem::exists(with.restored("restored")));
    }
    // After the last backup: what that has, and a sentence about it.
    Wanted after;
    after.time = site.clock.now() + 1h;
    auto restored = with.restore("after", after);
    REQUIRE(restored);
    auto& sentences = restored->sentences;
    CHECK(std::any_of(sentences.begin(), sentences.end(), [](const std::string& sentence) {
        return sentence.starts_with("No later backup was made");
    }));
}

TEST_CASE("a folder with something in it is not restored to", "[backup]") {
    Folders with;
    Site site(with.data);
    REQUIRE(site.take(with.backups));
    auto restored = with.restore("data");
    REQUIRE_FALSE(restored);
    CHECK(restored.error().code == "folder_not_empty");
    // An empty one is as good as none.
    std::filesystem::create_directories(with.restored("empty"));
    CHECK(with.restore("empty"));
    CHECK(std::filesystem::exists(with.restored("empty") / "people.db"));
}

TEST_CASE("a backup that is made while others write is of one moment", "[backup]") {
    Folders with;
    Site site(with.data);
    site.config.bytes_per_second_max = 1024 * 1024;
    for (int i = 0; i < 50; ++i) site.create("Before " + std::to_string(i));
    std::atomic<bool> done{false};
    std::atomic<int> written{0};
    std::thread writer([&] {
        while (!done) {
            site.add_person("Person " + std::to_string(++written));
        }
    });
    std::vector<Taken> all;
    for (int i = 0; i < 5; ++i) {
        auto taken = site.take(with.backups);
        if (taken) all.push_back(std::move(*taken));
    }
    done = true;
    writer.join();

    REQUIRE(all.size() == 5);
    CHECK(with.problems().empty());
    for (const auto& taken : all) {
        const auto& id = taken.manifest.id;
        CAPTURE(id);
        Wanted wanted;
        wanted.backup = id;
        REQUIRE(with.restore(id, wanted));
        // Each person is a row, an event and a count, in this order.
        Site then(with.restored(id));
        auto people = std::ssize(then.people());
        then.close();
        auto folder = with.restored(id);
        CHECK(support::number_from_database(folder / "people.db", "select count(*) from events") ==
              people);
        auto counted = support::number_from_database(folder / "counts.db",
                                                     "select coalesce(max(n), 0) from counts");
        CHECK(people - counted >= 0);
        CHECK(people - counted <= 1);
        then.open();
    }
}

}  // namespace backup
