#pragma once

#include <string>
#include <vector>

#include "django/config.hpp"
#include "django/export.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "identity/imports.hpp"
#include "news/instance.hpp"
#include "site/redirects.hpp"
#include "users/imports.hpp"

namespace django {

/// The modules that an import writes into.
struct Neighbours {
    identity::Imports& accounts;
    users::Imports& people;
    const news::Instances& types;
    site::Redirects& redirects;
};

/// Reads a Django site's data, maps it to articles, people and old addresses, and brings these into
/// the modules, for the commands `inspect django` and `import django`; and writes the way back for
/// `export django`. It keeps nothing and serves nothing.
class Module final : public host::Module {
public:
    /// All of it must outlive it.
    Module(const Config& config, const host::Environment& environment, const Neighbours& neighbours,
           const Exported& exported)
        : config_(config),
          clock_(environment.clock),
          neighbours_(neighbours),
          exported_(exported) {}

    std::string name() const override { return "django"; }
    std::vector<operations::NamedJob> jobs() override;
    base::Task<void> start() override;
    base::Task<void> stop(base::Deadline deadline) override;

private:
    const Config& config_;
    const base::Clock& clock_;
    const Neighbours neighbours_;
    const Exported exported_;
};

}  // namespace django
