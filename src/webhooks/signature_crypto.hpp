#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace webhooks {

/// The secret of that number of one webhook, as its owner is told it: `whsec_` and 32 bytes in
/// base64. From the key alone (base::make_signing_key()), so it is stored nowhere; none tells of
/// another.
std::string secret_of(std::string_view master_key, std::int64_t webhook, std::int64_t number);

/// Of a message (Standard Webhooks 1.0): `v1,` and the HMAC-SHA-256 of `<id>.<timestamp>.<body>` by
/// the bytes of the secret, in base64; of several secrets with a space between them.
std::string signature_of(const std::vector<std::string>& secrets, std::string_view id,
                         std::int64_t timestamp, std::string_view body);

}  // namespace webhooks
