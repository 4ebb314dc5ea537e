#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace identity {

/// What somebody shows to prove who they are.
struct Credentials {
    std::string name;
    std::string password;
    /// What the name is.
    enum class By { email, login } by = By::email;
};

/// A login's number: 59 random bits, 18 decimal digits at most.
std::int64_t new_family();

base::Error wrong_credentials(Credentials::By by);
base::Error invalid_refresh_token();
base::Error login_delayed(std::chrono::seconds wait);

}  // namespace identity
