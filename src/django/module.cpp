#include "django/module.hpp"

#include "change_service.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "jobs.hpp"
#include "mapping_file_json.hpp"
#include "push_store.hpp"
#include "routes.hpp"

namespace migrations {
database::MigrationSet django();
}

namespace django {

namespace {

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours, const Exported& exported,
                  std::unique_ptr<database::Database> database,
                  std::shared_ptr<const Mapping> mapping,
                  std::shared_ptr<const base::TimeZone> zone)
        : config_(config),
          clock_(environment.clock),
          neighbours_(neighbours),
          exported_(exported),
          database_(std::move(database)),
          pushes_(database_ ? std::make_unique<PushStore>(*database_, environment.clock) : nullptr),
          changes_(std::move(mapping), std::move(zone), neighbours_, config, environment.clock,
                   pushes_.get()),
          routes_(changes_) {}
    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override { database_.reset(); }

    std::string name() const override { return "django"; }
    void add_routes(http::Router& router) override { routes_.add_to(router); }
    std::vector<operations::Check> checks() override {
        if (!database_) return {};
        return {host::store_check("django", *database_)};
    }
    std::vector<operations::NamedJob> jobs() override {
        return {inspect_job(config_), import_job(config_, clock_, neighbours_),
                export_job(config_, clock_, exported_)};
    }
    base::Task<void> start() override { co_return base::Result<void>(); }
    base::Task<void> stop(base::Deadline) override { co_return base::Result<void>(); }

private:
    const Config& config_;
    const base::Clock& clock_;
    const Neighbours neighbours_;
    const Exported exported_;
    std::unique_ptr<database::Database> database_;
    std::unique_ptr<PushStore> pushes_;
    ChangeService changes_;
    Routes routes_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config& config,
                                                const std::filesystem::path& folder) {
    if (config.mapping.empty()) return {};
    return {push_store_file(folder)};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const Neighbours& neighbours,
                                                   const Exported& exported) {
    std::shared_ptr<const Mapping> mapping;
    std::shared_ptr<const base::TimeZone> zone;
    std::unique_ptr<database::Database> database;
    for (const auto& store : stores(config, environment.folder)) {
        auto read = read_mapping(config.mapping);
        if (!read) return read.error();
        auto loaded = base::TimeZone::load(read->time_zone);
        if (!loaded) return loaded.error();
        auto opened = host::open_store(store, {migrations::django()}, {}, environment);
        if (!opened) return opened.error();
        mapping = std::make_shared<const Mapping>(std::move(*read));
        zone = std::move(*loaded);
        database = std::move(*opened);
    }
    return {
        boost::system::in_place_value,
        std::make_unique<RunningModule>(config, environment, neighbours, exported,
                                        std::move(database), std::move(mapping), std::move(zone))};
}

}  // namespace django
