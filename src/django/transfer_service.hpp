#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/snapshot.hpp"
#include "base/task.hpp"
#include "base/turn.hpp"
#include "django/module.hpp"
#include "import_store.hpp"
#include "mapping.hpp"
#include "owner_service.hpp"
#include "push_store.hpp"
#include "transfer.hpp"

namespace django {

/// Says how far the site has come over. Counts what is here through the modules that have it, a
/// thousand rows at a time, one count at a time, and gives the same figures again for five seconds
/// or ten times as long as they took, unless an import has ended since. Thread-safe.
class TransferService {
public:
    /// `mapping` and the stores: null where no mapping is configured. What is referred to must
    /// outlive it.
    struct Parts {
        std::shared_ptr<const Mapping> mapping;
        const Neighbours& neighbours;
        const OwnerService& owners;
        const ImportStore* imports;
        const PushStore* pushes;
        const base::Clock& clock;
    };
    explicit TransferService(Parts parts) : parts_(std::move(parts)) {}

    /// Refused with `count_running` (unavailable) while the first count is under way, and as the
    /// modules refuse.
    base::Task<Transfer> transfer(base::Context context);

private:
    /// What is here of articles, by their model.
    struct Articles {
        std::int64_t here = 0;
        std::int64_t changed_here = 0;
        std::int64_t removed_here = 0;
    };
    struct Count {
        base::Time begun_at{};
        base::Clock::Moment kept_until{};
        std::map<std::string, identity::ImportedPeople> people{};
        std::map<std::string, Articles> articles{};
    };
    using CountPointer = std::shared_ptr<const Count>;

    base::Task<CountPointer> counted(const KeptImports& imports, base::Context context);
    base::Task<CountPointer> count(base::Context context);
    base::Task<void> count_people(Count& count, base::Context context) const;
    base::Task<void> count_articles(std::string model, Articles& articles,
                                    base::Context context) const;
    std::vector<ModelTransfer> models(const KeptImports& imports, const Count& count) const;

    const Parts parts_;
    base::Snapshot<Count> count_{nullptr};
    const base::Turn::Taken running_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace django
