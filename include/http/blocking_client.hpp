#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace http {

/// What a server answered; field names as it sent them.
struct BlockingResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
};

/// One blocking request to `address` (`host:port` or `unix:/path`), for the command line and for
/// tests; Beast underneath. Refused with `unavailable` if nobody answers there or the answer is
/// not HTTP, with `deadline` when it does not come in `timeout`.
base::Result<BlockingResponse> request(
    const std::string& address, const std::string& method, const std::string& target,
    const std::string& body, std::chrono::milliseconds timeout,
    const std::vector<std::pair<std::string, std::string>>& fields = {});

}  // namespace http
