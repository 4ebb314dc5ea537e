#pragma once

#include <string>

#include "base/result.hpp"
#include "http/client.hpp"

namespace reporting {

/// Where something is sent to.
struct Destination {
    http::UpstreamAddress server{};
    std::string target{};
};

/// `http(s)://host:port`, with a path or without: then it is `path_if_none`. Refused with what is
/// wrong.
base::Result<Destination> parse_endpoint(const std::string& url, const std::string& path_if_none);

/// What the DSN of a Sentry project says: `https://KEY@host/path/PROJECT`.
struct SentryProject {
    Destination destination{};  ///< of its envelopes
    std::string key{};
    std::string dsn{};  ///< as it was
};

/// Refused with what is wrong; the key stands in no message.
base::Result<SentryProject> parse_dsn(const std::string& dsn);
/// The one in a file. Blocks. Refused with `sentry_dsn_unusable`, also if others than its owner may
/// read or write the file.
base::Result<SentryProject> read_dsn(const std::string& file);

}  // namespace reporting
