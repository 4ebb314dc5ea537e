#include "projector.hpp"

#include "users/events.hpp"

namespace recommendation {

void Projector::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    std::int64_t edges = 0;
    for (const auto& event : events) {
        if (event.type != users::user_removed) continue;
        edges += GraphWriter(transaction, limits_).remove_reader(event.stream);
    }
    if (edges == 0) return;
    transaction.after_commit(
        [counter = &edges_removed_, edges] { counter->add(static_cast<std::uint64_t>(edges)); });
}

}  // namespace recommendation
