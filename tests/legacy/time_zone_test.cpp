#include "base/time_zone.hpp"

#include <fstream>

#include "drf_time.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace legacy {

namespace {

struct Row {
    const char* zone;
    const char* time;
    const char* written;
};

std::string written(const char* time, TimeStyle style) {
    std::string out;
    write_time(out, *base::parse_rfc3339(time), style);
    return out;
}

TimeStyle in(const char* zone) {
    TimeStyle style;
    auto loaded = base::TimeZone::load(zone);
    REQUIRE(loaded);
    style.zone = *loaded;
    return style;
}

std::string number(std::int64_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
    return out;
}

/// A file of one zone: at 1000 s its clocks go from 0 to `offset`.
struct ZoneFile {
    char version = '2';
    std::vector<std::int64_t> changes = {1000};
    std::vector<int> types = {1};
    std::int64_t offset = 3600;
    std::int64_t leaps = 0;
    std::string footer = "\n\n";

    std::string bytes() const {
        auto zeros = [](std::int64_t count) {
            return std::string(static_cast<std::size_t>(count), '\0');
        };
        auto head = [&](std::int64_t changes_count, std::int64_t types_count) {
            return "TZif" + std::string(1, version) + zeros(15 + 8) + number(leaps, 4) +
                   number(changes_count, 4) + number(types_count, 4) + number(4, 4);
        };
        auto letters = "ABC" + zeros(1);
        auto text = head(0, 1) + zeros(6) + letters + zeros(leaps * 8);
        text += head(std::ssize(changes), 2);
        for (auto change : changes) text += number(change, 8);
        for (auto type : types) text += static_cast<char>(type);
        text += zeros(6) + number(offset, 4) + zeros(2) + letters + zeros(leaps * 12);
        return text + footer;
    }
};

}  // namespace

TEST_CASE("a time is written as the clocks of a place showed it, long ago and far ahead",
          "[legacy]") {
    const std::vector<Row> rows = {
        {"America/Chicago", "2026-03-08T07:59:59.999999Z", "2026-03-08T01:59:59.999999-06:00"},
        {"America/Chicago", "2026-03-08T08:00:00Z", "2026-03-08T03:00:00-05:00"},
        {"America/Chicago", "2026-11-01T06:59:59Z", "2026-11-01T01:59:59-05:00"},
        {"America/Chicago", "2026-11-01T07:00:00Z", "2026-11-01T01:00:00-06:00"},
        {"America/Chicago", "1969-12-31T23:59:59.5Z", "1969-12-31T17:59:59.500000-06:00"},
        {"America/Chicago", "1883-11-18T12:00:00Z", "1883-11-18T06:09:24-05:50:36"},
        {"America/Chicago", "2038-07-01T12:00:00Z", "2038-07-01T07:00:00-05:00"},
        {"America/Chicago", "2038-12-01T12:00:00Z", "2038-12-01T06:00:00-06:00"},
        {"America/Chicago", "2400-03-12T07:59:59Z", "2400-03-12T01:59:59-06:00"},
        {"America/Chicago", "2400-03-12T08:00:00Z", "2400-03-12T03:00:00-05:00"},
        {"Asia/Kolkata", "2026-07-01T00:00:00Z", "2026-07-01T05:30:00+05:30"},
        {"Asia/Kolkata", "1943-06-01T00:00:00Z", "1943-06-01T06:30:00+06:30"},
        {"Asia/Kolkata", "2050-01-01T00:00:00Z", "2050-01-01T05:30:00+05:30"},
        {"Europe/Dublin", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
        {"Europe/Dublin", "2060-07-01T00:00:00Z", "2060-07-01T01:00:00+01:00"},
        {"Australia/Sydney", "2045-01-01T00:00:00Z", "2045-01-01T11:00:00+11:00"},
        {"Australia/Sydney", "2045-07-01T00:00:00Z", "2045-07-01T10:00:00+10:00"},
        {"UTC", "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123456Z"},
        {"UTC", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
    };
    for (const auto& [zone, time, expected] : rows) {
        CAPTURE(zone, time);
        CHECK(written(time, in(zone)) == '"' + std::string(expected) + '"');
    }
}

TEST_CASE("format and precision say how much of a time is written", "[legacy]") {
    auto style = in("America/Chicago");
    const char* time = "2026-05-01T02:00:00.012345Z";
    style.precision = TimePrecision::ms;
    CHECK(written(time, style) == "\"2026-04-30T21:00:00.012-05:00\"");
    CHECK(written("2026-05-01T02:00:00.000400Z", style) == "\"2026-04-30T21:00:00.000-05:00\"");
    CHECK(written("2026-05-01T02:00:00Z", style) == "\"2026-04-30T21:00:00-05:00\"");
    style.precision = TimePrecision::s;
    CHECK(written(time, style) == "\"2026-04-30T21:00:00-05:00\"");
    style.format = TimeFormat::date;
    CHECK(written(time, style) == "\"2026-04-30\"");
    style.format = TimeFormat::timestamp;
    CHECK(written(time, style) == "1777600800");
    CHECK(written("1969-12-31T23:59:59.5Z", style) == "-1");
    TimeStyle utc;
    utc.format = TimeFormat::iso;
    CHECK(written(time, utc) == "\"2026-05-01T02:00:00.012345+00:00\"");
}

TEST_CASE("a rule says when clocks are changed, by any of its forms", "[legacy]") {
    auto offset = [](const char* rule, const char* time) {
        auto parsed = base::parse_zone_rule(rule);
        REQUIRE(parsed);
        auto at = base::parse_rfc3339(time)->time_since_epoch();
        return parsed->offset_at(std::chrono::floor<std::chrono::seconds>(at)).count();
    };
    CHECK(offset("<-03>3", "2026-01-01T00:00:00Z") == -3 * 3600);
    CHECK(offset("AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z") == 3600);
    CHECK(offset("AAA0BBB,J60/0,J300/0", "2028-02-29T23:59:59Z") == 0);
    CHECK(offset("AAA0BBB,59/0,J300/0", "2028-02-29T00:00:00Z") == 3600);
    CHECK(offset("AAA0BBB,59/0,J300/0", "2027-02-28T23:59:59Z") == 0);
    // Summer in the south goes over the new year, and that of Nuuk begins the day before.
    CHECK(offset("AEST-10AEDT,M10.1.0,M4.1.0/3", "2050-01-01T00:00:00Z") == 11 * 3600);
    CHECK(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T01:00:00Z") == -3600);
    CHECK(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T00:59:59Z") == -2 * 3600);
    // All the year.
    CHECK(offset("XXX3EDT4,0/0,J365/23", "2050-12-31T23:59:59Z") == -4 * 3600);
    CHECK(offset("XXX3EDT4,0/0,J365/23", "2050-01-01T05:00:00Z") == -4 * 3600);
}

TEST_CASE("what is no rule is none", "[legacy]") {
    for (const char* bad :
         {"", "C", "CST", "CST6CDT", "CST6CDT,M3.2.0", "CST6CDT,M3.2.0,M13.1.0",
          "CST6CDT,M3.0.0,M11.1.0", "CST6CDT,M3.2.7,M11.1.0", "CST6CDT,J0,J5", "CST6CDT,J366,J5",
          "CST6CDT,M3.2.0/168,M11.1.0", "CST25", "CST6:60", "<CST6", "CST6CDT,M3.2.0,M11.1.0 ",
          "CST6CDT,M3.2.0,M11.1.0,", "9999"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::parse_zone_rule(bad));
    }
}

TEST_CASE("a file of a zone is read strictly", "[legacy]") {
    ZoneFile good;
    auto zone = base::TimeZone::parse(good.bytes());
    REQUIRE(zone);
    CHECK(zone->offset_at(base::from_micros(999999999)).count() == 0);
    CHECK(zone->offset_at(base::from_micros(1000000000)).count() == 3600);

    auto reads = [](auto change) {
        ZoneFile file;
        change(file);
        return base::TimeZone::parse(file.bytes()).has_value();
    };
    CHECK_FALSE(reads([](ZoneFile& file) { file.version = '\0'; }));
    CHECK_FALSE(reads([](ZoneFile& file) {
        file.changes = {5, 5};
        file.types = {1, 1};
    }));
    CHECK_FALSE(reads([](ZoneFile& file) { file.types = {2}; }));
    CHECK_FALSE(reads([](ZoneFile& file) { file.offset = 27 * 3600; }));
    CHECK_FALSE(reads([](ZoneFile& file) { file.leaps = 1; }));
    CHECK_FALSE(reads([](ZoneFile& file) { file.footer = ""; }));
    CHECK_FALSE(reads([](ZoneFile& file) { file.footer = "\nCST\n"; }));
    auto bytes = good.bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(base::TimeZone::parse(std::string_view(bytes).substr(0, size)));
    }
}

TEST_CASE("a zone has a name of IANA's, and no way out of their folder", "[legacy]") {
    support::TemporaryFolder folder;
    std::filesystem::create_directory(folder / "zones");
    std::ofstream(folder / "zones" / "Here") << ZoneFile().bytes();
    std::ofstream(folder / "zones" / "Text") << "no zone";
    std::ofstream(folder / "Outside") << ZoneFile().bytes();
    auto load = [&](const std::string& name) {
        return base::TimeZone::load(name, folder / "zones");
    };
    CHECK(load("Here"));
    CHECK(load("UTC"));
    CHECK(load("Text").error().code == "bad_time_zone");
    for (const char* name : {"", "There", "../Outside", "./Here", "/etc/localtime", "Here ", "."}) {
        CAPTURE(name);
        CHECK(load(name).error().code == "unknown_time_zone");
    }
}

}  // namespace legacy
