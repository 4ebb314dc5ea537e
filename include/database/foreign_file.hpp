#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "database/transaction.hpp"

namespace database {

class Connection;

/// A table as its file describes it.
struct Table {
    struct Column {
        std::string name;
        std::string type{};  ///< as it was declared: `varchar(50)`
        bool is_key = false;
        std::string refers_to{};  ///< the table of a foreign key; empty: it is none
    };
    std::string name;
    std::vector<Column> columns{};  ///< without those that the engine makes of others
    /// What to ask for the number that the engine gives each row; empty: it gives none.
    std::string row_number{};
};

/// A database file that another program has made, in the same engine: read only, in one transaction
/// from its opening on. One thread. Everything throws Failure.
class ForeignFile {
public:
    explicit ForeignFile(const std::filesystem::path& file);
    ~ForeignFile();
    ForeignFile(const ForeignFile&) = delete;

    /// But for the engine's own, by name.
    std::vector<Table> tables();
    ReadTransaction& transaction() { return *transaction_; }

private:
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<ReadTransaction> transaction_;
};

}  // namespace database
