#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gateway {

/// `*`, or an origin in the one form that browsers send (RFC 6454, 6.2): scheme and host in lower
/// case, the port only where it is not the scheme's own. Nothing if it is no http or https origin
/// of at most 200 bytes. Pure.
std::optional<std::string> normal_origin(std::string_view text);

/// The name of a header field (RFC 9110, 5.6.2), at most 64 bytes. Pure.
bool is_field_name(std::string_view text);

}  // namespace gateway
