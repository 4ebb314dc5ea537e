#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace legacy {

/// Whether two tokens of Django's are of one secret, each in either of its forms: the secret's 32
/// characters, or 64 in which it is masked. Pure.
bool is_same_csrf_secret(std::string_view a, std::string_view b);

/// What a request that changes something says of the page that sends it.
struct DjangoChange {
    bool secure = false;
    std::optional<std::string_view> cookie{};  ///< of CSRF_COOKIE_NAME
    std::optional<std::string_view> token{};   ///< X-CSRFToken
    std::optional<std::string_view> host{};
    std::optional<std::string_view> origin{};
    std::optional<std::string_view> referer{};
};

/// Django's rule for a change that comes with its session cookie: the field X-CSRFToken has the
/// token of the cookie, `cookie_name`, and the page that sends it is of this site, by Origin, or
/// without one, on https, by Referer. Refused (forbidden) with `csrf_token_missing`,
/// `csrf_token_wrong` or `csrf_origin_wrong`. Pure.
base::Result<void> check_django_csrf(const DjangoChange& change, const std::string& cookie_name);

}  // namespace legacy
