// What the rules of a mapping make of rows: tables of rule, row, and result.
#include "fake_lookup.hpp"
#include "html_text.hpp"
#include "item_rules.hpp"
#include "item_text.hpp"
#include "mapping_json.hpp"
#include "support/catch.hpp"
#include "time_text.hpp"

namespace django {

namespace {

/// An article with an author, tags, comments, and a section in a tree.
struct Newsroom {
    FakeLookup lookup;
    RowPointer article;

    Newsroom() {
        lookup.add("auth.user", 7,
                   R"({"username": "ann", "first_name": "Ann", "last_name": "Bo"})");
        lookup.add("news.author", 1, R"({"first": "Rita", "last": "Levi", "user": 7})");
        lookup.add("news.author", 2, R"({"first": "", "last": "Curie", "user": null})");
        lookup.add("news.section", 1, R"({"slug": "world", "parent": null})");
        lookup.add("news.section", 2, R"({"slug": "asia", "parent": 1})");
        lookup.add("news.section", 3, R"({"slug": "loop", "parent": 3})");
        lookup.add("news.tag", 1, R"({"name": "sea", "slug": "sea"})");
        lookup.add("news.tag", 2, R"({"name": "air", "slug": "air"})");
        lookup.add("news.note", 1, R"({"article": 5, "text": "b", "order": 2})");
        lookup.add("news.note", 2, R"({"article": 5, "text": "a", "order": 1})");
        lookup.add("wagtailcore.page", 5, R"({"title": "Page", "url_path": "/home/a/b/"})");
        lookup.add("wagtailimages.image", 9, R"({"title": "Sun", "file": "o/sun.jpg"})");
        lookup.add("media.translation", 1,
                   R"({"master": 5, "language_code": "de", "lead": "Tag"})");
        lookup.add("media.translation", 2,
                   R"({"master": 5, "language_code": "en", "lead": "Day"})");
        article = lookup.add("news.article", 5, R"({
            "headline": "Sea rises", "empty": "", "none": null, "number": 3, "yes": true,
            "author_01": 1, "author_02": 2, "author_03": null, "section": 2, "tags": [1, 2],
            "natural": ["asia"], "loop_section": 3, "gone_author": 77,
            "words": "north sea, \"oil, gas\"", "plain_words": "one \"two three\"",
            "json": "{\"a\": {\"b\": [1, 2]}}", "when": "2026-05-04T22:30:00Z",
            "html": "<p>A <b>b</b></p><script>x()</script>", "photo": "2026/a.jpg",
            "region": "Cape/Cape Town",
            "body": "[{\"type\": \"p\", \"value\": \"<p>x</p>\"}, {\"type\": \"h\", \"value\": \"<T>\"}]"
        })");
    }
};

Mapping mapping_of(const std::string& rule, const std::string& more = "") {
    auto text = R"({"parents": {"news.article": "wagtailcore.page"},
        "source": {"time_zone": "Africa/Johannesburg", "languages": ["en"]},
        "translations": {"news.article": {"model": "media.translation"}},
        "news": {"model": "news.article", "type": {"text": "news"}, "content": "html",
                 "published_at": "when", "title": )" +
                rule + more + "}}";
    auto mapping = mapping_from_json(text);
    if (!mapping) throw std::runtime_error(mapping.error().message);
    return *mapping;
}

std::string carried_out(const std::string& rule, Warnings* warnings = nullptr) {
    Newsroom site;
    auto mapping = mapping_of(rule);
    auto zone = *base::TimeZone::load("Africa/Johannesburg");
    Evaluation evaluation(mapping, site.lookup, *zone, false);
    evaluation.hear(warnings);
    auto value = evaluation.value(mapping.items.front().title, {site.article, {}});
    return value.is_scalar() ? value.text : to_json(value);
}

std::string problems_of(const std::string& text) {
    auto mapping = mapping_from_json(text);
    return mapping ? "" : mapping.error().message;
}

}  // namespace

TEST_CASE("each rule of a mapping gives what it says", "[django]") {
    struct {
        const char* rule;
        const char* result;
    } rows[] = {
        {R"("headline")", "Sea rises"},
        {R"("pk")", "5"},
        {R"("section__slug")", "asia"},
        {R"("section.parent.slug")", "world"},
        {R"("section_id")", "2"},
        {R"("natural__slug")", ""},
        {R"("author_01__user__get_full_name")", "Ann Bo"},
        {R"("json__a__b")", "[1,2]"},
        {R"("title")", "Page"},
        {R"("lead")", "Day"},
        {R"("{headline} [{number}]")", "Sea rises [3]"},
        {R"("/{when:%Y/%m/%d}/{number}/")", "/2026/05/05/3/"},
        {R"("{none} {empty}")", ""},
        {R"({"text": "news"})", "news"},
        {R"({"first": ["empty", "none", "headline"]})", "Sea rises"},
        {R"({"each": ["author_01", "author_02", "author_03"], "as": "{first} {last}", "join": ", "})",
         "Rita Levi, Curie"},
        {R"({"each": "tags", "as": "{name}"})", R"(["sea","air"])"},
        {R"({"each": "tags", "as": "name", "where": {"slug": "air"}})", R"(["air"])"},
        {R"({"each": "news.note[article] by order", "as": "text", "join": "+"})", "a+b"},
        {R"({"each": "news.note[article] by -order", "as": "text", "limit": 1})", R"(["b"])"},
        {R"({"path": "words", "split": "tagging"})", R"(["north sea","oil, gas"])"},
        {R"({"path": "plain_words", "split": "tagging"})", R"(["one","two three"])"},
        {R"({"path": "number", "map": {"3": "three"}, "else": "other"})", "three"},
        {R"({"path": "headline", "map": {"3": "three"}, "else": "other"})", "other"},
        {R"({"path": "headline", "map": {"3": "three"}})", "Sea rises"},
        {R"({"if": {"number": {"gt": 2}, "yes": true}, "then": "a", "else": "b"})", "a"},
        {R"({"if": {"number": {"in": [1, 2]}}, "then": "a", "else": "b"})", "b"},
        {R"({"if": {"none": null}, "then": "a", "else": "b"})", "a"},
        {R"({"if": {"headline": {"null": false}}, "then": "a", "else": "b"})", "a"},
        {R"({"if": {"tags__name": "air"}, "then": "a", "else": "b"})", "a"},
        {R"({"if": {"number": {"not": {"not": 3}}}, "then": "a", "else": "b"})", "a"},
        {R"({"if": {"headline": {"gt": 2}}, "then": "a", "else": "b"})", "b"},
        {R"({"if": {"headline": {"not": {"gt": 2}}}, "then": "a", "else": "b"})", "b"},
        {R"({"if": {"when": {"gte": "2026"}}, "then": "a", "else": "b"})", "a"},
        {R"({"if": {"no_field": {"not": 1}}, "then": "a", "else": "b"})", "b"},
        {R"({"if": {"no_field": null}, "then": "a", "else": "b"})", "b"},
        {R"({"if": {"gone_author__last": {"not": 1}}, "then": "a", "else": "b"})", "b"},
        {R"({"if": {"json__none": {"not": 1}}, "then": "a", "else": "b"})", "b"},
        {R"({"if": {"none": {"not": 1}}, "then": "a", "else": "b"})", "a"},
        {R"({"null": "none", "then": "draft", "else": "published"})", "draft"},
        {R"([{"if": {"number": 9}, "then": "a"}, {"then": "b"}])", "b"},
        {R"({"tree": "section", "as": "slug"})", "world/asia"},
        {R"({"tree": "section", "as": "slug", "part": "root"})", "world"},
        {R"({"names": "region"})", "Cape Town"},
        {R"({"names": "region", "part": "root"})", "Cape"},
        {R"({"plain": "html"})", "A b"},
        {R"({"file": "photo"})", "/media/2026/a.jpg"},
        {R"({"page_url": "pk"})", "/a/b/"},
        {R"({"stream": {"p": "html", "h": "h2"}, "path": "body"})",
         "<p>x</p>\n<h2>&lt;T&gt;</h2>\n"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.rule);
        CHECK(carried_out(row.rule) == row.result);
    }
}

TEST_CASE("what a rule could not follow is told, not passed over", "[django]") {
    struct {
        const char* rule;
        const char* kind;
    } rows[] = {
        {R"("gone_author__last")", "dangling_key"},
        {R"("no_such_field")", "unknown_field"},
        {R"("headline__name")", "unknown_relation"},
        {R"({"if": {"headline": {"lt": 2}}, "then": "a"})", "missed_test"},
        {R"({"tree": "loop_section", "as": "slug"})", "tree_cycle"},
        {R"({"stream": {"p": "html"}, "path": "body"})", "unknown_block"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.rule);
        Warnings warnings;
        carried_out(row.rule, &warnings);
        REQUIRE_FALSE(warnings.empty());
        CHECK(warnings.front().kind == row.kind);
    }
}

TEST_CASE("a mapping that says what nobody knows is refused with the place and a guess",
          "[django]") {
    auto with = [](const std::string& members) {
        return problems_of(
            R"({"news": {"model": "news.article", "type": {"text": "x"}, "title": "t",
            "content": "c", "published_at": "p", )" +
            members + "}}");
    };
    struct {
        std::string problems;
        const char* said;
    } rows[] = {
        {with(R"("titel": "x")"), "news.titel"},
        {with(R"("titel": "x")"), "Did you mean title?"},
        {with(R"("tags": {"eech": "tags"})"), "Did you mean each?"},
        {with(R"("tags": {"each": "tags", "az": "x"})"), "news.tags.az"},
        {with(R"("slug": 7)"), "news.slug"},
        {with(R"("slug": "a..b")"), "no path over fields"},
        {with(R"("slug": "{a")"), "without its }"},
        {with(R"("published": {"if": {}})"), "all would be public"},
        {with(R"("published": {"if": {"a": 1}}, "status": "b")"), "use one of them"},
        {with(R"("published": {"if": {"a": {}}})"), "compares with nothing"},
        {with(R"("published": {"if": {"a": {"in": []}}})"), "compares with nothing"},
        {with(R"("published": {"if": {"a": {"not": []}}})"), "compares with nothing"},
        {with(R"("where": {"a": {"gt": null}})"), "must be a number, or a text"},
        {with(R"("where": {"a": {"lt": ""}})"), "must be a number, or a text"},
        {with(R"("where": {"a": {"not": {"gt": 1, "lt": 3}}})"), "must have one comparison"},
        {with(R"("where": {})"), "hold for all"},
        {with(R"("tags": {"tree": "a", "by": "treebeard"})"), "not supported yet"},
        {problems_of(R"({"source": {"media": "/srv"}, "news": []})"), "not supported yet"},
        {problems_of(R"({"source": {"time_zone": "Mars/Base"}})"), "Mars/Base"},
        {problems_of(R"({"news": {"model": "article"}})"), "as news.article"},
        {problems_of(R"({"news": {"model": "a.b", "title": "t", "content": "c",
                                  "type": {"text": "x"}}})"),
         "what tells drafts"},
        {problems_of(R"({"export": {"a.b": {"erased": "goes"}}})"), "can only be stays"},
        {problems_of("{}"), "nothing to bring"},
        {problems_of("{\"news\": "), "JSON"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.said);
        CHECK(row.problems.find(row.said) != std::string::npos);
    }
}

TEST_CASE("what is not clearly published is a draft", "[django]") {
    struct {
        const char* rule;    ///< beside `published_at: when`
        const char* fields;  ///< over those of the row
        const char* status;
        const char* warning;
    } rows[] = {
        {R"(, "slug": "pk")", R"({})", "published", ""},
        {R"(, "slug": "pk")", R"({"when": null})", "draft", ""},
        {R"(, "slug": "pk")", R"({"when": "soon"})", "draft", "bad_time"},
        {R"(, "slug": "pk")", R"({"when": "2099-01-01T00:00:00Z"})", "draft", ""},
        {R"(, "published": {"if": {"yes": true}})", R"({})", "published", ""},
        {R"(, "published": "yes")", R"({"yes": false})", "draft", ""},
        {R"(, "published": "yes")", R"({"yes": "perhaps"})", "draft", ""},
        {R"(, "published": "missing")", R"({})", "draft", "unknown_fieldmissed_test"},
        {R"(, "published": {"if": {"missing": {"not": true}}})", R"({})", "draft",
         "unknown_fieldmissed_test"},
        {R"(, "published": {"if": {"missing": null}})", R"({})", "draft",
         "unknown_fieldmissed_test"},
        {R"(, "status": {"if": {"missing": true}, "then": "draft", "else": "published"})", R"({})",
         "draft", "unknown_fieldmissed_testunclear_state"},
        {R"(, "status": {"null": "missing", "then": "draft", "else": "published"})", R"({})",
         "draft", "unknown_fieldmissed_testunclear_state"},
        {R"(, "status": {"path": "missing", "else": "published"})", R"({})", "draft",
         "unknown_fieldunclear_state"},
        {R"(, "published": "yes", "expires_at": "missing")", R"({})", "draft",
         "unknown_fieldunclear_state"},
        {R"(, "published": "yes", "expires_at": "ends")", R"({"ends": "soon"})", "draft",
         "bad_timeunclear_state"},
        {R"(, "published": "yes", "expires_at": {"first": ["missing", "none"]})", R"({})", "draft",
         "unknown_fieldunclear_state"},
        {R"(, "status": {"first": ["missing", {"text": "published"}]})", R"({})", "published",
         "unknown_field"},
        {R"(, "published": "yes")", R"({"when": null})", "draft", "no_publication_time"},
        {R"(, "status": {"path": "number", "map": {"3": "published"}})", R"({})", "published", ""},
        {R"(, "status": {"path": "number", "map": {"3": "published"}})", R"({"number": 4})",
         "draft", "unknown_status"},
        {R"(, "status": "number")", R"({})", "draft", "unknown_status"},
        {R"(, "expires_at": "ends")", R"({"ends": "2026-05-06T00:00:00Z"})", "draft", "expired"},
        {R"(, "expires_at": "ends")", R"({"ends": "2099-05-06T00:00:00Z"})", "published", ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.rule, row.fields);
        Newsroom site;
        auto mapping = mapping_of("\"headline\"", row.rule);
        auto changed = std::make_shared<Row>(*site.article);
        auto fields = *value_from_json(row.fields);
        for (std::size_t i = 0; i < fields.names.size(); ++i) {
            changed->fields.set(fields.names[i], fields.items[i]);
        }
        base::TimeZone utc;
        Evaluation evaluation(mapping, site.lookup, utc, false);
        Warnings warnings;
        auto now = *base::parse_rfc3339("2026-11-01T00:00:00Z");
        auto made = item_from(changed, mapping.items.front(), mapping, evaluation, warnings, now);
        REQUIRE(std::holds_alternative<Item>(made));
        CHECK(name_of(std::get<Item>(made).state) == row.status);
        std::string kinds;
        for (const auto& warning : warnings) {
            if (warning.kind != "script") kinds += warning.kind;
        }
        CHECK(kinds == row.warning);
    }
}

TEST_CASE("a time of Django's is read in every form, and by the site's clocks without an offset",
          "[django]") {
    auto chicago = *base::TimeZone::load("America/Chicago");
    struct {
        const char* text;
        const char* utc;
    } rows[] = {
        {"2026-05-04T10:20:30.123456Z", "2026-05-04T10:20:30.123Z"},
        {"2026-05-04T10:20:30+02:00", "2026-05-04T08:20:30.000Z"},
        {"2026-05-04 10:20:30.5", "2026-05-04T15:20:30.500Z"},
        {"2026-05-04T10:20", "2026-05-04T15:20:00.000Z"},
        {"2026-01-04", "2026-01-04T06:00:00.000Z"},
        {"2026-11-01T01:30:00", "2026-11-01T06:30:00.000Z"},
        {"2026-03-08T02:30:00", "2026-03-08T08:30:00.000Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
        {"9999-12-31T23:59:59", ""},
        {"2026-02-30", ""},
        {"2026-05-04T25:00:00", ""},
        {"yesterday", ""},
        {"", ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        auto time = parse_time(row.text, *chicago);
        CHECK((time ? base::to_rfc3339(*time) : "") == row.utc);
    }
}

TEST_CASE("a day is one of the site's calendar also where its times are UTC", "[django]") {
    Newsroom site;
    auto mapping = mapping_of(R"("headline")");
    auto chicago = *base::TimeZone::load("America/Chicago");
    Evaluation evaluation(mapping, site.lookup, *chicago, true);
    CHECK(evaluation.time(Value("2026-01-04")) == base::parse_rfc3339("2026-01-04T06:00:00Z"));
    CHECK(evaluation.time(Value("2026-01-04T01:00")) ==
          base::parse_rfc3339("2026-01-04T01:00:00Z"));
}

TEST_CASE("scripts in HTML are seen however they are written, and text of HTML has none",
          "[django]") {
    for (const char* html : {
             "<p>a</p><SCRIPT>x</SCRIPT>",
             "<script",
             "<img src=x onerror=alert(1)>",
             "<img src=\"x\"onload =y>",
             "<svg/onload=x>",
             "<a title='>' onclick\n=x>",
             "<a href=\" java\nscript:x\">",
             "<a href=&#106;ava&#x0000073;cript&colon;x>",
             "<a href='&Tab;JavaScript:x'>",
             "[a](javascript:x)",
             "javascript:x",
             "<iframe srcdoc='<b>'>",
             "<object data=x>",
             "<a href=\"data:text/html,x\">",
             "<a href=' d\nata : te\txt/ html,x'>",
             "<a href=x:data:text/html>",
             "<a href= vb\x01script :x>",
             "a: b: (JAVASCRIPT\n:x)",
         }) {
        CAPTURE(html);
        CHECK(has_script(html));
    }
    for (const char* html : {
             "<p class=\"on\">a &lt;script&gt; <b>on</b></p>",
             "<p>one = two</p>",
             "on average = 5",
             "He likes JavaScript: it is fun",
             "<a href='nojavascript:x'>data: text</a> data:text/plain :",
             "script:::: <a href=\"data:\">text/html</a>",
             "<p>a &#60;script&#62;</p>",
             "",
         }) {
        CAPTURE(html);
        CHECK_FALSE(has_script(html));
    }
    CHECK(plain_text("<p>a&nbsp;&amp; <!-- c --><b>b</b></p><style>p{}</style>") == "a & b");
}

TEST_CASE("HTML that is made to be slow is read in one go", "[django]") {
    std::string open;
    while (open.size() < 1 << 20) open += "<a ";
    for (const auto& html : {std::string(1 << 20, '<') + "a>", open + "b='>", open + ">",
                             std::string(1 << 20, '&'), "<a " + std::string(1 << 20, 'o') + "=>"}) {
        auto as_it_is = [](const Tag&, std::string&) { return false; };
        CHECK_FALSE(has_script(html));
        CHECK(plain_text(html).size() <= html.size() + 1);
        CHECK(replace_tags(html, as_it_is) == html);
    }
}

TEST_CASE("rows are put in one order, whatever they are ordered by", "[django]") {
    FakeLookup lookup;
    auto article = lookup.add("news.article", 1, R"({"a": 1})");
    int key = 0;
    for (const char* order : {"\"1a\"", "\"10\"", "2", "\"nan\"", "\"inf\"", "null", "\"9\"",
                              "\"nan\"", "1e1", "\"2\""}) {
        lookup.add("news.note", ++key,
                   R"({"article": 1, "order": )" + std::string(order) + R"(, "text": )" +
                       std::string(order) + "}");
    }
    auto mapping =
        mapping_of(R"({"each": "news.note[article] by order", "as": {"path": "order"}})");
    base::TimeZone utc;
    Evaluation evaluation(mapping, lookup, utc, false);

    auto ordered = evaluation.value(mapping.items.front().title, {article, {}});

    CHECK(to_json(ordered) == R"([2,"2","9","10",1e1,"1a","inf","nan","nan"])");
}

TEST_CASE("a page is restricted by any page above it, and only by these", "[django]") {
    FakeLookup lookup;
    auto page = [&](int key, const char* path) {
        return lookup.add("wagtailcore.page", key, R"({"path": ")" + std::string(path) + "\"}");
    };
    Mapping mapping;
    mapping.parents = {{"n.page", "wagtailcore.page"}, {"n.essay", "n.page"}, {"m.b", "m.a"}};
    base::TimeZone utc;
    Evaluation evaluation(mapping, lookup, utc, false);
    evaluation.restrict({"00010002", "000100010003", "00010001", "00010005"});

    CHECK(evaluation.is_restricted(page(1, "00010001")));
    CHECK(evaluation.is_restricted(page(2, "0001000100030001")));
    CHECK(evaluation.is_restricted(page(3, "000100020001")));
    CHECK_FALSE(evaluation.is_restricted(page(4, "00010003")));
    CHECK_FALSE(evaluation.is_restricted(page(5, "0001")));
    CHECK(evaluation.is_restricted(lookup.add("n.essay", 2, "{}")));
    CHECK_FALSE(evaluation.is_restricted(lookup.add("n.essay", 4, "{}")));
    CHECK(evaluation.is_restricted(lookup.add("n.page", 99, "{}")));
    CHECK_FALSE(evaluation.is_restricted(lookup.add("m.b", 2, "{}")));
    evaluation.restrict({"0002", ""});
    CHECK(evaluation.is_restricted(page(6, "0003")));
}

}  // namespace django
