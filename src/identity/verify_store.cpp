#include "database/store_file.hpp"
#include "identity/verify.hpp"

namespace identity {

KnownAccounts known_accounts(const std::filesystem::path& folder) {
    database::StoreReader reader({"identity", folder / "identity.db", database::StoreKind::log});
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
