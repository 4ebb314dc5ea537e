#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace legacy {

/// Whether two tokens of Django's are of one secret, each in either of its forms: the secret's 32
/// characters, or 64 in which it is masked. Pure.
bool is_same_csrf_secret(std::string_view a, std::string_view b);

/// Django's rule for a request that changes something and comes with its session cookie: the field
/// X-CSRFToken has the token of the cookie `csrf_cookie`, and the page that sends it is of this
/// site, by Origin, or without one, on https, by Referer. Refused (forbidden) with
/// `csrf_token_missing`, `csrf_token_wrong` or `csrf_origin_wrong`. A GET, HEAD or OPTIONS never
/// is. Pure.
base::Result<void> check_django_csrf(const http::Request& request, const std::string& csrf_cookie);

}  // namespace legacy
