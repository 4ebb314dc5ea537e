#pragma once

#include <functional>
#include <string>

#include "alert_json.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace backup {

/// Sends alerts to the address of the configuration. Blocks; one thread.
class AlertService {
public:
    /// `url`: empty: to nobody.
    AlertService(const std::string& url, telemetry::Metrics& metrics);

    /// Tries a few times; `pause` waits between, and says whether to go on. What cannot be told is
    /// logged.
    void send(const Alert& alert, const std::function<bool(std::chrono::milliseconds)>& pause);

private:
    base::Result<void> try_once(const std::string& body);

    std::string url_;
    std::string target_;
    http::UpstreamAddress address_;
    std::unique_ptr<http::Client> client_;
};

/// Refused with a sentence if it is no address of an HTTP server with a path.
base::Result<void> check_alert_url(const std::string& url);

}  // namespace backup
