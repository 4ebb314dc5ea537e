#include "projector.hpp"

#include "users/events.hpp"

namespace recommendation {

void Projector::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    std::uint64_t edges = 0;
    for (const auto& event : events) {
        if (event.type != users::user_removed) continue;
        edges += erase_user(transaction, pseudonyms_, limits_, event.stream, LeftOut::removed);
    }
    if (edges == 0) return;
    transaction.after_commit([counter = &edges_removed_, edges] { counter->add(edges); });
}

base::Task<std::vector<bus::Deferred>> RemovalInbox::apply(
    std::shared_ptr<const bus::Batch> batch) {
    auto applied = co_await StoreInbox::apply(batch);
    if (!applied) co_return applied.error();
    for (const auto& event : batch->events) {
        if (event.type != users::user_removed) continue;
        auto forgotten = co_await learner_.forget(pseudonyms_.of_user(event.stream));
        if (!forgotten) co_return forgotten.error();
    }
    co_return std::move(*applied);
}

}  // namespace recommendation
