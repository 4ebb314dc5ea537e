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
#include "http/body.hpp"
#include "http/content_hash.hpp"

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
/// Equal but for the case of ASCII letters, as the names of fields are.
bool equals_any_case(std::string_view a, std::string_view b);

/// How often a client may ask: `standard` counts as its method says, a GET or HEAD reads and
/// everything else writes.
enum class RateClass : std::uint8_t { standard, registration, login };

/// What the credentials beside a request are worth to its route. `required`: those that do not hold
/// are refused. `optional`, where anyone may ask: a cookie that holds no more, which a browser
/// sends by itself, is as none; a bearer token that does not hold is refused. `ignored`: not looked
/// at, since the body alone proves who asks, or somebody else looks.
enum class Credentials : std::uint8_t { required, optional, ignored };

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
                       ///< until routed, or if it has an empty segment
    std::string_view query;     ///< what follows `?`, not decoded
    std::vector<Field> fields;  ///< in the order received, names as sent
    std::string_view upgrade;   ///< the protocols that it asks for and could have; else empty
    std::string body;     ///< complete, for a handler that takes it whole; empty if there is none
    std::string peer;     ///< the client's address, without port; empty on a unix socket
    bool secure = false;  ///< the client speaks TLS, with us or with a trusted proxy
    bool elsewhere = false;                           ///< of the route: another server answers
    RateClass rate_class{};                           ///< of the route
    Credentials credentials = Credentials::required;  ///< of the route
    std::size_t thread = 0;    ///< which I/O thread: an index for per-thread state
    base::Context context;     ///< who, which request id, until when
    std::string answer_lines;  ///< whole field lines for the answer; answer_lines_max bytes
    static constexpr std::size_t answer_lines_max = 768;

    /// The value of a field line, by case-insensitive name; the first if there are several.
    std::optional<std::string_view> header(std::string_view name) const;
    /// All of them, in the order received.
    std::vector<std::string_view> header_lines(std::string_view name) const;
    /// That protocol is asked for instead of HTTP (RFC 9110, 7.8): the answer may be an Upgrade.
    bool asks_for(std::string_view protocol) const;
    /// A path parameter `{name}` of the matched route, percent-decoded; of `{name...}` the rest of
    /// the path, without a slash at either end.
    std::string_view parameter(std::string_view name) const;
    /// A query parameter, percent-decoded (`+` is a space), the last of several; nothing if absent.
    std::optional<std::string> query_parameter(std::string_view name) const;
    /// A cookie's value, as sent.
    std::optional<std::string_view> cookie(std::string_view name) const;

    /// Filled by the router; the values point into `path`, so a request is not moved then.
    std::vector<std::pair<std::string_view, std::string_view>> parameters;
};

class Encodings;
class SealedFile;

/// An answer in the bytes that go out, made once and sent many times. Immutable, shared.
struct PreparedResponse {
    int status = 200;
    std::string head;  ///< status line and fields; no Date, X-Request-Id, Connection or empty line
    std::string head_304;  ///< the same for a 304 to If-None-Match
    std::string body;
    std::string etag;                      ///< with its quotes
    std::shared_ptr<Encodings> encodings;  ///< its compressed forms; null if there are to be none
    std::shared_ptr<SealedFile> sealed;    ///< the body once more; null if it is small
};

/// Who made an answer. `ours` gets our field lines: Server, ETag, Cache-Control, those that keep a
/// browser from making more of it than it is. `elsewhere`: it goes out with the fields it came
/// with, Content-Type and all, but for those that belong to one hop and those that frame it.
enum class Origin : std::uint8_t { ours, elsewhere };

/// What a handler answers. To refuse it returns a base::Error instead: only http makes failures.
struct Response {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    Body body{};         ///< a PreparedResponse goes out instead of everything else here
    std::string etag{};  ///< with quotes; if empty, a 200 to a GET gets one from its text or file
    std::string cache_control{};  ///< if empty: `no-store` on failures, else `no-cache`
    std::vector<std::pair<std::string, std::string>> fields{};  ///< further lines, as Location
    Origin origin = Origin::ours;
};

/// `response` (a 200 with a text as its body) in the bytes that go out; with an ETag from its body
/// if it has none.
std::shared_ptr<const PreparedResponse> prepare(const Response& response);

/// What If-Match asks for: the entity tags as the handlers gave them, without quotes and without
/// the ending of a compressed form. Weak tags are left out: they match nothing (RFC 9110, 13.1.1).
struct IfMatch {
    bool any = false;   ///< `*`
    bool weak = false;  ///< a weak tag was there, as a proxy makes of a strong one by compressing
    std::vector<std::string> tags{};
};

/// Nothing if the request has no If-Match.
std::optional<IfMatch> if_match(const Request& request);

/// For a 412 to an If-Match that could not have matched: why, and then `instead`, a sentence.
/// `ours`: one of its tags has a form that this server gives. Empty if it just names an old state.
std::string if_match_advice(const Request& request, bool ours, std::string_view instead);

/// The status for a refusal: invalid 422 (400 when the code starts with `malformed_`),
/// unauthenticated 401, forbidden 403, not_found 404, conflict 409, precondition 412 (428 when the
/// code is `precondition_required`), too_many 429, unavailable 503, deadline 504; and by their code
/// `body_too_large` 413, `request_timeout` 408.
int http_status(const base::Error& error);

/// The failure body of api/openapi.yaml, or the same as an RFC 9457 document when the request asks
/// for `application/problem+json`. Adds Retry-After to 429 and 503, WWW-Authenticate to 401.
Response failure(const Request& request, const base::Error& error);
Response failure(const Request& request, int status, std::string_view code,
                 std::string_view message);

}  // namespace http
