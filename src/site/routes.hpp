#pragma once

#include <optional>
#include <string>

#include "base/command.hpp"
#include "http/router.hpp"
#include "site/counters.hpp"
#include "site/lists.hpp"
#include "site/redirects.hpp"

namespace site {

/// The routes of this module: each reads the request, asks an interface, and answers. What it is
/// given outlives the router.
class Routes {
public:
    /// `robots`: the file for them; empty: none.
    Routes(Redirects& redirects, Lists& lists, const Counters& counters, std::string robots)
        : redirects_(redirects), lists_(lists), counters_(counters), robots_(std::move(robots)) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer put_redirects(const http::Request& request);
    Answer list_redirects(const http::Request& request);
    Answer resolve(const http::Request& request);

    Answer all_lists(const http::Request& request);
    Answer list(const http::Request& request);
    Answer put_list(const http::Request& request);
    Answer remove_list(const http::Request& request);
    Answer list_history(const http::Request& request);

    Answer counts(const http::Request& request);
    Answer robots(const http::Request& request);

    Redirects& redirects_;
    Lists& lists_;
    const Counters& counters_;
    const std::string robots_;
};

}  // namespace site
