#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "legacy/compare_rules.hpp"

namespace gateway {

/// One rule of who answers what, as the configuration has it; describe() says what each means.
struct RouteConfig {
    std::string name{};
    std::string path{};
    std::vector<std::string> methods{};
    std::string mode = "proxied";
    std::int64_t percent = 0;
    std::vector<std::string> stick{};
    std::string group{};
    std::string upstream{};
    bool buffer = true;
    bool upgrade = false;
    std::int64_t compare_percent = 10;
    legacy::CompareRules compare{};
};

/// Words of `stick` that are no cookie's name.
inline constexpr const char* stick_to_session = "session";
inline constexpr const char* stick_to_address = "address";

/// The name under which what no rule is for is counted.
inline constexpr const char* unmatched_name = "unmatched";

}  // namespace gateway
