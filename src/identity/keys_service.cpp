#include "keys_service.hpp"

#include "base/hmac.hpp"
#include "base/text.hpp"
#include "keys_json.hpp"
#include "private_file.hpp"
#include "telemetry/log.hpp"
#include "token_crypto.hpp"
#include "token_json.hpp"

namespace identity {

namespace {

SigningKey new_key(base::Time now, base::Time signs_from) {
    auto pair = make_key_pair();
    SigningKey key;
    key.id = key_id_of(pair.public_key);
    key.seed = std::move(pair.seed);
    key.public_key = std::move(pair.public_key);
    key.created_at = now;
    key.signs_from = signs_from;
    return key;
}

/// Whether each public half belongs to its secret one, and each id to its key.
bool halves_match(const KeySet& keys) {
    for (const auto& key : keys) {
        if (key_pair_of(key.seed).public_key != key.public_key) return false;
        if (key_id_of(key.public_key) != key.id) return false;
    }
    return true;
}

}  // namespace

std::string csrf_token_of(const SigningKey& key, std::string_view token_id) {
    // The text before the id keeps this use of the seed apart from any other.
    return base::to_base64url(
        base::hmac_sha256(key.seed, "portal csrf token " + std::string(token_id)));
}

KeysService::KeysService(std::filesystem::path file, Lives lives, const base::Clock& clock,
                         KeySet keys)
    : file_(std::move(file)),
      lives_(lives),
      clock_(clock),
      keys_(std::make_shared<const KeySet>(keys)),
      jwks_(std::make_shared<const std::string>(to_jwks(keys))) {}

base::Result<std::unique_ptr<KeysService>> KeysService::open(std::filesystem::path file,
                                                             Lives lives,
                                                             const base::Clock& clock) {
    auto found = read_private_file(file);
    if (!found) return found.error();
    KeySet keys;
    if (*found) {
        // A copy or a mounted volume often loses the mode; that alone is no reason not to start.
        if ((*found)->was_open) {
            telemetry::log(
                telemetry::Level::warning, "identity",
                "others than its owner could read the file of the signing keys; its mode "
                "is 0600 now. If they could have, delete it and start again: new keys "
                "are made then, and everybody logs in again",
                {{"file", file.filename().string()}});
        }
        auto read = keys_from_json((*found)->content);
        if (!read || !halves_match(*read)) {
            return base::Error{base::Reason::precondition, "keys_unusable",
                               "The file of the signing keys, " + file.filename().string() +
                                   ", is damaged. Put a good copy in its place, or delete it: new "
                                   "keys are made then, and everybody logs in again."};
        }
        keys = std::move(*read);
    } else {
        // Nobody can know a token yet, so the first key signs at once.
        auto now = clock.now();
        keys.push_back(new_key(now, now));
        auto written = write_private_file(file, to_json(keys));
        if (!written) return written.error();
        telemetry::log(telemetry::Level::info, "identity", "signing keys are made",
                       {{"key", keys.back().id}});
    }
    std::unique_ptr<KeysService> service(
        new KeysService(std::move(file), lives, clock, std::move(keys)));
    return service;
}

base::Result<void> KeysService::rotate() {
    auto now = clock_.now();
    auto before = keys_.get();
    auto after = without_spent(*before, now, lives_.token);
    bool grown = needs_successor(after, now, lives_.key);
    if (grown) after.push_back(new_key(now, now + key_notice));
    if (!grown && after.size() == before->size()) return {};
    auto written = write_private_file(file_, to_json(after));
    if (!written) return written.error();
    telemetry::log(telemetry::Level::info, "identity", "the signing keys are replaced",
                   {{"keys", after.size()}, {"newest", after.back().id}});
    jwks_.replace(std::make_shared<const std::string>(to_jwks(after)));
    keys_.replace(std::make_shared<const KeySet>(std::move(after)));
    return {};
}

std::string KeysService::issue(TokenKind kind, const Claims& claims) const {
    auto keys = keys_.get();
    return issue_with(signing_key(*keys, clock_.now()), kind, claims);
}

KeysService::Session KeysService::issue_session(Claims claims) const {
    auto keys = keys_.get();
    const auto& key = signing_key(*keys, clock_.now());
    Session session;
    session.csrf_token = csrf_token_of(key, claims.id);
    claims.csrf = base::to_base64url(sha256_text(session.csrf_token));
    session.token = issue_with(key, TokenKind::session, claims);
    return session;
}

std::string KeysService::issue_with(const SigningKey& key, TokenKind kind,
                                    const Claims& claims) const {
    auto input = signing_input(to_json(TokenHeader{key.id, kind}), to_json(claims));
    KeyPair pair{key.seed, key.public_key};
    return input + "." + base::to_base64url(sign(pair, input));
}

}  // namespace identity
