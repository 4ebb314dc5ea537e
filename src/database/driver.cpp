#include "driver.hpp"

#include "sqlite_driver.hpp"

namespace database {

std::unique_ptr<Driver> driver_for(std::shared_ptr<const Options> options) {
    return std::make_unique<SqliteDriver>(std::move(options));
}

std::unique_ptr<Connection> open_from_outside(const StoreFile& store, Access access) {
    return open_sqlite_from_outside(store, access, true);
}

std::unique_ptr<Connection> open_foreign(const StoreFile& file) {
    return open_sqlite_from_outside(file, Access::beside_owner, false);
}

std::string driver_version() {
    return sqlite_version();
}

}  // namespace database
