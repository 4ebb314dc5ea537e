#pragma once

#include <map>
#include <string>

#include "chooser_service.hpp"
#include "gateway/migration.hpp"
#include "gateway/module.hpp"
#include "mode_store.hpp"

namespace gateway {

/// Migration, over the store of the modes, what was counted and what was compared.
class MigrationService final : public Migration {
public:
    /// `chooser` and `comparer`: null if there is no monolith. What is given outlives it.
    MigrationService(const Config& config, ModeStore& store, const base::Clock& clock,
                     const ChooserService* chooser, const Neighbours& neighbours);

    base::Result<void> known() const override;
    std::vector<MigrationRoute> routes() const override;
    base::Result<MigrationRoute> route(const std::string& name) const override;
    base::Task<MigrationRoute> set(std::string name, ModeChange wanted,
                                   base::Command command) override;
    base::Task<MigrationRoute> undo(std::string name, base::Command command) override;
    MigrationReport report() const override;
    base::Result<RouteReport> report(const std::string& name) const override;
    base::Task<void> restart(std::string name, base::Context context) override;
    base::Task<MigrationFinish> finish(base::Context context) override;

    /// Whether it was finished before. If so the monolith is asked nothing from now on.
    bool is_finished() const;
    /// Erases what the monolith's logins depend on; how many accounts had it.
    base::Task<std::int64_t> forget_logins(base::Context context);

private:
    struct Configured {
        std::string name;
        std::string path;
        std::vector<std::string> methods;
        bool reads;  ///< it is for GET or HEAD
    };

    base::Result<std::size_t> number_of(const std::string& name) const;
    base::Result<void> check_mode(std::size_t route, Mode mode) const;
    MigrationRoute route_of(std::size_t route, const StoredMode& mode) const;
    RouteReport report_of(std::size_t route, const StoredMode& mode) const;

    std::vector<Configured> routes_;
    std::map<std::string, std::size_t, std::less<>> numbers_;
    const ReadyLimits ready_;
    ModeStore& store_;
    const base::Clock& clock_;
    const ChooserService* chooser_;
    legacy::Comparer* comparer_;
    legacy::Proxy* proxy_;
    identity::Imports* imports_;
    const std::function<std::vector<std::string>()> owned_by_monolith_;
    const base::Time since_;
};

}  // namespace gateway
