#include "bus/store_inbox.hpp"
#include "database/store_file.hpp"
#include "graph_store.hpp"
#include "recommendation/module.hpp"
#include "recommendation/verify.hpp"

namespace recommendation {

KnownReaders known_readers(const std::filesystem::path& folder) {
    database::StoreReader reader(Module::stores(Config(), folder).front());
    auto& store = reader.refresh();
    KnownReaders known;
    known.heard = bus::read_cursor(store, users_subscription);
    auto rows = store.prepare("select user_id from readers order by user_id");
    while (rows.step()) known.readers.push_back(rows.integer(0));
    return known;
}

}  // namespace recommendation
