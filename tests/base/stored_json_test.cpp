// Texts that were stored are read as nlohmann's own parser reads them.
#include "base/stored_json.hpp"

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"

using base::read_stored_json;
using nlohmann::ordered_json;

namespace {

/// A value of up to that depth, of all kinds, with all that makes a text hard to read.
ordered_json value(std::mt19937& random, int depth) {
    static const std::vector<std::string> texts = {"",
                                                   "a",
                                                   "caf\xC3\xA9",
                                                   "\xF0\x9F\x98\x80",
                                                   "\"\\/\b\f\n\r\t\x01",
                                                   "</p>\n<p class=\"a\">",
                                                   std::string(5000, 'x'),
                                                   "\x7F\xC2\x80"};
    auto one_of = [&](int count) { return static_cast<int>(random() % unsigned(count)); };
    auto text = [&] { return texts[static_cast<std::size_t>(one_of(int(texts.size())))]; };
    switch (one_of(depth > 0 ? 9 : 7)) {
        case 0:
            return nullptr;
        case 1:
            return one_of(2) == 0;
        case 2:
            return static_cast<std::int64_t>(random()) - 0x7FFFFFFF;
        case 3:
            return std::uint64_t(random()) << one_of(33);
        case 4:
            return double(random()) / (1 + one_of(1000)) * (one_of(2) == 0 ? 1e-12 : 1e200);
        case 5:
        case 6:
            return text();
        case 7: {
            auto list = ordered_json::array();
            for (int i = one_of(5); i > 0; --i) list.push_back(value(random, depth - 1));
            return list;
        }
        default: {
            auto object = ordered_json::object();
            for (int i = one_of(5); i > 0; --i) object[text()] = value(random, depth - 1);
            return object;
        }
    }
}

}  // namespace

TEST_CASE("what was written as JSON is read as another parser reads it", "[base]") {
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        auto written = value(random, 5);
        for (bool ascii : {false, true}) {
            auto text = written.dump(-1, ' ', ascii);
            auto read = read_stored_json(text);
            CHECK((read == ordered_json::parse(text)));
            CHECK(read.dump() == ordered_json::parse(text).dump());
        }
    }
    for (const char* text :
         {" [ 1 , -0 , 0.1 , 1e5 , 18446744073709551615 , -9223372036854775808 ] ",
          R"({"a":1,"b":2,"a":{"c":[]}})", "0.30000000000000004", "5e-324",
          "1.7976931348623157e308", "123456789012345678901234567890"}) {
        CAPTURE(text);
        CHECK(read_stored_json(text).dump() == ordered_json::parse(text).dump());
    }
    auto deep = std::string(64, '[') + std::string(64, ']');
    CHECK(read_stored_json(deep).dump() == deep);
}

TEST_CASE("what is no JSON is not read", "[base]") {
    for (const char* text :
         {"", " ", "{", "[1,]", "{\"a\"}", "tru", "\"\x01\"", "\"a", "1 2", "{} x", "\"\xC3\"",
          "\"\xED\xA0\x80\"", R"("\ud800")", "01", "+1", ".5", "NaN", "'a'", "// a\n1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(read_stored_json(text), std::runtime_error);
    }
    CHECK_THROWS_AS(read_stored_json(std::string(65, '[') + std::string(65, ']')),
                    std::runtime_error);
}
