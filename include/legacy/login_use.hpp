#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/traffic.hpp"

namespace legacy {

/// How a login of the monolith's comes, and how it is checked.
enum class LoginKind {
    cookie_asked,     ///< a session cookie: the monolith is asked whose it is
    cookie_signed,    ///< a session cookie, checked here by its signature
    simple_jwt,       ///< an access token of simplejwt
    framework_token,  ///< a token of REST framework
};
inline constexpr std::size_t login_kinds = 4;

/// A word for it, as the API has it.
inline std::string_view name_of(LoginKind kind) {
    constexpr std::string_view names[login_kinds] = {"cookie_asked", "cookie_signed", "simple_jwt",
                                                     "framework_token"};
    return names[static_cast<std::size_t>(kind)];
}

/// How many requests on our own routes were somebody's by such a login, since the start.
struct LoginUse {
    LoginKind kind{};
    base::TrafficCounts counts{};
    std::optional<base::Time> last{};
};

/// Of the kinds that the configuration lets count.
struct LoginsUsed {
    base::Time since{};  ///< the start
    std::vector<LoginUse> kinds{};
};

}  // namespace legacy
