#include "identity/module.hpp"

namespace identity {

void describe(config::Section& section, Config& config) {
    constexpr std::int64_t day = 24 * 3600;
    section.text("issuer", config.issuer, "Who issues the tokens: their `iss`.");
    section.text("audience", config.audience, "Whom the tokens are for: their `aud`.");
    section.duration("access_life_s", config.access_life_s, {10, 900},
                     "How long an access token lives.");
    section.duration("refresh_life_s", config.refresh_life_s, {60, 400 * day},
                     "How long a login lasts, however often its refresh token is exchanged; then "
                     "the password is asked again.");
    section.duration("session_life_s", config.session_life_s, {60, 30 * day},
                     "How long the cookie login of a browser lasts.");
    section.duration("key_life_s", config.key_life_s, {2 * 3600, 3650 * day},
                     "Age at which a signing key gets a successor.");
    section.integer("password_memory_kib", config.password_memory_kib, {19456, 4 << 20},
                    "Memory that hashing one password takes (Argon2id); at least what OWASP asks "
                    "for. Older hashes are made anew at the next login.");
    section.integer("password_passes", config.password_passes, {2, 100},
                    "Passes over that memory.");
    section.integer("password_threads", config.password_threads, {1, 64},
                    "Passwords that are hashed at the same time.");
    section.integer("password_queue_max", config.password_queue_max, {1, 100000},
                    "Logins and registrations that may wait for that; more are answered 503.");
    section.integer("legacy_iterations_max", config.legacy_iterations_max, {1, 100000000},
                    "Iterations of a pbkdf2 hash taken over from elsewhere; a hash with more "
                    "matches no password.");
    section.integer("password_memory_bytes_max", config.password_memory_bytes_max,
                    {19456 * 1024, std::int64_t{64} << 30},
                    "Memory of all passwords that are checked at the same time; the next waits. A "
                    "hash taken over from elsewhere that alone needs more matches no password: "
                    "Django's argon2 takes 100 MiB.");
    section.boolean(
        "weak_legacy_hashes", config.weak_legacy_hashes,
        "Whether hashes taken over from elsewhere are checked, and then made anew, that "
        "are MD5 or SHA-1 with or without a salt: whoever has read them knows most of "
        "the passwords.");
    section.integer(
        "token_cache_entries", config.token_cache_entries, {16, 100000000},
        "Verified tokens that are remembered, so that their signature is checked once.");
    section.integer("failures_free", config.failures_free, {1, 1000},
                    "Failed logins of an account before the next must wait; each further failure "
                    "doubles the wait, from one second. A client address has ten times as many.");
    section.duration("failure_delay_max_s", config.failure_delay_max_s, {1, day},
                     "The longest such wait.");
    section.integer("failure_entries_max", config.failure_entries_max, {16, 100000000},
                    "Accounts, and addresses, whose failed logins are remembered.");
    section.integer("api_keys_max", config.api_keys_max, {1, 100000},
                    "API keys at a time, with those that have run out and are not revoked.");
    section.duration(
        "refresh_repeat_s", config.refresh_repeat_s, {0, 60},
        "How long a client that shows a refresh token again, from the same address and "
        "with the same User-Agent, is given the same pair again; 0: never. Any other "
        "second use ends the login.");
    section.integer("refresh_repeats_max", config.refresh_repeats_max, {16, 10000000},
                    "Pairs that are remembered for that.");
    section.boolean("log_logins", config.log_logins,
                    "Whether each login, also one that fails, is an event in identity's log.");
    describe(section.section("database", "Limits of the identity database file."), config.database);

    if (config.password_memory_bytes_max < config.password_memory_kib * 1024) {
        section.refuse("password_memory_bytes_max",
                       "must be at least what one password takes, password_memory_kib.");
    }
    if (config.issuer.empty() || config.issuer.size() > 255) {
        section.refuse("issuer", "must have 1 to 255 characters.");
    }
    if (config.audience.empty() || config.audience.size() > 255) {
        section.refuse("audience", "must have 1 to 255 characters.");
    }
}

}  // namespace identity
