#include "resample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace image {

namespace {

constexpr int lobes = 3;
constexpr std::size_t channels = Pixels::channels;
constexpr std::size_t light_steps = 65536;

/// sRGB's numbers as light, and back. A step of light is a twentieth of a number's where they are
/// closest.
struct Curves {
    std::array<float, 256> light{};
    std::vector<std::uint8_t> number = std::vector<std::uint8_t>(light_steps);

    Curves() {
        for (std::size_t i = 0; i < light.size(); ++i) {
            auto value = static_cast<double>(i) / 255;
            light[i] = static_cast<float>(
                value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4));
        }
        for (std::size_t i = 0; i < light_steps; ++i) {
            auto value = static_cast<double>(i) / (light_steps - 1);
            auto coded =
                value <= 0.0031308 ? value * 12.92 : 1.055 * std::pow(value, 1 / 2.4) - 0.055;
            number[i] = static_cast<std::uint8_t>(std::lround(coded * 255));
        }
    }
};

const Curves& curves() {
    static const Curves made;
    return made;
}

double lanczos(double x) {
    if (x == 0) return 1;
    if (std::abs(x) >= lobes) return 0;
    auto angle = std::numbers::pi * x;
    return lobes * std::sin(angle) * std::sin(angle / lobes) / (angle * angle);
}

/// Which samples make one of the new ones, and how much of each.
struct Taps {
    std::int64_t first = 0;
    std::vector<float> weights;
};

/// `count` new samples of `length` old ones.
std::vector<Taps> taps_of(std::int64_t length, std::int64_t count) {
    std::vector<Taps> all(static_cast<std::size_t>(count));
    auto scale = static_cast<double>(length) / static_cast<double>(count);
    auto reach = lobes * scale;
    for (std::int64_t i = 0; i < count; ++i) {
        auto middle = (static_cast<double>(i) + 0.5) * scale;
        auto first = std::max<std::int64_t>(0, std::llround(std::floor(middle - reach)));
        auto end = std::min<std::int64_t>(length, std::llround(std::ceil(middle + reach)));
        auto& taps = all[static_cast<std::size_t>(i)];
        taps.first = first;
        double sum = 0;
        std::vector<double> weights;
        for (auto at = first; at < end; ++at) {
            weights.push_back(lanczos((static_cast<double>(at) + 0.5 - middle) / scale));
            sum += weights.back();
        }
        for (auto weight : weights) taps.weights.push_back(static_cast<float>(weight / sum));
    }
    return all;
}

/// A row's part as light, with alpha multiplied in.
void to_light(const std::uint8_t* from, std::size_t count, std::vector<float>& light) {
    const auto& table = curves().light;
    for (std::size_t i = 0; i < count * channels; i += channels) {
        auto alpha = static_cast<float>(from[i + 3]) / 255;
        for (std::size_t c = 0; c < 3; ++c) light[i + c] = table[from[i + c]] * alpha;
        light[i + 3] = alpha;
    }
}

std::uint8_t number_of(float light) {
    auto step = std::clamp(light, 0.0F, 1.0F) * static_cast<float>(light_steps - 1) + 0.5F;
    return curves().number[static_cast<std::size_t>(step)];
}

void to_bytes(const std::vector<float>& light, std::size_t count, std::uint8_t* to) {
    for (std::size_t i = 0; i < count * channels; i += channels) {
        auto alpha = std::clamp(light[i + 3], 0.0F, 1.0F);
        auto share = alpha > 0 ? 1 / alpha : 0;
        for (std::size_t c = 0; c < 3; ++c) to[i + c] = number_of(light[i + c] * share);
        to[i + 3] = static_cast<std::uint8_t>(std::lround(alpha * 255));
    }
}

void along_row(const std::vector<float>& from, const std::vector<Taps>& taps,
               std::vector<float>& to) {
    std::size_t out = 0;
    for (const auto& one : taps) {
        std::array<float, channels> sum{};
        const float* sample = from.data() + static_cast<std::size_t>(one.first) * channels;
        for (auto weight : one.weights) {
            for (std::size_t c = 0; c < channels; ++c) sum[c] += weight * sample[c];
            sample += channels;
        }
        std::copy(sum.begin(), sum.end(), to.begin() + static_cast<std::ptrdiff_t>(out));
        out += channels;
    }
}

}  // namespace

Pixels resample(const Pixels& from, const Cut& cut) {
    auto width = static_cast<std::size_t>(cut.made.width);
    auto across = taps_of(cut.part.width, cut.made.width);
    auto down = taps_of(cut.part.height, cut.made.height);
    std::size_t highest = 0;
    for (const auto& taps : down) highest = std::max(highest, taps.weights.size());

    Pixels made(cut.made.width, cut.made.height);
    made.has_alpha = from.has_alpha;
    std::vector<float> light(static_cast<std::size_t>(cut.part.width) * channels);
    // The rows that the kernel covers now, each at its number modulo how many there are.
    std::vector<std::vector<float>> rows(highest, std::vector<float>(width * channels));
    std::vector<float> sum(width * channels);
    std::int64_t next = 0;
    for (std::int64_t y = 0; y < cut.made.height; ++y) {
        const auto& taps = down[static_cast<std::size_t>(y)];
        auto end = taps.first + std::ssize(taps.weights);
        for (next = std::max(next, taps.first); next < end; ++next) {
            const auto* row = from.row(cut.y + next) + static_cast<std::size_t>(cut.x) * channels;
            to_light(row, static_cast<std::size_t>(cut.part.width), light);
            along_row(light, across, rows[static_cast<std::size_t>(next) % highest]);
        }
        std::fill(sum.begin(), sum.end(), 0.0F);
        for (std::size_t i = 0; i < taps.weights.size(); ++i) {
            const auto& row = rows[(static_cast<std::size_t>(taps.first) + i) % highest];
            for (std::size_t at = 0; at < sum.size(); ++at) sum[at] += taps.weights[i] * row[at];
        }
        to_bytes(sum, width, made.row(y));
    }
    return made;
}

Pixels turn(const Pixels& stored, int orientation) {
    auto size = shown({stored.width(), stored.height()}, orientation);
    Pixels made(size.width, size.height);
    made.has_alpha = stored.has_alpha;
    auto right = stored.width() - 1;
    auto bottom = stored.height() - 1;
    for (std::int64_t y = 0; y < size.height; ++y) {
        for (std::int64_t x = 0; x < size.width; ++x) {
            auto from_x = x;
            auto from_y = y;
            switch (orientation) {
                case 2:
                    from_x = right - x;
                    break;
                case 3:
                    from_x = right - x;
                    from_y = bottom - y;
                    break;
                case 4:
                    from_y = bottom - y;
                    break;
                case 5:
                    from_x = y;
                    from_y = x;
                    break;
                case 6:
                    from_x = y;
                    from_y = bottom - x;
                    break;
                case 7:
                    from_x = right - y;
                    from_y = bottom - x;
                    break;
                case 8:
                    from_x = right - y;
                    from_y = x;
                    break;
                default:
                    break;
            }
            const auto* pixel = stored.row(from_y) + static_cast<std::size_t>(from_x) * channels;
            std::copy(pixel, pixel + channels,
                      made.row(y) + static_cast<std::size_t>(x) * channels);
        }
    }
    return made;
}

}  // namespace image
