#pragma once

#include <optional>
#include <string>
#include <vector>

#include "site/pages.hpp"

namespace site {

/// What robots are told, in /robots.txt.
struct Robots {
    std::vector<std::string> disallow{};  ///< paths that none is to fetch
    std::vector<std::string> blocked{};   ///< those that are to fetch nothing, as `GPTBot`
    std::string content_signal{};         ///< as `search=yes, ai-train=no`; empty: not said
    std::string license{};  ///< where the license for machines is (RSL); empty: not said
};

/// What one of them is told against another, or in a form that nobody reads: a sentence for a key.
struct RobotsFault {
    std::string key;
    std::string sentence;
};

// Both are pure.

/// Nothing if there is no fault.
std::optional<RobotsFault> fault_of(const Robots& robots);
/// The file (RFC 9309, Content Signals, RSL); empty if the site has no address to name.
std::string robots_of(const Pages& pages, const Robots& robots);

}  // namespace site
