#pragma once

// AWS Signature Version 4, as object stores take it ("Authenticating Requests", Amazon S3 API
// Reference): the whole request but its body is signed, and the body's SHA-256 is part of it.

#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace media {

struct StoreKey {
    std::string id;
    std::string secret;
};

/// A request without query. `path` is sent as it is, so it has no character that would be escaped.
struct ToSign {
    std::string method;
    std::string host;
    std::string path;
    std::vector<std::pair<std::string, std::string>> fields{};  ///< to be signed, too
    std::string content_sha256;                                 ///< in hexadecimal
    std::string region;
    base::Time time{};
};

/// The fields that the request gets besides its own and Host.
std::vector<std::pair<std::string, std::string>> signed_fields(const ToSign& request,
                                                               const StoreKey& key);

}  // namespace media
