#include "answer.hpp"

#include <nlohmann/json.hpp>

#include "access.hpp"
#include "conditional.hpp"
#include "http/address.hpp"
#include "http/json_body.hpp"
#include "support/catch.hpp"

namespace {

http::Condition condition(const std::vector<http::Request::Field>& fields, const char* etag) {
    http::Request request;
    request.fields = fields;
    return http::evaluate(request, etag);
}

nlohmann::json body_of(const http::Response& response) {
    return nlohmann::json::parse(std::get<std::string>(response.body));
}

std::string field_of(const http::Response& response, const std::string& name) {
    for (const auto& [known, value] : response.fields) {
        if (known == name) return value;
    }
    return {};
}

}  // namespace

TEST_CASE("If-None-Match compares weakly, If-Match strongly and first", "[http]") {
    using http::Condition;
    CHECK(condition({}, "\"a\"") == Condition::send);
    CHECK(condition({{"If-None-Match", "\"a\""}}, "\"a\"") == Condition::not_modified);
    CHECK(condition({{"if-none-match", "W/\"a\""}}, "\"a\"") == Condition::not_modified);
    CHECK(condition({{"If-None-Match", "\"x,y\", \"b\" ,, W/\"a\""}}, "\"a\"") ==
          Condition::not_modified);
    CHECK(condition({{"If-None-Match", "\"b\""}, {"If-None-Match", "\"a\""}}, "\"a\"") ==
          Condition::not_modified);
    CHECK(condition({{"If-None-Match", "*"}}, "\"a\"") == Condition::not_modified);
    CHECK(condition({{"If-None-Match", "\"b\""}}, "\"a\"") == Condition::send);
    CHECK(condition({{"If-None-Match", "a"}}, "\"a\"") == Condition::send);
    CHECK(condition({{"If-None-Match", "\"a"}}, "\"a\"") == Condition::send);
    CHECK(condition({{"If-Match", "\"a\""}}, "\"a\"") == Condition::send);
    CHECK(condition({{"If-Match", "*"}}, "\"a\"") == Condition::send);
    CHECK(condition({{"If-Match", "W/\"a\""}}, "\"a\"") == Condition::failed);
    CHECK(condition({{"If-Match", "\"b\""}, {"If-None-Match", "\"a\""}}, "\"a\"") ==
          Condition::failed);
    CHECK(condition({{"If-Match", "\"a\""}, {"If-None-Match", "\"a\""}}, "\"a\"") ==
          Condition::not_modified);
}

TEST_CASE("an answer is rendered whole, its 304 with what a cache must hear", "[http]") {
    http::Response response;
    response.body = "{}";
    response.etag = "\"a\"";
    response.fields = {{"Vary", "Accept"}, {"Location", "/x\r\nSet-Cookie: evil"}};
    auto prepared = http::prepare(response);
    CHECK(prepared->head ==
          "HTTP/1.1 200 OK\r\nServer: portal\r\nETag: \"a\"\r\nCache-Control: no-cache\r\n"
          "Content-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n"
          "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
          "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
          "Vary: Accept, Accept-Encoding\r\n"
          "Location: /x  Set-Cookie: evil\r\n");
    CHECK(
        prepared->head_304 ==
        "HTTP/1.1 304 Not Modified\r\nServer: portal\r\nETag: \"a\"\r\nCache-Control: no-cache\r\n"
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "Vary: Accept, Accept-Encoding\r\n");
    CHECK(prepared->body == "{}");

    auto empty = http::render(http::Response{204});
    CHECK(empty->head.find("\nContent-Type") == std::string::npos);
    CHECK(empty->head.find("\nContent-Length") == std::string::npos);
    CHECK(http::render(http::Response{201})->head.find("HTTP/1.1 201 Created\r\n") == 0);
}

TEST_CASE("content decides the entity tag", "[http]") {
    CHECK(http::make_etag("") == "\"e3b0c44298fc1c14\"");
    CHECK(http::make_etag("a") != http::make_etag("b"));
}

TEST_CASE("a refusal becomes the failure body that the contract promises", "[http]") {
    http::Request request;
    request.context.request_id = "id-1";
    base::Error error{
        base::Reason::invalid, "invalid_news", "Not good: \xff.", {{"title", "Too long."}}};
    auto response = http::failure(request, error);
    CHECK(response.status == 422);
    CHECK(response.content_type == "application/json; charset=utf-8");
    CHECK(body_of(response) ==
          nlohmann::json::parse(R"({"status":"fail","error":"invalid_news","message":"Not good: �.",
              "request_id":"id-1","details":[{"field":"title","message":"Too long."}]})"));

    base::Error stale{base::Reason::conflict, "version_conflict", "Stale."};
    stale.current_version = 7;
    CHECK(body_of(http::failure(request, stale))["current_version"] == 7);
    CHECK_FALSE(body_of(http::failure(request, stale)).contains("details"));
}

TEST_CASE("who asks for problem documents gets them", "[http]") {
    http::Request request;
    request.context.request_id = "id-1";
    request.fields = {{"Accept", "application/json, Application/Problem+JSON;q=0.9"}};
    auto response = http::failure(request, 404, "not_found", "Nothing.");
    CHECK(response.content_type == "application/problem+json");
    CHECK(body_of(response) ==
          nlohmann::json::parse(R"({"type":"about:blank","title":"Not Found","status":404,
              "detail":"Nothing.","error":"not_found","request_id":"id-1"})"));
    CHECK(field_of(response, "Vary") == "Accept");
}

TEST_CASE("each reason has its status, and the field that belongs to it", "[http]") {
    using base::Reason;
    http::Request request;
    auto status = [](Reason reason, const char* code = "x") {
        return http::http_status(base::Error{reason, code, ""});
    };
    CHECK(status(Reason::unauthenticated) == 401);
    CHECK(status(Reason::forbidden) == 403);
    CHECK(status(Reason::not_found) == 404);
    CHECK(status(Reason::conflict) == 409);
    CHECK(status(Reason::precondition) == 412);
    CHECK(status(Reason::precondition, "precondition_required") == 428);
    CHECK(status(Reason::too_many) == 429);
    CHECK(status(Reason::unavailable) == 503);
    CHECK(status(Reason::deadline) == 504);
    CHECK(field_of(http::failure(request, 401, "x", ""), "WWW-Authenticate") == "Bearer");
    for (const char* code : {"invalid_token", "token_expired"}) {
        auto refused = http::failure(request, 401, code, "");
        CHECK(field_of(refused, "WWW-Authenticate") == R"(Bearer error="invalid_token")");
    }
    CHECK_FALSE(field_of(http::failure(request, 429, "x", ""), "Retry-After").empty());
    CHECK_FALSE(field_of(http::failure(request, 503, "x", ""), "Retry-After").empty());
    CHECK(field_of(http::failure(request, 404, "x", ""), "Retry-After").empty());
}

TEST_CASE("a JSON body needs its type and a strict form", "[http]") {
    auto read = [](const char* type, const char* body) {
        http::Request request;
        if (*type) request.fields = {{"content-type", type}};
        request.body = body;
        auto result = http::json_body(request);
        auto* refused = std::get_if<http::Response>(&result);
        return refused ? refused->status : 200;
    };
    CHECK(read("application/json", "{\"a\":[1]}") == 200);
    CHECK(read("Application/JSON ; charset=utf-8", "1") == 200);
    CHECK(read("", "{}") == 415);
    CHECK(read("text/json", "{}") == 415);
    CHECK(read("application/jsonp", "{}") == 415);
    CHECK(read("application/json", "") == 400);
    CHECK(read("application/json", "{\"a\":1,\"a\":2}") == 400);
    CHECK(read("application/json", "{} x") == 400);
    CHECK(read("application/json", std::string(33, '[').append(33, ']').c_str()) == 400);
    CHECK(read("application/json", std::string(32, '[').append(32, ']').c_str()) == 200);
}

TEST_CASE("a text with U+0000 is refused for just that", "[http]") {
    auto read = [](const char* body) {
        http::Request request;
        request.fields = {{"content-type", "application/json"}};
        request.body = body;
        auto result = http::json_body(request);
        return std::get<http::Response>(std::move(result));
    };
    for (const char* body : {R"({"title":"a\u0000b"})", R"(["\u0000"])", R"({"a\u0000":1})"}) {
        CAPTURE(body);
        auto refused = read(body);
        CHECK(refused.status == 422);
        CHECK(body_of(refused)["error"] == "nul_in_text");
        CHECK(body_of(refused)["message"].get<std::string>().find("U+0000") != std::string::npos);
    }
    CHECK(read(R"({"title":"a\u00"})").status == 400);
}

TEST_CASE("null is no body where a body is optional", "[http]") {
    auto has = [](const char* body) {
        http::Request request;
        request.body = body;
        return http::has_json(request);
    };
    for (const char* none : {"", "null", " null\r\n", "\tnull "}) CHECK_FALSE(has(none));
    for (const char* some : {"{}", "nul", "nulll", "\"null\"", "[null]", " "}) CHECK(has(some));
}

TEST_CASE("an If-Match that could not have matched is told why", "[http]") {
    auto advice = [](const std::vector<http::Request::Field>& fields, bool ours) {
        http::Request request;
        request.fields = fields;
        return http::if_match_advice(request, ours, "Send the version.");
    };
    CHECK(advice({}, false).empty());
    CHECK(advice({{"If-Match", "*"}}, false).empty());
    CHECK(advice({{"If-Match", "\"3.1\""}}, true).empty());
    auto weak = advice({{"If-Match", "W/\"1.1\""}}, false);
    CHECK(weak.find("weak") != std::string::npos);
    CHECK(weak.ends_with(" Send the version."));
    CHECK(advice({{"If-Match", "W/\"1.1\""}}, true) == weak);
    auto foreign = advice({{"If-Match", "\"somebody's\""}}, false);
    CHECK(foreign == "If-Match has no entity tag of this server. Send the version.");
    CHECK(advice({{"If-Match", "W/\"1.1\", \"3.1\""}}, true).empty());
}

TEST_CASE("in open mode everybody is admin, and the cookie only says who visits", "[http]") {
    http::OpenAuthenticator open;
    auto id = [&open](const char* cookie) {
        http::Request request;
        request.fields = {{"Cookie", cookie}};
        auto actor = open.authenticate(request);
        CHECK(actor->role == base::Role::admin);
        return actor->id;
    };
    CHECK(id("user_id=42") == 42);
    CHECK(id("user_id=9007199254740991") == 9007199254740991);
    for (const char* bad :
         {"user_id=0", "user_id=-1", "user_id=9007199254740992", "user_id=x", "a=1"}) {
        CAPTURE(bad);
        CHECK_FALSE(id(bad));
    }
    CHECK(http::AnonymousAuthenticator().authenticate(http::Request())->role ==
          base::Role::anonymous);
}

TEST_CASE("an access rule includes the roles above, and tells 401 from 403", "[http]") {
    using base::Role;
    using http::Access;
    auto status = [](Access access, Role role) {
        auto result = http::check_access(access, base::Actor{std::nullopt, role});
        return result ? 200 : http::http_status(result.error());
    };
    CHECK(status(Access::anyone, Role::anonymous) == 200);
    CHECK(status(Access::login, Role::anonymous) == 401);
    CHECK(status(Access::login, Role::reader) == 200);
    CHECK(status(Access::author, Role::reader) == 403);
    CHECK(status(Access::author, Role::editor) == 200);
    CHECK(status(Access::editor, Role::author) == 403);
    CHECK(status(Access::admin, Role::editor) == 403);
    CHECK(status(Access::admin, Role::anonymous) == 401);
    CHECK(status(Access::admin, Role::admin) == 200);
}

TEST_CASE("addresses are read strictly, and know whether only this machine reaches them",
          "[http]") {
    CHECK(http::parse_address("127.0.0.1:8080")->is_loopback());
    CHECK(http::parse_address("localhost:0")->text() == "127.0.0.1:0");
    CHECK(http::parse_address("[::1]:80")->is_loopback());
    CHECK(http::parse_address("[::1]:80")->text() == "[::1]:80");
    CHECK_FALSE(http::parse_address("0.0.0.0:80")->is_loopback());
    CHECK_FALSE(http::parse_address("[::]:80")->is_loopback());
    CHECK(http::parse_address("unix:/run/a.sock")->path == "/run/a.sock");
    for (const std::string bad :
         {"", "8080", ":8080", "a:80", "127.0.0.1", "127.0.0.1:65536", "::1:80", "127.0.0.1:x",
          "unix:", "[127.0.0.1]:80", "127.0.0.1:080", "tls:", "tls:unix:/run/a.sock",
          "tls:tls:127.0.0.1:80", "systemd:", "systemd:a b", "systemd:a:b", "tls:systemd:"}) {
        CAPTURE(bad);
        CHECK_FALSE(http::parse_address(bad));
    }
    auto inherited = http::parse_address("tls:systemd:https");
    CHECK(inherited->inherited == "https");
    CHECK(inherited->tls);
    CHECK(inherited->text() == "tls:systemd:https");
    CHECK_FALSE(http::parse_address("systemd:http")->is_loopback());
    CHECK_FALSE(http::parse_address("systemd:" + std::string(256, 'a')));
    CHECK_FALSE(http::parse_address("unix:/" + std::string(200, 'a')));
    CHECK_FALSE(http::parse_address(std::string("127.0.0.1\0x:80", 14)));
    std::string endless;
    for (int i = 0; i < 100000; ++i) endless += "tls:";
    CHECK_FALSE(http::parse_address(endless));
}
