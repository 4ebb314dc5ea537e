#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "site/events.hpp"

namespace site {

/// The stored body of an event.
std::string to_json(const Event& event);

/// The event that was stored under this name. Throws std::runtime_error for a name or a body that
/// no version of this program has written.
Event event_from_json(std::string_view type, std::string_view body);

/// The entries of a list, as events and the table have them; back as event_from_json().
std::string entries_to_json(const std::vector<ListEntry>& entries);
std::vector<ListEntry> entries_from_json(std::string_view text);

}  // namespace site
