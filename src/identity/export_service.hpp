#pragma once

#include "database/database.hpp"
#include "identity/exports.hpp"

namespace identity {

/// Accounts of `identity.db` for another site. Thread-safe.
class ExportService final : public Exports {
public:
    explicit ExportService(database::Database& database) : database_(database) {}

    base::Task<std::vector<ExportedSource>> of_sources(std::vector<std::string> sources,
                                                       base::Context context) const override;
    base::Task<std::vector<ExportedAccount>> accounts(UserId after, std::int64_t limit,
                                                      base::Context context) const override;

private:
    database::Database& database_;
};

}  // namespace identity
