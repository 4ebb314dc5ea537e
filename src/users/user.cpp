#include "user.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/unicode.hpp"
#include "users/events.hpp"

namespace users {

namespace {

constexpr std::size_t name_length_max = 100;

/// At most so many characters of a text.
std::string first_characters(const std::string& text, std::size_t count) {
    std::size_t end = 0;
    while (end < text.size() && count > 0) {
        ++end;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
        --count;
    }
    return text.substr(0, end);
}

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
    current.updated_at = now;
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
    auto problem = base::problem_of_name(name, name_length_max);
    if (!problem) return {};
    return {{"name", "The name " + *problem + "."}};
}

std::string imported_name(const std::string& first, const std::string& last,
                          const std::string& login, std::vector<base::Problem>& problems) {
    std::string name(
        base::trim(std::string(base::trim(first)) + " " + std::string(base::trim(last))));
    auto cut = first_characters(name, name_length_max);
    if (cut.size() < name.size()) {
        problems.push_back({"name", "has more than 100 characters, and was cut"});
    }
    name = base::trim(cut);
    if (problems_of_name(name).empty()) return name;
    if (!name.empty())
        problems.push_back({"name", "is none that a user may have, and was left out"});
    name = base::trim(first_characters(login, name_length_max));
    return problems_of_name(name).empty() ? name : "reader";
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
