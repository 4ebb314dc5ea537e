#include "words.hpp"

#include <algorithm>
#include <ctime>
#include <tuple>

#include "marking.hpp"
#include "plain_text.hpp"
#include "question.hpp"
#include "ranking.hpp"
#include "support/catch.hpp"

namespace search {

namespace {

/// The forms with a space between them.
std::string forms_of(std::string_view text) {
    std::string forms;
    for (const auto& word : words_in(text)) forms += (forms.empty() ? "" : " ") + word.form;
    return forms;
}

/// Each term as its words with + between them, `-` before what is not wanted, `*` behind what goes
/// on.
std::string terms_of(std::string_view text) {
    std::string terms;
    for (const auto& term : read_question(text)) {
        if (!terms.empty()) terms += ' ';
        if (term.is_without) terms += '-';
        for (const auto& word : term.words) {
            if (&word != &term.words.front()) terms += '+';
            terms += word.form;
        }
        if (term.is_prefix) terms += '*';
    }
    return terms;
}

}  // namespace

TEST_CASE("words are letters and digits without case and diacritics") {
    struct Row {
        const char* text;
        const char* forms;
    };
    for (const auto& [text, forms] :
         std::vector<Row>{{"", ""},
                          {"Two, words!", "two words"},
                          {"Straße STRASSE", "strasse strasse"},
                          {"Éléphant e\u0301", "elephant e"},
                          {"ISPARTA ısparta İzmir", "isparta isparta izmir"},
                          {"Ærø Łódź Þór Đorđe œuvre", "aero lodz thor dorde oeuvre"},
                          {"Ħal Ŧ Sáŋgár ƒ Əli", "hal t sanggar f eli"},
                          {"covid-19 O'Brien U.S.", "covid 19 o brien u s"},
                          {"ΣΊΣΥΦΟΣ", "σισυφοσ"},
                          {"Ёлка йод", "елка иод"},
                          {"ﬁve ２０２６", "five 2026"},
                          {"½", "12"},
                          {"東京オリンピック", "東京 京オ オリ リン ンピ ピッ ック ク"},
                          {"ｶﾅ", "カナ ナ"},
                          {"京", "京"},
                          {"iPhone東京", "iphone 東京 京"},
                          {"서울시", "서울 울시 시"},
                          {"a\xff\xfe b", "a b"},
                          {"\U0001f600 ok", "ok"}}) {
        CAPTURE(text);
        CHECK(forms_of(text) == forms);
    }
}

TEST_CASE("a word knows where it stands, and is not longer than what is kept") {
    auto words = words_in("Ein süßes Wort");
    REQUIRE(words.size() == 3);
    CHECK(words[1].begin == 4);
    CHECK(words[1].end == 11);
    CHECK(words[1].form == "susses");
    auto longest = words_in(std::string(500, 'a') + "ß");
    REQUIRE(longest.size() == 1);
    CHECK(longest.front().form.size() == 64);
    CHECK(longest.front().end == 502);
}

TEST_CASE("a letter with any number of accents takes as long as its text") {
    auto text_of = [](int count) {
        std::string text = "ب";
        for (int i = 0; i < count; ++i) text += "\u064b";
        return text + " end";
    };
    Stemmer arabic("ar");
    auto seconds_of = [&](int count) {
        auto text = text_of(count);
        // Of the processor, which others are at work on as well.
        auto best = std::clock();
        for (int i = 0; i < 5; ++i) {
            auto begun = std::clock();
            for (const auto& word : words_in(text)) std::ignore = stem_of(word, arabic);
            best = i == 0 ? std::clock() - begun : std::min(best, std::clock() - begun);
        }
        return static_cast<double>(best) / CLOCKS_PER_SEC;
    };
    seconds_of(1000);
    CHECK(seconds_of(80'000) < 8 * seconds_of(20'000));
    auto words = words_in(text_of(1000));
    REQUIRE(words.size() == 2);
    CHECK(words.front().form == "ب");
    CHECK(words.back().form == "end");
}

// Who changes what stands here raises the version in words.cpp: an index of other words can find
// nothing and forget nothing.
TEST_CASE("words are made as they were for the indexes that there are") {
    CHECK(words_version().starts_with("3 "));
    CHECK(forms_of("Der Fluß über Łódź: 3,5 Mio. €, e\u0301té’s ＡＢＣ ½ ﬁn") ==
          "der fluss uber lodz 3 5 mio ete s abc 12 fin");
    CHECK(forms_of("ИЁ Ά İI ǆ ա नमस्ते เชียงใหม่ ｶﾞ 々人") ==
          "ие α ii dz ա नमस्ते เช ชี ีย ยง งใ ให หม ม่ ่ カ 々人 人");
    auto stems = [](std::string_view text, const char* language) {
        std::string all;
        for (const auto& word : words_in(text)) all += stem_of(word, Stemmer(language)) + '|';
        return all;
    };
    CHECK(stems("elections generously flies", "en") == "elect|generous|fli|");
    CHECK(stems("Häuser Meldungen", "de") == "haus|meldung|");
}

TEST_CASE("stems are those of the language, also with regions, and an unknown one has none") {
    auto stem = [](const char* word, const char* language) {
        return stem_of(words_in(word).front(), Stemmer(language));
    };
    CHECK(stem("Running", "en") == "run");
    CHECK(stem("run", "en") == "");
    CHECK(stem("Häusern", "de-AT") == "haus");
    CHECK(stem("nationales", "fr") == "national");
    CHECK(stem("книгами", "ru") == "книг");
    CHECK(stem("running", "xx") == "");
    CHECK(stem("東京", "en") == "");
}

TEST_CASE("no question is wrong") {
    struct Row {
        const char* text;
        const char* terms;
    };
    for (const auto& [text, terms] :
         std::vector<Row>{{"", ""},
                          {"  one  Two ", "one two"},
                          {"one tw", "one tw*"},
                          {"one \"two three\"", "one two+three"},
                          {"one \"two thr", "one two+thr"},
                          {"“two three” four ", "two+three four"},
                          {"one -two -\"three four\"", "one -two -three+four"},
                          {"covid-19 ", "covid+19"},
                          {"- -- \" \"\" * NEAR( col: ) AND", "near+col+and"},
                          {"a\"b c\"d", "a b+c d*"},
                          {"東京都 ", "東京+京都"},
                          {"京", "京*"},
                          {"東京2020 ", "東京+京+2020"},
                          {"\"서울시 축구\" x ", "서울+울시+시+축구 x"},
                          {"!!!", ""}}) {
        CAPTURE(text);
        CHECK(terms_of(text) == terms);
    }
    std::string many;
    for (int i = 0; i < 100; ++i) many += "word ";
    CHECK(read_question(many).size() == terms_max + 1);
}

TEST_CASE("what was looked for is marked, and everything else is escaped") {
    Marking marking(read_question("run \"big house\" 東京 ele"), "en");
    CHECK(marking.mark("Running <b>& big houses") ==
          "<mark>Running</mark> &lt;b&gt;&amp; big houses");
    CHECK(marking.mark("A Big House \"here\"") == "A <mark>Big House</mark> &quot;here&quot;");
    CHECK(marking.mark("大東京都") == "大<mark>東京</mark>都");
    CHECK(marking.mark("Éléphants") == "<mark>Éléphants</mark>");
    CHECK(marking.mark("nothing") == "nothing");
    CHECK(marking.mark("") == "");
}

TEST_CASE("a phrase over several runs is marked as a whole") {
    CHECK(Marking(read_question("東京2020 "), "en").mark("大東京2020年") ==
          "大<mark>東京2020</mark>年");
    CHECK(Marking(read_question("\"서울시 축구\" "), "ko").mark("서울시 축구단") ==
          "<mark>서울시 축구</mark>단");
}

TEST_CASE("a snippet is the part of a text that has most of it") {
    Marking marking(read_question("whale ship "), "en");
    std::string filler;
    for (int i = 0; i < 100; ++i) filler += "water and more water ";
    auto snippet = marking.snippet("a ship here " + filler + "the whale hit the ship " + filler);
    CHECK(snippet.find("<mark>whale</mark> hit the <mark>ship</mark>") != snippet.npos);
    CHECK(snippet.starts_with("…"));
    CHECK(snippet.ends_with("…"));
    CHECK(snippet.size() < 350);
    CHECK(marking.snippet(filler) == "");
    CHECK(marking.snippet("a ship") == "a <mark>ship</mark>");
    std::string dense;
    for (int i = 0; i < 300; ++i) dense += "船";
    CHECK(Marking::beginning(dense).size() < 300);
}

TEST_CASE("of a content in HTML what a reader reads is found") {
    using news::ContentFormat;
    CHECK(plain_text("<p>Tom &amp; J<b>err</b>y</p><p>x", ContentFormat::html) ==
          " Tom & Jerry  x");
    CHECK(plain_text("a <b", ContentFormat::html) == "a ");
    CHECK(plain_text("1 < 2 &amp;", ContentFormat::text) == "1 < 2 &amp;");
}

TEST_CASE("a cursor is one that was given") {
    Mark mark{true, 1'700'000'000'000, 12345, 20};
    Mark read;
    REQUIRE(from_cursor(to_cursor(mark), read));
    CHECK(read.by_relevance);
    CHECK(read.at == mark.at);
    CHECK(read.place == mark.place);
    CHECK(read.offset == mark.offset);
    for (const char* text : {"", "x", "ci4xLjIuMw", "ci4wMS4yLjM", "ci4xLjIuMy4", "bi4tMS4yLjM"}) {
        CAPTURE(text);
        CHECK(from_cursor(text, read) == (std::string(text) == "ci4xLjIuMw"));
    }
}

}  // namespace search
