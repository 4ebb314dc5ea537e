// The links and refusals are those of Django REST framework 3.14 and 3.18 for 45 items.
#include "drf_pages.hpp"

#include "support/catch.hpp"

namespace legacy {

namespace {

constexpr const char* url = "http://testserver/api/list/";

std::string shown(const std::optional<Page>& page) {
    if (!page) return "none";
    auto link = [](const std::optional<std::string>& target) {
        if (!target) return std::string("null");
        CHECK(target->starts_with(url));
        return target->substr(std::string(url).size());
    };
    return std::to_string(page->skip) + "+" + std::to_string(page->limit) +
           " next=" + link(page->next) + " previous=" + link(page->previous);
}

struct Row {
    const char* query;
    const char* expected;
};

PageRules numbered() {
    PageRules rules;
    rules.limit = "page_size";
    rules.size_default = 10;
    rules.size_max = 30;
    rules.empty_page_is_first = true;
    return rules;
}

PageRules by_offset() {
    auto rules = numbered();
    rules.envelope = Envelope::limit_offset;
    rules.limit = "limit";
    rules.offset = "offset";
    return rules;
}

}  // namespace

TEST_CASE("pages by number are counted, linked and refused as the monolith does it", "[legacy]") {
    const std::vector<Row> rows = {
        {"", "0+10 next=?page=2 previous=null"},
        {"page=1", "0+10 next=?page=2 previous=null"},
        {"page=2&utm=a%20b&category=sp%C3%A9",
         "10+10 next=?category=sp%C3%A9&page=3&utm=a+b previous=?category=sp%C3%A9&utm=a+b"},
        {"page=3&b=2&a=1&a=0", "20+10 next=?a=1&a=0&b=2&page=4 previous=?a=1&a=0&b=2&page=2"},
        {"page=last", "40+10 next=null previous=?page=4"},
        {"page=5", "40+10 next=null previous=?page=4"},
        {"page=6", "none"},
        {"page=0", "none"},
        {"page=-1", "none"},
        {"page=x", "none"},
        {"page=1.0", "none"},
        {"page=99999999999999999999999", "none"},
        {"page=", "0+10 next=?page=2 previous=null"},
        {"page=%202%20", "10+10 next=?page=3 previous="},
        {"page=02", "10+10 next=?page=3 previous="},
        {"page=%2B2", "10+10 next=?page=3 previous="},
        {"page=1_0", "none"},
        {"page_size=30&page=2", "30+30 next=null previous=?page_size=30"},
        {"page_size=31", "0+30 next=?page=2&page_size=31 previous=null"},
        {"page_size=0", "0+10 next=?page=2&page_size=0 previous=null"},
        {"page_size=x", "0+10 next=?page=2&page_size=x previous=null"},
        {"page=2&page=3", "20+10 next=?page=4 previous=?page=2"},
        {"flag&page=2", "10+10 next=?flag=&page=3 previous=?flag="},
        {"&&page=2&", "10+10 next=?page=3 previous="},
    };
    for (const auto& [query, expected] : rows) {
        CAPTURE(query);
        CHECK(shown(numbered_page(numbered(), DrfQuery(query), url, 45)) == expected);
    }
}

TEST_CASE("an empty list has one page", "[legacy]") {
    auto page = [](const char* query) {
        return shown(numbered_page(numbered(), DrfQuery(query), url, 0));
    };
    CHECK(page("") == "0+10 next=null previous=null");
    CHECK(page("page=last") == "0+10 next=null previous=null");
    CHECK(page("page=2") == "none");
}

TEST_CASE("before version 3.15 an empty page number was wrong", "[legacy]") {
    auto rules = numbered();
    rules.empty_page_is_first = false;
    CHECK_FALSE(numbered_page(rules, DrfQuery("page="), url, 45));
    CHECK(numbered_page(rules, DrfQuery(""), url, 45));
}

TEST_CASE("pages by limit and offset are linked as the monolith does it", "[legacy]") {
    const std::vector<Row> rows = {
        {"", "0+10 next=?limit=10&offset=10 previous=null"},
        {"limit=5&offset=3", "3+5 next=?limit=5&offset=8 previous=?limit=5"},
        {"offset=10", "10+10 next=?limit=10&offset=20 previous=?limit=10"},
        {"offset=40", "40+10 next=null previous=?limit=10&offset=30"},
        {"offset=45", "45+10 next=null previous=?limit=10&offset=35"},
        {"offset=1000", "1000+10 next=null previous=?limit=10&offset=990"},
        {"limit=0", "0+10 next=?limit=10&offset=10 previous=null"},
        {"limit=100&offset=20", "20+30 next=null previous=?limit=30"},
        {"limit=x&offset=-5", "0+10 next=?limit=10&offset=10 previous=null"},
        {"offset=7&q=a+b%26c",
         "7+10 next=?limit=10&offset=17&q=a+b%26c previous=?limit=10&q=a+b%26c"},
    };
    for (const auto& [query, expected] : rows) {
        CAPTURE(query);
        CHECK(shown(offset_page(by_offset(), DrfQuery(query), url, 45)) == expected);
    }
}

TEST_CASE("no page begins deeper than the limit", "[legacy]") {
    auto rules = numbered();
    rules.offset_max = 100;
    auto deepest = numbered_page(rules, DrfQuery("page=11"), url, 1000);
    REQUIRE(deepest);
    CHECK(deepest->next);
    CHECK_FALSE(numbered_page(rules, DrfQuery("page=12"), url, 1000));
    CHECK_FALSE(numbered_page(rules, DrfQuery("page=last"), url, 1000));
    rules = by_offset();
    rules.offset_max = 100;
    CHECK(offset_page(rules, DrfQuery("offset=100"), url, 1000));
    CHECK_FALSE(offset_page(rules, DrfQuery("offset=101"), url, 1000));
    // Behind the end there is nothing to step over.
    CHECK(offset_page(rules, DrfQuery("offset=5000"), url, 1000));
}

TEST_CASE("a cursor leads on, and back to where it came from", "[legacy]") {
    auto rules = numbered();
    rules.envelope = Envelope::cursor;
    rules.cursor = "cursor";
    auto ask = [&](const std::string& query) { return cursor_question(rules, DrfQuery(query)); };
    auto start = ask("");
    REQUIRE(start);
    CHECK_FALSE(start->from);
    CHECK(ask("cursor=")->limit == 10);
    for (const char* bad : {"cursor=x", "cursor=n", "cursor=!!", "cursor=xMS4yLmE"}) {
        CAPTURE(bad);
        CHECK_FALSE(ask(bad));
    }

    news::ListCursor first{base::from_micros(9), 9, "sports"};
    news::ListCursor last{base::from_micros(2), 2, "politics"};
    auto page = cursor_page(rules, DrfQuery("q=1"), url, *start, first, last, true);
    CHECK_FALSE(page.previous);
    REQUIRE(page.next);
    auto on = ask(page.next->substr(page.next->find('?') + 1));
    REQUIRE(on);
    CHECK_FALSE(on->backwards);
    CHECK(on->from->id == 2);
    CHECK(on->from->news_type == "politics");

    auto end = cursor_page(rules, DrfQuery(""), url, *on, first, last, false);
    CHECK_FALSE(end.next);
    REQUIRE(end.previous);
    auto back = ask(end.previous->substr(end.previous->find('?') + 1));
    REQUIRE(back);
    CHECK(back->backwards);
    CHECK(back->from->id == 9);
    auto top = cursor_page(rules, DrfQuery(""), url, *back, first, last, false);
    CHECK(top.next);
    CHECK_FALSE(top.previous);
}

TEST_CASE("an envelope has its members in the monolith's order, without spaces", "[legacy]") {
    Page page;
    page.next = "http://h/?page=2";
    CHECK(enveloped(Envelope::page_number, page, 3, "1,2") ==
          R"({"count":3,"next":"http://h/?page=2","previous":null,"results":[1,2]})");
    CHECK(enveloped(Envelope::cursor, page, 0, "") ==
          R"({"next":"http://h/?page=2","previous":null,"results":[]})");
    CHECK(enveloped(Envelope::array, page, 0, "1,2") == "[1,2]");
}

}  // namespace legacy
