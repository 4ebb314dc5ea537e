#include "shape.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace orchestrator {

namespace {

using nlohmann::json;

const site::Pages about{.name = "The Example",
                        .language = "en",
                        .copyright = "© The Example",
                        .address = "https://news.example",
                        .page = "/{type}/{slug}"};

news::Article rowers() {
    news::Article article;
    article.id = 17;
    article.version = 3;
    article.news_type = "sports";
    article.slug = "rowers-win";
    article.title = "Rowers \"win\" </script>";
    article.author = "Ann";
    article.content = R"(<p><a href="/more">More</a></p>)";
    article.content_format = news::ContentFormat::html;
    article.status = news::Status::published;
    article.created_at = base::from_micros(1'000'000);
    article.published_at = base::from_micros(2'000'000);
    article.updated_at = base::from_micros(3'000'000);
    return article;
}

/// With whatever it may have.
news::Article full() {
    auto article = rowers();
    article.description = "By a length.";
    article.tags = {"rowing", "cup"};
    article.legacy_id = "news.article:7";
    article.expires_at = base::from_micros(9'000'000);
    article.corrections = {{"It was two lengths.", base::from_micros(4'000'000)},
                           {"On Sunday.", base::from_micros(3'500'000)}};
    article.metadata.language = "de";
    article.metadata.canonical_url = "https://else.example/rowers";
    article.metadata.images = {{7, "Boats", "", "", false},
                               {8, "Two boats", "The finish", "Cem", true}};
    return article;
}

json linked(const news::Article& article, const site::Pages& told = about) {
    return json::parse(linked_data_of(told, article));
}
json ninjs(const news::Article& article, Shape shape = Shape::ninjs_3, bool is_public = true) {
    return json::parse(ninjs_of(about, article, shape, is_public));
}

}  // namespace

TEST_CASE("an item as linked data has what search engines ask for", "[orchestrator]") {
    CHECK(linked(rowers()) == json::parse(R"({
        "@context": "https://schema.org", "@type": "NewsArticle",
        "@id": "https://news.example/v1/news/sports/17",
        "url": "https://news.example/sports/rowers-win",
        "mainEntityOfPage": "https://news.example/sports/rowers-win",
        "headline": "Rowers \"win\" </script>",
        "datePublished": "1970-01-01T00:00:02.000Z", "dateModified": "1970-01-01T00:00:03.000Z",
        "author": [{"@type": "Person", "name": "Ann"}],
        "publisher": {"@type": "NewsMediaOrganization", "name": "The Example",
                      "url": "https://news.example/"},
        "articleSection": "sports", "inLanguage": "en", "copyrightNotice": "© The Example"})"));
    auto all = linked(full());
    CHECK(all["mainEntityOfPage"] == "https://else.example/rowers");
    CHECK(all["description"] == "By a length.");
    CHECK(all["keywords"] == json{"rowing", "cup"});
    CHECK(all["inLanguage"] == "de");
    CHECK(all["expires"] == "1970-01-01T00:00:09.000Z");
    // The one that stands for it comes first.
    CHECK(all["image"] == json::parse(R"([
        {"@type": "ImageObject", "url": "https://news.example/v1/media/8/original",
         "description": "Two boats", "caption": "The finish", "creditText": "Cem"},
        {"@type": "ImageObject", "url": "https://news.example/v1/media/7/original",
         "description": "Boats"}])"));
    CHECK(all["correction"] == json::parse(R"([
        {"@type": "CorrectionComment", "text": "It was two lengths.",
         "datePublished": "1970-01-01T00:00:04.000Z"},
        {"@type": "CorrectionComment", "text": "On Sunday.",
         "datePublished": "1970-01-01T00:00:03.500Z"}])"));
    // As it can stand in a page.
    CHECK(linked_data_of(about, rowers()).find("</script") == std::string::npos);
}

TEST_CASE("linked data says whether an article is free, if the site says so", "[orchestrator]") {
    auto told = about;
    CHECK(!linked(rowers(), told).contains("isAccessibleForFree"));
    told.access = "free";
    told.paid_part = ".paid";
    CHECK(linked(rowers(), told)["isAccessibleForFree"] == true);
    CHECK(!linked(rowers(), told).contains("hasPart"));
    told.access = "paid";
    CHECK(linked(rowers(), told)["isAccessibleForFree"] == false);
    CHECK(linked(rowers(), told)["hasPart"] == json{{"@type", "WebPageElement"},
                                                    {"isAccessibleForFree", false},
                                                    {"cssSelector", ".paid"}});
    told.paid_part = "";
    CHECK(!linked(rowers(), told).contains("hasPart"));
}

TEST_CASE("an item as ninjs has its texts, words and pictures", "[orchestrator]") {
    auto all = ninjs(full());
    CHECK(all == json::parse(R"({
        "uri": "https://news.example/v1/news/sports/17",
        "standard": {"name": "ninjs", "version": "3.0"}, "type": "text", "pubStatus": "usable",
        "version": "3", "firstCreated": "1970-01-01T00:00:01.000Z",
        "versionCreated": "1970-01-01T00:00:03.000Z", "contentCreated": "1970-01-01T00:00:02.000Z",
        "expires": "1970-01-01T00:00:09.000Z", "language": "de", "slugline": "rowers-win",
        "by": "Ann",
        "headlines": [{"role": "main", "contentType": "text/plain",
                       "value": "Rowers \"win\" </script>"}],
        "descriptions": [{"role": "summary", "contentType": "text/plain", "value": "By a length."}],
        "bodies": [{"role": "main", "contentType": "text/html", "charCount": 51,
                    "value": "<p><a href=\"https://news.example/more\">More</a></p>"}],
        "people": [{"name": "Ann", "rel": "author"}],
        "subjects": [{"name": "sports", "rel": "section"}, {"name": "rowing", "rel": "about"},
                     {"name": "cup", "rel": "about"}],
        "altIds": [{"role": "legacy", "value": "news.article:7"}],
        "edNote":
            "1970-01-01T00:00:04.000Z It was two lengths.\n1970-01-01T00:00:03.500Z On Sunday.",
        "copyrightNotice": "© The Example",
        "associations": [
            {"name": "inline-1", "uri": "https://news.example/v1/media/7/original",
             "type": "picture",
             "descriptions": [{"role": "alt", "contentType": "text/plain", "value": "Boats"}],
             "renditions": [{"name": "original",
                             "href": "https://news.example/v1/media/7/original"}]},
            {"name": "lead", "uri": "https://news.example/v1/media/8/original", "type": "picture",
             "by": "Cem",
             "descriptions": [{"role": "caption", "contentType": "text/plain", "value": "The finish"},
                              {"role": "alt", "contentType": "text/plain", "value": "Two boats"}],
             "renditions": [{"name": "original",
                             "href": "https://news.example/v1/media/8/original"}]}]})"));
    auto text = rowers();
    text.content = "Plain <text>";
    text.content_format = news::ContentFormat::text;
    CHECK(ninjs(text)["bodies"][0]["value"] == "Plain <text>");
    CHECK(ninjs(text)["bodies"][0]["contentType"] == "text/plain");
    text.content_format = news::ContentFormat::markdown;
    CHECK(ninjs(text)["bodies"][0]["contentType"] == "text/markdown");
    CHECK(!ninjs(text).contains("descriptions"));
}

TEST_CASE("ninjs says what may not be used yet, and what never again", "[orchestrator]") {
    auto later = rowers();
    later.embargo_until = base::from_micros(8'000'000);
    auto withheld = ninjs(later, Shape::ninjs_3, false);
    CHECK(withheld["pubStatus"] == "withheld");
    CHECK(withheld["embargoedUntil"] == "1970-01-01T00:00:08.000Z");
    auto older = ninjs(later, Shape::ninjs_2, false);
    CHECK(older["pubstatus"] == "withheld");
    CHECK(older["embargoed"] == "1970-01-01T00:00:08.000Z");
    CHECK(json::parse(canceled_ninjs_of(about, "sports", 17, "It was not so.", Shape::ninjs_3)) ==
          json::parse(R"({"uri": "https://news.example/v1/news/sports/17",
                          "standard": {"name": "ninjs", "version": "3.0"}, "type": "text",
                          "pubStatus": "canceled", "edNote": "It was not so."})"));
}

TEST_CASE("older ninjs has its names in small letters, whoever asks for it", "[orchestrator]") {
    auto older = ninjs(full(), Shape::ninjs_2);
    CHECK(older["standard"]["version"] == "2.2");
    CHECK(older["versioncreated"] == "1970-01-01T00:00:03.000Z");
    CHECK(older["bodies"][0]["contenttype"] == "text/html");
    CHECK(older["altids"][0]["role"] == "legacy");
    for (const auto& [name, value] : older.items()) {
        CAPTURE(name);
        CHECK(name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == name.npos);
    }
    for (const char* accept : {"application/json; version=2", "application/json;version=\"2\"",
                               "text/html, application/json;q=0.8;version=2.2", "version=2"}) {
        CAPTURE(accept);
        CHECK(ninjs_for(accept) == Shape::ninjs_2);
    }
    for (const char* accept :
         {"", "*/*", "application/json;version=3", "application/json;version=20",
          "application/json;xversion=2", "text/version=2"}) {
        CAPTURE(accept);
        CHECK(ninjs_for(accept) == Shape::ninjs_3);
    }
}

}  // namespace orchestrator
