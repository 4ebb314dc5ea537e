#pragma once

#include <optional>
#include <string_view>

#include "base/command.hpp"
#include "http/message.hpp"

namespace http {

/// What a request's Idempotency-Key says; nothing without one, or on a method that repeats anyway.
/// `body` is what has to be the same besides caller, route and If-Match: the request's body, or as
/// much of it as may be hashed fast (a password may not). Refused with
/// `malformed_idempotency_key`.
base::Result<std::optional<base::IdempotencyKey>> idempotency_key_of(const Request& request,
                                                                     std::string_view body);

}  // namespace http
