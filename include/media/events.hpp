#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "bus/event.hpp"
#include "media/library.hpp"

namespace media {

/// What happened to an item, for ever: its stream is its id. A stored event of any version must
/// decode for as long as there are archives.

/// `media_added.v1`
struct MediaAdded {
    Bytes bytes;
    Description description;
    Focus focus;
};

/// `media_described.v1`: all that is said of it from now on.
struct MediaDescribed {
    Description description;
};

/// `media_removed.v1`
struct MediaRemoved {};

using Event = std::variant<MediaAdded, MediaDescribed, MediaRemoved>;

/// The stored name of an event: `media_added.v1`.
std::string_view name_of(const Event& event);

/// What an event of the log says. Throws std::runtime_error for a name or a body that no version of
/// this program has written.
Event media_event(const bus::Event& event);

}  // namespace media
