#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace django {

/// The side that changes the rows of a model; the other hears of it.
enum class Owner { django, portal };

inline std::string_view name_of(Owner owner) {
    return owner == Owner::portal ? "portal" : "django";
}
inline std::optional<Owner> parse_owner(std::string_view name) {
    if (name == "portal") return Owner::portal;
    if (name == "django") return Owner::django;
    return std::nullopt;
}

/// Whose a model is, since when, and who has said so.
struct ModelOwner {
    Owner owner = Owner::django;
    std::optional<base::Time> changed_at{};  ///< nothing: it is as it was at first
    std::optional<std::int64_t> changed_by{};
};

/// By model. One that nobody has spoken of is Django's.
using ModelOwners = std::map<std::string, ModelOwner>;

}  // namespace django
