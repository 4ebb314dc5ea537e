#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "base/time_zone.hpp"
#include "base/turn.hpp"
#include "change.hpp"
#include "django/config.hpp"
#include "django/import_types.hpp"
#include "django/module.hpp"
#include "mapping.hpp"
#include "owner_service.hpp"
#include "push_store.hpp"

namespace django {

/// Takes what a bridge tells of the old site's rows, by the mapping. Thread-safe; one push at a
/// time.
class ChangeService {
public:
    /// `mapping` and `store`: null where no mapping is configured. What is referred to must outlive
    /// it.
    ChangeService(std::shared_ptr<const Mapping> mapping,
                  std::shared_ptr<const base::TimeZone> zone, const Neighbours& neighbours,
                  const Config& config, const base::Clock& clock, const OwnerService& owners,
                  PushStore* store);

    /// The changes behind the last that was taken of that source, in their order. The answer comes
    /// when they are durable. Told again they change nothing. Refused with `no_mapping`,
    /// `push_running`, or as the stores are: then the same push can be sent again.
    base::Task<Pushed> push(Push push, base::Context context);

private:
    base::Task<void> take(Change change, Pushed& pushed);
    base::Task<void> save(Change change, Pushed& pushed);
    base::Task<void> remove(Change change, Pushed& pushed);
    base::Task<Taken> withdraw(std::string legacy_id);

    const std::shared_ptr<const Mapping> mapping_;
    const std::shared_ptr<const base::TimeZone> zone_;
    const Neighbours neighbours_;
    const Config& config_;
    const base::Clock& clock_;
    const OwnerService& owners_;
    PushStore* const store_;
    const base::Turn::Taken running_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace django
