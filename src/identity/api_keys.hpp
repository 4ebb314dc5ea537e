#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/result.hpp"
#include "base/snapshot.hpp"

namespace identity {

/// A key with which a program asks, as admins see it: what it may do is said by its role, and it is
/// no user.
struct ApiKey {
    std::int64_t id = 0;
    std::string name;
    base::Role role = base::Role::reader;
    base::Time created_at{};
    std::optional<std::int64_t> created_by{};  ///< a user or another key
    std::optional<base::Time> expires_at{};
};

/// What every secret of a key begins with, so that it is told from a token, and found by those who
/// look for secrets in what was published by mistake.
inline constexpr std::string_view api_key_prefix = "pk_";

/// Whether what follows `Bearer` means to be the secret of a key.
bool is_api_key(std::string_view credential);

/// Everything that is wrong with a new key, as details of a refusal. Pure.
std::vector<base::Problem> problems_of_api_key(const ApiKey& key, base::Time now);

/// The keys that count, in memory: what a request shows is looked up here, never in the database.
/// Reading is thread-safe; changes come from one thread at a time (the database's writer, after its
/// COMMIT; before it is started, the one that opens the module).
class KnownApiKeys {
public:
    /// Whose secret has that SHA-256; nothing if no key's, or if it has run out.
    std::optional<base::Actor> find(const std::string& secret_hash, base::Time now) const;

    void add(const std::string& secret_hash, const ApiKey& key);
    void remove(std::int64_t id);
    std::size_t size() const { return entries_.get()->size(); }

private:
    struct Entry {
        std::int64_t id = 0;
        base::Role role = base::Role::reader;
        std::optional<base::Time> expires_at{};
    };
    using Entries = std::unordered_map<std::string, Entry>;

    base::Snapshot<Entries> entries_{std::make_shared<const Entries>()};
};

}  // namespace identity
