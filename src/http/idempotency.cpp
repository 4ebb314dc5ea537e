#include "http/idempotency.hpp"

#include <algorithm>

#include "characters.hpp"

namespace http {

namespace {
constexpr std::size_t key_bytes_max = 255;
}

base::Result<std::optional<base::Once>> once_of(const Request& request, std::string_view body) {
    auto key = request.header("Idempotency-Key");
    bool posts = request.method == Method::post;
    if (!key || !(posts || request.method == Method::put)) return std::optional<base::Once>();
    if (key->empty() || key->size() > key_bytes_max) {
        return base::Error{base::Reason::invalid, "malformed_idempotency_key",
                           "An Idempotency-Key has 1 to 255 characters."};
    }
    auto lines = std::count_if(request.fields.begin(), request.fields.end(), [](const auto& field) {
        return equals_lower(field.name, "idempotency-key");
    });
    if (lines != 1) {
        return base::Error{base::Reason::invalid, "malformed_idempotency_key",
                           "A request has one Idempotency-Key."};
    }
    const auto& actor = request.context.actor;
    base::Once once;
    once.caller = actor.id ? std::to_string(*actor.id) : "anonymous";
    once.route = (posts ? "POST " : "PUT ") + request.path;
    once.key = *key;
    // With another If-Match it is another request.
    std::string asked(body);
    for (const auto& field : request.fields) {
        if (equals_lower(field.name, "if-match")) asked.append("\n").append(field.value);
    }
    once.body_hash = content_hash(asked);
    return std::optional<base::Once>(std::move(once));
}

}  // namespace http
