#pragma once

#include <chrono>

#include "editing/desk.hpp"
#include "http/router.hpp"

namespace editing {

/// The routes of the desk: each reads the request, asks it, and answers. What it is given outlives
/// the router.
class Routes {
public:
    struct Limits {
        std::chrono::milliseconds presence;
        std::int64_t working_copy_bytes_max;
    };
    Routes(Desk& desk, const Limits& limits) : desk_(desk), limits_(limits) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer put_working_copy(const http::Request& request);
    Answer working_copy(const http::Request& request);
    Answer remove_working_copy(const http::Request& request);
    Answer working_copies(const http::Request& request);
    Answer add_note(const http::Request& request);
    Answer notes(const http::Request& request);
    Answer remove_note(const http::Request& request);
    Answer put_presence(const http::Request& request);
    Answer presence(const http::Request& request);
    Answer remove_presence(const http::Request& request);
    Answer add_link(const http::Request& request);
    Answer remove_links(const http::Request& request);
    Answer remove_all_links(const http::Request& request);
    Answer preview(const http::Request& request);

    Desk& desk_;
    const Limits limits_;
};

}  // namespace editing
