#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "article_count.hpp"
#include "database/database.hpp"
#include "site/counters.hpp"

namespace site {

/// The counts of one news type within one transaction. A count and what it was counted from change
/// together.
class CountWriter {
public:
    CountWriter(database::Transaction& transaction, const std::string& news_type)
        : transaction_(transaction), news_type_(news_type) {}

    /// The state of an article at a version; nothing: it stayed as it was. A version that was
    /// counted before changes nothing. Throws std::runtime_error if it stayed as it never was.
    void count(std::int64_t id, std::int64_t version, std::optional<State> state);
    /// Forgets everything that was counted.
    void begin_anew();

private:
    std::int64_t round();

    database::Transaction& transaction_;
    const std::string& news_type_;
};

/// Of every type that was ever counted.
std::map<std::string, StateCounts> read_counts(database::ReadTransaction& transaction);

/// The migrations of `site.db`.
std::vector<database::MigrationSet> schema();

}  // namespace site
