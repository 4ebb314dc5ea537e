#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bus/topic.hpp"
#include "host/declaration.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "news/events.hpp"
#include "news/instance.hpp"
#include "news/types.hpp"

namespace news {

/// All news types of the configuration at work. The job `import` brings an archive into them, the
/// job `rebuild` makes the view of one of them anew; both may run while everything is in use.
class Module : public host::Module {
public:
    /// What the types of `config` keep, and what verify() finds there: one finding per type.
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    static std::vector<host::Finding> verify(const Config& config,
                                             const std::filesystem::path& folder,
                                             const host::VerifyProgress& progress);
    /// Of one type's command store, whose events were cut off: forgets what is known of items and
    /// calls beyond them, and which slugs they took. Items that were last imported beyond them are
    /// compared by the next import.
    static void rewind(database::Transaction& commands, const host::LaterStreams& later);
    /// Opens the stores of every type. Refused as Instance::open is.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment);

    /// Good for as long as the module.
    virtual Types types() = 0;
    virtual const std::map<std::string, std::unique_ptr<Instance>>& instances() const = 0;
    /// Where a known reader's visit is published, and heard.
    virtual bus::Topic<NewsViewed>& visits() = 0;
};

}  // namespace news
