#include "login_rules.hpp"

#include "base/ids.hpp"

namespace identity {

base::Error wrong_credentials(Credentials::By by) {
    return {base::Reason::unauthenticated, "wrong_credentials",
            by == Credentials::By::email ? "E-mail address or password is wrong."
                                         : "Login name or password is wrong."};
}

base::Error invalid_refresh_token() {
    return {base::Reason::unauthenticated, "invalid_refresh_token",
            "The refresh token is not valid. Log in again."};
}

base::Error login_delayed(std::chrono::seconds wait) {
    base::Error error{base::Reason::too_many, "login_delayed",
                      "Too many logins have failed. Try again in " + std::to_string(wait.count()) +
                          (wait.count() == 1 ? " second." : " seconds.")};
    error.retry_after = wait;
    return error;
}

std::int64_t new_family() {
    return static_cast<std::int64_t>(base::random_bits() >> 5) % 999999999999999999 + 1;
}

}  // namespace identity
