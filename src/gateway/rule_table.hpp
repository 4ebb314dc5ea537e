#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "path_pattern.hpp"

namespace gateway {

/// For which requests a rule is.
struct Matcher {
    PathPattern path;
    std::uint32_t methods = ~std::uint32_t{0};  ///< one bit each
};

/// The rules in their order, by what they match. Immutable.
class RuleTable {
public:
    explicit RuleTable(std::vector<Matcher> rules);

    /// The number of the first that is for such a request. `method`: its bit. Allocates nothing.
    std::optional<std::size_t> find(std::span<const std::string_view> segments, bool more,
                                    std::uint32_t method) const;

    const Matcher& rule(std::size_t number) const { return rules_[number]; }
    std::size_t size() const { return rules_.size(); }

private:
    const std::vector<std::size_t>& candidates(std::span<const std::string_view> segments) const;

    std::vector<Matcher> rules_;
    /// Those that may be for a path that begins with that word, in their order.
    std::map<std::string, std::vector<std::size_t>, std::less<>> by_word_;
    std::vector<std::size_t> by_none_;  ///< for paths that begin with another, or have none
};

}  // namespace gateway
