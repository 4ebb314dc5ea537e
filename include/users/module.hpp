#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "bus/feed.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "http/router.hpp"
#include "telemetry/metrics.hpp"
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

/// Profiles, their queue and the workers that bring it to the table.
class Module {
public:
    struct Dependencies {
        std::filesystem::path folder;  ///< holds `users.db`
        const base::Clock& clock;
        telemetry::Metrics& metrics;
        identity::Accounts& accounts;
        base::Executor background;                           ///< runs the workers; outlives this
        std::function<void(const std::string&)> on_fatal{};  ///< see database::Options
    };

    /// Opens the store, warms the cache from the queue, and finishes or undoes registrations that
    /// were interrupted. Blocks. Refused as database::Database::open is.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      Dependencies dependencies);
    virtual ~Module() = default;

    virtual Users& users() = 0;
    /// `user_registered`, `user_changed`, `user_removed`: see users/events.hpp.
    virtual const bus::Feed& feed() const = 0;
    /// /v1/users/…. Before the server starts; the module outlives it.
    virtual void add_routes(http::Router& router) = 0;

    /// Starts and ends the workers on the background executor. stop() while it still runs; run it
    /// dry before this object goes.
    virtual void start() = 0;
    virtual void stop() = 0;

    /// Acknowledged changes that are not in the table yet.
    virtual std::int64_t backlog() const = 0;
    /// By how much the newest event is dated later than the clock says; zero if it is not.
    virtual std::chrono::seconds ahead_of_clock() const = 0;
    /// False while the disk is full.
    virtual bool writable() const = 0;
};

}  // namespace users
