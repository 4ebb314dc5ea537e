#pragma once

#include "files.hpp"
#include "http/router.hpp"
#include "media/library.hpp"
#include "renditions.hpp"

namespace media {

/// The routes of what is there: each reads the request, asks an interface, and answers. What it is
/// given outlives the router.
class Routes {
public:
    Routes(Library& library, Files& files, Renditions& renditions)
        : library_(library), files_(files), renditions_(renditions) {}
    void add_to(http::Router& router);

    /// An item as an answer of 200, to an author or to anybody.
    http::Response shown(const Item& item, bool to_author = true) const;

private:
    using Answer = base::Task<http::Response>;

    Answer list(const http::Request& request);
    Answer item(const http::Request& request);
    Answer change(const http::Request& request);
    Answer remove(const http::Request& request);
    Answer original(const http::Request& request);
    Answer rendition(const http::Request& request);

    base::Task<Item> asked_for(const http::Request& request);
    std::string hash_of(const Item& item) const;

    Library& library_;
    Files& files_;
    Renditions& renditions_;
};

}  // namespace media
