#include "keys.hpp"

namespace identity {

const SigningKey& signing_key(const KeySet& keys, base::Time now) {
    const auto* newest = &keys.front();
    for (const auto& key : keys) {
        if (key.signs_from <= now) newest = &key;
    }
    return *newest;
}

const SigningKey* find_key(const KeySet& keys, std::string_view id) {
    for (const auto& key : keys) {
        if (key.id == id) return &key;
    }
    return nullptr;
}

bool needs_successor(const KeySet& keys, base::Time now, std::chrono::seconds key_life) {
    return keys.back().created_at + key_life < now;
}

KeySet without_spent(KeySet keys, base::Time now, std::chrono::seconds token_life) {
    while (keys.size() > 1 && keys[1].signs_from + token_life < now) keys.erase(keys.begin());
    return keys;
}

}  // namespace identity
