#include "projector.hpp"

#include "users/events.hpp"

namespace recommendation {

void Projector::apply(database::Transaction& transaction, const bus::Event& event) {
    if (event.type != users::user_removed) return;
    auto edges = GraphWriter(transaction, limits_).remove_reader(event.stream);
    transaction.after_commit(
        [counter = &edges_removed_, edges] { counter->add(static_cast<std::uint64_t>(edges)); });
}

}  // namespace recommendation
