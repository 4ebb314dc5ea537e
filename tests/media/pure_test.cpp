// What needs no file and no store: forms, names of renditions, what an article shows, rules.
#include "event_json.hpp"
#include "fixture.hpp"
#include "input_json.hpp"
#include "multipart.hpp"
#include "rendition.hpp"
#include "rules.hpp"
#include "uses.hpp"

namespace media {

namespace {

/// Writes down what it hears.
class Heard final : public FormListener {
public:
    base::Result<void> begin_part(std::string_view name, bool is_file) override {
        text += std::string(is_file ? "[file " : "[") + std::string(name) + ":";
        return {};
    }
    base::Result<void> data(std::string_view bytes) override {
        text += bytes;
        return {};
    }
    base::Result<void> end_part() override {
        text += "]";
        return {};
    }
    std::string text;
};

/// What is heard of a form that comes in such pieces, or what it is refused with.
std::string read_form(const std::string& form, std::size_t piece_bytes) {
    Heard heard;
    FormReader reader("b", heard);
    for (std::size_t at = 0; at < form.size(); at += piece_bytes) {
        auto taken = reader.take(std::string_view(form).substr(at, piece_bytes));
        if (!taken) return taken.error().code;
    }
    auto ended = reader.end();
    return ended ? heard.text : ended.error().code;
}

/// In words, or `none`.
std::string read_name(std::string_view text) {
    auto name = parse_rendition(text);
    if (!name) return "none";
    return std::to_string(name->width) + " " + std::to_string(name->height) + " " + name->hash +
           " " + name->format;
}

bool is_no_ratio(std::string_view text) {
    return !parse_ratio(text);
}

/// Outside of all pictures if it is none.
Focus read_focus(std::string_view text) {
    return parse_focus(text).value_or(Focus{-1, -1});
}

}  // namespace

TEST_CASE("a form reads the same in whatever pieces it comes", "[media]") {
    const std::string head = "Content-Disposition: form-data; name=";
    struct Row {
        std::string form;
        std::string heard;
    };
    const Row rows[] = {
        {"--b\r\n" + head + "a\r\n\r\nvalue\r\n--b--", "[a:value]"},
        {"preamble\r\n--b\r\n" + head + "\"a;\\\"b\"\r\n\r\n\r\n--b--\r\nepilogue", "[a;\"b:]"},
        {"--b \t\r\nX: y\r\n" + head +
             "f; filename=x\r\nContent-Type: a\r\n\r\n\r\n\r\n--\r\n--"
             "b\r\n" +
             head + "g; FileName*=x\r\n\r\n--b\r\n--b--",
         "[file f:\r\n\r\n--][file g:--b]"},
        {"--b--", ""},
        {"--b\r\n" + head + "a\r\n\r\nvalue\r\n--b", "malformed_form"},
        {"--b\r\n" + head + "a\r\n\r\nvalue", "malformed_form"},
        {"--b\r\nX: y\r\n\r\nvalue\r\n--b--", "malformed_form"},
        {"--b\r\nno colon\r\n\r\nvalue\r\n--b--", "malformed_form"},
        {"--bc\r\n" + head + "a\r\n\r\nvalue\r\n--b--", "malformed_form"},
        {"--b\r\nX: " + std::string(5000, 'y') + "\r\n\r\n", "malformed_form"},
        {std::string(6000, 'y'), "malformed_form"},
        {"", "malformed_form"},
    };
    for (const auto& [form, heard] : rows) {
        CAPTURE(form.substr(0, 200));
        for (std::size_t piece : {1, 2, 3, 7, 10000}) {
            CAPTURE(piece);
            CHECK(read_form(form, piece) == heard);
        }
    }
    std::string many;
    for (int i = 0; i < 21; ++i) many += "--b\r\n" + head + "a\r\n\r\nv\r\n";
    CHECK(read_form(many + "--b--", 100) == "malformed_form");

    CHECK(boundary_of("multipart/form-data; boundary=abc") == "abc");
    CHECK(boundary_of("Multipart/Form-Data; charset=x; Boundary=\"a b\"") == "a b");
    for (const char* none : {"multipart/form-data", "multipart/form-data; boundary=",
                             "multipart/mixed; boundary=a", "multipart/form-data; boundary=\"a ",
                             "multipart/form-data; boundary=a{b", "application/json"}) {
        CAPTURE(none);
        CHECK_FALSE(boundary_of(none));
    }
}

TEST_CASE("a rendition has one name, and there are only those of the lists", "[media]") {
    CHECK(read_name("640x360.0123456789abcdef.webp") == "640 360 0123456789abcdef webp");
    CHECK(read_name("320.jpg") == "320 0  jpg");
    CHECK(read_name("320.0123456789abcdef.avif") == "320 0 0123456789abcdef avif");
    for (const char* none :
         {"", "original", "320", "320.png", "x.jpg", "320x.jpg", "x200.jpg", "0.jpg", "0320.jpg",
          "320x0.jpg", "-1.jpg", "320.5.jpg", "320..jpg", "320.0123456789ABCDEF.jpg", "320.jpg.jpg",
          "320x180x2.jpg", "320 .jpg", "999999999999.jpg", "320.JPG"}) {
        CAPTURE(none);
        CHECK(read_name(none) == "none");
    }
    RenditionSizes sizes{{320, 640}, {{16, 9}, {1, 1}, {2, 3}}};
    auto refusal = [&](std::int64_t width, std::int64_t height) {
        auto allowed = check({width, height, "", "jpg"}, sizes);
        return allowed ? "" : allowed.error().code;
    };
    CHECK(refusal(320, 0).empty());
    CHECK(refusal(320, 180).empty());
    CHECK(refusal(320, 320).empty());
    CHECK(refusal(640, 960).empty());
    CHECK(refusal(321, 0) == "rendition_not_found");
    CHECK(refusal(320, 181) == "rendition_not_found");
    CHECK(refusal(640, 180) == "rendition_not_found");
    for (const char* none : {"16", "16:", ":9", "16:0", "0:9", "16:9:1", "101:1", "1.5:1"}) {
        CHECK(is_no_ratio(none));
    }
}

TEST_CASE("what an article shows stands in its content as an address", "[media]") {
    struct Row {
        std::string content;
        std::set<ItemId> items;
    };
    const Row rows[] = {
        {"", {}},
        {"<img src=\"/v1/media/7/640.webp\">", {7}},
        {"![x](https://example.org/v1/media/12/original) /v1/media/13", {12, 13}},
        {"/v1/media/7/v1/media/8", {7, 8}},
        {"/v1/media/7 and again /v1/media/7/320.jpg", {7}},
        {"/v1/media/ /v1/media/x /v1/media/0 /v1/media/007", {}},
        {"/v1/media/99999999999999999999", {}},
        {"/v1/media", {}},
    };
    for (const auto& [content, items] : rows) {
        CAPTURE(content);
        CHECK(items_in(content) == items);
    }
    std::string much;
    for (std::size_t i = 1; i < 2 * uses_max; ++i) much += "/v1/media/" + std::to_string(i) + " ";
    CHECK(items_in(much).size() == uses_max);
}

TEST_CASE("a focus is in the picture, and what is said of it is text", "[media]") {
    CHECK(read_focus("0.25, 1") == Focus{0.25, 1});
    CHECK(read_focus("0,0") == Focus{0, 0});
    for (const char* none : {"", "0.5", "0.5;0.5", "0.5,", ",", "a,b", "0.5,0.5,0.5", "0x1,0",
                             "1e5,0", "nan,0", "+1,0"}) {
        CAPTURE(none);
        CHECK(read_focus(none) == Focus{-1, -1});
    }
    auto trimmed = checked({" a \n", "\tb"}, {});
    REQUIRE(trimmed);
    CHECK(*trimmed == Description{"a", "b"});
    auto refused = checked({std::string(1001, 'a'), "\xFF"}, {1.1, -0.1});
    REQUIRE(!refused);
    CHECK(refused.error().code == "invalid_media");
    CHECK(refused.error().details.size() == 4);
    CHECK_FALSE(checked({std::string("a\0b", 3), ""}, {}));
    CHECK(checked({std::string(1000, 'a'), std::string(200, 'b')}, {0, 1}));
}

TEST_CASE("an event of media reads as it was written, for ever", "[media]") {
    const Event events[] = {
        MediaAdded{{"ab12", "jpg", 123, 40, 30}, {"alt \"x\"", "credit"}, {0.1, 0.9}},
        MediaDescribed{{"other", ""}}, MediaRemoved{}};
    for (const auto& event : events) {
        auto again = event_from_json(name_of(event), to_json(event));
        CHECK(again.index() == event.index());
        CHECK(to_json(again) == to_json(event));
    }
    auto stored = event_from_json(
        "media_added.v1",
        R"({"alt":"A","bytes":9,"credit":"C","focus":{"x":0.25,"y":0.5},"height":3,"kind":"png",)"
        R"("sha256":"00ff","width":4})");
    const auto& added = std::get<MediaAdded>(stored);
    CHECK(added.bytes == Bytes{"00ff", "png", 9, 4, 3});
    CHECK(added.description == Description{"A", "C"});
    CHECK(added.focus == Focus{0.25, 0.5});
    CHECK(std::get<MediaDescribed>(
              event_from_json("media_described.v1", R"({"alt":"B","credit":""})"))
              .description == Description{"B", ""});
    for (const auto& [name, body] :
         {std::pair{"media_added.v2", "{}"}, std::pair{"media_added.v1", "{}"},
          std::pair{"media_described.v1", "[]"}, std::pair{"media_described.v1", "x"}}) {
        CHECK_THROWS_AS(event_from_json(name, body), std::runtime_error);
    }
}

TEST_CASE("a change's body is read strictly", "[media]") {
    using nlohmann::json;
    auto read =
        change_from_json(json::parse(R"({"alt":"a","focus":{"x":0,"y":1},"version":3,"more":1})"));
    REQUIRE(read);
    CHECK(read->change.alt == "a");
    CHECK_FALSE(read->change.credit);
    CHECK(read->change.focus == Focus{0, 1});
    CHECK(read->version == 3);
    for (const char* none : {"[]", R"({"alt":1})", R"({"credit":null})", R"({"focus":[0,1]})",
                             R"({"focus":{"x":0}})", R"({"version":-1})", R"({"version":"1"})"}) {
        CAPTURE(none);
        auto refused = change_from_json(json::parse(none));
        REQUIRE(!refused);
        CHECK(refused.error().code == "malformed_media");
    }
}

}  // namespace media
