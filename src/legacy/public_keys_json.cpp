#include "public_keys_json.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/strict_json.hpp"

namespace legacy {

namespace {

constexpr std::size_t public_keys_max = 16;
constexpr std::size_t key_id_bytes_max = 256;

base::Error no_key_set(const std::string& why) {
    return {base::Reason::invalid, "keys_unusable", why};
}

/// Empty if it is not there, or no text.
std::string_view member_text(const nlohmann::json& object, const char* name) {
    auto found = object.find(name);
    if (found == object.end() || !found->is_string()) return {};
    return found->get_ref<const std::string&>();
}

bool is_or_lacks(const nlohmann::json& object, const char* name, std::string_view value) {
    return !object.contains(name) || member_text(object, name) == value;
}

/// `d` of a private key, `k` of a symmetric one.
bool has_secret(const nlohmann::json& key) {
    return key.contains("d") || key.contains("k");
}

bool is_for_rs256(const nlohmann::json& key) {
    return member_text(key, "kty") == "RSA" && is_or_lacks(key, "use", "sig") &&
           is_or_lacks(key, "alg", "RS256");
}

base::Result<PublicKey> public_key_from(const nlohmann::json& entry) {
    std::string id(member_text(entry, "kid"));
    auto modulus = base::from_base64url(member_text(entry, "n"));
    auto exponent = base::from_base64url(member_text(entry, "e"));
    if (!modulus || !exponent || id.size() > key_id_bytes_max) {
        return no_key_set("has a key that cannot be read.");
    }
    auto key = PublicKey::of_numbers(*modulus, *exponent, std::move(id));
    if (!key) return no_key_set("has a key that " + key.error().message);
    return key;
}

}  // namespace

base::Result<PublicKeys> public_keys_from_json(std::string_view json) {
    auto set = config::parse_strict_json(json, {});
    if (!set || !set->is_object() || !set->contains("keys") || !set->at("keys").is_array()) {
        return no_key_set("is no JWKS: an object with a list `keys`.");
    }
    PublicKeys keys;
    for (const auto& entry : set->at("keys")) {
        if (!entry.is_object()) return no_key_set("has a key that is no object.");
        if (has_secret(entry))
            return no_key_set("has a secret key, which is not for other servers.");
        if (!is_for_rs256(entry)) continue;
        auto key = public_key_from(entry);
        if (!key) return key.error();
        bool known = std::any_of(keys.begin(), keys.end(), [&](const auto& one) {
            return !one.id().empty() && one.id() == key->id();
        });
        if (known) return no_key_set("has two keys of one `kid`.");
        keys.push_back(std::move(*key));
    }
    if (keys.empty()) return no_key_set("has no key that checks RS256.");
    if (keys.size() > public_keys_max) return no_key_set("has more than 16 keys.");
    return keys;
}

}  // namespace legacy
