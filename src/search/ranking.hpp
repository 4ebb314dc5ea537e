#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace search {

/// A document that has what is looked for.
struct Candidate {
    std::int64_t place = 0;
    double score = 0;
};

/// How much a word says that is in `documents` of `total` documents (BM25).
double rarity(std::int64_t documents, std::int64_t total);

/// Makes scores of how well documents fit ones that also say how new they are, and puts the best
/// first; of equals the newer one. What is new counts twice, half of that is gone after each
/// `half_life`.
void rank(std::vector<Candidate>& candidates, base::Time now, std::chrono::hours half_life);

/// Where a list of what was found goes on.
struct Mark {
    bool by_relevance = false;
    std::int64_t at = 0;      ///< of relevance: when it was first asked, in milliseconds
    std::int64_t place = 0;   ///< nothing beyond it is wanted
    std::int64_t offset = 0;  ///< of relevance: how many were given
};
std::string to_cursor(const Mark& mark);
/// Nothing for text that is no cursor.
bool from_cursor(const std::string& text, Mark& mark);

}  // namespace search
