#include "http/idempotency.hpp"

namespace http {

namespace {
constexpr std::size_t key_bytes_max = 255;
}

base::Result<std::optional<base::IdempotencyKey>> idempotency_key_of(const Request& request,
                                                                     std::string_view body) {
    auto keys = request.header_lines("Idempotency-Key");
    bool posts = request.method == Method::post;
    if (keys.empty() || !(posts || request.method == Method::put)) {
        return std::optional<base::IdempotencyKey>();
    }
    auto value = keys.front();
    if (value.empty() || value.size() > key_bytes_max) {
        return base::Error{base::Reason::invalid, "malformed_idempotency_key",
                           "An Idempotency-Key has 1 to 255 characters."};
    }
    if (keys.size() > 1) {
        return base::Error{base::Reason::invalid, "malformed_idempotency_key",
                           "A request has one Idempotency-Key."};
    }
    const auto& actor = request.context.actor;
    base::IdempotencyKey key;
    auto caller = actor.subject();
    key.caller = caller ? std::to_string(*caller) : "anonymous";
    key.route = (posts ? "POST " : "PUT ") + request.path;
    key.key = value;
    // With another If-Match it is another request.
    std::string asked(body);
    for (auto line : request.header_lines("If-Match")) asked.append("\n").append(line);
    key.body_hash = content_hash(asked);
    return std::optional<base::IdempotencyKey>(std::move(key));
}

}  // namespace http
