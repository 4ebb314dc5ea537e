// The decoders and encoders, in this process: what is good, and what is not.
#include "codec.hpp"
#include "render.hpp"
#include "support/catch.hpp"
#include "support/pictures.hpp"

namespace image {

namespace {

using support::alike;
using support::picture;

Report rendered(Kind kind, const std::string& file, Kind format, std::int64_t width,
                std::int64_t height, std::string& made, double focus_x = 0.5,
                double focus_y = 0.5) {
    Job job;
    job.bytes = std::ssize(file);
    job.pixels_max = 64'000'000;
    job.kind = kind;
    job.format = format;
    job.width = width;
    job.height = height;
    job.focus_x = focus_x;
    job.focus_y = focus_y;
    return render(job, file, made);
}

}  // namespace

TEST_CASE("every kind of picture becomes every kind of rendition, and shows the same", "[image]") {
    for (auto kind : {Kind::jpeg, Kind::png, Kind::webp, Kind::avif, Kind::gif}) {
        for (auto format : {Kind::jpeg, Kind::webp, Kind::avif}) {
            CAPTURE(word_of(kind), word_of(format));
            std::string made;
            auto report = rendered(kind, picture(kind), format, 32, 0, made);
            REQUIRE(report.outcome == Outcome::done);
            CHECK(report.width == 64);
            CHECK(report.height == 48);
            CHECK(report.bytes == std::ssize(made));
            CHECK(kind_of(made) == format);
            auto seen = support::see(made);
            CHECK(seen.width == 32);
            CHECK(seen.height == 24);
            CHECK(alike(seen.at(0.2, 0.2), support::red));
            CHECK(alike(seen.at(0.8, 0.2), support::green));
            CHECK(alike(seen.at(0.2, 0.8), support::blue));
            CHECK(alike(seen.at(0.8, 0.8), support::white));
        }
    }
}

TEST_CASE("a rendition is upright, has no metadata, and is around the focus", "[image]") {
    for (auto kind : {Kind::jpeg, Kind::png}) {
        for (int orientation = 1; orientation <= 8; ++orientation) {
            CAPTURE(word_of(kind), orientation);
            auto file = picture(kind, {64, 48, orientation, "GPS 52.5 13.4"});
            REQUIRE(file.find("GPS 52.5") != file.npos);
            std::string made;
            auto report = rendered(kind, file, Kind::jpeg, 40, 0, made);
            REQUIRE(report.outcome == Outcome::done);
            CHECK(report.width == 64);
            CHECK(made.find("GPS") == made.npos);
            CHECK(made.find("Exif") == made.npos);
            auto seen = support::see(made);
            CHECK(seen.width == 40);
            CHECK(seen.height == 30);
            CHECK(alike(seen.at(0.2, 0.2), support::red));
            CHECK(alike(seen.at(0.8, 0.2), support::green));
            CHECK(alike(seen.at(0.2, 0.8), support::blue));
        }
    }
    // A narrow cut has but one of the two sides.
    std::string made;
    auto file = picture(Kind::jpeg, {160, 48, 6});
    rendered(Kind::jpeg, file, Kind::jpeg, 20, 20, made, 0.0, 0.5);
    CHECK(alike(support::see(made).at(0.9, 0.2), support::red));
    rendered(Kind::jpeg, file, Kind::jpeg, 20, 20, made, 1.0, 0.5);
    CHECK(alike(support::see(made).at(0.1, 0.2), support::green));
}

TEST_CASE("colours that a profile explains become sRGB, and inks become light", "[image]") {
    support::PictureOptions options;
    options.has_profile = true;
    for (auto kind : {Kind::jpeg, Kind::png}) {
        CAPTURE(word_of(kind));
        std::string made;
        auto file = picture(kind, options);
        REQUIRE(rendered(kind, file, Kind::webp, 32, 0, made).outcome == Outcome::done);
        auto seen = support::see(made);
        CHECK(alike(seen.at(0.2, 0.2), support::green));
        CHECK(alike(seen.at(0.8, 0.2), support::red));
        CHECK(alike(seen.at(0.8, 0.8), support::white));
        CHECK(made.find("ICCP") == made.npos);
    }
    options.has_profile = false;
    options.has_inks = true;
    std::string made;
    auto file = picture(Kind::jpeg, options);
    REQUIRE(rendered(Kind::jpeg, file, Kind::webp, 32, 0, made).outcome == Outcome::done);
    CHECK(alike(support::see(made).at(0.2, 0.2), support::red));
}

TEST_CASE("what is broken is said to be, in a sentence", "[image]") {
    std::size_t count = 0;
    for (const auto& [name, file] : support::broken_pictures()) {
        CAPTURE(name);
        std::string made;
        auto kind = kind_of(file);
        REQUIRE(is_picture(kind));
        auto report = rendered(kind, file, Kind::unknown, 0, 0, made);
        bool refused =
            report.outcome == Outcome::damaged || report.outcome == Outcome::too_many_pixels;
        CHECK(refused);
        bool has_reason = report.outcome != Outcome::damaged || report.why[0] != '\0';
        CHECK(has_reason);
        ++count;
    }
    CHECK(count >= 100);
}

TEST_CASE("a large picture is decoded no larger than it has to be", "[image]") {
    auto file = picture(Kind::jpeg, {1600, 1200});
    DecodeLimits limits;
    limits.enough = {100, 75};
    CHECK(decode_jpeg(file, limits).width() == 200);
    limits.enough = {};
    CHECK(decode_jpeg(file, limits).width() == 1600);
}

}  // namespace image
