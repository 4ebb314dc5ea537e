#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace django {

/// As Django makes it: each another, so that nothing can be told from it.
inline std::string unusable_password() {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text = "!";
    for (int i = 0; i < 40; ++i) text += letters[base::random_bits() % letters.size()];
    return text;
}

}  // namespace django
