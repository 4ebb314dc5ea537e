#include "routes.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "feed_json.hpp"
#include "http/json_body.hpp"
#include "kept_import_json.hpp"
#include "owner_event_json.hpp"
#include "push_json.hpp"
#include "transfer_json.hpp"

namespace django {

namespace {

/// That is 2^53 - 1, as everywhere.
constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;

/// A number of the query; `otherwise` where there is none.
base::Result<std::int64_t> number_of(const http::Request& request, const char* name,
                                     std::int64_t least, std::int64_t otherwise) {
    auto text = request.query_parameter(name);
    if (!text || text->empty()) return otherwise;
    auto number = base::parse_number(*text, number_max);
    if (number && *number >= least) return *number;
    return base::Error{base::Reason::invalid, std::string("malformed_") + name,
                       std::string("The query `") + name + "` must be a whole number from " +
                           std::to_string(least) + " on."};
}

http::Response answer(std::string body) {
    http::Response response;
    response.body = std::move(body);
    response.cache_control = "no-store";
    return response;
}

base::Result<Owner> owner_in(const nlohmann::json& body) {
    constexpr const char* wanted = "The body must be an object whose `owner` is django or portal.";
    if (!body.is_object() || (body.contains("owner") && !body.at("owner").is_string())) {
        return base::Error{base::Reason::invalid, "malformed_owner", wanted};
    }
    auto owner = parse_owner(body.value("owner", std::string()));
    if (owner) return *owner;
    return base::Error{base::Reason::invalid, "invalid_owner", wanted};
}

}  // namespace

void Routes::add_to(http::Router& router) {
    http::Route route{http::Method::post, "/v1/migration/changes", http::Access::admin,
                      [this](const http::Request& request) { return push(request); }};
    // A row may be as long as one of an import, and its related ones stand beside it.
    route.limits.body_bytes = 16 * 1024 * 1024;
    route.limits.deadline = std::chrono::seconds(60);
    router.add(std::move(route));
    // ?after=&limit=: what was changed here, as rows of the Django site.
    http::Route feed{http::Method::get, "/v1/migration/feed", http::Access::admin,
                     [this](const http::Request& request) { return this->feed(request); }};
    feed.limits.deadline = std::chrono::seconds(60);
    router.add(std::move(feed));
    // One row of it.
    http::Route row{http::Method::get, "/v1/migration/feed/{model}/{pk}", http::Access::admin,
                    [this](const http::Request& request) { return this->row(request); }};
    row.limits.deadline = std::chrono::seconds(60);
    router.add(std::move(row));
    // Whether all is here that was there.
    http::Route transfer{http::Method::get, "/v1/migration/data", http::Access::admin,
                         [this](const http::Request& request) { return this->transfer(request); }};
    transfer.limits.deadline = std::chrono::seconds(60);
    router.add(std::move(transfer));
    // What the last import of each model has said.
    router.add({http::Method::get, "/v1/migration/imports", http::Access::admin,
                [this](const http::Request& request) { return imports(request); }});
    // Whose each model is.
    router.add({http::Method::get, "/v1/migration/models", http::Access::admin,
                [this](const http::Request& request) { return models(request); }});
    // {owner}: django or portal.
    router.add({http::Method::put, "/v1/migration/models/{model}", http::Access::admin,
                [this](const http::Request& request) { return set_owner(request); }});
}

base::Task<http::Response> Routes::push(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto push = push_from_json(std::get<nlohmann::json>(read));
    if (!push) co_return http::failure(request, push.error());
    auto pushed = co_await changes_.push(std::move(*push), request.context);
    if (!pushed) co_return http::failure(request, pushed.error());
    co_return answer(to_json(*pushed));
}

base::Task<http::Response> Routes::feed(const http::Request& request) {
    auto after = number_of(request, "after", 0, 0);
    if (!after) co_return http::failure(request, after.error());
    auto limit = number_of(request, "limit", 1, config_.feed_limit_max);
    if (!limit) co_return http::failure(request, limit.error());
    auto most = std::min(*limit, config_.feed_limit_max);
    auto page = co_await feed_.page(*after, most, request.context);
    if (!page) co_return http::failure(request, page.error());
    co_return answer(to_json(*page));
}

base::Task<http::Response> Routes::row(const http::Request& request) {
    std::string model(request.parameter("model"));
    std::string pk(request.parameter("pk"));
    auto row = co_await feed_.row(std::move(model), std::move(pk), request.context);
    if (!row) co_return http::failure(request, row.error());
    co_return answer(record_json(*row));
}

base::Task<http::Response> Routes::models(const http::Request& request) {
    auto owners = owners_.owners();
    if (!owners) co_return http::failure(request, owners.error());
    co_return answer(to_json(*owners));
}

base::Task<http::Response> Routes::transfer(const http::Request& request) {
    auto found = co_await transfers_.transfer(request.context);
    if (!found) co_return http::failure(request, found.error());
    co_return answer(to_json(*found));
}

base::Task<http::Response> Routes::imports(const http::Request& request) {
    // Without a mapping nothing is kept, and there is nothing to tell.
    if (!imports_) co_return answer(to_json(KeptImports()));
    auto kept = co_await imports_->kept(request.context.deadline);
    if (!kept) co_return http::failure(request, kept.error());
    co_return answer(to_json(*kept));
}

base::Task<http::Response> Routes::set_owner(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto owner = owner_in(std::get<nlohmann::json>(read));
    if (!owner) co_return http::failure(request, owner.error());
    std::string model(request.parameter("model"));
    auto now = co_await owners_.set(model, *owner, request.context);
    if (!now) co_return http::failure(request, now.error());
    co_return answer(to_json(model, *now));
}

}  // namespace django
