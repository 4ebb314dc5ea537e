#pragma once

#include <chrono>
#include <cstdint>

namespace recommendation {

/// How articles are ranked for a reader; describe() in module.hpp says what each means. Weights are
/// in thousandths.
struct RankingWeights {
    std::int64_t read_next_permille = 1000;
    std::int64_t popular_permille = 500;
    std::int64_t interest_permille = 300;
    std::int64_t fresh_permille = 200;
    std::int64_t explore_permille = 50;
    std::int64_t earlier_read_permille = 500;
    std::chrono::minutes session_min{30};
    std::chrono::hours read_next_half_life_h{24};
    std::chrono::hours fresh_half_life_h{6};
    std::int64_t same_label_permille = 850;
    std::int64_t same_label_max = 3;
};

}  // namespace recommendation
