#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "http/router.hpp"
#include "identity/accounts.hpp"
#include "identity/exports.hpp"
#include "identity/imports.hpp"

namespace identity {

/// Settings of accounts, passwords and tokens; describe() says what each means.
struct Config {
    std::string issuer = "portal";
    std::string audience = "portal";
    std::chrono::seconds access_life_s{600};
    std::chrono::seconds refresh_life_s{30 * 24 * 3600};
    std::chrono::seconds session_life_s{12 * 3600};
    std::chrono::seconds key_life_s{90 * 24 * 3600};
    std::int64_t password_memory_kib = 19456;
    std::int64_t password_passes = 2;
    std::int64_t password_threads = 2;
    std::int64_t password_queue_max = 64;
    std::int64_t legacy_iterations_max = 2000000;
    std::int64_t password_memory_bytes_max = std::int64_t{256} << 20;
    bool weak_legacy_hashes = false;
    std::int64_t token_cache_entries = 65536;
    std::int64_t failures_free = 5;
    std::chrono::seconds failure_delay_max_s{900};
    std::int64_t failure_entries_max = 65536;
    std::int64_t api_keys_max = 1000;
    std::chrono::seconds refresh_repeat_s{10};
    std::int64_t refresh_repeats_max = 8192;
    bool log_logins = false;
    database::Config database{};
};

void describe(config::Section& section, Config& config);

/// Accounts, roles, passwords and tokens: who somebody is, apart from what the site knows of them.
/// Serves /v1/auth/… and /.well-known/jwks.json. stop() after the server has stopped: passwords
/// that wait to be hashed are refused from then on.
class Module : public host::Module {
public:
    /// What it keeps, which may be looked at without opening it.
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    static std::vector<std::filesystem::path> files(const Config& config,
                                                    const std::filesystem::path& folder);
    /// Opens the store, `identity.db`, and reads or makes the signing keys, `identity.keys.json`.
    /// Refused as database::Database::open
    /// is, and with `keys_unusable` when the key file is damaged or others may read it.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment);

    virtual Accounts& accounts() = 0;
    virtual Imports& imports() = 0;
    virtual const Exports& exports() const = 0;
    /// What happens to accounts and logins, the audit trail: see identity/events.hpp.
    virtual const bus::Feed& feed() const = 0;
    /// For the public listener in enforced mode: bearer token, API key or session cookie. Refuses
    /// bad ones with `invalid_token` or `token_expired` (unauthenticated), and changes that come
    /// with the cookie but without its CSRF token with `csrf_token_missing` or `csrf_token_wrong`
    /// (forbidden).
    virtual const http::Authenticator& authenticator() const = 0;
};

}  // namespace identity
