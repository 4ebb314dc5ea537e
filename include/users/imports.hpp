#pragma once

#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "identity/imports.hpp"

namespace users {

/// Somebody who comes from another site: the account there, and the parts of the name.
struct ImportedPerson {
    identity::ImportedAccount account;
    std::string first_name;
    std::string last_name;
};

/// People from another site, with account and profile; they may come again. Thread-safe. Who may
/// import is checked by the caller.
class Imports {
public:
    virtual ~Imports() = default;

    /// At most 1,000 at a time; the outcomes in their order, as identity::Imports::import() says.
    /// Who has no name there is called by the login name; a name of more than 100 characters is
    /// cut, one that no user may have is left out, and that is said. If this fails or is
    /// interrupted, the same call again finishes it: until then nobody of them who is new can log
    /// in.
    virtual base::Task<std::vector<identity::ImportedAs>> import(std::vector<ImportedPerson> people,
                                                                 identity::ImportRule rule,
                                                                 base::Context context) = 0;
};

}  // namespace users
