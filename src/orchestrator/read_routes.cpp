#include "news_routes.hpp"

namespace orchestrator {

void ReadRoutes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](const char* pattern, Access access,
                   Answer (ReadRoutes::*handler)(const http::Request&)) {
        http::Route route{
            Method::get, pattern, access,
            [this, handler](const http::Request& request) { return (this->*handler)(request); }};
        if (access == Access::anyone) {
            route.cached = [this](const http::Request& request) { return cached(request); };
        }
        router.add(std::move(route));
    };
    // ?limit=1–100&cursor=…: newest first, `next` leads on; {type} may be `all`. All lists take
    // ?tag= or ?author=, ?from=&to=, ?fields= and ?count=1 as well.
    add("/v1/news/{type}", Access::anyone, &ReadRoutes::keyset);
    // One item; drafts only for those who may act on them; ?as_of=TIME for authors.
    add("/v1/news/{type}/{id}", Access::anyone, &ReadRoutes::item);
    // The same for machines that read schema.org's words, and IPTC's (an older form by Accept).
    add("/v1/news/{type}/{id}.jsonld", Access::anyone, &ReadRoutes::linked_data);
    add("/v1/news/{type}/{id}.ninjs", Access::anyone, &ReadRoutes::ninjs);
    // The same by its name in addresses; 301 from one that it had before.
    add("/v1/news/{type}/by-slug/{slug}", Access::anyone, &ReadRoutes::by_slug);
    // The same by where it was imported from, whichever type it has.
    add("/v1/legacy/{model}/{pk}", Access::anyone, &ReadRoutes::by_legacy_id);
    // Page {page} of {limit} items, of one type or, for `all`, of each type in one flat list.
    add("/v1/news/{type}/{page}/{limit}", Access::anyone, &ReadRoutes::page);
    // Items with that tag across types; ?limit=&cursor= as above.
    add("/v1/news/tags/{tag}", Access::anyone, &ReadRoutes::tagged);
    // The newest of a type, a tag or a byline as a feed: `all.rss`, `sports.atom`, `cup.json`.
    add("/feeds/{feed}", Access::anyone, &ReadRoutes::feed);
    add("/feeds/tags/{feed}", Access::anyone, &ReadRoutes::feed_of_tag);
    add("/feeds/authors/{feed}", Access::anyone, &ReadRoutes::feed_of_author);
    // Who changed what and when, also of a removed item; ?limit=&cursor=&content=.
    add("/v1/news/{type}/{id}/history", Access::author, &ReadRoutes::history);
    // The item as it was at a version.
    add("/v1/news/{type}/{id}/versions/{version}", Access::author, &ReadRoutes::version);
}

std::shared_ptr<const http::PreparedResponse> ReadRoutes::cached(const http::Request& request) {
    // Kept under a name of its own.
    bool is_ninjs = request.path.ends_with(ending_of(Shape::ninjs_3));
    if (is_ninjs && ninjs_for(request.header("Accept").value_or("")) == Shape::ninjs_2) {
        return nullptr;
    }
    const auto* page = parts_.kept(request, request.target);
    if (!page) return nullptr;
    visit(*page, request);
    return page->answer;
}

void ReadRoutes::visit(const CachedResponse& page, const http::Request& request) {
    if (!page.viewed || !request.context.actor.id || request.context.shadow) return;
    auto viewed = *page.viewed;
    viewed.user_id = *request.context.actor.id;
    viewed.at = parts_.clock.now();
    parts_.neighbours.visits.publish(viewed);
}

base::Result<std::vector<std::string>> ReadRoutes::types_of(const http::Request& request) const {
    std::vector<std::string> names;
    if (request.parameter("type") == "all") {
        for (const auto& [name, type] : parts_.neighbours.types) names.push_back(name);
        return names;
    }
    auto type = news_type_of(parts_, request);
    if (!type) return type.error();
    names.emplace_back(request.parameter("type"));
    return names;
}

}  // namespace orchestrator
