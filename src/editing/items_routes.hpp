#pragma once

#include "http/router.hpp"
#include "items_service.hpp"

namespace editing {

/// GET /v1/newsroom/items: what is being written, and what came of it.
class ItemsRoutes {
public:
    /// `items` outlives the router.
    explicit ItemsRoutes(const ItemsService& items) : items_(items) {}
    void add_to(http::Router& router);

private:
    base::Task<http::Response> items(const http::Request& request);
    base::Result<ItemsAsked> asked_in(const http::Request& request) const;

    const ItemsService& items_;
};

}  // namespace editing
