#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "settings.hpp"

namespace portal {

/// What the command line says of backups: `portal backup`, `portal restore`, and `portal verify
/// --backup`.
class BackupCommands {
public:
    /// Declares them; `verifying` gets the options that turn it to a folder of backups. This must
    /// outlive the parsing.
    void add_to(CLI::App& app, CLI::App& verifying);

    /// Works on the data folder of the settings.
    bool makes_backup() const { return backup_->parsed(); }
    int make(const Settings& settings) const;

    /// Those that touch no data folder of the settings; nothing if none of them was given.
    std::optional<int> run_apart(const Settings& settings) const;

private:
    int restore(const Settings& settings) const;
    int verify() const;

    CLI::App* backup_ = nullptr;
    CLI::App* restore_ = nullptr;
    std::string to_;
    std::string from_;
    std::string folder_;
    std::string id_;
    std::string time_;
    std::string position_;
    std::string verified_;
    std::string verified_id_;
};

}  // namespace portal
