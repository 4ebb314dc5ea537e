#pragma once

#include "gateway/module.hpp"
#include "http/router.hpp"

namespace gateway {

/// Tells browsers which other origins may read an answer, and answers their preflights (Fetch
/// standard, 3.2). An origin that is not on the list is told nothing, so its browser refuses it.
/// Immutable.
class CorsService final : public http::Interceptor {
public:
    explicit CorsService(const Config& config);
    std::optional<http::Response> before(http::Request& request) const override;
    /// A page may read why its request was refused.
    void on_refusal(http::Request& request) const override;

private:
    bool admit(http::Request& request) const;

    const std::vector<std::string> origins_;
    const bool everybody_;
    const bool credentials_;
    const std::string headers_;
    const std::string expose_line_;
    const std::string max_age_;
};

}  // namespace gateway
