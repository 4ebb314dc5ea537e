#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/section.hpp"
#include "database/migrations.hpp"
#include "telemetry/metrics.hpp"

namespace database {

/// Limits of one store; every module instance has stores of its own.
struct Config {
    std::int64_t readers = 2;
    std::int64_t write_queue_max = 4096;
    std::int64_t read_queue_max = 4096;
    std::int64_t batch_commands_max = 512;
    std::int64_t batch_bytes_max = 1024 * 1024;
    std::int64_t checkpoint_bytes = 4 * 1024 * 1024;
    std::int64_t wal_bytes_max = 64 * 1024 * 1024;
    std::chrono::milliseconds checkpoint_wait_max_ms{250};
    std::int64_t cache_kib = 2048;
    std::int64_t query_steps_max = 20'000'000;
    std::chrono::milliseconds query_time_max_ms{5000};
    std::int64_t scrub_every_h = 24;
    std::int64_t scrub_pages_per_second = 1000;
};

void describe(config::Section& section, Config& config);

/// A clock that no one sets back; tests pass one of their own.
using SteadyNow = std::function<std::chrono::steady_clock::time_point()>;

/// What comes of a file that is damaged, or that cannot be opened or read.
enum class IfUnusable {
    refuse,     ///< it is not opened
    go_out,     ///< the store is out from the beginning
    set_aside,  ///< for what can be made anew: an empty one takes its place
};

/// What comes of a sync that failed: the disk may have thrown away what was to be kept.
enum class IfSyncFails {
    stop,       ///< the process ends, see Options::on_fatal
    read_only,  ///< nothing is written any more, reading goes on
    go_out,     ///< as of any other failure of the disk
};

/// Which store, and how it is to be kept.
struct Options {
    std::filesystem::path file;
    std::string name;     ///< in logs and metrics: `news-sports.command`
    bool durable = true;  ///< synchronous=FULL; NORMAL only for what a rebuild restores
    /// See ScratchStore: no write-ahead log, no checksums, nothing waits for the disk.
    bool scratch = false;
    std::vector<MigrationSet> migrations;
    Config limits{};
    telemetry::Metrics* metrics = nullptr;
    /// For pauses between attempts; deadlines have a clock of their own.
    SteadyNow steady_now = [] { return std::chrono::steady_clock::now(); };
    /// When the store is first read through after it was opened; then every `scrub_every_h`.
    std::chrono::milliseconds scrub_after = std::chrono::minutes(1);
    IfUnusable if_unusable = IfUnusable::refuse;
    IfSyncFails if_sync_fails = IfSyncFails::stop;
    /// A sync failed, and that is to stop. The default says why in the log and ends the process
    /// with exit code 1: what was not acknowledged is not promised.
    std::function<void(const std::string&)> on_fatal{};
};

}  // namespace database
