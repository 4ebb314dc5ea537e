#pragma once

#include <memory>
#include <string>

#include "base/context.hpp"
#include "base/task.hpp"
#include "mapping.hpp"
#include "news/change_guard.hpp"
#include "owner_store.hpp"

namespace django {

/// Whose the models of the mapping are: what is Django's is changed there alone, what is portal's
/// here. Thread-safe.
class OwnerService final : public news::ChangeGuard {
public:
    /// `mapping` and `store`: null where no mapping is configured; then nothing is anybody's. The
    /// store must outlive it.
    OwnerService(std::shared_ptr<const Mapping> mapping, OwnerStore* store)
        : mapping_(std::move(mapping)), store_(store) {}

    /// The models that the mapping names. Refused besides while the store is out.
    base::Result<ModelOwners> owners() const;
    /// Refused with `no_mapping`, `model_not_found` if the mapping does not name it, and to be
    /// portal's with `not_to_be_owned` if no rule makes articles of it.
    base::Task<ModelOwner> set(std::string model, Owner owner, base::Context context);
    /// None that no rule makes articles of any more.
    bool is_portals(const std::string& model) const;
    /// Whether Django hears of what was changed here then: the model is portal's, or was until
    /// after that.
    bool is_told(const std::string& model, base::Time changed_at) const;
    /// Those that articles are made of and Django owns.
    std::vector<std::string> left_to_django() const;
    /// Refused with `owned_by_django`, and while nobody can say whose it is as the store is.
    base::Result<void> may_change(const std::string& legacy_id) const override;

private:
    ModelOwner owner_of(const std::string& model) const;

    const std::shared_ptr<const Mapping> mapping_;
    OwnerStore* const store_;
};

}  // namespace django
