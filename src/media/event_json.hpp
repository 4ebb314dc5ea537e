#pragma once

#include <string>
#include <string_view>

#include "media/events.hpp"

namespace media {

/// The stored body of an event.
std::string to_json(const Event& event);

/// The event that was stored under this name. Throws std::runtime_error for a name or a body that
/// no version of this program has written.
Event event_from_json(std::string_view type, std::string_view body);

}  // namespace media
