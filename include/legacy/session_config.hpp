#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/section.hpp"

namespace legacy {

/// Whether logins of a Django site count here, and how they are checked; describe() says what each
/// means.
struct SessionConfig {
    std::string engine = "off";
    std::string secret_key_file{};
    std::string cookie = "sessionid";
    std::string cookie_domain{};
    std::string cookie_path = "/";
    std::chrono::seconds cookie_age_s{14 * 24 * 3600};
    std::vector<std::string> backends{"django.contrib.auth.backends.ModelBackend"};
    std::string user_model = "auth.user";
    std::string csrf_cookie = "csrftoken";
    std::string whoami = "/portal/whoami/";
    std::chrono::milliseconds whoami_timeout{3000};
    std::chrono::milliseconds whoami_kept{10000};
    std::int64_t whoami_entries_max = 16384;
    std::int64_t whoami_questions_max = 32;
    std::string logout = "/accounts/logout/";
    std::int64_t ended_entries_max = 16384;
    std::string tokens_key_file{};
    std::string tokens_jwks_file{};
    std::string tokens_jwks_url{};
    std::chrono::seconds tokens_jwks_kept_s{3600};
    std::chrono::seconds tokens_jwks_interval_s{60};
    std::chrono::milliseconds tokens_jwks_timeout_ms{3000};
    std::int64_t tokens_jwks_bytes_max = 64 * 1024;
    bool drf_tokens = false;
    std::string tokens_until{};

    bool takes_cookies() const { return engine != "off"; }
    bool takes_signed_tokens() const {
        return !tokens_key_file.empty() || !tokens_jwks_file.empty() || !tokens_jwks_url.empty();
    }
    bool takes_tokens() const { return takes_signed_tokens() || drf_tokens; }
};

void describe(config::Section& section, SessionConfig& config);

/// An address in its two parts, `https://host[:port]` and `/path?query`; the second is empty if
/// there is none.
struct AddressParts {
    std::string server;
    std::string target;
};
AddressParts parts_of_address(const std::string& address);

/// The first second, since 1970, after that day (`2027-01-31`, UTC). Nothing if it is none.
std::optional<std::int64_t> end_of_day(const std::string& day);

}  // namespace legacy
