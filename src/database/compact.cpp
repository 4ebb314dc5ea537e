#include "database/compact.hpp"

#include "driver.hpp"

namespace database {

void compact(const StoreFile& store) {
    auto options = std::make_shared<Options>();
    options->file = store.path;
    options->name = store.name;
    options->durable = store.kind != StoreKind::view;
    driver_for(options)->open_writer()->compact();
}

}  // namespace database
