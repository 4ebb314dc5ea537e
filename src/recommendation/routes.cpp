#include "routes.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace recommendation {

namespace {

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;
using Json = nlohmann::ordered_json;

http::Response answer(const Json& entries, const char* cache_control) {
    http::Response response;
    response.body = entries.dump(-1, ' ', false, Json::error_handler_t::replace);
    response.cache_control = cache_control;
    return response;
}

Json to_json(const Reader& reader) {
    Json entry{{"id", reader.id}};
    if (reader.name) entry["name"] = *reader.name;
    if (reader.email) entry["email"] = *reader.email;
    return entry;
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
    auto entries = Json::array();
    for (const auto& interest : *interests) {
        entries.push_back(Json{{"id", interest.label},
                               {"weight", interest.weight},
                               {"last_seen", base::to_rfc3339(interest.last_seen)}});
    }
    co_return answer(entries, "private, no-cache");
}

Routes::Answer Routes::label(const http::Request& request) {
    std::string label(request.parameter("label"));
    auto readers = co_await recommendations_.readers(std::move(label), request.context);
    if (!readers) co_return http::failure(request, readers.error());
    auto entries = Json::array();
    for (const auto& reader : readers->entries) entries.push_back(to_json(reader));
    // Without names it is not what it should be: ask again.
    co_return answer(entries, readers->complete ? "private, no-cache" : "no-store");
}

}  // namespace recommendation
