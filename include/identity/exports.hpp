#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "identity/accounts.hpp"

namespace identity {

/// An account, with what it takes to log in with it on a Django site.
struct ExportedAccount {
    Account account;
    Account taken{};       ///< what the last import took over of that row: else it was changed here
    std::string password;  ///< as Django's column `password` has it; never to be shown
};

/// What became of a row that may have come from another site.
struct ExportedSource {
    std::optional<ExportedAccount> account{};  ///< nothing: it never came, or was erased
    bool erased = false;                       ///< here, and is not to come back
};

/// For the way back: accounts with their password hashes. This is the only door that these leave
/// by, for a command that the operator gives on the machine; no route may ask it. A password that
/// was not changed here is the text that came from Django; else ours, which Django's
/// Argon2PasswordHasher checks; of one that was set in open mode, which opens nothing here either,
/// a text that nothing matches. Thread-safe. Refused as database::Database::read is.
class Exports {
public:
    virtual ~Exports() = default;

    /// In the order of the sources. At most 1,000.
    virtual base::Task<std::vector<ExportedSource>> of_sources(std::vector<std::string> sources,
                                                               base::Context context) const = 0;
    /// The `limit` accounts that follow `after`, by their ids, without those that are pending.
    virtual base::Task<std::vector<ExportedAccount>> accounts(UserId after, std::int64_t limit,
                                                              base::Context context) const = 0;
};

}  // namespace identity
