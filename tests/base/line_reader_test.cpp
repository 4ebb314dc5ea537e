#include "base/line_reader.hpp"

#include <sstream>
#include <vector>

#include "support/catch.hpp"

namespace base {

TEST_CASE("a text is read line by line, and no line takes more than is allowed") {
    struct Row {
        const char* text;
        std::vector<std::string> lines;  // a ! before those that are too long
    };
    const std::vector<Row> rows = {
        {"", {}},
        {"\n", {""}},
        {"a\nb", {"a", "b"}},
        {"a\r\n\r\nb\r\n", {"a", "", "b"}},
        {"a\rb\n", {"a\rb"}},
        {"1234\n12345\n1\n", {"1234", "!1234", "1"}},
        {"123456789", {"!1234"}},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        std::istringstream input(row.text);
        LineReader reader(input, 4);
        std::vector<std::string> lines;
        while (reader.next()) lines.push_back((reader.too_long() ? "!" : "") + reader.line());
        CHECK(lines == row.lines);
        CHECK(reader.bytes_read() == static_cast<std::int64_t>(std::string(row.text).size()));
    }
}

}  // namespace base
