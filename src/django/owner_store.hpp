#pragma once

#include <memory>
#include <string>

#include "base/context.hpp"
#include "base/snapshot.hpp"
#include "base/task.hpp"
#include "bus/log.hpp"
#include "owner.hpp"

namespace django {

/// Whose each model is, as the log of this module says it (`model_owner_changed.v1`). Thread-safe.
class OwnerStore {
public:
    OwnerStore(database::Database& database, const base::Clock& clock);

    /// Reads the log; first of all.
    base::Task<void> load();
    /// Holds for every thread once it is durable. Changes nothing if it is so already.
    base::Task<ModelOwner> set(std::string model, Owner owner, base::Context context);
    const bus::Trail& trail() const { return log_; }
    /// As the database's.
    base::Result<void> usable() const { return database_.usable(); }
    std::shared_ptr<const ModelOwners> owners() const { return owners_.get(); }

private:
    database::Database& database_;
    bus::Log log_;
    base::Snapshot<ModelOwners> owners_;
};

}  // namespace django
