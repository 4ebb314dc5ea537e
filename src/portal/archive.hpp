#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "settings.hpp"

namespace portal {

/// `portal archive`: moves old articles out of the way, or brings one back.
class ArchiveCommand {
public:
    explicit ArchiveCommand(CLI::App& app);
    bool asked_for() const { return command_->parsed(); }
    /// On the running server, or on the folder if there is none; then the stores are compacted. The
    /// exit code.
    int run(const Settings& settings) const;

private:
    int bring_back(const Settings& settings) const;

    CLI::App* command_;
    std::string before_;
    std::string type_;
    bool dry_run_ = false;
    std::int64_t id_ = 0;
};

}  // namespace portal
