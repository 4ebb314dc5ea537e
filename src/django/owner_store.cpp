#include "owner_store.hpp"

#include "owner_event_json.hpp"

namespace django {

namespace {

constexpr std::int64_t stream = 1;
constexpr std::size_t about_bytes = 300;

void take(ModelOwners& owners, const bus::Event& event) {
    auto said = owner_event(event);
    owners[said.model] = {said.after, event.recorded_at, event.actor};
}

}  // namespace

OwnerStore::OwnerStore(database::Database& database, const base::Clock& clock)
    : database_(database),
      log_(database, clock, "django"),
      owners_(std::make_shared<const ModelOwners>()) {}

base::Task<void> OwnerStore::load() {
    auto work = [this](database::Transaction& transaction) -> base::Result<bool> {
        auto owners = std::make_shared<ModelOwners>();
        for (const auto& event : bus::read_stream(transaction, stream)) {
            take(*owners, event);
            version_ = event.version;
        }
        owners_.replace(std::move(owners));
        return true;
    };
    auto done = co_await database_.write<bool>(base::Deadline(), 0, std::move(work));
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

base::Task<ModelOwner> OwnerStore::set(std::string model, Owner owner, base::Context context) {
    auto deadline = context.deadline;
    auto work = [this, model = std::move(model), owner, context = std::move(context)](
                    database::Transaction& transaction) -> base::Result<ModelOwner> {
        auto owners = std::make_shared<ModelOwners>(*owners_.get());
        auto& now = (*owners)[model];
        if (now.owner == owner) return now;
        ModelOwnerChanged changed{model, now.owner, owner};
        auto event = log_.append(transaction,
                                 {stream, version_ + 1, "model_owner_changed.v1", to_json(changed),
                                  context.actor.subject(), context.request_id});
        now = {owner, event.recorded_at, event.actor};
        auto result = now;
        transaction.after_commit([this, owners, version = event.version] {
            version_ = version;
            owners_.replace(owners);
        });
        return result;
    };
    co_return co_await database_.write<ModelOwner>(deadline, about_bytes, std::move(work));
}

}  // namespace django
