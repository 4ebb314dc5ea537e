#include "http/idempotency.hpp"

namespace http {

namespace {
constexpr std::size_t key_bytes_max = 255;
}

base::Result<std::optional<base::Once>> once_of(const Request& request, std::string_view body) {
    auto keys = request.header_lines("Idempotency-Key");
    bool posts = request.method == Method::post;
    if (keys.empty() || !(posts || request.method == Method::put)) {
        return std::optional<base::Once>();
    }
    auto key = keys.front();
    if (key.empty() || key.size() > key_bytes_max) {
        return base::Error{base::Reason::invalid, "malformed_idempotency_key",
                           "An Idempotency-Key has 1 to 255 characters."};
    }
    if (keys.size() > 1) {
        return base::Error{base::Reason::invalid, "malformed_idempotency_key",
                           "A request has one Idempotency-Key."};
    }
    const auto& actor = request.context.actor;
    base::Once once;
    once.caller = actor.id ? std::to_string(*actor.id) : "anonymous";
    once.route = (posts ? "POST " : "PUT ") + request.path;
    once.key = key;
    // With another If-Match it is another request.
    std::string asked(body);
    for (auto line : request.header_lines("If-Match")) asked.append("\n").append(line);
    once.body_hash = content_hash(asked);
    return std::optional<base::Once>(std::move(once));
}

}  // namespace http
