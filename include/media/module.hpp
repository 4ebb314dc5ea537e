#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "bus/subscription.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "host/declaration.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "http/client.hpp"
#include "image/workers.hpp"
#include "media/library.hpp"

namespace media {

/// Where the bytes are kept; empty `endpoint`: in the folder `media`.
struct StoreConfig {
    std::string endpoint{};
    std::string bucket{};
    std::string region = "us-east-1";
    std::string prefix{};
    std::string access_key{};
    std::string secret_key_file{};
    std::int64_t copies_bytes_max = std::int64_t{10} * 1024 * 1024 * 1024;
    http::ClientConfig client{.first_byte_timeout = std::chrono::seconds(30)};
};

/// Settings of the media module; describe() says what each means.
struct Config {
    std::int64_t bytes_max = 32 * 1024 * 1024;
    std::int64_t uploads_max = 16;
    std::vector<std::string> kinds{"pdf", "mp3", "mp4"};
    std::int64_t workers = 1;
    std::int64_t queue_max = 100;
    std::int64_t pixels_max = 64'000'000;
    std::chrono::milliseconds job_time_max_ms{10'000};
    std::int64_t worker_memory_mib = 1024;
    std::vector<std::string> widths{"320", "640", "960", "1280", "1920"};
    std::vector<std::string> ratios{"16:9", "4:3", "3:2", "1:1", "4:5", "2:3"};
    std::int64_t cache_bytes_max = 1024 * 1024 * 1024;
    std::int64_t disk_free_bytes_min = 200 * 1024 * 1024;
    StoreConfig store{};
    database::Config database{};
    bus::Config bus{};
    /// No setting: what decodes pictures; see image::WorkerOptions.
    std::string program = "/proc/self/exe";
};

void describe(config::Section& section, Config& config);

/// The logs of the news types, by their names: articles say which items they show.
using NewsFeeds = std::map<std::string, const bus::Feed*>;

/// Pictures and other files: takes, keeps and serves them, and makes renditions of pictures. Serves
/// /v1/media….
class Module : public host::Module {
public:
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// The store itself and its chain, and whether the bytes of each item are there and right.
    static std::vector<host::Finding> verify(const Config& config,
                                             const std::filesystem::path& folder,
                                             const host::VerifyProgress& progress);
    /// The bytes of all items; none if they are kept elsewhere.
    static std::vector<std::filesystem::path> unchanging(const Config& config,
                                                         const std::filesystem::path& folder);
    /// Opens the store, `media.db`, and the folder `media`, and throws away what was on its way
    /// there. The feeds outlive the module. Refused as database::Database::open is, with
    /// `older_data` (conflict) when more was heard of a feed than it has, with `cannot_open`, and
    /// `secret_file_unusable`, `ca_unusable` where the bytes are kept elsewhere.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const NewsFeeds& news);

    virtual Library& library() = 0;
    /// `media_added`, `media_described`, `media_removed`: see media/events.hpp.
    virtual const bus::Feed& feed() const = 0;
};

}  // namespace media
