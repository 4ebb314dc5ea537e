#pragma once

#include "audit_store.hpp"
#include "database/database.hpp"
#include "django_hash.hpp"
#include "identity/imports.hpp"
#include "import_store.hpp"
#include "revocations.hpp"

namespace identity {

/// Accounts from elsewhere, into `identity.db`. Thread-safe.
class ImportService final : public Imports {
public:
    /// `token_life`: how long a token issued now may count. `limits`: of hashes that can be
    /// checked.
    ImportService(database::Database& database, AuditStore& audit, Revocations& revocations,
                  const base::Clock& clock, std::chrono::seconds token_life, DjangoLimits limits,
                  PasswordRules rules)
        : database_(database),
          audit_(audit),
          revocations_(revocations),
          clock_(clock),
          token_life_(token_life),
          limits_(limits),
          rules_(rules) {}

    base::Task<std::vector<ImportedAs>> import(std::vector<ImportedAccount> accounts,
                                               ImportRule rule, base::Context context) override;
    base::Task<void> activate(std::vector<UserId> ids, base::Context context) override;
    base::Task<std::vector<std::string>> imported_of(std::string prefix, std::string after,
                                                     std::int64_t limit,
                                                     base::Context context) const override;
    base::Task<Withdrawn> withdraw(std::string source, ImportRule rule,
                                   base::Context context) override;
    base::Task<std::optional<KnownSource>> known(std::string source,
                                                 base::Context context) const override;
    base::Task<std::optional<KnownSource>> known_by_token(std::string token,
                                                          base::Context context) const override;
    base::Task<ImportedPeopleCount> count(std::string after, std::int64_t limit,
                                          base::Context context) const override;
    base::Task<std::int64_t> forget_django_passwords(std::int64_t count,
                                                     base::Context context) override;

private:
    ImportedAs import_one(database::Transaction& transaction, const ImportedAccount& account,
                          ImportRule rule, const base::Context& context);
    ImportedAs add(database::Transaction& transaction, const ImportedAccount& account,
                   ImportRule rule);
    ImportedAs renew(database::Transaction& transaction, const ImportedAccount& account,
                     StoredImport import, ImportRule rule, const base::Context& context);
    Withdrawn withdraw_one(database::Transaction& transaction, StoredImport import, ImportRule rule,
                           const base::Context& context);
    /// Takes back what makes the last admin one who is none, and says it.
    void keep_last_admin(database::ReadTransaction& transaction, const StoredImport& before,
                         StoredImport& after, std::vector<base::Problem>& problems) const;
    /// Puts the text into the account; what is wrong with it, if it cannot be used to log in.
    void take_password(StoredImport& import, const std::string& text,
                       std::vector<base::Problem>& problems) const;
    void record(database::Transaction& transaction, const StoredAccount& before,
                StoredAccount& after, const base::Context& context);

    database::Database& database_;
    AuditStore& audit_;
    Revocations& revocations_;
    const base::Clock& clock_;
    const std::chrono::seconds token_life_;
    const DjangoLimits limits_;
    const PasswordRules rules_;
};

}  // namespace identity
