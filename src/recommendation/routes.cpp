#include "routes.hpp"

#include "answer_json.hpp"
#include "base/text.hpp"

namespace recommendation {

namespace {

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;
http::Response answer(std::string entries, const char* cache_control) {
    http::Response response;
    response.body = std::move(entries);
    response.cache_control = cache_control;
    return response;
}

}  // namespace

void Routes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](const char* pattern, Access access,
                   Answer (Routes::*handler)(const http::Request&)) {
        router.add({Method::get, pattern, access, [this, handler](const http::Request& request) {
                        return (this->*handler)(request);
                    }});
    };
    // What a reader cares about, heaviest first: for that reader and for admins.
    add("/v1/recommendation/user/{id}", Access::login, &Routes::user);
    // Who cares about a label, heaviest first; e-mail addresses for admins only.
    add("/v1/recommendation/label/{label}", Access::editor, &Routes::label);
}

Routes::Answer Routes::user(const http::Request& request) {
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id) {
        base::Error error{base::Reason::not_found, "user_not_found", "There is no such user."};
        co_return http::failure(request, error);
    }
    auto interests = co_await recommendations_.interests(*id, request.context);
    if (!interests) co_return http::failure(request, interests.error());
    co_return answer(interests_body(*interests), "private, no-cache");
}

Routes::Answer Routes::label(const http::Request& request) {
    std::string label(request.parameter("label"));
    auto readers = co_await recommendations_.readers(std::move(label), request.context);
    if (!readers) co_return http::failure(request, readers.error());
    // Without names it is not what it should be: ask again.
    co_return answer(readers_body(readers->entries),
                     readers->complete ? "private, no-cache" : "no-store");
}

}  // namespace recommendation
