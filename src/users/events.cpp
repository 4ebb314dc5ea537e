#include "users/events.hpp"

#include <stdexcept>
#include <string>

namespace users {

Event user_event(const bus::Event& event) {
    // The stream is the user; the body repeats it for readers of other languages.
    if (event.type == user_registered) return UserRegistered{event.stream};
    if (event.type == user_changed) return UserChanged{event.stream};
    if (event.type == user_removed) return UserRemoved{event.stream};
    throw std::runtime_error("an event of the unknown type " + event.type);
}

}  // namespace users
