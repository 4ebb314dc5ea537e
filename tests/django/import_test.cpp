// The whole pass, from a source and a mapping to what would be taken.
#include "django/import.hpp"

#include <fstream>
#include <sstream>

#include "database/scratch_store.hpp"
#include "item_text.hpp"
#include "staging_store.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

namespace django {

namespace {

class Kept final : public Receiver {
public:
    using Prepared = base::Result<Taking>;
    Prepared prepare(const std::vector<Person>& people) override { return keep(people); }
    Prepared prepare(const std::vector<Item>& items) override { return keep(items); }
    Prepared prepare(const std::vector<Redirect>& redirects) override { return keep(redirects); }
    base::Result<Vanished> vanished(const std::vector<std::string>&, const Seen&) override {
        return Vanished{};
    }
    std::string lines;

private:
    template <class T>
    Taking keep(const std::vector<T>& all) {
        return [this, &all] {
            for (const auto& one : all) lines += to_text(one) + "\n";
            return std::vector<Taken>(all.size());
        };
    }
};

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

/// A source and a mapping in a folder of their own.
struct Site {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    Config config;
    Kept kept;
    std::atomic<bool> stop{false};
    std::function<void()> at_batch;
    bool keep_staging = false;

    base::Result<ImportReport> run(const std::string& source, const std::string& mapping) {
        write(folder / "dump.json", source);
        write(folder / "mapping.json", mapping);
        return again();
    }
    base::Result<ImportReport> again() {
        kept.lines.clear();
        ImportRequest request{folder / "dump.json", folder / "mapping.json"};
        request.keep_staging = keep_staging;
        auto progress = [&](const std::string& phase, std::int64_t, std::int64_t) {
            if (phase == "reading" && at_batch) at_batch();
        };
        return import_site(request, config, clock, kept, progress, stop);
    }
};

const char* simple_mapping = R"({
    "news": {"model": "a.b", "type": {"text": "news"}, "title": "t", "content": {"html": "c"},
             "published": {"if": {"live": true}}, "published_at": "at", "author": "writer__name",
             "tags": {"each": "x.tagged[content_type,object_id]", "as": "tag"}},
    "users": {"model": "auth.user", "login": "username", "password": "password"}})";

std::string article(int key, const std::string& more = "") {
    return R"({"model": "a.b", "pk": )" + std::to_string(key) + R"(, "fields": {"t": "T)" +
           std::to_string(key) +
           R"(", "c": "<p>x</p>", "live": true, "at": "2026-01-01T00:00:00Z", "writer": null)" +
           more + "}}";
}

}  // namespace

TEST_CASE("every ready mapping brings its site's rows as they are meant", "[django]") {
    for (const char* name : {"newsroom", "wagtail_news_template", "bakerydemo", "mezzanine",
                             "zinnia", "djangocms_blog", "puput"}) {
        CAPTURE(name);
        Site site;
        auto root = std::filesystem::path(PORTAL_SOURCE_DIR);
        auto fixtures = root / "tests/django/fixtures";
        auto json = std::string(name) + ".json";

        auto report = site.run(content_of(fixtures / json),
                               content_of(root / "integrations/django/mappings" / json));

        REQUIRE(report);
        std::string warnings;
        for (const auto& [kind, warning] : report->warnings) {
            warnings += "warning " + kind + " " + std::to_string(warning.count) + "\n";
        }
        for (const auto& [code, count] : report->reasons) {
            warnings += "rejected " + code + " " + std::to_string(count) + "\n";
        }
        auto expected = fixtures / (std::string(name) + ".expected.jsonl");
        CHECK(site.kept.lines + warnings == content_of(expected));
        for (const auto& rule : report->rules) {
            CHECK(rule.read == rule.taken + rule.left_out + rule.rejected);
        }
    }
}

TEST_CASE("an import that is stopped goes on where it was, to the same end", "[django]") {
    Site site;
    site.config.batch_rows = 10;
    std::string dump = "[";
    for (int key = 1; key <= 95; ++key) dump += (key > 1 ? ",\n" : "") + article(key);
    auto whole = site.run(dump + "]", simple_mapping);
    REQUIRE(whole);
    auto lines = site.kept.lines;
    int batches = 0;
    site.at_batch = [&] { site.stop = ++batches % 3 == 0; };

    int runs = 0;
    auto report = site.again();
    for (; !report && runs < 20; ++runs) {
        CHECK(report.error().code == "stopped");
        site.stop = false;
        report = site.again();
    }

    REQUIRE(report);
    CHECK(runs == 3);
    CHECK(batches == 9);
    CHECK(site.kept.lines == lines);
    CHECK(report->rules[1].checksum == whole->rules[1].checksum);
    CHECK(report->rules[1].taken == 95);
    CHECK_FALSE(std::filesystem::exists(site.folder / "dump.json.staging.db"));
}

TEST_CASE("rows that point to one are found by key, by natural key, and after a stop", "[django]") {
    Site site;
    site.config.batch_rows = 10;
    constexpr const char* mapping =
        R"({"natural_keys": {"a.b": ["slug"]}, "relations": {"x.tag.article": "a.b"},
        "news": {"model": "a.b", "type": {"text": "news"}, "title": "t", "content": "t",
                 "published": "live", "published_at": "at",
                 "tags": {"each": "x.tag[article]", "as": "name"}}})";
    auto tag = [](int key, const std::string& article) {
        return R"({"model": "x.tag", "pk": )" + std::to_string(key) +
               R"(, "fields": {"article": )" + article + R"(, "name": "n)" + std::to_string(key) +
               "\"}},\n";
    };
    std::string dump = "[";
    for (int key = 1; key <= 40; ++key) dump += tag(key, std::to_string(1 + key % 2));
    for (int key = 41; key <= 45; ++key) dump += tag(key, R"(["s2"])");
    bool lists = GENERATE(true, false);
    if (!lists) dump = "[" + tag(1, "1") + tag(2, "2") + tag(3, "null") + tag(4, R"("2")");
    dump += article(1, R"(, "slug": "s1")") + ",\n" + article(2, R"(, "slug": "s2")") + "]";
    int batches = 0;
    site.at_batch = [&] { site.stop = ++batches == 2; };

    auto report = site.run(dump, mapping);
    if (lists) {
        REQUIRE_FALSE(report);
        CHECK(report.error().code == "stopped");
        site.stop = false;
        report = site.again();
    }

    REQUIRE(report);
    CHECK(report->rules[0].taken == 2);
    CHECK(report->warnings.contains("more_tags") == lists);
    auto tagged = [&](const char* name) {
        return site.kept.lines.find(std::string("\"") + name + "\"") != std::string::npos;
    };
    CHECK(tagged("n1"));
    CHECK(tagged("n2"));
    CHECK(tagged("n4"));
    CHECK(tagged("n3") == lists);
}

TEST_CASE("a hostile dump ends in a report, and what is sound in it is still brought", "[django]") {
    std::string members = "\"m\": 1";
    for (int i = 0; i < 3000; ++i) members += ", \"m" + std::to_string(i) + "\": 1";
    struct {
        const char* what;
        std::string dump;
        std::int64_t taken;
        const char* reason;   ///< rejected for it
        const char* warning;  ///< told of
    } rows[] = {
        {"truncated", "[" + article(1) + ", " + article(2).substr(0, 60), 1, "cut_off", ""},
        {"wrong types", "[" + article(1, R"(, "t": ["x"], "c": {"a": 1})") + "]", 0,
         "missing_content", ""},
        {"dangling", "[" + article(1, R"(, "writer": 99)") + R"(, {"model": "a.writer", "pk": 1,
            "fields": {"name": "n"}}])",
         1, "", "dangling_key"},
        {"a cycle", "[" + article(1, R"(, "writer": 1)") + R"(, {"model": "a.writer", "pk": 1,
            "fields": {"name": 1}}])",
         1, "", ""},
        {"the same pk", "[" + article(1) + ", " + article(1, R"(, "z": 1)") + "]", 1,
         "duplicate_pk", ""},
        {"repeated", "[" + article(1) + ", " + article(1) + "]", 1, "", ""},
        {"scripts", "[" + article(1, R"(, "c": "<script>x</script><p onclick='y'>z</p>")") + "]", 1,
         "", "script"},
        {"a huge field", "[" + article(1, ", \"c\": \"" + std::string(200'000, 'x') + "\"") + "]",
         0, "row_too_long", ""},
        {"deep", "[" + article(1, ", \"d\": " + std::string(99, '[') + std::string(99, ']')) + "]",
         0, "too_deep", ""},
        {"ever more members", "[" + article(1, ", \"d\": {" + members + "}") + "]", 0,
         "too_many_values", ""},
        {"a key of everything", "[" + article(1, R"(, "writer": [[[1]], {"a": 1}])") + "]", 1, "",
         ""},
        {"no title", "[" + article(1, R"(, "t": "")") + "]", 0, "missing_title", ""},
        {"no content", "[" + article(1, R"(, "c": null)") + "]", 0, "missing_content", ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        Site site;
        site.config.row_bytes_max = 100'000;

        auto report = site.run(row.dump, simple_mapping);

        REQUIRE(report);
        CHECK(report->rules[1].taken == row.taken);
        CHECK((row.reason[0] == '\0' ? report->reasons.empty()
                                     : report->reasons.contains(row.reason)));
        CHECK((row.warning[0] == '\0' || report->warnings.contains(row.warning)));
        CHECK(std::filesystem::exists(site.folder / "dump.json.rejected.jsonl") ==
              !report->reasons.empty());
    }
}

TEST_CASE("what the source lacks is said, and no password is written anywhere", "[django]") {
    Site site;
    auto user = [](const char* name) {
        return std::string(R"({"model": "auth.user", "pk": 1, "fields": {"username": ")") + name +
               R"(", "password": "pbkdf2_sha256$1$s$secret"}})";
    };

    auto report = site.run("[" + user("") + ", " + user("b") +
                               R"(, {"model": "x.tagged", "pk": 1, "fields": {"content_type": 3,
                                    "object_id": 1, "tag": "t"}}])",
                           simple_mapping);

    REQUIRE(report);
    std::string lacks;
    for (const auto& one : report->lacks) lacks += one + "\n";
    CHECK(lacks.find("no content types") != std::string::npos);
    CHECK(lacks.find("no rows of a.b") != std::string::npos);
    CHECK(report->reasons.at("missing_login") == 1);
    CHECK(report->reasons.at("duplicate_pk") == 1);
    CHECK(content_of(report->rejected_file).find("secret") == std::string::npos);
}

TEST_CASE("a page of Wagtail that not everybody may see is a draft, and so is all below it",
          "[django]") {
    Site site;
    auto page = [](int key, const char* path) {
        auto number = std::to_string(key);
        return R"({"model": "wagtailcore.page", "pk": )" + number +
               R"(, "fields": {"title": "T", "live": true, "path": ")" + path + R"("}},)" +
               R"({"model": "n.page", "pk": )" + number + R"(, "fields": {"body": "x"}},)";
    };

    auto report = site.run(
        "[" + page(1, "00010001") + page(2, "000100010001") + page(3, "00010002") +
            R"({"model": "wagtailcore.pageviewrestriction", "pk": 1, "fields": {"page": 1}}])",
        R"({"news": {"model": "n.page", "parent": "wagtailcore.page", "type": {"text": "news"},
            "title": "title", "content": "body", "published": "live",
            "published_at": {"text": "2026-01-01T00:00:00Z"}}})");

    REQUIRE(report);
    CHECK(report->rules[0].published == 1);
    CHECK(report->rules[0].drafts == 2);
    CHECK(report->warnings.at("restricted").count == 2);
}

TEST_CASE("a row without a key that is known is rejected, since nobody could name it", "[django]") {
    Site site;

    auto report = site.run(R"([{"model": "a.c", "fields": {"x": 1}},
                               {"model": "a.c", "pk": null, "fields": {"x": 1}},
                               {"model": "auth.group", "fields": {"name": "Editors"}},
                               {"model": "a.d", "pk": ")" +
                               std::string(2000, 'k') + R"(", "fields": {"x": 2}}])",
                           simple_mapping);

    REQUIRE(report);
    CHECK(report->models.at("a.c").rejected == 2);
    CHECK(report->models.at("auth.group").rows == 1);
    CHECK(report->reasons ==
          std::map<std::string, std::int64_t>{{"missing_key", 2}, {"bad_key", 1}});
}

TEST_CASE("a dump of ever more models is told of in a report of a bounded size", "[django]") {
    Site site;
    std::string dump = "[" + article(1);
    for (int i = 0; i < 2100; ++i) {
        dump += R"(, {"model": "a.m)" + std::to_string(i) + R"(", "pk": 1, "fields": {}})";
        dump += R"(, {"model": "b.m)" + std::to_string(i) + R"(", "fields": {}})";
    }
    std::string mapping = simple_mapping;
    std::string more;
    for (int i = 0; i < 200; ++i) {
        more += R"({"model": "c.m)" + std::to_string(i) + R"(", "from": "x", "to": "y"})" +
                (i < 199 ? "," : "");
    }
    mapping.insert(mapping.rfind('}'), R"(, "redirects": [)" + more + "]");

    auto report = site.run(dump + "]", mapping);

    REQUIRE(report);
    CHECK(report->reasons.at("too_many_models") == 101);
    CHECK(report->reasons.at("missing_key") == 2100);
    CHECK(report->models.size() <= 2001);
    CHECK(report->lacks.size() <= 101);
    CHECK(report->rules[1].taken == 1);
}

TEST_CASE("what rules make of one row is bounded, and the rows after it are brought", "[django]") {
    auto large = article(1, ", \"big\": \"" + std::string(1 << 20, 'x') + "\"");
    auto many = article(2, ", \"words\": \"" + std::string(5 << 20, ',') + "\"");
    std::string relations;
    for (int i = 0; i < 500; ++i) relations += (i > 0 ? "," : "") + std::string("1");
    auto related = article(3, ", \"writers\": [" + relations + "]") +
                   R"(, {"model": "a.writer", "pk": 1, "fields": {"name": ")" +
                   std::string(300'000, 'n') + "\"}}";
    std::string copies;
    for (int i = 0; i < 100; ++i) copies += "{big}";
    auto mapping = R"({"relations": {"a.b.writers": "a.writer"},
        "news": {"model": "a.b", "type": {"text": "news"}, "title": "t", "content": "c",
                 "published": "live", "published_at": "at", "extra": {
                 "words": {"path": "words", "split": ","},
                 "names": {"each": "writers", "as": "name"}, "copies": ")" +
                   copies + "\"}}}";
    Site site;

    auto report =
        site.run("[" + large + "," + many + "," + related + "," + article(4) + "]", mapping);

    REQUIRE(report);
    CHECK(report->reasons.at("too_large") == 3);
    CHECK(report->rules[0].taken == 1);
    CHECK(site.kept.lines.find("a.b:4") != std::string::npos);
}

TEST_CASE("of more old states than are taken the newest are, and the row is named", "[django]") {
    Site site;
    constexpr const char* mapping = R"({"relations": {"x.old.article": "a.b"},
        "news": {"model": "a.b", "type": {"text": "news"}, "title": "t", "content": "t",
                 "published": "live", "published_at": "at",
                 "history": {"each": "x.old[article] by at", "at": "at"}}})";
    auto old = [](int key) {
        auto minute = std::to_string(100 + key % 60).substr(1);
        auto hour = std::to_string(100 + key / 60).substr(1);
        return R"({"model": "x.old", "pk": )" + std::to_string(key) +
               R"(, "fields": {"article": 1, "t": "old )" + std::to_string(key) +
               R"(", "at": "2025-01-01T)" + hour + ":" + minute + ":00Z\"}},\n";
    };
    std::string dump = "[";
    for (int key = 1; key <= 1002; ++key) dump += old(key);
    auto report = site.run(dump + article(1) + "]", mapping);

    REQUIRE(report);
    CHECK(report->rules[0].past == 1000);
    CHECK(report->warnings.contains("too_many_rows"));
    CHECK(site.kept.lines.find("\"old 1002\"") != std::string::npos);
    CHECK(site.kept.lines.find("\"old 3\"") != std::string::npos);
    CHECK(site.kept.lines.find("\"old 2\"") == std::string::npos);
}

TEST_CASE("scripts in old states and in Markdown are told of too", "[django]") {
    Site site;
    auto mapping = R"({"news": {"model": "a.b", "type": {"text": "news"}, "title": "t",
        "content": "c", "content_format": {"text": "markdown"}, "published": "live",
        "published_at": "at", "history": {"each": "a.old[article]", "at": "at"}}})";
    auto old = R"x(, {"model": "a.old", "pk": 1, "fields": {"article": 1, "at": "2025-01-01",
                     "c": "[x](javascript:y)"}})x";

    auto report = site.run("[" + article(1) + old + "]", mapping);

    REQUIRE(report);
    CHECK(report->rules[0].past == 1);
    CHECK(report->warnings.at("script").count == 1);
}

TEST_CASE("what holds the rows is nobody else's, and goes only where it is told to", "[django]") {
    Site site;
    auto staging = site.folder / "dump.json.staging.db";
    auto rejected = site.folder / "dump.json.rejected.jsonl";
    auto mode = [](const std::filesystem::path& path) {
        auto all = std::filesystem::perms::mask;
        return static_cast<int>(std::filesystem::status(path).permissions() & all);
    };
    SECTION("only its owner may read it") {
        site.keep_staging = true;

        REQUIRE(site.run("[" + article(1) + ", 5]", simple_mapping));

        CHECK(mode(staging) == 0600);
        CHECK(mode(rejected) == 0600);
    }
    SECTION("an import that ends before it has read all leaves the file of the last one alone") {
        write(rejected, "of the last run");
        site.config.batch_rows = 1;
        site.at_batch = [&] { site.stop = true; };

        CHECK_FALSE(site.run("[" + article(1) + "]", simple_mapping));

        CHECK(content_of(rejected) == "of the last run");
    }
    SECTION("a row that names something private is not shown") {
        auto reset = article(1, R"(, "t": "", "reset_token": "abc")");
        auto plain = article(2, R"(, "t": "", "keywords": "password: none")");

        REQUIRE(site.run("[" + reset + "," + plain + "]", simple_mapping));

        auto lines = content_of(rejected);
        CHECK(lines.find("abc") == std::string::npos);
        CHECK(lines.find("missing_title") != std::string::npos);
    }
}

TEST_CASE("an import writes over no link that somebody has put in its way", "[django]") {
    for (const char* suffix : {".staging.db", ".staging.db-wal", ".rejected.jsonl"}) {
        CAPTURE(suffix);
        Site site;
        auto elsewhere = site.folder / "elsewhere";
        write(elsewhere, "x");
        auto link = site.folder / "dump.json";
        link += suffix;
        std::filesystem::create_symlink(elsewhere, link);

        auto report = site.run("[" + article(1) + ", 5]", simple_mapping);

        REQUIRE_FALSE(report);
        CHECK(report.error().code == "cannot_write");
        CHECK(site.kept.lines.empty());
        CHECK(content_of(elsewhere) == "x");
    }
}

TEST_CASE("what was staged is used again only for what it was staged for", "[django]") {
    Site site;
    site.keep_staging = true;
    int batches = 0;
    site.config.batch_rows = 1;
    site.at_batch = [&] { ++batches; };
    REQUIRE(site.run("[" + article(1) + "]", simple_mapping));
    CHECK(batches == 1);

    REQUIRE(site.again());
    CHECK(batches == 1);

    site.config.row_bytes_max *= 2;
    REQUIRE(site.again());
    CHECK(batches == 2);

    std::string mapping = simple_mapping;
    mapping.insert(1, R"("relations": {"a.b.writer": "a.person"},)");
    write(site.folder / "mapping.json", mapping);
    REQUIRE(site.again());
    CHECK(batches == 3);
}

TEST_CASE("what was staged before the machine ended counts only if it was whole and to be kept",
          "[django]") {
    Site site;
    site.config.batch_rows = 1;
    int batches = 0;
    site.at_batch = [&] { site.stop = ++batches == 2; };
    auto reboot = [&] {
        database::ScratchStore store(site.folder / "dump.json.staging.db");
        store.transaction().execute("update note set value = 'before' where name = 'boot'");
        store.commit();
    };
    auto dump = "[" + article(1) + ",\n" + article(2) + ",\n" + article(3) + "]";
    REQUIRE_FALSE(site.run(dump, simple_mapping));
    reboot();
    site.at_batch = [&] { ++batches; };
    site.stop = false;
    batches = 0;
    site.keep_staging = true;

    auto report = site.again();
    REQUIRE(report);
    CHECK(report->rules[1].taken == 3);
    CHECK(batches == 3);

    reboot();
    REQUIRE(site.again());
    CHECK(batches == 3);
}

TEST_CASE("natural keys find their rows, and generic keys by the names of models", "[django]") {
    Site site;

    auto report = site.run(
        R"([{"model": "a.writer", "fields": {"name": "Ann", "slug": "ann"}},
            {"model": "a.b", "pk": 1, "fields": {"t": "T", "c": "x", "live": true,
             "at": "2026-01-01T00:00:00Z", "writer": ["ann"]}},
            {"model": "x.tagged", "pk": 1, "fields": {"content_type": ["a", "b"], "object_id": "1",
             "tag": "sea"}}])",
        R"({"natural_keys": {"a.writer": ["slug"]},
            "news": {"model": "a.b", "type": {"text": "news"}, "title": "t", "content": "c",
             "published": "live", "published_at": "at", "author": "writer__name", "authors": "writer",
             "tags": {"each": "x.tagged[content_type,object_id]", "as": "tag"}}})");

    REQUIRE(report);
    CHECK(site.kept.lines ==
          R"({"legacy_id":"a.b:1","id":1,"status":"published",)"
          R"("published_at":"2026-01-01T00:00:00.000000Z","type":"news","title":"T","content":"x",)"
          R"("content_format":"text","author":"Ann","tags":["sea"],)"
          R"("authors":["a.writer:[\"ann\"]"]})"
          "\n");
}

}  // namespace django
