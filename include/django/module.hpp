#pragma once

#include <string>
#include <vector>

#include "django/config.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"

namespace django {

/// Reads a Django site's data and maps it to articles, people and old addresses, for the commands
/// `inspect django` and `import django`. It keeps nothing and serves nothing.
class Module final : public host::Module {
public:
    /// Both must outlive it.
    Module(const Config& config, const host::Environment& environment)
        : config_(config), clock_(environment.clock) {}

    std::string name() const override { return "django"; }
    std::vector<operations::NamedJob> jobs() override;
    base::Task<void> start() override;
    base::Task<void> stop(base::Deadline deadline) override;

private:
    const Config& config_;
    const base::Clock& clock_;
};

}  // namespace django
