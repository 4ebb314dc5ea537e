#pragma once

#include <optional>
#include <string_view>

#include "base/command.hpp"
#include "http/message.hpp"

namespace http {

/// How a resource writes its version into an entity tag: the number, then `form`, which grows when
/// its JSON changes so that the same version has another tag.
struct VersionTag {
    std::string_view form{};  ///< as `.1`; empty: the number alone

    std::string of(std::int64_t version) const;
    /// The versions that an If-Match names, those of another form left out; nothing without one.
    std::optional<base::Expected> expected(const Request& request) const;
    /// What a request that changes something says besides its content. `body`: see
    /// idempotency_key_of(), whose refusals these are.
    base::Result<base::Command> command(const Request& request, std::string_view body) const;
    /// The failure of such a request. Of a condition that could not hold it says so, and then
    /// `instead`, what to send, in place of saying that something has changed.
    Response refuse(const Request& request, base::Error error, std::string_view instead) const;
};

}  // namespace http
