#include "render.hpp"

#include <algorithm>
#include <new>

#include "codec.hpp"
#include "header.hpp"
#include "resample.hpp"

namespace image {

namespace {

struct TooManyPixels {};

Decoded decode(const Job& job, std::string_view file, const DecodeLimits& limits) {
    if (job.kind == Kind::avif) return decode_avif(file, limits);
    auto header = read_header(job.kind, file);
    if (!header) throw Damaged("it does not say how large it is");
    // Before any decoder sees it. One whose decoder takes it for larger than its header says is
    // stopped by the limit on memory.
    if (header->width > limits.pixels_max / header->height) throw TooManyPixels();
    Decoded decoded;
    decoded.orientation = header->orientation;
    switch (job.kind) {
        case Kind::jpeg:
            decoded.pixels = decode_jpeg(file, limits);
            break;
        case Kind::png:
            decoded.pixels = decode_png(file);
            break;
        case Kind::webp:
            decoded.pixels = decode_webp(file);
            break;
        case Kind::gif:
            decoded.pixels = decode_gif(file);
            break;
        default:
            throw Damaged("it is no picture");
    }
    return decoded;
}

std::string encode(Kind format, const Pixels& pixels) {
    if (format == Kind::jpeg) return encode_jpeg(pixels);
    if (format == Kind::avif) return encode_avif(pixels);
    return encode_webp(pixels);
}

/// The longest side that a file of that format can have; of AVIF, that common decoders take.
std::int64_t side_max(Kind format) {
    if (format == Kind::jpeg) return 65500;
    return format == Kind::avif ? 32768 : 16383;
}

Cut cut_for(const Job& job, Size seen) {
    auto cut = cut_around(seen, {job.width, job.height}, {job.focus_x, job.focus_y});
    return no_longer_than(cut, side_max(job.format));
}

/// How large the whole picture may be decoded so that the cut still has all that is wanted of it.
Size enough_for(const Job& job, const std::optional<Header>& header) {
    if (!header || job.format == Kind::unknown) return {};
    auto seen = shown({header->width, header->height}, header->orientation);
    auto cut = cut_for(job, seen);
    auto scaled = [&](std::int64_t whole) { return whole * cut.made.width / cut.part.width + 1; };
    return shown({scaled(seen.width), scaled(seen.height)}, header->orientation);
}

void work(const Job& job, std::string_view file, Report& report, std::string& made) {
    auto header = job.kind == Kind::jpeg ? read_header(job.kind, file) : std::nullopt;
    auto decoded = decode(job, file, {job.pixels_max, enough_for(job, header)});
    Size stored{decoded.pixels.width(), decoded.pixels.height()};
    auto seen = shown(stored, decoded.orientation);
    report.width = seen.width;
    report.height = seen.height;
    if (job.format == Kind::unknown) return;
    auto cut = cut_for(job, seen);
    auto small = resample(decoded.pixels, as_stored(cut, seen, decoded.orientation));
    decoded.pixels = Pixels();
    if (decoded.orientation != 1) small = turn(small, decoded.orientation);
    made = encode(job.format, small);
    report.bytes = std::ssize(made);
}

}  // namespace

void say(Report& report, Outcome outcome, std::string_view why) {
    report.outcome = outcome;
    auto length = std::min(why.size(), report.why.size() - 1);
    std::copy_n(why.begin(), length, report.why.begin());
    report.why[length] = '\0';
}

Report render(const Job& job, std::string_view file, std::string& made) {
    Report report;
    try {
        work(job, file, report, made);
        report.outcome = Outcome::done;
    } catch (const TooManyPixels&) {
        say(report, Outcome::too_many_pixels, "");
    } catch (const Damaged& damaged) {
        say(report, Outcome::damaged, damaged.what());
    } catch (const std::bad_alloc&) {
        say(report, Outcome::damaged, "it takes too much memory");
    } catch (const std::exception& failure) {
        say(report, Outcome::failed, failure.what());
    }
    return report;
}

}  // namespace image
