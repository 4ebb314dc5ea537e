#include "projector.hpp"

#include "users/events.hpp"

namespace recommendation {

void Projector::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    for (const auto& event : events) {
        if (event.type != users::user_removed) continue;
        auto edges = erase_user(transaction, pseudonyms_, limits_, event.stream, LeftOut::removed);
        transaction.after_commit([this, edges, reader = pseudonyms_.of_user(event.stream)] {
            edges_removed_.add(edges);
            learner_.erased(reader);
        });
    }
}

}  // namespace recommendation
