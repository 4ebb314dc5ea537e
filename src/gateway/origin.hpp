#pragma once

#include <string_view>

namespace gateway {

/// `*`, or an origin as browsers send it (RFC 6454, 6.2): scheme, host, perhaps a port; lower case,
/// at most 200 bytes. Pure.
bool is_origin(std::string_view text);

}  // namespace gateway
