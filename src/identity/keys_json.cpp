#include "keys_json.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "config/strict_json.hpp"

namespace identity {

namespace {

using Json = nlohmann::json;

constexpr std::size_t half_bytes = 32;

std::string text_of(const Json& object, const char* name) {
    auto found = object.find(name);
    return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

std::optional<SigningKey> key_from(const Json& object) {
    if (!object.is_object()) return std::nullopt;
    auto seed = base::from_base64url(text_of(object, "d"));
    auto public_key = base::from_base64url(text_of(object, "x"));
    auto created = base::parse_rfc3339(text_of(object, "created_at"));
    auto signs = base::parse_rfc3339(text_of(object, "signs_from"));
    SigningKey key;
    key.id = text_of(object, "kid");
    if (!seed || seed->size() != half_bytes || !public_key || public_key->size() != half_bytes ||
        !created || !signs || key.id.empty()) {
        return std::nullopt;
    }
    key.seed = std::move(*seed);
    key.public_key = std::move(*public_key);
    key.created_at = *created;
    key.signs_from = *signs;
    return key;
}

}  // namespace

std::string to_json(const KeySet& keys) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const auto& key : keys) {
        all.push_back({{"kid", key.id},
                       {"d", base::to_base64url(key.seed)},
                       {"x", base::to_base64url(key.public_key)},
                       {"created_at", base::to_rfc3339(key.created_at)},
                       {"signs_from", base::to_rfc3339(key.signs_from)}});
    }
    nlohmann::ordered_json object;
    object["keys"] = std::move(all);
    return object.dump(2) + "\n";
}

std::optional<KeySet> keys_from_json(std::string_view text) {
    config::JsonLimits limits;
    limits.depth = 4;
    auto parsed = config::parse_strict_json(text, limits);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    auto found = parsed->find("keys");
    if (found == parsed->end() || !found->is_array() || found->empty()) return std::nullopt;
    KeySet keys;
    for (const auto& object : *found) {
        auto key = key_from(object);
        if (!key || find_key(keys, key->id)) return std::nullopt;
        if (!keys.empty() && key->signs_from < keys.back().signs_from) return std::nullopt;
        keys.push_back(std::move(*key));
    }
    return keys;
}

std::string to_jwks(const KeySet& keys) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const auto& key : keys) {
        all.push_back({{"kty", "OKP"},
                       {"crv", "Ed25519"},
                       {"kid", key.id},
                       {"use", "sig"},
                       {"alg", "EdDSA"},
                       {"x", base::to_base64url(key.public_key)}});
    }
    nlohmann::ordered_json object;
    object["keys"] = std::move(all);
    return object.dump();
}

}  // namespace identity
