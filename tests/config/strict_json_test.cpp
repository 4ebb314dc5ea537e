#include "config/strict_json.hpp"

#include "support/catch.hpp"

namespace {

std::string array_of(int values) {
    std::string text = "[";
    for (int i = 1; i < values; ++i) text += "[],";
    return text + "0]";
}

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("well-formed JSON is read as it stands", "[config]") {
    for (std::string text :
         {R"({"a":1,"b":[true,null,-2.5],"c":{"a":"x"}})", R"("text")", "0", "[]", "{}", " [1] \n",
          R"(["é","\ud83d\uddde"])", "18446744073709551615", R"([{"a":1},{"a":2}])"}) {
        CAPTURE(text);
        auto value = config::parse_strict_json(text, {});
        REQUIRE(value);
        CHECK(*value == nlohmann::json::parse(text));
    }
}

TEST_CASE("what is no strict JSON is refused, and the sentence says where", "[config]") {
    struct Row {
        std::string text;
        const char* reason;
    };
    const std::vector<Row> rows = {
        {"", "line 1, column 1: unexpected end of input"},
        {"{\"a\":1,}", "line 1, column 8"},
        {"{\n \"a\": }", "line 2, column 7: unexpected '}'"},
        {"[1] x", "line 1, column 5"},
        {"[1][2]", "line 1, column 4"},
        {"{'a':1}", "line 1, column 2"},
        {"[01]", "line 1, column 3"},
        {"[+1]", "line 1, column 2"},
        {"[1.]", "line 1, column"},
        {"[NaN]", "line 1, column 2"},
        {"[Infinity]", "line 1, column 2"},
        {"[1e999]", "a number is too large"},
        {"[-1e999]", "a number is too large"},
        {"[1] // no", "line 1, column 5"},
        {"[\"a\nb\"]", "control character"},
        {"[\"\xff\"]", "line 1, column 3: invalid string: ill-formed UTF-8 byte"},
        {"[\"\xc0\xaf\"]", "ill-formed UTF-8"},
        {"[\"\xed\xa0\x80\"]", "ill-formed UTF-8"},
        {R"(["\ud800"])", "surrogate"},
        {R"(["\u0000"])", "at 0: text holds a NUL"},
        {R"({"a":[1,{"b":"x\u0000y"}]})", "at a.1.b: text holds a NUL"},
        {R"({"a\u0000":1})", "the name of a member holds a NUL"},
        {std::string("[1]\0[2]", 7), "line 1, column 4: a NUL"},
        {R"({"a":1,"a":1})", "the member a stands there twice"},
        {R"({"a":1,"\u0061":2})", "the member a stands there twice"},
        {R"([0,{"x":{"b":1,"c":2,"b":3}}])", "the member 1.x.b stands there twice"},
        {nested(33), "nested deeper than 32 levels"},
        {array_of(16384), "more than 16384 values"},
        {nested(500000), "nested deeper than 32 levels"},
        {std::string(500000, '['), "nested deeper than 32 levels"},
    };
    for (const auto& [text, reason] : rows) {
        CAPTURE(text.substr(0, 60));
        auto value = config::parse_strict_json(text, {});
        REQUIRE_FALSE(value);
        CHECK(value.error().reason == base::Reason::invalid);
        // Well formed, but what no text may hold.
        bool nul = text.find("\\u0000") != std::string::npos;
        CHECK(value.error().code == (nul ? "nul_in_text" : "malformed_json"));
        CHECK_THAT(value.error().message, Catch::Contains(reason));
    }
}

TEST_CASE("the limits are what the caller says", "[config]") {
    config::JsonLimits limits;
    CHECK(config::parse_strict_json(nested(32), limits));
    limits.depth = 2;
    CHECK(config::parse_strict_json("[[1]]", limits));
    CHECK_FALSE(config::parse_strict_json("[[{}]]", limits));
    limits.bytes = 5;
    CHECK(config::parse_strict_json("[[1]]", limits));
    CHECK_FALSE(config::parse_strict_json("[[1]] ", limits));
    limits = {};
    limits.comments = true;
    CHECK(config::parse_strict_json("// one\n[1, /* two */ 2]", limits));
    CHECK_FALSE(config::parse_strict_json("[1] /* open", limits));
    CHECK_FALSE(config::parse_strict_json("[1] // \xff", limits));
}

TEST_CASE("a refusal stays short and is UTF-8, whatever the input was", "[config]") {
    std::string name;
    for (int i = 0; i < 1000; ++i) name += "é";
    for (const auto& text : {"{\"" + name + "\":1,\"" + name + "\":2}", "[\"" + name + "\xff\"]",
                             "[" + name + "]", "{\"x" + name + "\":\"\\u0000\"}"}) {
        auto value = config::parse_strict_json(text, {});
        REQUIRE_FALSE(value);
        CHECK(value.error().message.size() < 300);
        CHECK_NOTHROW(nlohmann::json(value.error().message).dump());
    }
}
