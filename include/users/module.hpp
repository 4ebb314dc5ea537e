#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "bus/feed.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "users/imports.hpp"
#include "users/users.hpp"

namespace users {

/// Settings of the users module; describe() says what each means.
struct Config {
    std::int64_t workers = 2;
    std::int64_t batch_rows_max = 256;
    std::int64_t attempts_max = 5;
    std::chrono::milliseconds retry_delay_ms{100};
    std::chrono::milliseconds idle_interval_ms{1000};
    std::int64_t queue_rows_max = 100000;
    std::int64_t cache_entries = 100000;
    database::Config database{};
};

void describe(config::Section& section, Config& config);

/// Profiles, their queue and the workers that bring it to the table. Serves /v1/users/…. The job
/// `user_create` registers somebody with any role: the first admin, above all.
class Module : public host::Module {
public:
    /// What it keeps, which may be looked at without opening it.
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// Opens the store, `users.db`, warms the cache from the queue, and finishes or undoes
    /// registrations that were interrupted. Blocks. Refused as database::Database::open is.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      identity::Accounts& accounts,
                                                      identity::Imports& imports);

    virtual Users& users() = 0;
    virtual Imports& imports() = 0;
    /// `user_registered`, `user_changed`, `user_removed`: see users/events.hpp.
    virtual const bus::Feed& feed() const = 0;

    /// Acknowledged changes that are not in the table yet.
    virtual std::int64_t backlog() const = 0;
};

}  // namespace users
