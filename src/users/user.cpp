#include "user.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "users/events.hpp"

namespace users {

namespace {

constexpr std::size_t name_length_max = 100;

bool holds(const std::optional<Expected>& expected, std::int64_t version) {
    if (!expected || expected->any) return true;
    return std::find(expected->versions.begin(), expected->versions.end(), version) !=
           expected->versions.end();
}

base::Result<Record> next(Record current, const std::optional<Expected>& expected, base::Time now) {
    if (current.removed) return user_not_found();
    if (!holds(expected, current.version)) {
        return base::Error{base::Reason::precondition, "precondition_failed",
                           "The user has changed since. Read it again and repeat the change."};
    }
    ++current.version;
    current.updated_at = std::max(now, current.updated_at);
    return current;
}

}  // namespace

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::registered:
            return "registered";
        case Kind::changed:
            return "changed";
        case Kind::removed:
            return "removed";
    }
    return "changed";
}

Kind kind_of(std::string_view name) {
    if (name == "registered") return Kind::registered;
    return name == "removed" ? Kind::removed : Kind::changed;
}

std::string_view event_of(Kind kind) {
    switch (kind) {
        case Kind::registered:
            return user_registered;
        case Kind::changed:
            return user_changed;
        case Kind::removed:
            return user_removed;
    }
    return user_changed;
}

std::vector<base::Problem> problems_of_name(std::string_view name) {
    auto length = base::count_code_points(name);
    if (!length) return {{"name", "The name is not valid UTF-8."}};
    if (*length < 1 || *length > name_length_max) {
        return {{"name", "The name must have 1 to 100 characters."}};
    }
    if (base::trim(name) != name) {
        return {{"name", "The name must not begin or end with white space."}};
    }
    if (auto fault = base::fault_of_name(name)) {
        return {{"name", "The name " + std::string(*fault) + "."}};
    }
    return {};
}

bool may_know(const base::Actor& actor, UserId id) {
    return actor.role >= base::Role::admin || (actor.id && *actor.id == id);
}

base::Error user_not_found() {
    return {base::Reason::not_found, "user_not_found", "There is no such user."};
}

base::Result<Record> changed(Record current, const std::optional<std::string>& name,
                             const std::optional<Expected>& expected, base::Time now) {
    auto record = next(std::move(current), expected, now);
    if (record && name) record->name = *name;
    return record;
}

base::Result<Record> removed(Record current, const std::optional<Expected>& expected,
                             base::Time now) {
    auto record = next(std::move(current), expected, now);
    if (!record) return record;
    record->name.clear();
    record->removed = true;
    return record;
}

}  // namespace users
