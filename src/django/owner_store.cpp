#include "owner_store.hpp"

#include "owner_event_json.hpp"

namespace django {

namespace {

constexpr std::int64_t stream = 1;
constexpr std::size_t about_bytes = 300;

struct History {
    ModelOwners owners;
    std::int64_t version = 0;
};

void take(History& history, const bus::Event& event) {
    auto said = owner_event(event);
    history.owners[said.model] = {said.after, event.recorded_at, event.actor};
    history.version = event.version;
}

History read_history(database::ReadTransaction& transaction) {
    History history;
    bus::read_stream(transaction, stream, 0, [&](const bus::Event& event) {
        take(history, event);
        return true;
    });
    return history;
}

}  // namespace

OwnerStore::OwnerStore(database::Database& database, const base::Clock& clock)
    : database_(database),
      log_(database, clock, "django"),
      owners_(std::make_shared<const ModelOwners>()) {}

base::Task<void> OwnerStore::load() {
    auto work = [this](database::Transaction& transaction) -> base::Result<bool> {
        auto history = read_history(transaction);
        owners_.replace(std::make_shared<const ModelOwners>(std::move(history.owners)));
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
        // Of the log, not of owners_: a command before it may be part of the same commit.
        auto history = read_history(transaction);
        auto now = history.owners[model];
        if (now.owner == owner) return now;
        ModelOwnerChanged changed{model, now.owner, owner};
        auto event = log_.append(
            transaction, {stream, history.version + 1, "model_owner_changed.v1", to_json(changed),
                          context.actor.subject(), context.request_id});
        take(history, event);
        auto next = std::make_shared<const ModelOwners>(std::move(history.owners));
        transaction.after_commit([this, next] { owners_.replace(next); });
        return next->at(model);
    };
    co_return co_await database_.write<ModelOwner>(deadline, about_bytes, std::move(work));
}

}  // namespace django
