#include "range.hpp"

#include "support/catch.hpp"

using http::RangeVerdict;

namespace {

/// `from+size`, `whole` or `none` for a body of ten bytes.
std::string asked(const std::vector<http::Request::Field>& fields,
                  http::Method method = http::Method::get, std::uint64_t size = 10) {
    http::Request request;
    request.method = method;
    request.fields = fields;
    http::Range part;
    switch (http::choose_range(request, size, "\"e\"", part)) {
        case RangeVerdict::whole:
            return "whole";
        case RangeVerdict::unsatisfiable:
            return "none";
        case RangeVerdict::part:
            return std::to_string(part.from) + "+" + std::to_string(part.size);
    }
    return {};
}

std::string asked(std::string_view range) {
    return asked({{"Range", range}});
}

}  // namespace

TEST_CASE("a range is a part of a body, from its start or its end", "[http]") {
    CHECK(asked("bytes=0-0") == "0+1");
    CHECK(asked("bytes=2-5") == "2+4");
    CHECK(asked("Bytes = 2-5 ") == "2+4");
    CHECK(asked("bytes=7-") == "7+3");
    CHECK(asked("bytes=0-99999999999999999999999") == "0+10");
    CHECK(asked("bytes=-3") == "7+3");
    CHECK(asked("bytes=-30") == "0+10");
}

TEST_CASE("a range beyond the end cannot be met", "[http]") {
    CHECK(asked("bytes=10-") == "none");
    CHECK(asked("bytes=10-12") == "none");
    CHECK(asked("bytes=99999999999999999999999-") == "none");
    CHECK(asked("bytes=-0") == "none");
    CHECK(asked({{"Range", "bytes=0-0"}}, http::Method::get, 0) == "none");
    CHECK(asked({{"Range", "bytes=-1"}}, http::Method::get, 0) == "none");
}

TEST_CASE("what is no single range of bytes gets the whole", "[http]") {
    for (const char* range :
         {"bytes=0-1,3-4", "bytes=0-1,", "lines=0-1", "bytes", "bytes=", "bytes=-", "bytes=a-1",
          "bytes=1-a", "bytes=5-2", "bytes= 1-2-3", "bytes=+1-2", "bytes=1 - 2"}) {
        CAPTURE(range);
        CHECK(asked(range) == "whole");
    }
    CHECK(asked({{"Range", "bytes=0-1"}, {"Range", "bytes=3-4"}}) == "whole");
    CHECK(asked({{"Range", "bytes=0-1"}}, http::Method::head) == "whole");
    CHECK(asked({{"Range", "bytes=0-1"}}, http::Method::post) == "whole");
}

TEST_CASE("If-Range lets a part through only of the very same bytes", "[http]") {
    CHECK(asked({{"Range", "bytes=0-1"}, {"If-Range", "\"e\""}}) == "0+2");
    for (const char* other : {"\"f\"", "W/\"e\"", "Wed, 21 Oct 2015 07:28:00 GMT", "e"}) {
        CAPTURE(other);
        CHECK(asked({{"Range", "bytes=0-1"}, {"If-Range", other}}) == "whole");
    }
}
