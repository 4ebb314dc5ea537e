#pragma once

// What an event of an article means for the counts: pure functions.

#include <cstdint>
#include <optional>
#include <string_view>

#include "news/events.hpp"
#include "site/counters.hpp"

namespace site {

/// The states that articles are counted in.
enum class State { draft, scheduled, published, removed };

std::string_view name_of(State state);
std::optional<State> parse_state(std::string_view name);

/// The state after an event; nothing: it stays as it is.
std::optional<State> state_after(const news::Event& event);

/// The number of articles in that state.
std::int64_t& count_in(StateCounts& counts, State state);

void add(StateCounts& to, const StateCounts& counts);

}  // namespace site
