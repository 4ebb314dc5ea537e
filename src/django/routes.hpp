#pragma once

#include "change_service.hpp"
#include "feed_service.hpp"
#include "http/router.hpp"
#include "import_store.hpp"
#include "transfer_service.hpp"

namespace django {

/// What the bridge in the Django site asks, and whoever wants to know how far it is. What it is
/// given outlives the router; without `imports` none is kept.
class Routes {
public:
    Routes(ChangeService& changes, FeedService& feed, OwnerService& owners,
           TransferService& transfers, const ImportStore* imports, const Config& config)
        : changes_(changes),
          feed_(feed),
          owners_(owners),
          transfers_(transfers),
          imports_(imports),
          config_(config) {}
    void add_to(http::Router& router);

private:
    base::Task<http::Response> push(const http::Request& request);
    base::Task<http::Response> feed(const http::Request& request);
    base::Task<http::Response> row(const http::Request& request);
    base::Task<http::Response> models(const http::Request& request);
    base::Task<http::Response> transfer(const http::Request& request);
    base::Task<http::Response> imports(const http::Request& request);
    base::Task<http::Response> set_owner(const http::Request& request);

    ChangeService& changes_;
    FeedService& feed_;
    OwnerService& owners_;
    TransferService& transfers_;
    const ImportStore* imports_;
    const Config& config_;
};

}  // namespace django
