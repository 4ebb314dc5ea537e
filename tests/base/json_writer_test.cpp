#include "base/json_writer.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using base::JsonWriter;

TEST_CASE("every character comes back from the JSON that is written", "[base]") {
    std::string text = "é日本🗞\x7f";
    for (char c = 0; c < 127; ++c) text += c;
    std::string out;
    JsonWriter(out).value(text);
    CHECK(nlohmann::json::parse(out).get<std::string>() == text);
    CHECK(out == nlohmann::json(text).dump());
}

TEST_CASE("commas stand between members and values, nowhere else", "[base]") {
    std::string out = "x:";
    JsonWriter json(out);
    json.open('{').member("empty", "").member("brackets", "{[:").name("list").open('[');
    json.open('[').close(']').open('{').close('}').value(nullptr).value(true).value(-7).close(']');
    json.member("texts", std::vector<std::string>{"a", ",", "["}).name("none").open('{').close('}');
    json.member("most", std::numeric_limits<std::int64_t>::max()).close('}');
    CHECK(out ==
          R"(x:{"empty":"","brackets":"{[:","list":[[],{},null,true,-7],"texts":["a",",","["],)"
          R"("none":{},"most":9223372036854775807})");
}
