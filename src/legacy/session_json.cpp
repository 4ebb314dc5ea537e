#include "session_json.hpp"

#include <algorithm>

#include "base/hmac.hpp"
#include "base/ids.hpp"
#include "config/strict_json.hpp"

namespace legacy {

namespace {

constexpr std::string_view cookie_salt = "django.contrib.sessions.backends.signed_cookies";
constexpr std::string_view hash_salt =
    "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";
constexpr std::size_t session_bytes_max = 64 * 1024;
constexpr std::size_t whoami_bytes_max = 4096;
constexpr std::size_t key_bytes_max = 100;

/// Empty if it is not there, or no text.
std::string text_of(const nlohmann::json& object, const char* name) {
    auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::optional<SessionClaim> read_session_cookie(std::string_view cookie, const SecretKeys& keys,
                                                std::int64_t now, std::chrono::seconds age_max) {
    if (cookie.size() > session_cookie_bytes_max) return std::nullopt;
    auto content = unsigned_content(cookie, cookie_salt, keys, now, age_max, session_bytes_max);
    if (!content) return std::nullopt;
    config::JsonLimits limits;
    limits.bytes = session_bytes_max;
    auto session = config::parse_strict_json(*content, limits);
    if (!session || !session->is_object()) return std::nullopt;
    SessionClaim claim{text_of(*session, "_auth_user_id"), text_of(*session, "_auth_user_backend"),
                       text_of(*session, "_auth_user_hash")};
    bool whole = !claim.user.empty() && claim.user.size() <= key_bytes_max &&
                 !claim.backend.empty() && !claim.hash.empty();
    return whole ? std::optional(std::move(claim)) : std::nullopt;
}

bool is_of_password(std::string_view hash, std::string_view password_text, const SecretKeys& keys) {
    if (password_text.empty()) return false;
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
        auto made = salted_hmac(hash_salt, key, password_text);
        const auto* bytes = reinterpret_cast<const unsigned char*>(made.data());
        return base::equal_in_constant_time(base::to_hex(bytes, made.size()), hash);
    });
}

std::optional<std::string> source_from_whoami(std::string_view json) {
    config::JsonLimits limits;
    limits.bytes = whoami_bytes_max;
    limits.depth = 4;
    auto answer = config::parse_strict_json(json, limits);
    if (!answer || !answer->is_object()) return std::nullopt;
    auto model = text_of(*answer, "model");
    auto pk = text_of(*answer, "pk");
    auto number = answer->find("pk");
    if (number != answer->end() && number->is_number_unsigned()) pk = number->dump();
    if (model.empty() || pk.empty() || model.size() > key_bytes_max || pk.size() > key_bytes_max) {
        return std::nullopt;
    }
    return model + ":" + pk;
}

}  // namespace legacy
