#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "settings.hpp"

namespace portal {

/// `portal parked list|retry|drop`: what could not be brought from a log to who follows it.
class ParkedCommand {
public:
    explicit ParkedCommand(CLI::App& app);
    bool asked_for() const { return command_->parsed(); }
    /// Tells the running server, or works on the folder if there is none; the exit code.
    int run(const Settings& settings) const;

private:
    int list(const Settings& settings) const;

    CLI::App* command_;
    CLI::App* list_;
    CLI::App* retry_;
    CLI::App* drop_;
    std::string subscription_;
    std::int64_t stream_ = 0;
};

}  // namespace portal
