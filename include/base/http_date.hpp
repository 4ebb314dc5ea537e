#pragma once

#include <string>

#include "base/clock.hpp"

namespace base {

/// As `Fri, 27 Nov 2026 16:00:00 GMT`: a date of HTTP (IMF-fixdate, RFC 9110, 5.6.7), of mail and
/// of RSS. In English whatever the locale says; years from 0 to 9999. Thread-safe.
std::string to_http_date(Time time);

}  // namespace base
