#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "database/store_file.hpp"
#include "django/config.hpp"
#include "django/export.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "identity/imports.hpp"
#include "legacy/login_use.hpp"
#include "legacy/proxy.hpp"
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
    const std::vector<std::string>& embeds;  ///< hosts whose iframes HTML keeps
    /// Once it is retired its bridge is refused; null: there is none.
    const legacy::Proxy* monolith = nullptr;
    /// How often its logins are used here; null: they do not count.
    std::function<legacy::LoginsUsed()> logins_used{};
};

/// Reads a Django site's data, maps it to articles, people and old addresses, and brings these into
/// the modules: all of it for the commands `inspect django` and `import django`, and row by row for
/// a bridge in the Django site, which pushes to `POST /v1/migration/changes`. For `export django`
/// it writes the way back.
class Module : public host::Module {
public:
    /// How far each bridge has been taken: `django.db`; only where there is a mapping.
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// The neighbours outlive it. Refused as database::Database::open is, and as the mapping of the
    /// configuration is.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const Neighbours& neighbours,
                                                      const Exported& exported);

    /// The models that articles are made of and that the Django site owns; none without a mapping.
    virtual std::vector<std::string> left_to_django() const = 0;
};

}  // namespace django
