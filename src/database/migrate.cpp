#include "migrate.hpp"

#include <openssl/sha.h>

#include <array>
#include <map>
#include <string>

#include "base/ids.hpp"

namespace database {

namespace {

std::string checksum(std::string_view sql) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256(reinterpret_cast<const unsigned char*>(sql.data()), sql.size(), digest.data());
    return base::to_hex(digest.data(), digest.size());
}

/// The recorded steps of one set: name → checksum.
std::map<std::string, std::string, std::less<>> recorded(Connection& connection,
                                                         std::string_view set) {
    std::map<std::string, std::string, std::less<>> steps;
    auto rows =
        connection.prepare("select name, checksum from schema_migrations where set_name = ?");
    rows.bind(1, set);
    while (rows.step()) steps.emplace(rows.text(0), rows.text(1));
    return steps;
}

base::Result<void> compare(Connection& connection, const MigrationSet& set) {
    auto known = recorded(connection, set.name);
    for (const auto& step : set.steps) {
        auto found = known.find(step.name);
        if (found == known.end()) continue;
        if (found->second != checksum(step.sql)) {
            return base::Error{base::Reason::conflict, "changed_migration",
                               "The data was made by another build: its migration " +
                                   std::string(set.name) + "/" + std::string(step.name) +
                                   " is not the one in this binary."};
        }
        known.erase(found);
    }
    if (!known.empty()) {
        return base::Error{base::Reason::conflict, "newer_data",
                           "The data was made by a newer portal: it has the migration " +
                               std::string(set.name) + "/" + known.begin()->first +
                               ", which this binary does not know. Use the newer binary."};
    }
    return {};
}

void take(Connection& connection, const MigrationSet& set, const Migration& step) {
    connection.begin_write();
    try {
        connection.execute(std::string(step.sql));
        auto sum = checksum(step.sql);
        connection
            .prepare("insert into schema_migrations (set_name, name, checksum) values (?, ?, ?)")
            .bind(1, set.name)
            .bind(2, step.name)
            .bind(3, sum)
            .run();
        connection.commit();
    } catch (const Failure& failure) {
        connection.rollback();
        throw Failure(failure.kind(), std::string(failure.what()) + " (in the migration " +
                                          std::string(set.name) + "/" + std::string(step.name) +
                                          ")");
    }
}

}  // namespace

base::Result<void> migrate(Connection& connection, const std::vector<MigrationSet>& sets) {
    // Which steps a store has seen; in every store, so it has no migration of its own.
    connection.create_migrations_table();
    for (const auto& set : sets) {
        auto same = compare(connection, set);
        if (!same) return same.error();
    }
    for (const auto& set : sets) {
        auto done = recorded(connection, set.name);
        for (const auto& step : set.steps) {
            if (!done.contains(step.name)) take(connection, set, step);
        }
    }
    return {};
}

}  // namespace database
