#pragma once

#include <string>
#include <vector>

#include "api_keys.hpp"
#include "database/database.hpp"

namespace identity {

/// Makes and revokes API keys, in `identity.db` and in the table that requests are checked against.
/// Who may is checked by the caller. Thread-safe. Refusals besides those named: `unavailable`,
/// `deadline`.
class ApiKeysService {
public:
    /// All outlive it. `keys_max`: how many there may be at a time, those that have run out too.
    ApiKeysService(database::Database& database, KnownApiKeys& known, const base::Clock& clock,
                   std::int64_t keys_max)
        : database_(database), known_(known), clock_(clock), keys_max_(keys_max) {}

    struct Issued {
        ApiKey key;
        std::string secret;  ///< told once: only its SHA-256 is kept
    };
    /// `key`: its name, role and end. Counts from the next request on. Refused with
    /// `invalid_api_key` and all details, `too_many_api_keys` (conflict).
    base::Task<Issued> create(ApiKey key, base::Context context);
    /// In the order in which they were made.
    base::Task<std::vector<ApiKey>> list(base::Context context) const;
    /// It counts no more from the next request on. `api_key_not_found`.
    base::Task<void> revoke(std::int64_t id, base::Context context);

    /// Fills the table. At start, before anybody asks.
    base::Task<void> load();

private:
    database::Database& database_;
    KnownApiKeys& known_;
    const base::Clock& clock_;
    const std::int64_t keys_max_;
};

}  // namespace identity
