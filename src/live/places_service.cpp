#include "places_service.hpp"

#include <utility>

namespace live {

struct Places::Place {
    Place(std::shared_ptr<Places> all_places, resilience::FairSlots::Slot taken)
        : places(std::move(all_places)), slot(std::move(taken)) {
        places->taken_.fetch_add(1, std::memory_order_relaxed);
    }
    Place(const Place&) = delete;
    ~Place() { places->taken_.fetch_sub(1, std::memory_order_relaxed); }

    std::shared_ptr<Places> places;
    resilience::FairSlots::Slot slot;  ///< goes before them
};

std::shared_ptr<void> Places::take(const std::string& client) {
    auto slot = slots_.take(client);
    if (!slot) return nullptr;
    return std::make_shared<Place>(shared_from_this(), std::move(*slot));
}

}  // namespace live
