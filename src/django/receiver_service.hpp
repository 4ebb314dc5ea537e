#pragma once

#include <string>
#include <vector>

#include "django/import.hpp"
#include "site_writer_service.hpp"

namespace django {

/// Receives an import into a site.
class WritingReceiver final : public Receiver {
public:
    /// See Receiver::hear_unknown_types().
    using HearTypes = std::function<void(const std::set<std::string>&)>;
    WritingReceiver(SiteWriter& writer, const news::Instances& types, bool unpublish_vanished,
                    HearTypes unknown = {})
        : writer_(writer),
          types_(types),
          unpublish_vanished_(unpublish_vanished),
          unknown_(std::move(unknown)) {}

    base::Result<Taking> prepare(const std::vector<Person>& people) override;
    base::Result<Taking> prepare(const std::vector<Item>& items) override;
    base::Result<Taking> prepare(const std::vector<Redirect>& redirects) override;
    base::Result<Vanished> vanished(const std::vector<std::string>& models,
                                    const Seen& seen) override;
    base::Result<Vanished> vanished_people(const std::vector<std::string>& models,
                                           const Seen& seen) override;
    base::Result<Vanished> vanished_redirects(const std::vector<std::string>& models,
                                              const Seen& seen) override;
    bool takes_type(const std::string& type) const override { return types_.contains(type); }
    void hear_unknown_types(const std::set<std::string>& types) override {
        if (unknown_) unknown_(types);
    }

private:
    base::Result<void> look_for_vanished(const std::string& type, const std::string& model,
                                         const Seen& seen, Vanished& vanished);

    SiteWriter& writer_;
    const news::Instances& types_;
    const bool unpublish_vanished_;
    const HearTypes unknown_;
};

}  // namespace django
