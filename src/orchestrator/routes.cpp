#include "base/text.hpp"
#include "http/command.hpp"
#include "news_routes.hpp"

namespace orchestrator {

namespace {

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;
/// Grows when the JSON of an item changes its form: the same version then has another ETag.
constexpr http::VersionTag version_tag{".2"};

}  // namespace

const CachedResponse* Shared::kept(const http::Request& request, std::string_view target) {
    const auto* page = caches[request.thread].find(target, clock.steady());
    if (page) hits->add();
    return page;
}

void Shared::keep(const http::Request& request, NewPage page, CachedResponse answer) {
    if (!page.may_be_kept) return;
    caches[request.thread].put(std::move(page.target), std::move(answer), clock.steady());
}

base::Result<const news::Type*> news_type_of(const Shared& parts, const http::Request& request) {
    std::string name(request.parameter("type"));
    auto found = parts.neighbours.types.find(name);
    if (found == parts.neighbours.types.end()) {
        return base::Error{base::Reason::not_found, "unknown_news_type",
                           "There is no news type of that name."};
    }
    return &found->second;
}

base::Result<news::ArticleId> id_of(const http::Request& request) {
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id) {
        return base::Error{base::Reason::not_found, "news_not_found",
                           "There is no such news item."};
    }
    return *id;
}

http::Response refuse(const http::Request& request, base::Error error) {
    if (error.code == "news_not_found" && base::parse_number(request.parameter("id"), id_max)) {
        error.message = "There is no " + std::string(request.parameter("type")) + " news " +
                        std::string(request.parameter("id")) + ".";
    }
    bool puts = request.method == http::Method::put;
    return version_tag.refuse(
        request, std::move(error),
        puts ? "Send the version that the change is based on as `version` in the body."
             : "Send the ETag of the item as it was given, or no If-Match.");
}

std::string etag_of(const news::Article& article) {
    return version_tag.of(article.version);
}

base::Result<news::Command> command_of(const http::Request& request) {
    return version_tag.command(request, request.body);
}

base::Error no_site_address() {
    return {base::Reason::not_found, "no_site_address",
            "This names whole addresses, and where readers find the site is not said here "
            "(site.address)."};
}

}  // namespace orchestrator
