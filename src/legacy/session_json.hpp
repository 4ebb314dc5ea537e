#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signing_crypto.hpp"

namespace legacy {

/// A cookie has no more in any browser.
inline constexpr std::size_t session_cookie_bytes_max = 4096;

/// What a session of somebody who is logged in says of them.
struct SessionClaim {
    std::string user;     ///< the primary key, as text
    std::string backend;  ///< who has let them in
    std::string hash;     ///< of the password text that they had then
};

/// The session in a cookie of `django.contrib.sessions.backends.signed_cookies`. Nothing if it is
/// not signed with one of the keys, too old, too large, no JSON (a pickle is never read), or
/// nobody's. Pure.
std::optional<SessionClaim> read_session_cookie(std::string_view cookie, const SecretKeys& keys,
                                                std::int64_t now, std::chrono::seconds age_max);

/// Whether a session's hash was made of that password text, as AbstractBaseUser's
/// get_session_auth_hash() does. Never for an empty one. Pure.
bool is_of_password(std::string_view hash, std::string_view password_text, const SecretKeys& keys);

/// Which row a user of Django's is, `auth.user:7`, as a whoami answer tells it; nothing if it is
/// not as it should be. Pure.
std::optional<std::string> source_from_whoami(std::string_view json);

}  // namespace legacy
