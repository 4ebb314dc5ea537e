#include "api_keys.hpp"

#include "base/unicode.hpp"

namespace identity {

namespace {
constexpr std::size_t name_length_max = 100;
}

bool is_api_key(std::string_view credential) {
    return credential.starts_with(api_key_prefix);
}

std::vector<base::Problem> problems_of_api_key(const ApiKey& key, base::Time now) {
    std::vector<base::Problem> problems;
    auto problem = base::problem_of_name(key.name, name_length_max);
    if (problem) problems.push_back({"name", std::move(*problem)});
    if (key.role == base::Role::anonymous) {
        problems.push_back({"role", "must be one of reader, author, editor, admin"});
    }
    if (key.expires_at && *key.expires_at <= now) {
        problems.push_back({"expires_at", "is not in the future"});
    }
    return problems;
}

std::optional<base::Actor> KnownApiKeys::find(const std::string& secret_hash,
                                              base::Time now) const {
    auto entries = entries_.get();
    auto found = entries->find(secret_hash);
    if (found == entries->end()) return std::nullopt;
    const auto& entry = found->second;
    if (entry.expires_at && *entry.expires_at <= now) return std::nullopt;
    return base::Actor{std::nullopt, entry.role, entry.id};
}

void KnownApiKeys::add(const std::string& secret_hash, const ApiKey& key) {
    auto entries = std::make_shared<Entries>(*entries_.get());
    entries->insert_or_assign(secret_hash, Entry{key.id, key.role, key.expires_at});
    entries_.replace(std::move(entries));
}

void KnownApiKeys::remove(std::int64_t id) {
    auto entries = std::make_shared<Entries>(*entries_.get());
    std::erase_if(*entries, [id](const auto& entry) { return entry.second.id == id; });
    entries_.replace(std::move(entries));
}

}  // namespace identity
