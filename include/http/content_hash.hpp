#pragma once

#include <string>
#include <string_view>

namespace http {

/// SHA-256 of some bytes in hexadecimal: what tells two bodies apart, for ever.
std::string content_hash(std::string_view bytes);

}  // namespace http
