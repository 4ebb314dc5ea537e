#include "database/store_file.hpp"
#include "identity/module.hpp"
#include "identity/verify.hpp"

namespace identity {

KnownAccounts known_accounts(const std::filesystem::path& folder) {
    database::StoreReader reader(Module::stores(Config(), folder).front());
    auto& store = reader.refresh();
    KnownAccounts known;
    auto rows = store.prepare("select id, status = 'pending' from accounts order by id");
    while (rows.step()) {
        auto& list = rows.integer(1) == 1 ? known.pending : known.settled;
        list.push_back(rows.integer(0));
    }
    return known;
}

}  // namespace identity
