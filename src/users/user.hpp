#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "users/users.hpp"

namespace users {

/// What is stored of a user, after the change number `version`.
struct Record {
    UserId id = 0;
    std::string name;
    base::Time created_at{};
    base::Time updated_at{};
    std::int64_t version = 0;
    bool removed = false;
};

enum class Kind { registered, changed, removed };

/// The stored word for a kind of change, and back.
std::string_view name_of(Kind kind);
Kind kind_of(std::string_view name);
/// The event that follows it.
std::string_view event_of(Kind kind);

/// Everything that is wrong with a name, as details of a refusal.
std::vector<base::Problem> problems_of_name(std::string_view name);

/// What somebody who comes from elsewhere is called here; what had to be done for that is added to
/// `problems`.
std::string imported_name(const std::string& first, const std::string& last,
                          const std::string& login, std::vector<base::Problem>& problems);

/// Whether this actor may know of that user.
bool may_know(const base::Actor& actor, UserId id);

base::Error user_not_found();

/// The state after a change of `current`; refused with `user_not_found` if it is removed, with
/// `precondition_failed` if `expected` names other versions.
base::Result<Record> changed(Record current, const std::optional<std::string>& name,
                             const std::optional<Expected>& expected, base::Time now);
base::Result<Record> removed(Record current, const std::optional<Expected>& expected,
                             base::Time now);

}  // namespace users
