#pragma once

#include "sqlite_connection.hpp"

namespace database {

/// One SQLite file on a local disk: write-ahead log, one connection that writes.
class SqliteDriver final : public Driver {
public:
    explicit SqliteDriver(std::shared_ptr<const Options> options) : options_(std::move(options)) {}

    std::unique_ptr<Connection> open_writer() override;
    std::unique_ptr<Connection> open_reader() override;
    void settle() override;
    std::string hint() const override;

private:
    std::unique_ptr<Connection> open(SqliteConnection::Mode mode) const;

    std::shared_ptr<const Options> options_;
};

std::unique_ptr<Connection> open_sqlite_from_outside(const StoreFile& store, Access access,
                                                     bool has_checksums);
std::string sqlite_version();

}  // namespace database
