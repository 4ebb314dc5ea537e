#include "media/module.hpp"

#include <system_error>

#include "base/secret_file.hpp"
#include "base/text.hpp"
#include "bucket_service.hpp"
#include "bus/log.hpp"
#include "folder_files.hpp"
#include "host/call_sweep.hpp"
#include "host/hearing.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "item_store.hpp"
#include "library_service.hpp"
#include "rendition_service.hpp"
#include "routes.hpp"
#include "telemetry/log.hpp"
#include "upload_routes.hpp"
#include "use_store.hpp"
#include "verify.hpp"

namespace media {

namespace {

constexpr const char* store_name = "media";
constexpr std::int64_t mib = 1024 * 1024;

image::WorkerOptions worker_options(const Config& config) {
    image::WorkerOptions options;
    options.workers = static_cast<std::size_t>(config.workers);
    options.queue_max = static_cast<std::size_t>(config.queue_max);
    options.pixels_max = config.pixels_max;
    options.job_time_max = config.job_time_max_ms;
    options.memory_bytes_max = config.worker_memory_mib * mib;
    options.program = config.program;
    return options;
}

Disk::Options disk_options(const Config& config) {
    return {config.disk_free_bytes_min, [](const std::string& why) {
                telemetry::log(telemetry::Level::error, "media", "a folder of files cannot be used",
                               {{"error", why}});
            }};
}

RenditionService::Options rendition_options(const Config& config,
                                            const std::filesystem::path& folder) {
    RenditionService::Options options{files_folder(folder) / "renditions",
                                      config.cache_bytes_max,
                                      config.disk_free_bytes_min,
                                      {}};
    constexpr std::int64_t most = 10'000;
    for (const auto& width : config.widths) {
        if (auto number = base::parse_number(width, most)) options.sizes.widths.push_back(*number);
    }
    for (const auto& text : config.ratios) {
        if (auto ratio = parse_ratio(text)) options.sizes.ratios.push_back(*ratio);
    }
    return options;
}

UploadLimits upload_limits(const Config& config) {
    return {config.bytes_max, config.uploads_max, {config.kinds.begin(), config.kinds.end()}};
}

/// Where the bytes are kept, as the settings say.
base::Result<std::unique_ptr<Files>> open_files(const Config& config,
                                                const host::Environment& environment) {
    auto folder = files_folder(environment.folder);
    auto queue_max = static_cast<std::size_t>(config.queue_max);
    const auto& store = config.store;
    if (store.endpoint.empty()) {
        return std::unique_ptr<Files>(std::make_unique<FolderFiles>(
            FolderFiles::Options{folder, queue_max, disk_options(config)}));
    }
    auto server = http::parse_upstream(store.endpoint);
    if (!server) return server.error();
    auto secret = base::read_secret_file(store.secret_key_file);
    if (!secret) return secret.error();
    auto client = http::make_client(store.client, environment.metrics);
    if (!client) return client.error();
    BucketService::Options options;
    options.server = *server;
    options.bucket = store.bucket;
    options.region = store.region;
    options.prefix = store.prefix;
    options.key = {store.access_key, *secret};
    options.copies = folder / "copies";
    options.copies_bytes_max = store.copies_bytes_max;
    options.queue_max = queue_max;
    options.disk = disk_options(config);
    auto& failures = environment.metrics.counter(
        "portal_media_store_failures_total",
        "Files that the object store did not take, give or remove when it was asked to.");
    return std::unique_ptr<Files>(std::make_unique<BucketService>(
        std::move(options), std::move(*client), environment.clock, failures));
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment, const NewsFeeds& news,
                  std::unique_ptr<database::Database> database, std::unique_ptr<Files> files)
        : tasks_("media", environment),
          call_sweep_("media", environment),
          database_(std::move(database)),
          log_(*database_, environment.clock, store_name),
          items_(*database_, log_, environment.clock),
          files_(std::move(files)),
          workers_(image::start_workers(
              worker_options(config),
              environment.metrics.counter("portal_media_worker_restarts_total",
                                          "Processes for pictures that a picture has ended."))),
          renditions_(rendition_options(config, environment.folder), *files_, *workers_,
                      environment.metrics.counter("portal_media_renditions_made_total",
                                                  "Renditions that were made.")),
          library_(items_, *files_, renditions_),
          routes_(library_, *files_, renditions_),
          upload_routes_(
              library_, *files_, *workers_, upload_limits(config),
              environment.metrics.counter("portal_media_uploads_total", "Files that were taken."),
              [this](const Item& item) { return routes_.shown(item); }),
          hearing_(store_name, *database_, environment, config.bus) {
        for (const auto& [type, feed] : news) {
            uses_.push_back(std::make_unique<UseStore>(type));
            hearing_.add("news-" + type, *feed, *uses_.back(),
                         "which files articles show is not followed");
        }
        add_gauge(environment.metrics, "portal_media_items", "Pictures and other files.",
                  [this] { return static_cast<double>(items_.total()); });
        add_gauge(environment.metrics, "portal_media_cache_bytes",
                  "What renditions take on the disk.",
                  [this] { return static_cast<double>(renditions_.bytes()); });
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override {
        gauges_.clear();
        database_.reset();
    }

    base::Result<void> load() {
        auto counted = base::run(items_.load());
        if (!counted) return counted;
        return hearing_.load();
    }

    void sweep() {
        if (!database_->usable()) return;
        auto strays =
            files_->sweep([this](const std::string& sha256) { return items_.has_bytes(sha256); });
        if (strays == 0) return;
        telemetry::log(telemetry::Level::warning, "media",
                       "there are files that no item has; they are kept", {{"files", strays}});
    }

    Library& library() override { return library_; }
    const bus::Feed& feed() const override { return log_; }
    void add_routes(http::Router& router) override {
        routes_.add_to(router);
        upload_routes_.add_to(router);
        router.add(operations::health_route("/v1/media/healthcheck", checks()));
    }

    std::string name() const override { return "media"; }
    std::vector<operations::Check> checks() override {
        operations::Check bytes{"media-files", [] { return std::string(); },
                                [this] {
                                    auto trouble = files_->trouble();
                                    return trouble.empty() ? renditions_.trouble() : trouble;
                                }};
        return {host::store_check(store_name, *database_, &log_), std::move(bytes)};
    }
    std::vector<const bus::Trail*> trails() const override { return {&log_}; }
    std::vector<host::NamedSubscription> subscriptions() override {
        return hearing_.subscriptions();
    }

    base::Task<void> start() override {
        call_sweep_.begin(tasks_, *database_);
        hearing_.start(tasks_);
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        call_sweep_.stop();
        hearing_.stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    void add_gauge(telemetry::Metrics& metrics, const char* name, const char* help,
                   std::function<double()> read) {
        gauges_.push_back(metrics.gauge(name, help, {}, std::move(read)));
    }

    host::TaskGroup tasks_;
    host::CallSweep call_sweep_;
    std::unique_ptr<database::Database> database_;
    bus::Log log_;
    ItemStore items_;
    std::unique_ptr<Files> files_;
    std::unique_ptr<image::Workers> workers_;
    RenditionService renditions_;
    LibraryService library_;
    Routes routes_;
    UploadRoutes upload_routes_;
    std::vector<std::unique_ptr<UseStore>> uses_;
    host::Hearing hearing_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

base::Error cannot_open(const std::system_error& failure) {
    return {base::Reason::unavailable, "cannot_open",
            std::string("The processes for pictures cannot be started: ") + failure.what() + "."};
}

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{store_name, folder / "media.db", database::StoreKind::log}};
}

std::vector<host::Finding> Module::verify(const Config& config, const std::filesystem::path& folder,
                                          const host::VerifyProgress&) {
    auto found = host::verify_stores(stores(config, folder));
    if (!std::filesystem::exists(stores(config, folder).front().path)) return found;
    auto& problems = found.front().problems;
    try {
        auto more = check_items(folder, config.store.endpoint.empty());
        problems.insert(problems.end(), more.problems.begin(), more.problems.end());
        found.front().warnings = std::move(more.warnings);
    } catch (const database::Failure& failure) {
        // A file that cannot be read at all was said already.
        if (problems.empty()) problems.emplace_back(failure.what());
    }
    return found;
}

std::vector<std::filesystem::path> Module::unchanging(const Config& config,
                                                      const std::filesystem::path& folder) {
    if (!config.store.endpoint.empty()) return {};
    return files_in(files_folder(folder));
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const NewsFeeds& news) {
    auto database = host::open_store(stores(config, environment.folder).front(), schema(),
                                     config.database, environment);
    if (!database) return database.error();
    try {
        auto files = open_files(config, environment);
        if (!files) return files.error();
        auto module = std::make_unique<RunningModule>(config, environment, news,
                                                      std::move(*database), std::move(*files));
        auto loaded = database::unless_out(module->load());
        if (!loaded) return loaded.error();
        module->sweep();
        return {boost::system::in_place_value, std::move(module)};
    } catch (const std::system_error& failure) {
        return cannot_open(failure);
    }
}

}  // namespace media
