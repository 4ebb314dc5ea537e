#include <algorithm>
#include <set>

#include "answers_json.hpp"
#include "decimal.hpp"
#include "difference_bound.hpp"
#include "html_text.hpp"
#include "support/catch.hpp"
#include "time_text.hpp"
#include "value_json.hpp"

namespace {

using legacy::CompareRules;
using legacy::Outcome;

http::PlainResponse answer(const std::string& type, std::string body, int status = 200) {
    http::PlainResponse made;
    made.status = status;
    made.fields = {{"Content-Type", type}};
    made.body = std::move(body);
    return made;
}

Outcome compare(const CompareRules& rules, const http::PlainResponse& legacy,
                const http::PlainResponse& native) {
    return legacy::compare_answers(legacy::RouteRules(rules), legacy, native, {});
}

Outcome compare_json(const CompareRules& rules, const std::string& legacy,
                     const std::string& native) {
    return compare(rules, answer("application/json", legacy), answer("application/json", native));
}

/// The kinds, each as `pointer what`.
std::set<std::string> kinds(const Outcome& outcome) {
    std::set<std::string> all;
    for (const auto& difference : outcome.differences)
        all.insert(difference.pointer + " " + difference.what);
    return all;
}

using Kinds = std::set<std::string>;

/// Two JSON texts, and what is found between them.
struct Row {
    const char* legacy;
    const char* native;
    Kinds found;
};

void check(const CompareRules& rules, const std::vector<Row>& rows) {
    for (const auto& [legacy, native, found] : rows) {
        CAPTURE(legacy, native);
        CHECK(kinds(compare_json(rules, legacy, native)) == found);
    }
}

}  // namespace

TEST_CASE("numbers are equal as decimals, and to the text that says them", "[legacy]") {
    CompareRules rules;
    check(rules, {{"1", "1.0", {}},
                  {"[12.50]", "[\"12.5\"]", {}},
                  {"1e2", "100", {}},
                  {"0", "-0.0", {}},
                  {"0.1", "\"1E-1\"", {}},
                  {"12345678901234567890.1", "12345678901234567890.10", {}},
                  {"12345678901234567890.1", "12345678901234567890.2", {" value"}},
                  {"1", "\"1 \"", {" type"}},
                  {"7", "\"007\"", {" type"}},
                  {"1", "true", {" type"}},
                  {"1", "null", {" type"}},
                  // Two texts are texts: a version is no number.
                  {"\"1.10\"", "\"1.1\"", {" value"}}});
}

TEST_CASE("a number may be off by the tolerance of the larger one", "[legacy]") {
    CompareRules rules;
    rules.number_tolerance_millionths = 1000;
    check(rules, {{"1000", "1001", {}},
                  {"1000", "1002", {" value"}},
                  {"-1000", "\"-1000.5\"", {}},
                  {"0", "0.0000001", {" value"}},
                  {"[1, 2.0001]", "[1, 2.0002]", {}}});
}

TEST_CASE("exponents that no number has do not run over", "[legacy]") {
    auto huge = legacy::parse_decimal("1e99999999999999999999");
    auto small = legacy::parse_decimal("-1.5E-99999999999999999999");

    REQUIRE(huge);
    CHECK(huge->digits == "1");
    REQUIRE(small);
    CHECK(small->negative);
    for (const char* text : {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "1 ", "nan"}) {
        CAPTURE(text);
        CHECK_FALSE(legacy::parse_decimal(text));
    }
}

TEST_CASE("times are equal in any form and zone", "[legacy]") {
    CompareRules rules;
    check(rules, {{R"("2026-05-04T10:20:30Z")", R"("2026-05-04T12:20:30+02:00")", {}},
                  {R"("2026-05-04T10:20:30Z")", R"("2026-05-04 10:20:30+00:00")", {}},
                  {R"("2026-05-04T10:20:30Z")", R"("2026-05-04T10:20:30.000000")", {}},
                  {R"("2026-05-04T10:20:30.5Z")", R"("2026-05-04 12:20:30.500+0200")", {}},
                  {R"("2026-05-04T10:20:30Z")", R"("Mon, 04 May 2026 10:20:30 GMT")", {}},
                  {R"("2026-05-04T10:20:30Z")", R"("4 May 2026 12:20:30 +0200")", {}},
                  {R"("2026-05-04T10:20:30Z")", R"("2026-05-04T10:20:31Z")", {" value"}},
                  {R"("2026-05-04T10:20:30.000001Z")", R"("2026-05-04T10:20:30Z")", {" value"}},
                  // A day is no moment.
                  {R"("2026-05-04")", R"("2026-05-04T00:00:00Z")", {" value"}},
                  {R"("2026-02-30T00:00:00Z")", R"("2026-03-02T00:00:00Z")", {" value"}}});
}

TEST_CASE("times are equal as far as the route's precision goes", "[legacy]") {
    constexpr const char* micros = R"("2026-05-04T10:20:30.123999Z")";
    constexpr const char* millis = R"("2026-05-04T10:20:30.123Z")";
    constexpr const char* seconds = R"("2026-05-04T10:20:30Z")";
    CompareRules rules;
    rules.time_precision = "ms";
    check(rules, {{micros, millis, {}}, {millis, seconds, {" value"}}});
    rules.time_precision = "s";
    check(rules, {{micros, seconds, {}}, {millis, seconds, {}}});
}

TEST_CASE("texts that are no time are read by nobody as one", "[legacy]") {
    for (const char* text : {"", "2026-05-04T10:20:30+", "2026-05-04T10:20:30 CET",
                             "Mon, 04 Xxx 2026 10:20:30 GMT", "2026-05-04T10:20:30.Z",
                             "Mon,04 May 2026 10:20:30", "1 2 3 4 5", "999999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(legacy::parse_any_time(text));
    }
}

TEST_CASE("URLs are equal but for scheme and host, if a rule says so", "[legacy]") {
    const char* theirs = R"({"next": "http://old.example/api/?page=2"})";
    CompareRules rules;
    check(rules, {{theirs, R"({"next": "https://new.example:8080/api/?page=2"})", {}},
                  {theirs, R"({"next": "/api/?page=2"})", {}},
                  {theirs, R"({"next": "https://new.example/api/?page=3"})", {"/next value"}},
                  {R"(["http://a"])", R"(["https://b/"])", {}},
                  {R"(["see http://a/x"])", R"(["see http://b/x"])", {"/* value"}}});
    rules.base_url = false;
    check(rules, {{theirs, R"({"next": "https://new.example/api/?page=2"})", {"/next value"}}});
}

TEST_CASE("a member that one side lacks is missing or extra", "[legacy]") {
    CompareRules rules;
    check(rules, {{R"({"a":1,"b":2})", R"({"b":2.0,"a":1})", {}},
                  {R"({"a":1,"b":2})", R"({"b":2})", {"/a missing"}},
                  {R"({"b":2})", R"({"a":{"x":1},"b":2,"c":3})", {"/a extra", "/c extra"}},
                  {R"({"a":null})", "{}", {"/a missing"}},
                  {R"({"a/b":{"~":1}})", R"({"a/b":{"~":2}})", {"/a~1b/~0 value"}},
                  {R"({"a":[]})", R"({"a":{}})", {"/a type"}},
                  // Of a member that stands twice the last counts.
                  {R"({"a":1,"a":2})", R"({"a":2})", {}}});
}

TEST_CASE("null and none are equal, and we may say more, only where a rule says so", "[legacy]") {
    CompareRules rules;
    rules.null_is_missing = true;
    check(rules, {{R"({"a":null})", "{}", {}},
                  {"{}", R"({"a":null})", {}},
                  {R"({"a":null})", R"({"a":0})", {"/a type"}},
                  {R"([{"a":null,"b":1}])", R"([{"b":1}])", {}}});
    rules = {};
    rules.subset = true;
    check(rules, {{"{}", R"({"a":1})", {}},
                  {R"([{"b":1}])", R"([{"a":1,"b":1}])", {}},
                  {R"({"a":1})", "{}", {"/a missing"}},
                  {"[1]", "[1,2]", {" length", "/* extra"}}});
}

TEST_CASE("what a rule ignores is not looked at", "[legacy]") {
    CompareRules rules;
    rules.ignore = {"/results/*/hits", "/meta", "/x/*/y", "/list/0"};
    check(rules, {{R"({"results":[{"hits":1,"id":1}]})", R"({"results":[{"hits":2,"id":1}]})", {}},
                  {R"({"results":[{"hits":1}]})", R"({"results":[{}]})", {}},
                  {R"({"results":[{"a":1}]})", R"({"results":[{"a":2}]})", {"/results/*/a value"}},
                  {R"({"meta":{"a":[1,2]}})", R"({"meta":7})", {}},
                  {R"({"meta":1})", "{}", {}},
                  {R"({"x":{"any":{"y":1}}})", R"({"x":{"any":{"y":2}}})", {}},
                  {R"({"list":[1,2]})", R"({"list":[9,2]})", {}},
                  {R"({"list":[1,2]})", R"({"list":[1,9]})", {"/list/* value"}}});
}

TEST_CASE("one element more or less is one difference", "[legacy]") {
    CompareRules rules;
    check(rules, {{"[1,2,3]", "[1,3]", {" length", "/* missing"}},
                  {"[1,2,3]", "[0,1,2,3]", {" length", "/* extra"}},
                  {"[1,2,3]", "[1,5,3]", {"/* value"}},
                  {R"([{"id":1,"t":"a"},{"id":2,"t":"b"}])",
                   R"([{"id":9,"t":"z"},{"id":1,"t":"a"},{"id":2,"t":"c"}])",
                   {" length", "/* extra", "/*/t value"}},
                  // One went and another came: they are not the same.
                  {R"([{"id":1,"t":"a"},{"id":2,"t":"b"}])",
                   R"([{"id":2,"t":"b"},{"id":3,"t":"a"}])",
                   {"/* missing", "/* extra"}},
                  // Ids are others altogether.
                  {R"([{"id":1,"t":"a"},{"id":2,"t":"b"}])",
                   R"([{"id":7,"t":"a"},{"id":8,"t":"c"}])",
                   {"/*/id value", "/*/t value"}},
                  {R"([{"t":"a","n":1},{"t":"b","n":1}])",
                   R"([{"t":"b","n":1}])",
                   {" length", "/* missing"}}});
}

TEST_CASE("the order of an array counts, unless a rule says that it has none", "[legacy]") {
    CompareRules rules;
    check(rules, {{"[1,2,3]", "[3,1,2]", {" order"}},
                  {R"([{"id":1,"a":1},{"id":2,"a":1}])",
                   R"([{"id":2,"a":1},{"id":1,"a":2}])",
                   {" order", "/*/a value"}}});
    rules.unordered = {"", "/tags", "/results/*/tags", "/by by slug"};
    check(rules, {{"[1,2,2,3]", "[2,3,1,\"2.0\"]", {}},
                  {R"({"tags":["a","b"]})", R"({"tags":["b","a"]})", {}},
                  {R"({"tags":["a","b","b"]})", R"({"tags":["b","a","a"]})", {"/tags/* value"}},
                  {R"({"results":[{"tags":[1,2]},{"tags":[3]}]})",
                   R"({"results":[{"tags":[2,1]},{"tags":[3]}]})",
                   {}},
                  {R"({"by":[{"slug":"a","n":1},{"slug":"b","n":2}]})",
                   R"({"by":[{"slug":"b","n":2},{"slug":"a","n":3}]})",
                   {"/by/*/n value"}},
                  {R"({"by":[{"slug":"a"},{"slug":"b"}]})",
                   R"({"by":[{"slug":"b"}]})",
                   {"/by length", "/by/* missing"}},
                  {R"({"other":[1,2]})", R"({"other":[2,1]})", {"/other order"}}});
}

TEST_CASE("elements are paired without what is ignored", "[legacy]") {
    CompareRules rules;
    rules.ignore = {"/*/id", "/*/hits"};
    check(rules, {{R"([{"id":1,"hits":3,"t":"a"},{"id":2,"hits":3,"t":"b"}])",
                   R"([{"id":7,"hits":1,"t":"b"}])",
                   {" length", "/* missing"}}});
}

TEST_CASE("an object of things by their numbers is one kind of thing", "[legacy]") {
    check({},
          {{R"({"17":{"a":1},"18":{"a":1}})", R"({"17":{"a":2},"18":{"a":3}})", {"/*/a value"}}});
}

TEST_CASE("the status comes first, then the headers that are named, then the body", "[legacy]") {
    CompareRules rules;
    rules.headers = {"Content-Type", "Location"};
    auto one = answer("application/json", "1");
    auto other = answer("Application/JSON; charset=utf-8", "2", 404);
    CHECK(kinds(compare(rules, one, other)) == Kinds{"status value"});

    other.status = 200;
    other.fields.emplace_back("ETag", "\"x\"");
    CHECK(kinds(compare(rules, one, other)) == Kinds{"header content-type value", " value"});

    one.fields = {{"content-type", "application/json;charset=\"UTF-8\""}};
    one.fields.emplace_back("LOCATION", "http://a/b");
    other.fields.emplace_back("location", "/b");
    other.body = "1.0";
    CHECK(compare(rules, one, other).is_equal());
}

TEST_CASE("bodies of other kinds are compared as text or byte by byte", "[legacy]") {
    CompareRules rules;
    auto page = answer("text/html; charset=utf-8", "<p>Hello <b>you</b></p>");
    auto same = answer("text/html", "<!-- x -->\n<div>\n  Hello  you\n</div>");
    auto other = answer("text/html", "<p>Hello me</p>");
    CHECK(compare(rules, page, same).is_equal());
    CHECK(kinds(compare(rules, page, other)) == Kinds{"body text"});
    rules.html = "bytes";
    CHECK(kinds(compare(rules, page, same)) == Kinds{"body bytes"});
    rules.html = "skip";
    CHECK(compare(rules, page, other).skipped);
    CHECK(compare(rules, page, page).is_equal());
    CHECK(compare(rules, answer("text/plain", "a"), answer("text/plain", "b")).skipped);
    CHECK(kinds(compare_json(rules, "1", "2")) == Kinds{" value"});
    rules.html = "text";

    auto text = answer("text/plain", "a");
    CHECK(kinds(compare(rules, text, answer("text/plain", "b"))) == Kinds{"body bytes"});
    CHECK(kinds(compare(rules, text, answer("application/json", "1"))) == Kinds{"body type"});
    CHECK(kinds(compare_json(rules, "{}", "{")) == Kinds{"body malformed"});
    CHECK(compare_json(rules, "{", "{").is_equal());
}

TEST_CASE("a rule that says no place in a document is told what is wrong with it", "[legacy]") {
    for (const char* rule : {"/a", "/a/*/b~0c", "/*"}) CHECK_FALSE(legacy::problem_of_ignore(rule));
    for (const char* rule : {"", "a", "$.a", "/a~2", "/a~"}) {
        CAPTURE(rule);
        CHECK(legacy::problem_of_ignore(rule));
    }
    for (const char* rule : {"", "/a", "/a by id", " by id"})
        CHECK_FALSE(legacy::problem_of_unordered(rule));
    for (const char* rule : {"a by id", "/a by ", "by id"}) {
        CAPTURE(rule);
        CHECK(legacy::problem_of_unordered(rule));
    }
}

TEST_CASE("what cannot be known to differ is skipped", "[legacy]") {
    CompareRules rules;
    auto whole = answer("application/json", "1");
    auto part = whole;
    part.complete = false;
    CHECK(compare(rules, whole, part).skipped);
    CHECK(compare(rules, whole, answer("application/json", "", 304)).skipped);
    auto coded = whole;
    coded.fields.emplace_back("Content-Encoding", "gzip");
    CHECK(compare(rules, coded, whole).skipped);
    auto large = answer("application/json", "\"" + std::string(300000, 'x') + "\"");
    CHECK(compare(rules, large, whole).skipped);
    // A status that differs is known all the same.
    part.status = 500;
    CHECK(kinds(compare(rules, whole, part)) == Kinds{"status value"});
}

TEST_CASE("hostile JSON costs neither the stack nor for ever", "[legacy]") {
    auto repeated = [](const std::string& part, std::size_t count) {
        std::string all;
        while (count-- > 0) all += part;
        return all;
    };
    CompareRules rules;
    CHECK(compare_json(rules, repeated("[", 200000), "1").skipped);
    CHECK(compare_json(rules, repeated("{\"a\":", 40000), "1").skipped);
    auto deep = repeated("[", 64) + repeated("]", 64);
    CHECK(kinds(compare_json(rules, deep, "[2]")).size() == 1);
    CHECK(compare_json(rules, "[" + deep + "]", "[2]").skipped);
    auto wide = "[" + repeated("[],", 70000) + "[]]";
    CHECK(compare_json(rules, wide, "[" + repeated("{},", 70000) + "{}]").differences.size() == 1);
    CHECK(compare_json(rules, "[" + repeated("1,", 120000) + "1]", "[]").skipped);

    // Many of one kind in opposite order.
    std::string up = "[0";
    std::string down = "[30000";
    for (int i = 1; i <= 30000; ++i) {
        up += "," + std::to_string(i);
        down += "," + std::to_string(30000 - i);
    }
    CHECK(kinds(compare_json(rules, up + "]", down + "]")) == Kinds{" order"});
}

TEST_CASE("a comparison says no more than so many kinds", "[legacy]") {
    std::string many = "{\"a\":1";
    for (int i = 0; i < 500; ++i) many += ",\"m" + std::to_string(i) + "\":1";

    auto outcome = compare_json({}, many + "}", "{\"a\":1}");

    REQUIRE(outcome.differences.size() == 101);
    CHECK(outcome.differences.back().pointer == "further");
    CHECK(outcome.differences.back().what == "more");
}

TEST_CASE("a difference shows what both sides said", "[legacy]") {
    auto outcome = compare_json({}, R"({"a":[{"b":"Ä","c":[1,2.50]}]})", R"({"a":[{"b":"x"}]})");

    REQUIRE(outcome.differences.size() == 2);
    CHECK(outcome.differences[0].pointer == "/a/*/b");
    CHECK(outcome.differences[0].legacy == "\"Ä\"");
    CHECK(outcome.differences[0].native == "\"x\"");
    CHECK(outcome.differences[1].pointer == "/a/*/c");
    CHECK(outcome.differences[1].legacy == "[1,2.50]");
    CHECK(outcome.differences[1].native.empty());
}

TEST_CASE("text of a page is what a reader sees of it", "[legacy]") {
    struct Page {
        const char* html;
        const char* text;
    };
    const std::vector<Page> rows = {
        {"", ""},
        {"  a \n\t b  ", "a b"},
        {"<h1>A</h1><p>b<b>c</b>d</p>", "A bcd"},
        {"<ul><li>a</li><li>b</li></ul>", "a b"},
        {"a<!-- <b>x</b> -->b", "ab"},
        {"a<!-- never ends", "a"},
        {"a<script>if (a<b) x=\"</p>\"</script>b<STYLE>p{}</Style >c", "a b c"},
        {"a<script>never ends", "a"},
        {"<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"a>b\">x", "x"},
        {"<a href='/x?a=1&amp;b=\">\"'>y</a>", "y"},
        {"1 < 2 &amp; 3 &gt; 2", "1 < 2 & 3 > 2"},
        {"&eacute;&#233;&#xE9;&Eacute;", "éééÉ"},
        {"a&nbsp;b&#160;c\xC2\xA0"
         "d",
         "a b c d"},
        {"&unknown; &#0; &#xD800; &", "&unknown; � � &"},
        {"&ldquo;so&rdquo; &mdash; &hellip;", "“so” — …"},
        {"<!DOCTYPE html><?xml x?>a", "a"},
        {"a<", "a<"},
        {"a</", "a</"},
        {"a<p", "a"},
    };
    for (const auto& [html, text] : rows) {
        CAPTURE(html);
        CHECK(legacy::html_text(html) == text);
    }
}

TEST_CASE("hostile pages are read once from end to end", "[legacy]") {
    for (const char* part : {"<", "</", "<!--", "<script>", "<script></", "&", "<a b=\"", "<p"}) {
        CAPTURE(part);
        std::string page;
        while (page.size() < 200000) page += part;
        CHECK(legacy::html_text(page).size() <= page.size());
    }
}

TEST_CASE("pointers at which the monolith differs from itself are noise", "[legacy]") {
    legacy::RouteRules rules{CompareRules()};
    auto noise = [&](const http::PlainResponse& first, const http::PlainResponse& second) {
        return legacy::noise_between(rules, first, second, {});
    };
    auto first = answer("application/json", R"({"a":1,"r":[{"t":1,"u":1},{"t":2,"u":1}]})");
    auto second = answer("application/json", R"({"a":1,"r":[{"t":3,"u":1},{"t":4,"u":1}]})");
    CHECK(noise(first, second) == std::vector<std::string>{"/r/*/t"});
    CHECK(noise(first, first)->empty());
    // Or nothing would be left to compare.
    CHECK(noise(answer("text/html", "a"), answer("text/html", "b"))->empty());
    second.status = 503;
    CHECK_FALSE(noise(first, second));
}

TEST_CASE("the bound is the upper limit of Clopper and Pearson", "[legacy]") {
    struct Bound {
        std::int64_t differing;
        std::int64_t compared;
        double bound;
    };
    // 1 - 0.05^(1/n) where nothing differs; others from tables of the beta distribution.
    const std::vector<Bound> rows = {
        {0, 0, 1},
        {0, 1, 0.95},
        {1, 1, 1},
        {0, 10, 0.258866},
        {0, 1000, 0.002991},
        {1, 1000, 0.004735},
        {0, 100000, 0.00002996},
        {1, 10, 0.394163},
        {5, 10, 0.777559},
        {10, 10, 1},
    };
    for (const auto& [differing, compared, bound] : rows) {
        CAPTURE(differing, compared);
        CHECK(legacy::upper_bound(differing, compared) == Approx(bound).epsilon(0.001));
    }
    CHECK(legacy::upper_bound(500'000'000, 1'000'000'000) == Approx(0.5).epsilon(0.001));
}
