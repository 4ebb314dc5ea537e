// The module on real files, with real workers: in by the routes, and out again.
#include <sys/stat.h>

#include <fstream>

#include "fixture.hpp"
#include "verify.hpp"

namespace media {

namespace {

using http::Method;
using image::Kind;
using nlohmann::json;
using support::picture;

constexpr const char* media_path = "/v1/media";

std::string path_of(std::int64_t id, const std::string& rest = "") {
    return "/v1/media/" + std::to_string(id) + rest;
}

std::string img(std::int64_t id) {
    return "<p><img src=\"" + path_of(id, "/640.webp") + "\"></p>";
}

}  // namespace

TEST_CASE("a picture comes as it is or in a form, and its bytes are kept once", "[media]") {
    Fixture media;
    media.open();
    auto file = picture(Kind::jpeg, {64, 48, 6});
    auto raw = media.ask({Method::post,
                          "/v1/media?alt=%20A%20storm&credit=C&focus=0.25,0.75",
                          file,
                          author,
                          {{"Content-Type", "application/x-lies"}},
                          1000});
    REQUIRE(raw.status == 201);
    auto first = Fixture::json_of(raw);
    CHECK(field_of(raw, "Location") == path_of(first.at("id")));
    CHECK(first.at("type") == "image/jpeg");
    CHECK(first.at("width") == 64);
    CHECK(first.at("height") == 48);
    CHECK(first.at("bytes") == file.size());
    CHECK(first.at("alt") == "A storm");
    CHECK(first.at("credit") == "C");
    CHECK(first.at("focus") == json{{"x", 0.25}, {"y", 0.75}});
    CHECK(first.at("owner") == 7);
    CHECK(first.at("public") == false);

    for (std::size_t piece : {1, 100000}) {
        auto form = form_of(file, {{"alt", "A storm"}, {"focus", "0.1,0.2"}, {"other", "x"}});
        auto sent = media.ask(
            {Method::post, media_path, form, author, {{"Content-Type", form_type}}, piece});
        REQUIRE(sent.status == 201);
        auto second = Fixture::json_of(sent);
        CHECK(second.at("id") != first.at("id"));
        CHECK(second.at("sha256") == first.at("sha256"));
        CHECK(second.at("hash") != first.at("hash"));
        CHECK(second.at("alt") == "A storm");
    }
    REQUIRE(media.kept().size() == 1);
    CHECK(media.kept().front().size() == 65);
    auto original = media.ask({Method::get, path_of(first.at("id"), "/original")});
    CHECK(Fixture::file_of(original) == file);
    CHECK(original.content_type == "image/jpeg");
    CHECK(original.cache_control == "private, no-cache");
    CHECK(field_of(original, "Content-Disposition").empty());
    CHECK(media.module->feed().head().value() == 3);
}

TEST_CASE("what is no picture is taken by a list, and offered as a file", "[media]") {
    Fixture media;
    media.config.kinds = {"pdf"};
    media.open();
    auto id = media.upload("%PDF-1.7\n1 0 obj");
    auto item = media.item(id);
    CHECK(item.at("type") == "application/pdf");
    CHECK(item.at("width").is_null());
    CHECK(item.at("hash").is_null());
    auto original = media.ask({Method::get, path_of(id, "/original")});
    CHECK(field_of(original, "Content-Disposition") ==
          "attachment; filename=\"" + std::to_string(id) + ".pdf\"");
    auto none = media.ask({Method::get, path_of(id, "/320.webp")});
    CHECK(none.status == 404);
    CHECK(error_of(none) == "rendition_not_found");
    auto mp3 = media.ask({Method::post, media_path, "ID3\x04"});
    CHECK(mp3.status == 422);
    CHECK(error_of(mp3) == "unknown_kind");
}

TEST_CASE("a file that cannot be taken is refused, and nothing of it stays", "[media]") {
    Fixture media;
    media.config.bytes_max = 20'000;
    media.config.pixels_max = 1'000'000;
    media.open();
    using Fields = std::vector<std::pair<std::string, std::string>>;
    const Fields form{{"Content-Type", form_type}};
    auto good = picture(Kind::png);
    struct Row {
        std::string name;
        std::string query;
        std::string body;
        Fields fields;
        int status;
        const char* code;
    };
    const Row rows[] = {
        {"nothing", "", "", {}, 422, "empty_file"},
        {"no file in a form", "", "--a boundary--", form, 422, "empty_file"},
        {"a text", "", "hello", {}, 422, "unknown_kind"},
        {"a program", "", "MZ\x90", {}, 422, "unknown_kind"},
        {"svg", "", "<svg xmlns='http://www.w3.org/2000/svg'/>", {}, 422, "svg_refused"},
        {"too large", "", std::string(20'001, 'x'), {}, 413, "body_too_large"},
        {"too large in a form", "", form_of(std::string(20'001, 'x'), {}), form, 413,
         "body_too_large"},
        {"too many pixels",
         "",
         picture(Kind::gif, {1001, 1000}).substr(0, 15'000),
         {},
         422,
         "too_many_pixels"},
        {"half a picture", "", good.substr(0, good.size() / 2), {}, 422, "damaged_picture"},
        {"another boundary",
         "",
         form_of(good, {}),
         {{"Content-Type", "multipart/form-data; boundary=other"}},
         400,
         "malformed_form"},
        {"no boundary",
         "",
         form_of(good, {}),
         {{"Content-Type", "multipart/form-data"}},
         400,
         "malformed_form"},
        {"another boundary in other letters",
         "",
         form_of(good, {}),
         {{"Content-Type", "Multipart/Form-Data; boundary=other"}},
         400,
         "malformed_form"},
        {"a form that ends early", "", form_of(good, {}).substr(0, 200), form, 400,
         "malformed_form"},
        {"two files", "", form_of(good, {{"file", good}}), form, 422, "several_files"},
        {"long fields", "", form_of(good, {{"other", std::string(70'000, 'x')}}), form, 400,
         "malformed_form"},
        {"a focus of one number", "?focus=0.5", good, {}, 400, "malformed_media"},
        {"a focus outside", "?focus=0.5,1.5", good, {}, 422, "invalid_media"},
        {"a long alt", "?alt=" + std::string(1001, 'a'), good, {}, 422, "invalid_media"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.name);
        auto answer =
            media.ask({Method::post, media_path + row.query, row.body, author, row.fields});
        CHECK(answer.status == row.status);
        CHECK(error_of(answer) == row.code);
    }
    CHECK(media.kept().empty());
    CHECK(media.module->feed().head().value() == 0);
    media.upload(good);
}

TEST_CASE("who may see an item follows the articles that show it", "[media]") {
    Fixture media;
    media.open();
    auto id = media.upload(picture(Kind::jpeg));
    auto hash = media.item(id).at("hash").get<std::string>();
    auto rendition = "/320." + hash + ".webp";
    auto only_authors = [&] {
        CHECK(media.status_for(nobody, id) == 404);
        CHECK(media.status_for(reader, id, "/320.webp") == 404);
        CHECK(media.status_for(reader, id, "/original") == 404);
        CHECK(media.status_for(other_author, id) == 200);
        auto seen = media.ask({Method::get, path_of(id, rendition)});
        CHECK(seen.status == 200);
        CHECK(seen.cache_control == "private, no-cache");
    };
    only_authors();
    media.written(1, img(id), "draft");
    CHECK(media.item(id).at("articles") == 1);
    only_authors();

    media.happens(1, "article_published.v1", {{"published_at", "2026-05-04T10:20:30.123Z"}});
    CHECK(media.item(id).at("public") == true);
    for (auto actor : {nobody, reader}) {
        auto told = media.ask({Method::get, path_of(id), "", actor});
        REQUIRE(told.status == 200);
        // Drafts are counted, too.
        CHECK_FALSE(Fixture::json_of(told).contains("articles"));
        CHECK_FALSE(Fixture::json_of(told).contains("owner"));
    }
    CHECK(media.item(id).at("owner") == 7);
    auto seen = media.ask({Method::get, path_of(id, rendition), "", nobody});
    CHECK(seen.status == 200);
    CHECK(seen.cache_control == "public, max-age=31536000, immutable");
    CHECK(seen.content_type == "image/webp");
    auto without = media.ask({Method::get, path_of(id, "/320.webp"), "", nobody});
    CHECK(without.cache_control == "public, max-age=300");
    CHECK(without.etag == seen.etag);
    // What the camera wrote into the original is nobody else's business.
    CHECK(media.status_for(nobody, id, "/original") == 401);
    CHECK(media.status_for(reader, id, "/original") == 403);

    // Another article that is published and shows it no more; and the first one goes.
    media.written(2, img(id), "published");
    media.happens(2, "article_revised.v1", {{"content", "nothing"}});
    CHECK(media.item(id).at("articles") == 1);
    media.happens(1, "article_unpublished.v1", json::object());
    only_authors();
    media.happens(1, "article_restored.v1",
                  {{"restored_version", 1},
                   {"title", "A"},
                   {"description", ""},
                   {"content", img(id)},
                   {"author", "A"},
                   {"tags", json::array()},
                   {"status", "published"},
                   {"published_at", "2026-05-04T10:20:30.123Z"}});
    CHECK(media.status_for(nobody, id) == 200);
    media.happens(1, "article_removed.v1", json::object());
    CHECK(media.item(id).at("articles") == 0);
    only_authors();

    // One that is withheld for a while, and one that is taken back.
    media.happens(3, "article_created.v1",
                  {{"title", "A"},
                   {"description", ""},
                   {"content", img(id)},
                   {"author", "A"},
                   {"tags", json::array()},
                   {"status", "published"},
                   {"published_at", "2026-05-04T10:20:30.123Z"},
                   {"embargo_until", "2026-06-04T10:20:30.123Z"}});
    CHECK(media.item(id).at("articles") == 1);
    only_authors();
    media.happens(3, "article_embargo_ended.v1",
                  {{"status", "published"}, {"published_at", "2026-06-04T10:20:30.123Z"}});
    CHECK(media.status_for(nobody, id) == 200);
    media.happens(3, "article_killed.v1", {{"notice", "We were wrong."}});
    CHECK(media.item(id).at("articles") == 0);
    only_authors();
}

TEST_CASE("an item is shown by an article in its content, among its images, or both", "[media]") {
    Fixture media;
    media.open();
    auto id = media.upload(picture(Kind::png));
    auto images_are = [&](const json& images) {
        media.happens(1, "article_revised.v1", {{"images", images}});
        return media.item(id).at("articles");
    };
    json lead = json::array({{{"media", id}, {"role", "lead"}}});
    media.written(1, "nothing", "published");
    CHECK(media.status_for(nobody, id) == 404);
    CHECK(images_are(lead) == 1);
    CHECK(media.status_for(nobody, id) == 200);
    media.happens(1, "article_revised.v1", {{"content", img(id)}});
    CHECK(media.item(id).at("articles") == 1);
    CHECK(images_are(json::array()) == 1);
    CHECK(images_are(lead) == 1);
    media.happens(1, "article_revised.v1", {{"content", "nothing"}});
    CHECK(media.item(id).at("articles") == 1);
    CHECK(images_are(json::array()) == 0);
    CHECK(media.status_for(nobody, id) == 404);
}

TEST_CASE("what is said of an item is changed by version, another focus is another item",
          "[media]") {
    Fixture media;
    media.open();
    auto id = media.upload(picture(Kind::jpeg), "?alt=A&credit=C");
    auto put = [&](const json& body, base::Actor actor = author) {
        return media.ask({Method::put, path_of(id), body.dump(), actor});
    };
    CHECK(put({{"alt", "B"}}).status == 428);
    CHECK(put({{"alt", "B"}, {"version", 2}}).status == 409);
    CHECK(put({{"alt", "B"}, {"version", 1}}, other_author).status == 403);
    CHECK(error_of(put({{"alt", 7}, {"version", 1}})) == "malformed_media");
    CHECK(error_of(put({{"alt", std::string(1001, 'x')}, {"version", 1}})) == "invalid_media");
    auto changed = put({{"alt", "B"}, {"version", 1}});
    CHECK(changed.status == 200);
    CHECK(Fixture::json_of(changed).at("version") == 2);
    CHECK(Fixture::json_of(changed).at("alt") == "B");
    CHECK(Fixture::json_of(changed).at("credit") == "C");
    CHECK(changed.etag == "\"2.1\"");
    // As it is already: no event.
    CHECK(Fixture::json_of(put({{"alt", "B"}, {"version", 2}}, editor)).at("version") == 2);
    auto by_tag = media.ask({Method::put,
                             path_of(id),
                             R"({"credit":""})",
                             author,
                             {{"Content-Type", "application/json"}, {"If-Match", "\"1.1\""}}});
    CHECK(by_tag.status == 412);

    auto other = put({{"focus", {{"x", 0.1}, {"y", 0.2}}}, {"alt", "D"}, {"version", 2}});
    CHECK(other.status == 201);
    auto made = Fixture::json_of(other);
    CHECK(field_of(other, "Location") == path_of(made.at("id")));
    CHECK(made.at("id") != id);
    CHECK(made.at("sha256") == media.item(id).at("sha256"));
    CHECK(made.at("alt") == "D");
    CHECK(media.item(id).at("alt") == "B");
    CHECK(media.item(id).at("focus") == json{{"x", 0.5}, {"y", 0.5}});
    CHECK(media.ask({Method::put, path_of(1), R"({"version":1})"}).status == 404);
    CHECK(media.kept().size() == 1);
}

TEST_CASE("an item goes when no article shows it, its bytes with the last one", "[media]") {
    Fixture media;
    media.open();
    auto file = picture(Kind::jpeg);
    auto first = media.upload(file);
    auto second = media.upload(file);
    CHECK(media.status_for(author, first, "/320.webp") == 200);
    auto remove = [&](std::int64_t id) {
        return media.ask({Method::del, path_of(id), "", editor});
    };
    media.written(1, img(first), "draft");
    auto refused = remove(first);
    CHECK(refused.status == 409);
    CHECK(error_of(refused) == "media_in_use");
    media.happens(1, "article_revised.v1", {{"content", "x"}});
    CHECK(remove(first).status == 204);
    CHECK(media.status_for(editor, first) == 404);
    CHECK(remove(first).status == 404);
    CHECK(media.kept().size() == 1);
    CHECK(media.cached().size() == 1);
    CHECK(remove(second).status == 204);
    CHECK(media.kept().empty());
    CHECK(media.cached().empty());
    // And may come again.
    CHECK(media.status_for(author, media.upload(file), "/original") == 200);
}

TEST_CASE("items are listed newest first, also those alone that no article shows", "[media]") {
    Fixture media;
    media.open();
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 5; ++i) {
        ids.push_back(media.upload("%PDF-" + std::to_string(i)));
        media.clock.advance(std::chrono::seconds(1));
    }
    media.written(1, img(ids[1]) + img(ids[3]), "draft");
    std::vector<std::int64_t> seen;
    std::string cursor;
    for (int page = 0; page < 5; ++page) {
        auto answer = media.ask({Method::get, "/v1/media?limit=2&cursor=" + cursor});
        REQUIRE(answer.status == 200);
        auto body = Fixture::json_of(answer);
        for (const auto& one : body.at("media")) seen.push_back(one.at("id"));
        if (body.at("next").is_null()) break;
        cursor = body.at("next");
    }
    CHECK(seen == std::vector<std::int64_t>(ids.rbegin(), ids.rend()));
    auto unused = Fixture::json_of(media.ask({Method::get, "/v1/media?unused=true"})).at("media");
    REQUIRE(unused.size() == 3);
    CHECK(unused[0].at("id") == ids[4]);
    CHECK(unused[1].at("id") == ids[2]);
    for (const char* query : {"?limit=0", "?limit=101", "?cursor=x", "?unused=maybe"}) {
        CAPTURE(query);
        CHECK(media.ask({Method::get, std::string(media_path) + query}).status == 400);
    }
}

TEST_CASE("an upload that is repeated with its key is one", "[media]") {
    Fixture media;
    media.open();
    auto file = picture(Kind::png);
    auto send = [&](const std::string& query, const char* key) {
        return media.ask(
            {Method::post, media_path + query, file, author, {{"Idempotency-Key", key}}});
    };
    auto first = Fixture::json_of(send("", "k"));
    CHECK(Fixture::json_of(send("", "k")).at("id") == first.at("id"));
    CHECK(Fixture::json_of(send("", "l")).at("id") != first.at("id"));
    CHECK(error_of(send("?alt=x", "k")) == "idempotency_key_reused");
    CHECK(media.module->feed().head().value() == 2);
}

TEST_CASE("a rendition that many ask for at once is made once", "[media]") {
    Fixture media;
    media.open();
    auto id = media.upload(picture(Kind::jpeg, {800, 600}));
    std::vector<Fixture::Asked> asked(12, {Method::get, path_of(id, "/640x360.webp")});
    std::string first;
    for (auto& answer : media.ask_all(asked)) {
        REQUIRE(answer.status == 200);
        auto file = Fixture::file_of(answer);
        if (first.empty()) first = file;
        CHECK(file == first);
    }
    CHECK(media.metrics.counter("portal_media_renditions_made_total", "").value() == 1);
    CHECK(support::see(first).width == 640);
    CHECK(support::see(first).height == 360);
    for (const char* name :
         {"/641.webp", "/640x361.webp", "/640.0000000000000000.webp", "/x.webp"}) {
        CAPTURE(name);
        auto none = media.ask({Method::get, path_of(id, name)});
        CHECK(none.status == 404);
        CHECK(error_of(none) == "rendition_not_found");
    }
}

TEST_CASE("a rendition that cannot be made is not tried again and again", "[media]") {
    Fixture media;
    media.open();
    auto id = media.upload(picture(Kind::jpeg));
    auto path = media.folder / "media" / media.kept().front();
    // Of the same size, and none of a picture any more.
    auto bytes = std::filesystem::file_size(path);
    std::ofstream(path, std::ios::trunc | std::ios::binary) << std::string(bytes, 'x');
    auto refused = media.ask({Method::get, path_of(id, "/320.webp")});
    CHECK(refused.status == 404);
    CHECK(error_of(refused) == "rendition_not_found");
    std::ofstream(path, std::ios::trunc | std::ios::binary) << picture(Kind::jpeg);
    CHECK(media.status_for(author, id, "/320.webp") == 404);
    CHECK(media.status_for(author, id, "/640.webp") == 200);
}

TEST_CASE("folders that somebody removes are made again", "[media]") {
    Fixture media;
    media.open();
    auto id = media.upload(picture(Kind::jpeg));
    for (const char* name : {"media/renditions", "media/incoming"}) {
        std::filesystem::remove_all(media.folder / name);
    }
    CHECK(media.status_for(author, id, "/320.webp") == 200);
    media.upload(picture(Kind::png));
}

TEST_CASE("a folder that cannot be used refuses what needs it, until it can", "[media]") {
    Fixture media;
    auto in_the_way = [&](const char* name) {
        std::filesystem::remove_all(media.folder / name);
        std::ofstream(media.folder / name) << "no folder";
    };
    auto trouble = [&] { return media.module->checks().back().warn(); };
    std::filesystem::create_directories(media.folder / "media");
    in_the_way("media/incoming");
    media.open();  // is no reason not to start
    CHECK(trouble() != "");
    auto refused = media.ask({Method::post, "/v1/media", picture(Kind::jpeg)});
    CHECK(refused.status == 503);
    CHECK(error_of(refused) == "media_store_unavailable");
    std::filesystem::remove(media.folder / "media/incoming");
    auto id = media.upload(picture(Kind::jpeg));
    CHECK(trouble() == "");

    in_the_way("media/renditions");
    refused = media.ask({Method::get, path_of(id, "/320.webp")});
    CHECK(refused.status == 503);
    CHECK(error_of(refused) == "media_store_unavailable");
    CHECK(trouble() != "");
    CHECK(media.status_for(author, id, "/original") == 200);
    media.close();
    media.open();
    std::filesystem::remove(media.folder / "media/renditions");
    CHECK(media.status_for(author, id, "/320.webp") == 200);
    CHECK(trouble() == "");
}

TEST_CASE("files and renditions leave room on the disk", "[media]") {
    Fixture media;
    media.open();
    auto id = media.upload(picture(Kind::jpeg));
    media.close();
    media.config.disk_free_bytes_min = std::int64_t{1} << 50;
    media.open();
    for (const auto& answer : media.ask_all({{Method::post, "/v1/media", picture(Kind::png)},
                                             {Method::get, path_of(id, "/320.webp")}})) {
        CHECK(answer.status == 503);
        CHECK(error_of(answer) == "media_store_full");
    }
    CHECK(media.status_for(author, id, "/original") == 200);
}

TEST_CASE("renditions stay within their room, and those that are asked for stay", "[media]") {
    Fixture media;
    media.config.widths = {"32", "64", "96", "128"};
    media.open();
    auto id = media.upload(picture(Kind::jpeg, {140, 100}));
    auto get = [&](const std::string& name) {
        auto answer = media.ask({Method::get, path_of(id, name)});
        CAPTURE(name, answer.status == 200 ? "" : error_of(answer));
        REQUIRE(answer.status == 200);
    };
    for (const char* width : {"/32", "/64", "/96", "/128"}) get(std::string(width) + ".jpg");
    REQUIRE(media.cached().size() == 4);
    // So much that the next one needs room, and the second was asked for last.
    std::int64_t bytes = 0;
    for (const auto& name : media.cached()) {
        auto path = media.folder / "media" / name;
        bytes += static_cast<std::int64_t>(std::filesystem::file_size(path));
        bool is_wanted = name.find("-64.jpg") != name.npos;
        timespec times[2] = {{is_wanted ? 2000 : 1000, 0}, {0, UTIME_OMIT}};
        REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    }
    media.close();
    media.config.cache_bytes_max = bytes + 100;
    media.open();
    get("/96x96.jpg");
    auto left = media.cached();
    CHECK(left.size() < 5);
    auto has = [&](const char* name) {
        return std::any_of(left.begin(), left.end(),
                           [&](const std::string& one) { return one.ends_with(name); });
    };
    CHECK(has("-64.jpg"));
    CHECK(has("-96x96.jpg"));
    for (const char* width : {"/32", "/64", "/96", "/128"}) get(std::string(width) + ".jpg");
}

TEST_CASE("an older store of items takes no file with it", "[media]") {
    Fixture media;
    media.open();
    media.upload(picture(Kind::jpeg));
    auto kept = media.kept();
    media.close();
    for (const char* name : {"media.db", "media.db-wal", "media.db-shm"}) {
        std::filesystem::remove(media.folder / name);
    }
    media.open();
    CHECK(media.kept() == kept);
    media.close();
    auto found = Module::verify(media.config, media.folder.path(), {}).front();
    CHECK(found.problems.empty());
    REQUIRE(found.warnings.size() == 1);
    CHECK(found.warnings.front().ends_with("that no item has: 1"));
}

TEST_CASE("what was on its way is swept, and what is damaged is found", "[media]") {
    Fixture media;
    media.open();
    auto id = media.upload(picture(Kind::jpeg));
    auto kept = media.kept();
    media.close();
    auto place = media.folder / "media";
    auto leave = [&](const std::string& name) {
        std::filesystem::create_directories((place / name).parent_path());
        std::ofstream(place / name) << "left over";
    };
    leave("incoming/0198");
    leave("renditions/ab/0198.part");
    media.open();
    CHECK(media.kept() == kept);
    CHECK(media.cached().empty());
    CHECK(media.status_for(author, id, "/original") == 200);
    media.close();
    auto problems = [&] {
        return Module::verify(media.config, media.folder.path(), {}).front().problems;
    };
    CHECK(problems().empty());
    std::ofstream(place / kept.front(), std::ios::app) << "x";
    media.open();
    CHECK(error_of(media.ask({Method::get, path_of(id, "/original")})) == "media_unreadable");
    media.close();
    REQUIRE(problems().size() == 1);
    CHECK(problems().front().ends_with("is damaged"));
    std::filesystem::remove(place / kept.front());
    REQUIRE(problems().size() == 1);
    CHECK(problems().front().starts_with("a file cannot be read"));
    media.open();
    auto lost = media.ask({Method::get, path_of(id, "/original")});
    CHECK(lost.status == 503);
    CHECK(error_of(lost) == "media_unreadable");
}

}  // namespace media
