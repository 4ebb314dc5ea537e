#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/snapshot.hpp"
#include "keys.hpp"
#include "token.hpp"

namespace identity {

/// The CSRF token of a session that the key has signed, whose token bears that id: made anew
/// whenever it is asked for, so nobody has to keep it.
std::string csrf_token_of(const SigningKey& key, std::string_view token_id);

/// The keys in use: kept in a file, replaced now and then, and used to sign. Thread-safe but for
/// open() and rotate(), which are called by one thread at a time and write the file.
class KeysService {
public:
    struct Lives {
        std::chrono::seconds key;
        std::chrono::seconds token;  ///< the longest that a token can live, skew and all
    };

    /// Reads the keys of `file`, or makes the first. Refused with `keys_unusable`.
    static base::Result<std::unique_ptr<KeysService>> open(std::filesystem::path file, Lives lives,
                                                           const base::Clock& clock);

    /// A successor when the newest key is old enough, and without the keys that nothing alive was
    /// signed with. The old keys stay in use if the file cannot be written: `keys_unusable`.
    base::Result<void> rotate();

    /// The token of these claims, signed with the newest key that may sign.
    std::string issue(TokenKind kind, const Claims& claims) const;
    struct Session {
        std::string token;
        std::string csrf_token;
    };
    /// The session token of these claims, with the hash of its CSRF token added to them.
    Session issue_session(Claims claims) const;
    std::shared_ptr<const KeySet> current() const { return keys_.get(); }
    /// The published form.
    std::shared_ptr<const std::string> jwks() const { return jwks_.get(); }

private:
    std::string issue_with(const SigningKey& key, TokenKind kind, const Claims& claims) const;
    KeysService(std::filesystem::path file, Lives lives, const base::Clock& clock, KeySet keys);

    const std::filesystem::path file_;
    const Lives lives_;
    const base::Clock& clock_;
    base::Snapshot<KeySet> keys_;
    base::Snapshot<std::string> jwks_;
};

}  // namespace identity
