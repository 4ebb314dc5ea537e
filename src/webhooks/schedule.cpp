#include "schedule.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace webhooks {

namespace {

/// 1 + factor + factor² …, `count` of them.
double sum_of(double factor, std::int64_t count) {
    double sum = 0;
    double one = 1;
    for (std::int64_t i = 0; i < count; ++i) {
        sum += one;
        one *= factor;
    }
    return sum;
}

double factor_of(double first, double span, std::int64_t count) {
    double low = 1;
    double high = 2;
    while (first * sum_of(high, count) < span) high *= 2;
    for (int i = 0; i < 100; ++i) {
        double middle = (low + high) / 2;
        (first * sum_of(middle, count) < span ? low : high) = middle;
    }
    return high;
}

}  // namespace

std::chrono::milliseconds wait_before(const Retries& retries, std::int64_t retry) {
    auto span = static_cast<double>(retries.span.count());
    auto first = static_cast<double>(retries.first.count());
    if (retries.most <= 1 || first * static_cast<double>(retries.most) >= span) {
        return retries.span / std::max<std::int64_t>(retries.most, 1);
    }
    double factor = factor_of(first, span, retries.most);
    return std::chrono::milliseconds(
        std::llround(first * std::pow(factor, static_cast<double>(retry - 1))));
}

std::chrono::milliseconds with_jitter(std::chrono::milliseconds wait, std::uint64_t seed) {
    // splitmix64: any two seeds that differ give numbers that have nothing to do with each other.
    seed += 0x9e3779b97f4a7c15U;
    seed = (seed ^ (seed >> 30U)) * 0xbf58476d1ce4e5b9U;
    seed = (seed ^ (seed >> 27U)) * 0x94d049bb133111ebU;
    seed ^= seed >> 31U;
    constexpr std::int64_t steps = 2001;
    auto share = static_cast<std::int64_t>(seed % steps) - steps / 2;  // -1000 to 1000
    return wait + std::chrono::milliseconds(wait.count() * share / 10000);
}

std::chrono::milliseconds asked_wait(std::string_view retry_after, std::chrono::milliseconds most) {
    bool is_number = !retry_after.empty() &&
                     retry_after.find_first_not_of("0123456789") == std::string_view::npos;
    if (!is_number) return std::chrono::milliseconds(0);
    auto zeros = std::min(retry_after.find_first_not_of('0'), retry_after.size() - 1);
    auto most_seconds = std::chrono::floor<std::chrono::seconds>(most);
    auto seconds = base::parse_number(retry_after.substr(zeros), most_seconds.count());
    return seconds ? std::chrono::seconds(*seconds) : most;
}

std::chrono::milliseconds wait_after(const Retries& retries, std::int64_t retry,
                                     std::chrono::milliseconds asked, std::uint64_t seed) {
    auto own = wait_before(retries, retry);
    auto wait = with_jitter(std::max(own, asked), seed);
    // Mirrored, what would be sooner is later.
    return wait < asked ? asked + (asked - wait) : wait;
}

bool has_place(const Places& places, std::size_t own, std::size_t all, std::size_t idle) {
    if (own >= places.each || all >= places.all) return false;
    // Its first is one of those that a place is kept for.
    return own == 0 || all + idle < places.all;
}

std::int64_t room_for(const TypeCounts& waiting, const std::string& news_type, std::int64_t most) {
    auto types = std::max<std::int64_t>(std::ssize(waiting), 1);
    auto kept = most / (2 * types);
    auto room = most;
    for (const auto& [type, count] : waiting) {
        room -= type == news_type ? count : std::max(count, kept);
    }
    return std::max<std::int64_t>(room, 0);
}

}  // namespace webhooks
