#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.hpp"
#include "base/result.hpp"

namespace http {

enum class Method { get, head, post, put, patch, del, options };

/// Every method with its name on the wire, in the order in which Allow names them.
inline constexpr std::array<std::pair<Method, std::string_view>, 7> methods = {
    {{Method::del, "DELETE"},
     {Method::get, "GET"},
     {Method::head, "HEAD"},
     {Method::options, "OPTIONS"},
     {Method::patch, "PATCH"},
     {Method::post, "POST"},
     {Method::put, "PUT"}}};
std::string_view name_of(Method method);

/// What a route does, as far as it matters to those who let requests pass. `standard`: as its
/// method says, a GET or HEAD reads and everything else writes. `login` and `renewal` prove who
/// asks by their body alone, so that an old token beside it does no harm.
enum class RouteKind : std::uint8_t { standard, registration, login, renewal };

/// One request whose head passed the guard. It lives on its connection's thread from the moment
/// its handler is called until the answer is sent; every view in it points into the connection's
/// buffer and is good for just as long, so a task that may outlive the handler takes copies.
struct Request {
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    Method method = Method::get;
    std::string_view target;  ///< path and query as sent (origin form)
    std::string path;  ///< percent-decoded per segment, alias applied, no slash at the end; empty
                       ///< until routed
    std::string_view query;     ///< what follows `?`, not decoded
    std::vector<Field> fields;  ///< in the order received, names as sent
    std::string body;           ///< complete; empty if there is none
    std::string peer;           ///< the client's address, without port; empty on a unix socket
    RouteKind kind{};           ///< of the route
    std::size_t thread = 0;     ///< which I/O thread: an index for per-thread state
    base::Context context;      ///< who, which request id, until when
    std::string answer_lines;   ///< whole field lines for the answer, whatever it will be; at most
                                ///< answer_lines_max bytes
    static constexpr std::size_t answer_lines_max = 768;

    /// The value of a field line, by case-insensitive name; the first if there are several.
    std::optional<std::string_view> header(std::string_view name) const;
    /// All of them, in the order received.
    std::vector<std::string_view> header_lines(std::string_view name) const;
    /// A path parameter `{name}` of the matched route, percent-decoded.
    std::string_view parameter(std::string_view name) const;
    /// A query parameter, percent-decoded (`+` is a space); the last if there are several;
    /// nothing if absent. Bad escapes were refused with the head.
    std::optional<std::string> query_parameter(std::string_view name) const;
    /// A cookie's value, as sent.
    std::optional<std::string_view> cookie(std::string_view name) const;

    std::vector<std::pair<std::string_view, std::string>> parameters;  ///< filled by the router
};

class Encodings;
class SealedFile;

/// An answer in the bytes that go out, made once and sent many times. Immutable, shared.
struct PreparedResponse {
    int status = 200;
    std::string head;  ///< status line and field lines, without Date, X-Request-Id, Connection and
                       ///< the empty line
    std::string head_304;  ///< the same for a 304 to If-None-Match
    std::string body;
    std::string etag;                      ///< with its quotes
    std::shared_ptr<Encodings> encodings;  ///< its compressed forms; null if there are to be none
    std::shared_ptr<SealedFile> sealed;    ///< the body once more; null if it is small
};

/// What a handler answers.
struct Response {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    std::string body{};
    std::string etag{};           ///< with quotes; if empty, a 200 to a GET gets one from its body
    std::string cache_control{};  ///< if empty: `no-store` on failures, else `no-cache`
    std::vector<std::pair<std::string, std::string>>
        fields{};  ///< further field lines, as Location
    std::shared_ptr<const PreparedResponse>
        prepared{};  ///< if set, goes out instead of all of the above
};

/// `response` (a 200 with a body) in the bytes that go out; with an ETag from its body if it has
/// none.
std::shared_ptr<const PreparedResponse> prepare(const Response& response);

/// What If-Match asks for: the entity tags as the handlers gave them, without quotes and without
/// the ending of a compressed form. Weak tags are left out: they match nothing (RFC 9110, 13.1.1).
struct IfMatch {
    bool any = false;  ///< `*`
    std::vector<std::string> tags{};
};

/// Nothing if the request has no If-Match.
std::optional<IfMatch> if_match(const Request& request);

/// SHA-256 of some bytes in hexadecimal: what tells two bodies apart, for ever.
std::string content_hash(std::string_view bytes);

/// The status for a refusal: invalid 422 (400 when the code starts with `malformed_`),
/// unauthenticated 401, forbidden 403, not_found 404, conflict 409, precondition 412 (428 when the
/// code is `precondition_required`), too_many 429, unavailable 503, deadline 504.
int http_status(const base::Error& error);

/// The failure body of api/openapi.yaml, or the same as an RFC 9457 document when the request asks
/// for `application/problem+json`. Adds Retry-After to 429 and 503, WWW-Authenticate to 401.
Response failure(const Request& request, const base::Error& error);
Response failure(const Request& request, int status, std::string_view code,
                 std::string_view message);

}  // namespace http
