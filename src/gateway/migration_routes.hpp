#pragma once

#include "gateway/migration.hpp"
#include "http/router.hpp"

namespace gateway {

/// The routes of the migration: each reads the request, asks the interface, and answers. What it is
/// given outlives the router.
class MigrationRoutes {
public:
    explicit MigrationRoutes(Migration& migration) : migration_(migration) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer all(const http::Request& request);
    Answer one(const http::Request& request);
    Answer set(const http::Request& request);
    Answer undo(const http::Request& request);
    Answer finish(const http::Request& request);
    Answer report(const http::Request& request);
    Answer restart(const http::Request& request);

    Migration& migration_;
};

}  // namespace gateway
