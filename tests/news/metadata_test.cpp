#include "metadata.hpp"

#include <map>

#include "article.hpp"
#include "fixture.hpp"
#include "metadata_json.hpp"
#include "news/article_json.hpp"
#include "news/importer.hpp"
#include "news/verify.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

using nlohmann::json;

const json all_members = {
    {"authors", {12, 7}},
    {"images",
     {{{"media", 501},
       {"alt", "Two boats"},
       {"caption", "By a\nlength."},
       {"credit", "Ann / Agency"},
       {"role", "lead"}},
      {{"media", 502}, {"role", "inline"}}}},
    {"language", "pt-BR"},
    {"translations",
     {{{"language", "en"},
       {
           "type",
           "world",
       },
       {"id", 9}}}},
    {"related", {{{"type", "sports"}, {"id", 5}}, {{"type", "world"}, {"id", 5}}}},
    {"canonical_url", "https://example.org/late-goal?x=1"}};

/// As it comes from outside: numbers have no sign.
json received(const json& body) {
    return json::parse(body.dump());
}

json with(const json& more) {
    json body = {{"title", "T"}, {"content", "C"}, {"author", "A"}};
    body.update(more);
    return received(body);
}

/// Where and what is wrong with a new article; empty if nothing is.
std::string faults_of(const json& members) {
    auto article = new_article_from_json(with(members));
    auto checked =
        article ? check(std::move(*article)) : base::Result<CheckedArticle>(article.error());
    if (checked) return "";
    auto faults = checked.error().code + ":";
    for (const auto& problem : checked.error().details) faults += " " + problem.field;
    return faults;
}

json shown(const Article& article) {
    std::string text;
    base::JsonWriter writer(text);
    write_json(writer, article);
    return json::parse(text);
}

/// Those of all_members that an answer has.
json metadata_shown(const Article& article) {
    auto members = json::object();
    auto item = shown(article);
    for (const auto& [name, value] : all_members.items()) {
        if (item.contains(name)) members[name] = item[name];
    }
    return members;
}

class Newsroom : public Fixture {
public:
    Article write(const json& members) {
        auto article = new_article_from_json(with(members));
        REQUIRE(article);
        auto created = base::run(instance->commands().create(std::move(*article), command()));
        REQUIRE(created);
        return *created;
    }
    base::Result<Article> change(const Article& article, const json& members) {
        auto revision = revision_from_json(received(members));
        if (!revision) return revision.error();
        return base::run(instance->commands().revise(article.id, std::move(*revision),
                                                     command(article.version)));
    }
    json read(ArticleId id) {
        auto article = base::run(instance->queries().article(id, editor()));
        REQUIRE(article);
        return metadata_shown(*article);
    }
    std::vector<std::string> faults() {
        return verify(folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems;
    }
};

}  // namespace

TEST_CASE("a language tag has one spelling, and what has no form of one is none", "[news]") {
    const std::vector<std::pair<std::string, std::string>> tags = {
        {"en", "en"},
        {"EN", "en"},
        {"pt-br", "pt-BR"},
        {"ZH-hANT-hk", "zh-Hant-HK"},
        {"es-419", "es-419"},
        {"zh-yue-hk", "zh-yue-HK"},
        {"sl-Rozaj-BISKE", "sl-rozaj-biske"},
        {"de-CH-1996", "de-CH-1996"},
        {"de-1901", "de-1901"},
        {"en-A-BBB-x-Aa", "en-a-bbb-x-aa"},
        {"ar-u-nu-LATN-ca-BUDDHIST", "ar-u-nu-latn-ca-buddhist"},
        {"tlh", "tlh"},
        {"qaa-Qaaa-QM-x-southern", "qaa-Qaaa-QM-x-southern"},
        {"", ""},
        {"e", ""},
        {"e1", ""},
        {"englishes", ""},
        {"en_GB", ""},
        {"en-", ""},
        {"-en", ""},
        {"en--GB", ""},
        {"en-GB-US", ""},
        {"en-12", ""},
        {"de-1996-1996", ""},
        {"en-a", ""},
        {"en-a-bb-a-cc", ""},
        {"en-x", ""},
        {"x-private", ""},
        {"i-klingon", ""},
        {"en-abcdefghi", ""},
        {"en-\xc3\xa9\xc3\xa9", ""},
        {"en GB", ""},
        {"en-x-" + std::string(8, 'a') + "-" + std::string(8, 'b') + "-" + std::string(8, 'c') +
             "-" + std::string(8, 'd') + "-" + std::string(8, 'e') + "-" + std::string(8, 'f') +
             "-" + std::string(8, 'g'),
         ""},
    };
    for (const auto& [tag, tidy] : tags) {
        CAPTURE(tag);
        CHECK(tidy_language(tag).value_or("") == tidy);
        if (!tidy.empty()) CHECK(tidy_language(tidy) == tidy);
    }
}

TEST_CASE("what an article says besides its text keeps its rules", "[news]") {
    auto numbers = [](int count) {
        auto list = json::array();
        for (int i = 1; i <= count; ++i) list.push_back(i);
        return list;
    };
    auto entries = [](int count, json entry, const char* changing) {
        auto list = json::array();
        for (int i = 1; i <= count; ++i) {
            entry[changing] = i;
            list.push_back(entry);
        }
        return list;
    };
    auto image = [](json more) {
        json one = {{"media", 1}};
        one.update(more);
        return json{{"images", {one}}};
    };
    auto url = [](const std::string& address) { return json{{"canonical_url", address}}; };
    auto translations = [](json list) { return json{{"translations", std::move(list)}}; };
    json sports = {{"type", "sports"}};
    json english = {{"language", "en"}, {"type", "world"}, {"id", 1}};
    const std::vector<std::pair<json, std::string>> cases = {
        {all_members, ""},
        {json::object(), ""},
        {{{"authors", nullptr}, {"images", nullptr}, {"language", nullptr}}, ""},
        {{{"translations", nullptr}, {"related", nullptr}, {"canonical_url", nullptr}}, ""},
        {{{"authors", numbers(20)}}, ""},
        {{{"authors", numbers(21)}}, "invalid_news: authors"},
        {{{"authors", {1, 2, 1}}}, "invalid_news: authors[2]"},
        {{{"authors", {1, 0}}}, "malformed_news: authors[1]"},
        {{{"authors", {std::int64_t{1} << 53}}}, "malformed_news: authors[0]"},
        {{{"authors", {"Ann"}}}, "malformed_news: authors[0]"},
        {{{"authors", 7}}, "malformed_news: authors"},
        {{{"images", entries(50, {}, "media")}}, ""},
        {{{"images", entries(51, {}, "media")}}, "invalid_news: images"},
        {{{"images", entries(2, {{"role", "lead"}}, "media")}}, "invalid_news: images[1].role"},
        {{{"images", {json::object()}}}, "malformed_news: images[0].media"},
        {{{"images", {7}}}, "malformed_news: images[0]"},
        {image({{"alt", nullptr}, {"role", nullptr}, {"of_their_own", 1}}), ""},
        {image({{"role", "side"}}), "invalid_news: images[0].role"},
        {image({{"alt", std::string(1000, 'a')}, {"credit", std::string(200, 'c')}}), ""},
        {image({{"alt", std::string(1001, 'a')}}), "invalid_news: images[0].alt"},
        {image({{"alt", "two\nlines"}}), "invalid_news: images[0].alt"},
        {image({{"caption", std::string(2001, 'a')}}), "invalid_news: images[0].caption"},
        {image({{"credit", std::string(201, 'a')}}), "invalid_news: images[0].credit"},
        {image({{"credit", 7}}), "malformed_news: images[0].credit"},
        {{{"language", "english language"}}, "invalid_news: language"},
        {{{"language", 7}}, "malformed_news: language"},
        {translations({english, english}), "invalid_news: translations[1].language"},
        {translations({{{"language", "?"}, {"type", "world"}, {"id", 1}}}),
         "invalid_news: translations[0].language"},
        {translations({{{"language", "en"}, {"type", "World"}, {"id", 1}}}),
         "invalid_news: translations[0].type"},
        {translations({sports}), "malformed_news: translations[0].language translations[0].id"},
        {{{"language", "EN"}, {"translations", {english}}},
         "invalid_news: translations[0].language"},
        {{{"related", entries(20, sports, "id")}}, ""},
        {{{"related", entries(21, sports, "id")}}, "invalid_news: related"},
        {{{"related", {{{"type", "a"}, {"id", 1}}, {{"type", "a"}, {"id", 1}}}}},
         "invalid_news: related[1]"},
        {{{"related", {{{"type", "../a"}, {"id", 1}}}}}, "invalid_news: related[0].type"},
        {{{"related", {{{"type", "a"}, {"id", -1}}}}}, "malformed_news: related[0].id"},
        {url("http://example.org"), ""},
        {url("https://example.org/" + std::string(1980, 'a')), ""},
        {url("https://example.org/" + std::string(1981, 'a')), "invalid_news: canonical_url"},
        {url("//example.org/a"), "invalid_news: canonical_url"},
        {url("/a"), "invalid_news: canonical_url"},
        {url("mailto:ann@example.org"), "invalid_news: canonical_url"},
        {url("javascript:alert(1)"), "invalid_news: canonical_url"},
        {url("https://ann@example.org/"), "invalid_news: canonical_url"},
        {url("https://example.org/a b"), "invalid_news: canonical_url"},
        {{{"summary", "S"}}, ""},
        {{{"summary", "S"}, {"description", "S"}}, ""},
        {{{"summary", "S"}, {"description", "D"}}, "invalid_news: summary"},
        {{{"summary", std::string(501, 's')}}, "invalid_news: description"},
        {{{"summary", 7}}, "malformed_news: summary"},
    };
    for (const auto& [members, faults] : cases) {
        CAPTURE(members);
        CHECK(faults_of(members) == faults);
    }
    auto many = faults_of({{"authors", json(100000, "x")}});
    CHECK(std::count(many.begin(), many.end(), '[') == 50);
}

TEST_CASE("the summary is the description under its other name", "[news]") {
    auto article = new_article_from_json(with({{"summary", "S"}}));
    REQUIRE(article);
    CHECK(article->description == "S");
    CHECK(revision_from_json({{"summary", "S"}})->description == "S");
    CHECK(revision_from_json({{"summary", nullptr}})->description == "");
    CHECK_FALSE(revision_from_json({{"title", "T"}})->description);
    CHECK_FALSE(revision_from_json({{"summary", "S"}, {"description", "D"}}));
}

TEST_CASE("an article shows what it says besides its text, and nothing where there is nothing",
          "[news]") {
    Newsroom news;
    auto article = news.write(all_members);
    CHECK(metadata_shown(article) == all_members);
    CHECK(news.read(article.id) == all_members);
    auto listed = base::run(news.instance->queries().page(1, 10, {}));
    REQUIRE(listed);
    CHECK(metadata_shown(listed->front()) == all_members);

    auto plain = news.write({{"language", ""}, {"authors", json::array()}});
    CHECK(metadata_shown(plain).empty());
    CHECK(news.read(plain.id).empty());
}

TEST_CASE("a change of metadata is one event with what is new, and null ends a member", "[news]") {
    Newsroom news;
    auto article = news.write(all_members);
    auto same = news.change(article, all_members);
    REQUIRE(same);
    json changes = {{"language", "PT"}, {"related", nullptr}, {"authors", {7, 12}}};
    auto changed = news.change(*same, changes);
    REQUIRE(changed);
    auto expected = all_members;
    expected["language"] = "pt";
    expected["authors"] = {7, 12};
    expected.erase("related");
    CHECK(metadata_shown(*changed) == expected);
    CHECK(news.read(article.id) == expected);

    auto history = base::run(news.instance->queries().history(article.id, {}, news.editor()));
    REQUIRE(history);
    REQUIRE(history->entries.size() == 3);
    CHECK(history->entries[1].changes.empty());
    std::map<std::string, std::pair<std::string, std::string>> told;
    for (const auto& change : history->entries[2].changes) {
        told[change.member] = {change.before, change.after};
    }
    CHECK(told.size() == 3);
    CHECK(told["language"] == std::pair<std::string, std::string>("\"pt-BR\"", "\"pt\""));
    CHECK(told["authors"] == std::pair<std::string, std::string>("[12,7]", "[7,12]"));
    CHECK(told["related"].second == "null");

    auto refused = news.change(
        *changed, {{"translations", {{{"language", "PT"}, {"type", "sports"}, {"id", 3}}}}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_news");
    // What the other member says now is looked at, not what it said.
    CHECK(news.change(*changed, {{"language", "en"}}).error().code == "invalid_news");

    auto restored = base::run(news.instance->commands().restore(article.id, 1, news.command()));
    REQUIRE(restored);
    CHECK(metadata_shown(*restored) == all_members);
    auto third = base::run(news.instance->queries().version(article.id, 3, news.editor()));
    REQUIRE(third);
    CHECK(metadata_shown(*third) == expected);
}

TEST_CASE("metadata outlives a restart and a rebuild, and verify misses it where it is gone",
          "[news]") {
    Newsroom news;
    auto article = news.write(all_members);
    auto other = news.write({{"language", "en"}});
    REQUIRE(news.change(other, {{"language", nullptr}}));
    CHECK(news.read(other.id).empty());
    for (int i = 0; i < 2; ++i) {
        REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
        CHECK(news.read(article.id) == all_members);
        CHECK(news.read(other.id).empty());
    }
    news.close();
    news.open();
    CHECK(news.read(article.id) == all_members);
    news.close();
    CHECK(news.faults().empty());
    support::change_database(news.folder / "news-sports.query.db",
                             "update article_metadata_a set metadata = '{\"language\":\"fr\"}'");
    CHECK(news.faults().size() == 1);
}

TEST_CASE("an imported item has metadata, and one that has other metadata is changed", "[news]") {
    Newsroom news;
    auto bring = [&](json members) {
        members["source_id"] = "a-1";
        auto article = imported_article_from_json(with(members));
        REQUIRE(article);
        auto item = import_item(std::move(*article), {}, {});
        REQUIRE(item);
        std::vector<ImportItem> items;
        items.push_back(std::move(*item));
        base::Context context;
        context.request_id = "import-1";
        auto done = base::run(news.instance->commands().import(std::move(items), context));
        REQUIRE(done);
        // An import does not wait for the view.
        REQUIRE(*base::run(news.instance->caught_up(std::chrono::seconds(10))));
        return *done;
    };
    CHECK(bring(all_members).added == 1);
    auto listed = base::run(news.instance->queries().page(1, 10, {}));
    REQUIRE(listed->size() == 1);
    auto id = listed->front().id;
    CHECK(news.read(id) == all_members);
    CHECK(bring(all_members).already_there == 1);
    auto others = all_members;
    others["language"] = "fr";
    CHECK(bring(others).updated == 1);
    CHECK(news.read(id) == others);
    auto refused = imported_article_from_json(with({{"language", "?"}, {"source_id", "a-2"}}));
    REQUIRE(refused);
    CHECK(import_item(std::move(*refused), {}, {}).error().code == "invalid_news");
}

}  // namespace news
