#pragma once

#include <string>
#include <string_view>

namespace editing {

/// A fresh key of 32 random bytes, in hexadecimal.
std::string make_preview_key();
/// HMAC-SHA-256 (RFC 2104) of a text by a key in hexadecimal, in base64url.
std::string preview_signature(std::string_view key, std::string_view text);
/// Takes the same time wherever they differ.
bool same_signature(std::string_view a, std::string_view b);

}  // namespace editing
