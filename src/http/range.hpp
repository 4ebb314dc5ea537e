#pragma once

#include <cstdint>
#include <string_view>

#include "http/message.hpp"

namespace http {

/// What a request for a part of something gets.
enum class RangeVerdict { whole, part, unsatisfiable };

/// Some bytes of a body.
struct Range {
    std::uint64_t from = 0;
    std::uint64_t size = 0;
};

/// What a GET's Range field asks of a body of `size` bytes whose entity tag is `etag` (RFC 9110,
/// 14.2). More than one range, another unit, or what is malformed gets the whole, and so does an
/// If-Range that is not exactly that strong tag. Pure.
RangeVerdict choose_range(const Request& request, std::uint64_t size, std::string_view etag,
                          Range& part);

}  // namespace http
