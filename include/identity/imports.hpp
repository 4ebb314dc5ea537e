#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "identity/accounts.hpp"

namespace identity {

/// Somebody's account on another site, as it is there now.
struct ImportedAccount {
    std::string source;  ///< which row it is, `auth.user:17`; by this it is found again
    std::string login;   ///< empty: none
    std::string email;   ///< empty: none
    base::Role role = base::Role::reader;
    bool active = true;
    base::Time registered_at{};
    std::string password;  ///< Django's text, as it stands there: `pbkdf2_sha256$…`, `!…`
    /// The keys of its tokens of REST framework, all of them; nothing: the source does not say.
    std::optional<std::vector<std::string>> tokens{};
};

/// What became of it. `problems` says, also where the rest was taken, what was not and why.
struct ImportedAs {
    enum class Outcome { added, updated, unchanged, rejected } outcome = Outcome::unchanged;
    UserId id = 0;  ///< 0: it was rejected
    std::vector<base::Problem> problems{};
    /// Of who was rejected since another account has their login name or address: which.
    UserId holder = 0;
    std::string holder_source{};  ///< the row that it came from; empty: none
};

/// Whose version counts of what was changed both here and there.
enum class ImportRule { ours, theirs };

/// What a source's own signs of a login are checked against.
struct KnownSource {
    UserId id = 0;
    base::Role role = base::Role::reader;
    bool active = false;
    /// Nothing: its password was changed here, so no such sign counts. May be empty, as it is
    /// there.
    std::optional<std::string> django_password{};
};

/// How the accounts stand that came from one model of another site. Of their passwords each is in
/// one of `own_hash`, `django_hash`, `unusable` and `unchecked`.
struct ImportedPeople {
    std::int64_t here = 0;
    std::int64_t changed_here = 0;  ///< name, address, role or state is not what the source said
    std::int64_t own_hash = 0;      ///< has logged in here, or has a new password
    std::int64_t new_password =
        0;                         ///< of these: changed here, so logins of the source do not count
    std::int64_t django_hash = 0;  ///< matches at the next login
    std::int64_t unusable = 0;     ///< matches nothing, as there
    /// Hashes that are not checked here, so whoever has one cannot log in: by the code of why, as
    /// `password_weak` or `password_too_costly`.
    std::map<std::string, std::int64_t> unchecked{};
    std::int64_t without_email = 0;
    std::int64_t erased = 0;  ///< was here, and is not to come back
};
/// Some of them, by their models (`auth.user`).
struct ImportedPeopleCount {
    std::map<std::string, ImportedPeople> models{};
    std::string last{};  ///< the source of the last of them; empty: there are no more
};

/// What became of an account that its source has no more.
enum class Withdrawn {
    disabled,
    unchanged,     ///< nobody could log in with it, or it never came
    changed_here,  ///< since the last import: left as it is
    last_admin     ///< who can log in; left as it is
};

/// Accounts that come from another site, and may come again: each import brings what changed there.
/// No password is hashed: Django's text is kept, matches at the next login, and then gets one of
/// ours beside it. Of a token only the SHA-256 is kept. Thread-safe. Who may import is checked by
/// the caller.
class Imports {
public:
    virtual ~Imports() = default;

    /// At most 1,000 at a time, in one transaction; the outcomes in their order. Refused with
    /// `too_many_accounts`. An address that is taken, or none, is left out and said; so is a login
    /// name. Rejected is who is new and then has neither, and a source that is no good. What was
    /// changed here since the last import is kept, and said, but for ImportRule::theirs; who was
    /// erased here is rejected, but for the same. The last active admin stays one who can log in.
    /// Added accounts are pending, and added again at the next import, until activate() was called;
    /// the next start forgets those that got no profile.
    virtual base::Task<std::vector<ImportedAs>> import(std::vector<ImportedAccount> accounts,
                                                       ImportRule rule, base::Context context) = 0;
    /// Those of these that are pending get the status that the source says. At most 1,000, else
    /// `too_many_accounts`.
    virtual base::Task<void> activate(std::vector<UserId> ids, base::Context context) = 0;

    /// The sources of `limit` accounts that follow `after` among those that begin with `prefix`, in
    /// the order of their bytes, without those that are pending. The prefix is not empty and ends
    /// in ASCII, as `auth.user:` does.
    virtual base::Task<std::vector<std::string>> imported_of(std::string prefix, std::string after,
                                                             std::int64_t limit,
                                                             base::Context context) const = 0;
    /// Of an account that its source has no more: disables it, which ends its logins, unless its
    /// names, role, state or password were changed here since the last import, but for
    /// ImportRule::theirs. When its source has it again, the next import enables it again.
    virtual base::Task<Withdrawn> withdraw(std::string source, ImportRule rule,
                                           base::Context context) = 0;

    /// Whose that row is; nothing if it was not imported, or is pending.
    virtual base::Task<std::optional<KnownSource>> known(std::string source,
                                                         base::Context context) const = 0;
    /// Whose token of REST framework that is; nothing if it is not, or not any more, or they are
    /// pending. Until the password is changed here.
    virtual base::Task<std::optional<KnownSource>> known_by_token(std::string token,
                                                                  base::Context context) const = 0;
    /// Counts the `limit` ones that follow `after` by their sources, without those that are
    /// pending; at the end also who was erased. Whoever counts all asks again with the last of
    /// them, and so holds up nobody.
    virtual base::Task<ImportedPeopleCount> count(std::string after, std::int64_t limit,
                                                  base::Context context) const = 0;
    /// The source is left for good: forgets what its sessions and tokens depend on, up to `count`
    /// accounts at a time; how many there were. Who has not logged in here yet still can.
    virtual base::Task<std::int64_t> forget_django_passwords(std::int64_t count,
                                                             base::Context context) = 0;
};

}  // namespace identity
