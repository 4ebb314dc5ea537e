#pragma once

#include <string_view>

namespace http {

/// Why bytes from outside are not taken as a request. The texts live for ever.
struct Refusal {
    int status = 400;
    std::string_view code = "malformed_request";
    std::string_view message;
};

}  // namespace http
