#pragma once

#include "user_store.hpp"
#include "users/imports.hpp"

namespace users {

/// Accounts first, which stay pending; then the profiles; then the accounts are settled. Whatever
/// interrupts that, the same import again finishes it, and the next start undoes what has no
/// profile.
class ImportService final : public Imports {
public:
    ImportService(UserStore& store, identity::Imports& accounts)
        : store_(store), accounts_(accounts) {}

    base::Task<std::vector<identity::ImportedAs>> import(std::vector<ImportedPerson> people,
                                                         identity::ImportRule rule,
                                                         base::Context context) override;

private:
    UserStore& store_;
    identity::Imports& accounts_;
};

}  // namespace users
