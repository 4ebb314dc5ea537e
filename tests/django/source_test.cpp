// What a dump says, row by row, however damaged it is.
#include <fstream>
#include <sstream>

#include "dump_json.hpp"
#include "open_store.hpp"
#include "packed_value.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"
#include "support/temporary_folder.hpp"
#include "value_json.hpp"
#include "xml_dump.hpp"

namespace django {

namespace {

/// All that it gives, in short: `model key`, `!code`, and at the end `.` or `cut`.
std::string told(Source& source) {
    std::string out;
    for (int i = 0; i < 1000; ++i) {
        auto item = source.next();
        if (const auto* record = std::get_if<Record>(&item)) {
            out += record->model + " " + to_json(record->key) + " ";
        } else if (const auto* reject = std::get_if<Reject>(&item)) {
            out += "!" + reject->code + "@" + std::to_string(reject->line) + " ";
        } else {
            return out + (std::get<SourceEnd>(item).cut_off ? "cut" : ".");
        }
    }
    return out + "endless";
}

std::string json_told(const std::string& text, std::size_t row_bytes_max = 500) {
    std::istringstream input(text);
    JsonDump dump(input, row_bytes_max);
    return told(dump);
}

std::string xml_told(const std::string& text) {
    std::istringstream input(text);
    XmlDump dump(input, 500);
    return told(dump);
}

std::string row(const char* key) {
    return std::string(R"({"model": "a.B", "pk": )") + key + R"(, "fields": {"t": "x"}})";
}

}  // namespace

TEST_CASE("a dump of JSON gives every row that can be read, and says of the others why",
          "[django]") {
    auto huge = R"({"model": "a.b", "pk": 9, "fields": {"t": ")" + std::string(5000, 'x') + "\"}}";
    auto deep = R"({"model": "a.b", "pk": 9, "fields": {"t": )" + std::string(60, '[') +
                std::string(60, ']') + "}}";
    struct {
        std::string text;
        const char* told;
    } rows[] = {
        {"[" + row("1") + ", " + row("2") + "]\n", "a.b 1 a.b 2 ."},
        {row("1") + "\n" + row("\"x\"") + "\n", "a.b 1 a.b \"x\" ."},
        {"\xEF\xBB\xBF[" + row("1") + "]", "a.b 1 ."},
        {"[]", "."},
        {"", "."},
        // Truncated.
        {"[" + row("1") + ", {\"model\": \"a.b\", \"pk", "a.b 1 !cut_off@1 cut"},
        {"[" + row("1"), "a.b 1 cut"},
        {row("1") + "\n{\"model\": \"a.b\", \"pk", "a.b 1 !malformed_json@2 ."},
        // Damaged in the middle.
        {"[" + row("1") + ",\n{\"model\": },\n" + row("2") + "]",
         "a.b 1 !malformed_json@2 a.b 2 ."},
        {row("1") + "\n{\"model\": \"a.b\", \"x\n" + row("2"), "a.b 1 !malformed_json@2 a.b 2 ."},
        {"[" + row("1") + ", 5, \"x\", null]", "a.b 1 !not_a_row@1 !not_a_row@1 !not_a_row@1 ."},
        {"[" + row("1") + "] {}", "a.b 1 !not_a_row@1 ."},
        // Wrong types.
        {R"([{"model": 5, "pk": 1, "fields": {}}])", "!not_a_row@1 ."},
        {R"([{"model": "a.b", "pk": [1], "fields": {}}])", "!bad_key@1 ."},
        {R"([{"model": "a.b", "pk": 1, "fields": []}])", "!not_a_row@1 ."},
        {R"([{"model": "nodot", "pk": 1, "fields": {}}])", "!not_a_row@1 ."},
        {R"([{"model": "a.b", "fields": {}}])", "a.b null ."},
        {R"([{"model": "a.b", "pk": 1, "fields": {"t": "\u0000"}}])", "!nul_in_text@1 ."},
        {"[{\"model\": \"a.b\", \"pk\": 1, \"fields\": {\"t\": \"\xFF\"}}]", "!malformed_json@1 ."},
        // Too much.
        {"[" + huge + ", " + row("1") + "]", "!row_too_long@1 a.b 1 ."},
        {huge + "\n" + row("1"), "!row_too_long@1 a.b 1 ."},
        {"[" + deep + ", " + row("1") + "]", "!too_deep@1 a.b 1 ."},
        {"[" + std::string(100'000, '['), "!row_too_long@1 cut"},
    };
    for (const auto& one : rows) {
        CAPTURE(one.text.substr(0, 100));
        auto text = json_told(one.text);
        // What is too long and cut off is told as one of the two.
        if (text == "!cut_off@1 cut") text = "!row_too_long@1 cut";
        CHECK(text == one.told);
    }
}

TEST_CASE("a dump of JSON is read on from any of its rows", "[django]") {
    for (const auto& text : {"[" + row("1") + ",\n" + row("2") + ",\n" + row("3") + "]",
                             row("1") + "\n" + row("2") + "\n" + row("3") + "\n"}) {
        std::istringstream input(text);
        JsonDump dump(input, 500);
        dump.next();
        auto place = dump.place();

        std::istringstream again(text);
        JsonDump rest(again, 500, *place);

        CHECK(told(rest) == "a.b 2 a.b 3 .");
    }
}

TEST_CASE("a dump of XML gives its rows with their types and what they point to", "[django]") {
    std::istringstream input(R"(<?xml version="1.0" encoding="utf-8"?>
<django-objects version="1.0">
  <object model="news.article" pk="1">
    <field name="title" type="CharField">A &lt;b&gt; &#x41;&amp;</field>
    <field name="count" type="IntegerField">5</field>
    <field name="live" type="BooleanField">True</field>
    <field name="sub" type="CharField"><None></None></field>
    <field name="author" rel="ManyToOneRel" to="auth.user"><natural>ann</natural></field>
    <field name="section" rel="ManyToOneRel" to="news.section">2</field>
    <field name="tags" rel="ManyToManyRel" to="news.tag"><object pk="1"></object><object pk="2"/></field>
    <field name="at" type="DateTimeField">2026-05-04T10:20:30.123456+00:00</field>
  </object>
</django-objects>)");
    XmlDump dump(input, 5000);

    auto item = dump.next();

    REQUIRE(std::holds_alternative<Record>(item));
    CHECK(to_json(std::get<Record>(item).fields) ==
          R"({"title":"A <b> A&","count":5,"live":true,"sub":null,"author":["ann"],"section":2,)"
          R"("tags":[1,2],"at":"2026-05-04T10:20:30.123456+00:00"})");
    CHECK(dump.relations().at("news.article.tags") == "news.tag");
    CHECK(told(dump) == ".");
}

TEST_CASE("XML that is damaged or asks for more than it has ends with one sentence", "[django]") {
    for (const char* text : {
             "<django-objects><object model=\"a.b\" pk=\"1\"><field name=\"x\">",
             "<!DOCTYPE x [<!ENTITY a \"b\">]><django-objects/>",
             "<django-objects><object model=\"a.b\" pk=\"1\"><field name=\"x\">&a;</field>",
             "<django-objects></objects>",
             "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
             "<django-objects/><more/>",
             "no xml at all",
             "",
         }) {
        CAPTURE(text);
        CHECK(xml_told(text).find("!malformed_xml") != std::string::npos);
        CHECK(xml_told(text).find("cut") != std::string::npos);
    }
    CHECK(xml_told("<o><object model=\"a.b\" pk=\"1\"><field name=\"x\">" + std::string(2000, 'y') +
                   "</field></object><object model=\"a.b\" pk=\"2\"></object></o>") ==
          "!row_too_long@1 a.b 2 .");
}

TEST_CASE("a SQLite file gives its rows as dumpdata would write them", "[django]") {
    support::TemporaryFolder folder;
    auto file = folder / "db.sqlite3";
    std::ofstream(file).close();
    support::change_database(
        file,
        "create table django_content_type (id integer primary key, app_label text, model text);"
        "insert into django_content_type values (1, 'news', 'article'), (2, 'news', 'tag'),"
        " (3, 'auth', 'user'), (4, 'contenttypes', 'contenttype');"
        "create table auth_user (id integer primary key, username varchar(150));"
        "insert into auth_user values (7, 'ann');"
        "create table news_tag (id integer primary key, name varchar(50));"
        "insert into news_tag values (1, 'sea'), (2, 'air');"
        "create table news_article (id integer primary key, title varchar(200), live bool,"
        " price decimal, author_id integer references auth_user (id), at datetime);"
        "insert into news_article values (12, 'A', 1, 1.5, 7, '2026-05-04 10:20:30.123456'),"
        " (3, 'B', 0, null, null, null);"
        "create table news_article_tags (id integer primary key,"
        " article_id integer references news_article (id), tag_id integer references news_tag "
        "(id));"
        "insert into news_article_tags values (1, 12, 2), (2, 12, 1);"
        "create table odd (id integer primary key)");
    auto before = std::filesystem::file_size(file);

    auto opened = open_source(file, 100'000);

    REQUIRE(opened);
    std::string articles;
    for (auto item = opened->source->next(); std::holds_alternative<Record>(item);
         item = opened->source->next()) {
        const auto& record = std::get<Record>(item);
        if (record.model != "news.article") continue;
        articles += to_json(record.key) + to_json(record.fields) + "\n";
    }
    CHECK(articles ==
          R"(3{"title":"B","live":false,"price":null,"author":null,"at":null,"tags":[]})"
          "\n"
          R"(12{"title":"A","live":true,"price":1.5,"author":7,"at":"2026-05-04 10:20:30.123456",)"
          R"("tags":[2,1]})"
          "\n");
    CHECK(opened->source->relations().at("news.article.author") == "auth.user");
    CHECK(opened->source->relations().at("news.article.tags") == "news.tag");
    CHECK(opened->notes.size() == 1);
    CHECK(std::filesystem::file_size(file) == before);
}

TEST_CASE("a SQLite file keeps what it likes in its columns, and each row is read as it is",
          "[django]") {
    support::TemporaryFolder folder;
    auto file = folder / "db.sqlite3";
    std::ofstream(file).close();
    support::change_database(
        file,
        "create table django_content_type (id integer primary key, app_label text, model text);"
        "insert into django_content_type values (1, 'a', 'made'), (2, 'a', 'keyed'),"
        " (3, 'a', 'priced'), (4, 'a', 'tag');"
        // What is made of other columns is listed by nobody, but a star gives it.
        "create table a_made (id integer primary key, twice int as (2 * one), one integer,"
        " live bool);"
        "insert into a_made (id, one, live) values (1, 4, 1), (2, 'four', 'perhaps'),"
        " (3, 5, 0), (4, 6, 2);"
        "create table a_keyed (slug varchar(50) primary key, rowid text);"
        "insert into a_keyed values ('a', 'x'), (null, 'y'), (null, 'z');"
        "create table a_priced (price decimal primary key);"
        "insert into a_priced values (0.5), (1.25), ('1e'), (9223372036854775807), (1e300);"
        "create table a_tag (id integer primary key, name text);"
        "insert into a_tag values (7, 'sea');"
        "create table a_keyed_tags (id integer primary key,"
        " keyed_id varchar(50) references a_keyed (slug), tag_id integer references a_tag (id));"
        "insert into a_keyed_tags values (1, 'a', 7)");

    auto opened = open_source(file, 100'000);

    REQUIRE(opened);
    std::string rows;
    auto item = opened->source->next();
    for (int i = 0; i < 100 && std::holds_alternative<Record>(item); ++i) {
        const auto& record = std::get<Record>(item);
        if (record.model != "contenttypes.contenttype") {
            rows += record.model + " " + to_json(record.key) + to_json(record.fields) + "\n";
        }
        item = opened->source->next();
    }
    CHECK(std::holds_alternative<SourceEnd>(item));
    CHECK(rows == R"(a.keyed "a"{"rowid":"x","tags":[7]})"
                  "\n"
                  R"(a.keyed null{"rowid":"y","tags":[]})"
                  "\n"
                  R"(a.keyed null{"rowid":"z","tags":[]})"
                  "\n"
                  R"(a.made 1{"one":4,"live":true})"
                  "\n"
                  R"(a.made 2{"one":"four","live":"perhaps"})"
                  "\n"
                  R"(a.made 3{"one":5,"live":false})"
                  "\n"
                  R"(a.made 4{"one":6,"live":"2"})"
                  "\n"
                  "a.priced 0.5{}\n"
                  "a.priced 1.25{}\n"
                  "a.priced \"1e\"{}\n"
                  "a.priced 9223372036854775807{}\n"
                  "a.priced 1.0e+300{}\n"
                  R"(a.tag 7{"name":"sea"})"
                  "\n");
}

TEST_CASE("a SQLite file that is damaged is read up to there, and told of as cut off", "[django]") {
    support::TemporaryFolder folder;
    auto file = folder / "db.sqlite3";
    std::ofstream(file).close();
    support::change_database(
        file,
        "create table django_content_type (id integer primary key, app_label text, model text);"
        "insert into django_content_type values (1, 'a', 'big'), (2, 'a', 'bare');"
        "create table a_bare (id integer primary key) without rowid;"
        "create table a_big (id integer primary key, text text);"
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 900)"
        " insert into a_big select i, hex(zeroblob(500)) from n");
    auto bytes = std::filesystem::file_size(file);
    std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(static_cast<std::streamoff>(bytes / 2));
    damaged << std::string(bytes / 4, '\xAB');
    damaged.close();

    auto opened = open_source(file, 100'000);

    REQUIRE(opened);
    auto all = told(*opened->source);
    CHECK(all.starts_with("a.big 1 a.big 2 "));
    CHECK(all.find("!damaged@") != std::string::npos);
    CHECK(all.ends_with("cut"));
    REQUIRE(opened->notes.size() == 1);
    CHECK(opened->notes.front().find("a_bare") != std::string::npos);
}

TEST_CASE("a row of XML is as long as all of its elements, however small they are", "[django]") {
    std::string many;
    for (int i = 0; i < 30; ++i) many += "<field name=\"f" + std::to_string(i) + "\"/>";
    std::string words = "<field name=\"x\" rel=\"ManyToOneRel\" to=\"a.c\">";
    for (int i = 0; i < 30; ++i) words += "<natural></natural>";
    for (const auto& row : {many, words + "</field>"}) {
        CHECK(xml_told("<o><object model=\"a.b\" pk=\"1\">" + row +
                       "</object><object model=\"a.b\" pk=\"2\"/></o>") ==
              "!row_too_long@1 a.b 2 .");
    }
}

TEST_CASE("a source that is not there is refused", "[django]") {
    CHECK(open_source("/nowhere/dump.json", 1000).error().code == "cannot_read");
}

TEST_CASE("a value that is packed is itself again, and other bytes are none", "[django]") {
    for (const std::string text :
         {R"(null)", R"(true)", R"(-12.50)", R"(123456789012345678901234567890)", R"("")",
          R"("a\u00e4 \ud83d\ude00 \" \\ \n")", R"([])", R"([[],[null,"x"],{}])", R"({})",
          R"({"b":1,"a":{"c":[1,2.0,"3"],"":false},"z":null})"}) {
        CAPTURE(text);
        auto value = value_from_json(text);
        REQUIRE(value);
        auto bytes = packed(*value);
        auto again = unpacked(bytes);
        REQUIRE(again);
        CHECK(*again == *value);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CHECK_FALSE(unpacked(std::string_view(bytes).substr(0, size)));
        }
        CHECK_FALSE(unpacked(bytes + '\0'));
    }
    auto large = Value::list(std::vector<Value>(300, Value(std::string(20'000, 'x'))));
    auto again = unpacked(packed(large));
    REQUIRE(again);
    CHECK(*again == large);
    CHECK_FALSE(unpacked("\x06"));
    CHECK_FALSE(unpacked("\x04\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
    CHECK_FALSE(unpacked("\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"));
    std::string deep(100, '\0');
    for (std::size_t i = 0; i < deep.size(); i += 2) deep[i] = '\x04', deep[i + 1] = '\x01';
    for (int i = 0; i < 100; ++i) deep.insert(0, "\x04\x01");
    CHECK_FALSE(unpacked(deep + '\0'));
}

}  // namespace django
