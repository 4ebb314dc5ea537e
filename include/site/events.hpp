#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bus/event.hpp"
#include "site/lists.hpp"
#include "site/redirects.hpp"

namespace site {

/// What happened to the site, for ever. A stored event of any version must decode for as long as
/// there are archives. Redirects are one stream, all of them together; each list is one of its own.

/// `redirects_changed.v1`: only what is another now than before. `source` only of what was
/// imported.
struct RedirectsChanged {
    std::vector<Redirect> stored;
    std::vector<std::string> removed;  ///< paths
};

/// `list_changed.v1`: the whole list, also when it is new.
struct ListChanged {
    std::string name;
    std::vector<ListEntry> entries;
};

/// `list_removed.v1`
struct ListRemoved {
    std::string name;
};

using Event = std::variant<RedirectsChanged, ListChanged, ListRemoved>;

/// The stream of all redirects.
inline constexpr std::int64_t redirects_stream = 1;

/// The stored name of an event: `list_changed.v1`.
std::string_view name_of(const Event& event);

/// What an event of the site's log says, for everybody who hears one. Throws std::runtime_error for
/// a name or a body that no version of this program has written.
Event site_event(const bus::Event& event);

}  // namespace site
