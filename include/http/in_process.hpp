#pragma once

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "http/router.hpp"

namespace http {

/// Whether a field of that name makes an answer a part, or none, of what it is.
bool asks_for_less(std::string_view name);

/// A request without its body, by itself: for who asks somebody the same again when its connection
/// may have gone already. For the whole thing, and not compressed: what asks for less, and
/// Accept-Encoding, are left out.
class RequestCopy {
public:
    /// `request` has passed the interceptors: its peer is the client.
    explicit RequestCopy(const Request& request);

    Method method() const { return method_; }
    const std::string& target() const { return target_; }
    /// Those that are left, as sent, in order.
    const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
    /// The value of a field line, by case-insensitive name; the first if there are several.
    std::optional<std::string_view> header(std::string_view name) const;
    const std::string& peer() const { return peer_; }
    bool secure() const { return secure_; }
    const std::string& request_id() const { return request_id_; }

    /// The request once more, as an I/O thread would have it. Its views point into this object,
    /// which must outlive it and stay where it is.
    Request request(std::size_t thread, base::Deadline deadline) const;

private:
    Method method_;
    std::string target_;
    std::vector<std::pair<std::string, std::string>> fields_;
    std::string peer_;
    std::string request_id_;
    bool secure_;
};

/// An answer in plain members, whoever made it.
struct PlainResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields{};  ///< as they go out
    std::string body{};
    /// False: what its content is does not stand here, since it is a file, a stream or too large.
    bool complete = true;

    /// The value of the first field of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
};

/// `response` as it would go out to `request`, in its plain form (not compressed). Content of more
/// than `bytes_max` is left out, and the answer is not complete then.
PlainResponse plain(const Request& request, Response response,
                    std::size_t bytes_max = std::numeric_limits<std::size_t>::max());

/// The answer with its gzip coding undone. Nothing if it has none, or another one, or is damaged,
/// or has more than `bytes_max` without it.
std::optional<PlainResponse> decoded(const PlainResponse& answer, std::size_t bytes_max);

/// Asks the routes of a listener without a connection: route, credentials, access and handler as
/// its requests pass them, but no interceptor, no cache look-up, no count and no line in the log.
/// For GET and HEAD, which have no body. Thread-safe; an answer is made on the caller's executor.
class InProcess {
public:
    /// Both outlive it.
    InProcess(const Router& router, const Authenticator& authenticator)
        : router_(router), authenticator_(authenticator) {}

    /// `request` is not to have been routed. With its context.shadow set, nothing of the call is
    /// left behind. Refusals come as the failure that a client would get, as does what a handler
    /// throws.
    base::Task<PlainResponse> ask(Request& request) const;

private:
    const Router& router_;
    const Authenticator& authenticator_;
};

}  // namespace http
