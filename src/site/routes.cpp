#include "routes.hpp"

#include "answer_json.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/command.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"
#include "input_json.hpp"

namespace site {

using base::malformed;

namespace {

using nlohmann::json;

constexpr std::int64_t version_max = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 100;
/// Paths are short, so that a page of redirects may have more of them.
constexpr std::int64_t redirects_limit_max = 1000;
/// Grows when the JSON of a list changes its form: the same version then has another ETag.
constexpr http::VersionTag version_tag{".1"};
constexpr const char* for_editors = "private, no-cache";

base::Error malformed_cursor() {
    return malformed("malformed_cursor", "The cursor is not one that a list has given as next.");
}

std::string etag_of(const List& list) {
    return version_tag.of(list.version);
}

http::Response refuse(const http::Request& request, const base::Error& error) {
    return version_tag.refuse(request, error,
                              "Send the ETag of the list as it was given, or its version.");
}

http::Response answer(std::string body, const char* cache_control = "") {
    http::Response response;
    response.body = std::move(body);
    response.cache_control = cache_control;
    return response;
}

}  // namespace

void Routes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](Method method, const char* pattern, Access access,
                   Answer (Routes::*handler)(const http::Request&)) {
        router.add({method, pattern, access, [this, handler](const http::Request& request) {
                        return (this->*handler)(request);
                    }});
    };
    // {redirects: [{from, to, permanent} | {from, to: null} | {from, remove: true}]}: all or none.
    add(Method::put, "/v1/newsroom/redirects", Access::editor, &Routes::put_redirects);
    // ?limit=1–1000&cursor=…: by path.
    add(Method::get, "/v1/newsroom/redirects", Access::editor, &Routes::list_redirects);
    // ?path=…: where an old address leads, 301, 302 or 410.
    add(Method::get, "/v1/resolve", Access::anyone, &Routes::resolve);
    // Names and versions.
    add(Method::get, "/v1/lists", Access::anyone, &Routes::all_lists);
    add(Method::get, "/v1/lists/{name}", Access::anyone, &Routes::list);
    // {entries, version}: the whole list; 201 if it is new.
    add(Method::put, "/v1/lists/{name}", Access::editor, &Routes::put_list);
    add(Method::del, "/v1/lists/{name}", Access::editor, &Routes::remove_list);
    // ?limit=1–100&cursor=…: also of a removed list.
    add(Method::get, "/v1/lists/{name}/history", Access::editor, &Routes::list_history);
    // How many articles each type has in each state.
    add(Method::get, "/v1/newsroom/counts", Access::editor, &Routes::counts);
    // What robots may do, and where sitemaps are.
    add(Method::get, "/robots.txt", Access::anyone, &Routes::robots);
}

Routes::Answer Routes::put_redirects(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto changes = redirect_changes_from_json(std::get<json>(read));
    if (!changes) co_return http::failure(request, changes.error());
    auto command = version_tag.command(request, request.body);
    if (!command) co_return http::failure(request, command.error());
    auto stored = co_await redirects_.change(std::move(*changes), std::move(*command));
    if (!stored) co_return http::failure(request, stored.error());
    co_return answer(stored_body(*stored), "no-store");
}

Routes::Answer Routes::list_redirects(const http::Request& request) {
    auto limit = http::limit_in_query(request, limit_default, redirects_limit_max);
    if (!limit) co_return http::failure(request, limit.error());
    std::string after;
    if (auto cursor = request.query_parameter("cursor"); cursor && !cursor->empty()) {
        auto path = base::from_base64url(*cursor);
        if (!path || !path->starts_with('/') || !base::count_code_points(*path)) {
            co_return http::failure(request, malformed_cursor());
        }
        after = std::move(*path);
    }
    // One more than wanted tells whether anything follows.
    auto redirects = co_await redirects_.list(std::move(after), *limit + 1, request.context);
    if (!redirects) co_return http::failure(request, redirects.error());
    std::string next;
    if (std::ssize(*redirects) > *limit) {
        redirects->pop_back();
        next = base::to_base64url(redirects->back().from);
    }
    co_return answer(redirects_body(*redirects, next), for_editors);
}

Routes::Answer Routes::resolve(const http::Request& request) {
    auto path = request.query_parameter("path");
    if (!path || path->empty()) {
        auto error =
            malformed("malformed_path", "The parameter path is missing: ?path=/old/address.");
        co_return http::failure(request, error);
    }
    auto resolution = co_await redirects_.resolve(std::move(*path), request.context);
    if (!resolution) {
        auto error = resolution.error();
        co_return http::failure(request, error);
    }
    int status = !resolution->to ? 410 : resolution->permanent ? 301 : 302;
    co_return answer(resolution_body(*resolution, status));
}

Routes::Answer Routes::all_lists(const http::Request& request) {
    auto lists = co_await lists_.all(request.context);
    if (!lists) co_return http::failure(request, lists.error());
    co_return answer(lists_body(*lists));
}

Routes::Answer Routes::list(const http::Request& request) {
    std::string name(request.parameter("name"));
    auto list = co_await lists_.list(std::move(name), request.context);
    if (!list) co_return http::failure(request, list.error());
    auto response = answer(list_body(*list));
    response.etag = etag_of(*list);
    co_return response;
}

Routes::Answer Routes::put_list(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto input = list_from_json(std::get<json>(read));
    if (!input) co_return http::failure(request, input.error());
    auto command = version_tag.command(request, request.body);
    if (!command) co_return http::failure(request, command.error());
    if (!command->expected && input->version) {
        command->expected = Expected();
        command->expected->versions.push_back(*input->version);
    }
    std::string name(request.parameter("name"));
    auto put = co_await lists_.put(std::move(name), std::move(input->entries), std::move(*command));
    if (!put) co_return refuse(request, put.error());
    auto response = answer(list_body(put->list));
    response.etag = etag_of(put->list);
    if (put->is_new) {
        response.status = 201;
        response.fields.emplace_back("Location", "/v1/lists/" + put->list.name);
    }
    co_return response;
}

Routes::Answer Routes::remove_list(const http::Request& request) {
    Command command{request.context, version_tag.expected(request)};
    std::string name(request.parameter("name"));
    auto removed = co_await lists_.remove(std::move(name), std::move(command));
    if (!removed) co_return refuse(request, removed.error());
    http::Response response;
    response.status = 204;
    response.cache_control = "no-store";
    co_return response;
}

Routes::Answer Routes::list_history(const http::Request& request) {
    auto limit = http::limit_in_query(request, limit_default, limit_max);
    if (!limit) co_return http::failure(request, limit.error());
    std::int64_t after = 0;
    if (auto cursor = request.query_parameter("cursor"); cursor && !cursor->empty()) {
        auto version = base::parse_number(*cursor, version_max);
        if (!version) co_return http::failure(request, malformed_cursor());
        after = *version;
    }
    std::string name(request.parameter("name"));
    auto history = co_await lists_.history(name, after, *limit, request.context);
    if (!history) co_return http::failure(request, history.error());
    co_return answer(history_body(name, *history), for_editors);
}

Routes::Answer Routes::counts(const http::Request& request) {
    auto counts = co_await counters_.counts(request.context);
    if (!counts) co_return http::failure(request, counts.error());
    co_return answer(counts_body(*counts), for_editors);
}

Routes::Answer Routes::robots(const http::Request& request) {
    if (robots_.empty()) {
        base::Error error{base::Reason::not_found, "no_site_address",
                          "Robots are told where the sitemaps are, and where readers find the site "
                          "is not said here (site.address)."};
        co_return http::failure(request, error);
    }
    auto response = answer(robots_);
    response.content_type = "text/plain; charset=utf-8";
    co_return response;
}

}  // namespace site
