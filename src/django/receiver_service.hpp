#pragma once

#include <string>
#include <vector>

#include "django/import.hpp"
#include "site_writer_service.hpp"

namespace django {

/// Receives an import into a site. On the import's thread.
class WritingReceiver final : public Receiver {
public:
    WritingReceiver(SiteWriter& writer, const news::Instances& types, bool unpublish_vanished)
        : writer_(writer), types_(types), unpublish_vanished_(unpublish_vanished) {}

    using Takes = base::Result<std::vector<Taken>>;
    Takes take(const std::vector<Person>& people) override;
    Takes take(const std::vector<Item>& items) override;
    Takes take(const std::vector<Redirect>& redirects) override;
    base::Result<Vanished> vanished(const std::vector<std::string>& models,
                                    const Seen& seen) override;

private:
    base::Result<void> look_for_vanished(const std::string& type, const std::string& model,
                                         const Seen& seen, Vanished& vanished);

    SiteWriter& writer_;
    const news::Instances& types_;
    const bool unpublish_vanished_;
};

}  // namespace django
