// Names in addresses, of titles in every script.
#include "base/slug.hpp"

#include "support/catch.hpp"

using base::make_slug;
using base::problem_of_slug;

TEST_CASE("a title becomes small letters and digits with hyphens between its words", "[base]") {
    const std::pair<const char*, const char*> rows[] = {
        {"Late goal decides the cup", "late-goal-decides-the-cup"},
        {"  100 % -- what?!  ", "100-what"},
        {"Don\u2019t panic, it's fine", "dont-panic-its-fine"},
        {"Ärger am Tor: 2½ Stunden", "arger-am-tor-21-2-stunden"},
        {"Straße, Æon, Øre, Łódź, İstanbul ışık", "strasse-aeon-ore-lodz-istanbul-isik"},
        {"Crème brûlée à la française", "creme-brulee-a-la-francaise"},
        {"Việt Nam thắng", "viet-nam-thang"},
        {"Съезд в Москве: щука и ёж", "sezd-v-moskve-shchuka-i-ezh"},
        {"Київ їде", "kiyiv-yide"},
        {"Ελλάδα: ψήφος", "ellada-psifos"},
        {"東京 の 夜", "東京-の-夜"},
        {"がぎぐ", "がぎぐ"},
        {"한국 뉴스", "한국-뉴스"},
        {"أخبار اليوم", "أخبار-اليوم"},
        {"\uff21\uff22\uff23 \ufb01ne", "abc-fine"},
        {"--", ""},
        {"", ""},
        {"\xff", ""},
    };
    for (const auto& [title, slug] : rows) {
        CAPTURE(title);
        CHECK(make_slug(title, 80) == slug);
        CHECK(make_slug(slug, 80) == slug);
        if (*slug) CHECK_FALSE(problem_of_slug(slug, 80));
    }
    // Marks that stand alone are the same as those in their letter.
    CHECK(make_slug("A\u0308rger", 80) == "arger");
}

TEST_CASE("a long slug is cut between words where that is possible", "[base]") {
    CHECK(make_slug("one two three four", 13) == "one-two-three");
    CHECK(make_slug("one two three four", 12) == "one-two");
    CHECK(make_slug("one two three four", 11) == "one-two");
    CHECK(make_slug("abcdefghij klm", 5) == "abcde");
    CHECK(make_slug("東京東京", 2) == "東京");
}

TEST_CASE("a slug that somebody chose has letters, digits, hyphens and underscores", "[base]") {
    for (const char* good : {"a", "Late_Goal-2", "東京", "ärger", "-"}) {
        CAPTURE(good);
        CHECK_FALSE(problem_of_slug(good, 20));
    }
    for (const char* bad : {"", "a b", "a/b", "..", "a?b", "a%20", "a\nb", "\xff", "\u200b",
                            "a long one that is too long"}) {
        CAPTURE(bad);
        CHECK(problem_of_slug(bad, 20));
    }
}
