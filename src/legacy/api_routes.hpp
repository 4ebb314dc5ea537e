#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api_cache.hpp"
#include "api_file.hpp"
#include "api_listing_service.hpp"
#include "http/router.hpp"
#include "legacy/config_api.hpp"

namespace legacy {

/// The old routes that are answered here, in the monolith's own shape: for everybody, with what is
/// published, whatever credentials come along. Thread-safe; it must outlive the server that calls
/// its routes.
class ApiRoutes {
public:
    ApiRoutes(ApiFile file, news::Types types, const ApiConfig& config)
        : file_(std::move(file)),
          types_(types),
          listing_(std::move(types)),
          config_(config),
          cache_(static_cast<std::size_t>(config.cache_answers)) {}

    /// GET (and with it HEAD) of each route, and what it refuses. No other method has a route.
    void add_routes(http::Router& router);

private:
    using Answer = base::Task<http::Response>;
    /// What a request asks of a list, but for where in it.
    struct Selection {
        std::vector<std::string> types;
        news::ListFilter filter;
    };

    /// As it was kept, if nothing has changed since, or made anew.
    Answer get(const ApiRoute& route, const http::Request& request) const;
    Answer make(const ApiRoute& route, const http::Request& request) const;
    Answer list(const ApiRoute& route, const http::Request& request) const;
    Answer cursor_list(const ApiRoute& route, const http::Request& request) const;
    Answer item(const ApiRoute& route, const http::Request& request) const;
    Answer refused(std::string text) const;

    /// Nothing: of one of the types it is not known now.
    std::optional<ApiCache::Stamp> stamp_of(const ApiRoute& route) const;
    static Selection selection(const ApiRoute& route, const http::Request& request);
    std::string results(const ApiRoute& route, const http::Request& request,
                        const std::vector<news::Article>& articles) const;
    std::string site_of(const http::Request& request) const;
    std::string url_of(const http::Request& request) const;
    base::Context context_of(const http::Request& request) const;
    http::Response answer(int status, std::string body) const;
    http::Response detail(int status, std::string_view text) const;
    http::Response no_item(const ApiRoute& route, bool of_good_key) const;

    ApiFile file_;
    news::Types types_;
    ApiListing listing_;
    ApiConfig config_;
    mutable ApiCache cache_;
};

/// Reads the file of the configuration. Refused with `cannot_read`, and with `invalid_legacy_api`
/// and all that is wrong with it. Nothing if no file is configured.
base::Result<std::unique_ptr<ApiRoutes>> open_api(const ApiConfig& config, news::Types types);

}  // namespace legacy
