#include "ranking.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "document.hpp"

namespace search {

double rarity(std::int64_t documents, std::int64_t total) {
    auto with = static_cast<double>(documents);
    auto all = static_cast<double>(std::max(total, documents));
    return std::log(1 + (all - with + 0.5) / (with + 0.5));
}

void rank(std::vector<Candidate>& candidates, base::Time now, std::chrono::hours half_life) {
    for (auto& candidate : candidates) {
        auto age = std::chrono::duration<double, std::ratio<3600>>(now - time_of(candidate.place));
        auto lives = std::max(age.count(), 0.0) / static_cast<double>(half_life.count());
        candidate.score *= 1 + std::exp2(-lives);
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
}

std::string to_cursor(const Mark& mark) {
    std::string text = mark.by_relevance ? "r" : "n";
    for (auto number : {mark.at, mark.place, mark.offset}) text += '.' + std::to_string(number);
    return base::to_base64url(text);
}

bool from_cursor(const std::string& text, Mark& mark) {
    auto decoded = base::from_base64url(text);
    if (!decoded || decoded->size() < 2) return false;
    mark.by_relevance = decoded->front() == 'r';
    if (!mark.by_relevance && decoded->front() != 'n') return false;
    std::array<std::int64_t, 3> numbers{};
    const char* at = decoded->data() + 1;
    const char* end = decoded->data() + decoded->size();
    for (auto& number : numbers) {
        if (at == end || *at != '.') return false;
        auto read = std::from_chars(at + 1, end, number);
        if (read.ec != std::errc() || number < 0) return false;
        at = read.ptr;
    }
    mark.at = numbers[0];
    mark.place = numbers[1];
    mark.offset = numbers[2];
    constexpr std::int64_t latest = std::int64_t{253'402'300'800'000};
    return at == end && mark.at <= latest && to_cursor(mark) == text;
}

}  // namespace search
