#pragma once

#include <exception>
#include <string_view>

#include "http/message.hpp"

namespace http {

/// The last resort for everything that is thrown while a request is answered: the log hears `what`
/// broke and why, the client does not. 500 `internal_error`, or 503 `out_of_memory`.
Response after_breakdown(const Request& request, std::string_view route, std::string_view what,
                         const std::exception_ptr& thrown);

}  // namespace http
