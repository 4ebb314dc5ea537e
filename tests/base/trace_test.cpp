#include "base/trace.hpp"

#include "support/catch.hpp"

using base::parse_traceparent;

namespace {
const std::string whole = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
}  // namespace

TEST_CASE("a traceparent is read and written as W3C Trace Context has it", "[base]") {
    auto trace = parse_traceparent(whole);

    REQUIRE(trace);
    CHECK(trace->high == 0x4bf92f3577b34da6u);
    CHECK(trace->low == 0xa3ce929d0e0e4736u);
    CHECK(trace->span == 0x00f067aa0ba902b7u);
    CHECK(trace->sampled);
    CHECK(base::to_traceparent(*trace) == whole);
    CHECK(base::trace_id(*trace) == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(base::span_id(1) == "0000000000000001");
}

TEST_CASE("only what is certain of a traceparent is taken", "[base]") {
    auto with = [](std::size_t at, const std::string& instead) {
        return std::string(whole).replace(at, instead.size(), instead);
    };
    struct Case {
        std::string value;
        bool good;
    };
    const Case cases[] = {
        {whole, true},
        {with(53, "00"), true},
        {with(53, "ff"), true},                 // later flags are not ours to mind
        {with(0, "01"), true},                  // a later version of the same length
        {with(0, "cc") + "-what-comes", true},  // or longer
        {with(0, "cc") + "-", true},
        {with(0, "cc") + ".what", false},
        {with(0, "ff"), false},
        {whole + "-", false},  // version 00 has nothing more
        {whole + "0", false},
        {whole.substr(0, 54), false},
        {"", false},
        {with(3, std::string(32, '0')), false},
        {with(36, std::string(16, '0')), false},
        {with(3, "4BF92F"), false},
        {with(36, "00F067AA"), false},
        {with(0, "0A"), false},
        {with(53, "0x"), false},
        {with(53, "0G"), false},
        {with(2, "_"), false},
        {with(35, " "), false},
        {with(52, "."), false},
        {" " + whole, false},
        {with(10, std::string(1, '\0')), false},
        {with(40, "\xc3\xa4"), false},
    };
    for (const auto& one : cases) {
        INFO(one.value);
        CHECK(parse_traceparent(one.value).has_value() == one.good);
    }
}

TEST_CASE("no traceparent with one byte changed reads as another trace without being well formed",
          "[base]") {
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            auto value = whole;
            value[at] = static_cast<char>(byte);
            auto trace = parse_traceparent(value);
            if (!trace || value.substr(0, 2) != "00") continue;
            auto back = base::to_traceparent(*trace);
            CHECK(back.substr(0, 53) == value.substr(0, 53));
        }
    }
}

TEST_CASE("a tracestate is passed on only in its form", "[base]") {
    auto members = [](int count) {
        std::string all;
        for (int i = 0; i < count; ++i) all += (i ? ",k" : "k") + std::to_string(i) + "=v";
        return all;
    };
    struct Case {
        std::string value;
        bool good;
    };
    const Case cases[] = {
        {"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", true},
        {"rojo=1 , congo=2", true},
        {"a=1,,b=2", true},
        {"fw529a3039@dt=FfQ", true},
        {"0a=b", true},
        {members(32), true},
        {members(33), false},
        {"", false},
        {"a", false},
        {"a=", false},
        {"=a", false},
        {"A=b", false},
        {"a=1,a=2", false},
        {"a=b=c", false},
        {"a@B=1", false},
        {"a@=1", false},
        {"a=\xc3\xa4", false},
        {"a=" + std::string(257, 'x'), false},
        {std::string(257, 'a') + "=x", false},
    };
    for (const auto& one : cases) {
        INFO(one.value);
        CHECK(base::is_tracestate(one.value) == one.good);
    }
}
