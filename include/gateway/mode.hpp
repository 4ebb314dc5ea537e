#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

/// Who answers a route. Stored and written by these names: see name_of().
enum class Mode : std::uint8_t {
    proxied,           ///< the monolith
    shadow,            ///< the monolith; what we would say is held against it afterwards
    canary,            ///< we, for some of the clients; for the others the monolith
    native,            ///< we
    native_or_legacy,  ///< we; the monolith where we fail, are late or know of no such thing
};

std::string_view name_of(Mode mode);
/// Nothing for a word that is no mode.
std::optional<Mode> parse_mode(std::string_view name);

/// What may be changed of a route while the server runs.
struct RouteState {
    Mode mode = Mode::proxied;
    std::int64_t percent = 0;          ///< of the clients, 0 to 100; counts in `canary`
    std::int64_t compare_percent = 0;  ///< of the GETs, 0 to 100; does not count in `proxied`

    bool operator==(const RouteState&) const = default;
};

/// `canary 10 %, 5 % compared`: for people.
std::string to_text(const RouteState& state);

}  // namespace gateway
