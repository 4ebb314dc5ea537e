#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace config {
class Section;
}

namespace legacy {

/// What is no difference between two answers of a route; describe() says what each means.
struct CompareRules {
    std::vector<std::string> ignore{};     ///< JSON pointers, `*` for each element or member
    std::vector<std::string> unordered{};  ///< `/tags` or `/results by id`
    std::vector<std::string> headers{};    ///< compared; no other is
    std::string time_precision = "us";     ///< s | ms | us: times are equal if they are so cut
    std::string html = "text";             ///< text | bytes | skip
    std::int64_t number_tolerance_millionths = 0;  ///< of the larger of both numbers
    bool base_url = true;                          ///< URLs are equal but for scheme and host
    bool null_is_missing = false;                  ///< a member that is null, and none, are equal
    bool subset = false;                           ///< we may say more than the monolith
    /// Of so many comparisons, in one (a GET) the monolith is asked twice; 0: in none.
    std::int64_t repeat = 0;
};

void describe(config::Section& section, CompareRules& rules);

}  // namespace legacy
