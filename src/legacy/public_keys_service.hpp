#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/snapshot.hpp"
#include "base/task.hpp"
#include "http/client.hpp"
#include "legacy/session_config.hpp"
#include "public_keys_crypto.hpp"

namespace legacy {

/// The public keys that a site's tokens are checked with, from the address where it tells them
/// (SessionConfig::tokens_jwks_url). They are asked for by the first request that needs them, by
/// the first after SessionConfig::tokens_jwks_kept_s, and where a token names a key that is not
/// known; but at most once in SessionConfig::tokens_jwks_interval_s, by one request at a time,
/// whoever sends what. Where that fails the last good ones stay, and it is asked again after
/// SessionConfig::tokens_jwks_timeout_ms, if that is sooner. Thread-safe.
class PublicKeysService {
public:
    /// The configuration is valid and has an address. All of it outlives this.
    PublicKeysService(http::Client& client, const SessionConfig& config, const base::Clock& clock);

    /// Those that are known, after they were asked for if that is to be done now. `key_id`: of the
    /// token; empty: it names none. Refused with `login_unknown` (unavailable) where it cannot be
    /// known now whether there is such a key.
    base::Task<std::shared_ptr<const PublicKeys>> keys_for(std::string key_id);

private:
    using Keys = std::shared_ptr<const PublicKeys>;

    bool claim_question();
    base::Task<PublicKeys> ask();

    http::Client& client_;
    const SessionConfig& config_;
    const base::Clock& clock_;
    const http::UpstreamAddress address_;
    const std::string target_;
    base::Snapshot<PublicKeys> keys_;
    std::atomic<base::Clock::Moment::rep> fresh_until_;
    std::atomic<base::Clock::Moment::rep> next_question_;
    /// Whether the last question was; false while one is under way.
    std::atomic<bool> answered_{false};
};

}  // namespace legacy
