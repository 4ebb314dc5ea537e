#include "list.hpp"

#include <algorithm>
#include <map>

namespace site {

namespace {

using base::Error;
using base::Problem;
using base::Reason;

constexpr std::size_t name_bytes_max = 63;
constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

std::string field_of(std::size_t index, const char* member) {
    return "entries[" + std::to_string(index) + "]." + member;
}

constexpr const char* unknown_type = "is no news type of this site";

bool names(const Expected& expected, std::int64_t version) {
    const auto& versions = expected.versions;
    return std::find(versions.begin(), versions.end(), version) != versions.end();
}

/// Nobody, or somebody else, has the list that the caller has seen.
Error stale(const ListState& state, const Expected& expected, const char* instead) {
    std::string now = state.is_there
                          ? "It is at version " + std::to_string(state.version) + " now; "
                          : std::string("There is none of that name now; ");
    std::optional<std::int64_t> current;
    if (state.version > 0) current = state.version;
    if (expected.from_header) {
        return {Reason::precondition,
                "precondition_failed",
                "The list is not the one that If-Match names. " + now + instead,
                {},
                current};
    }
    return {Reason::conflict,
            "version_conflict",
            "Somebody else has changed this list. " + now + instead,
            {},
            current};
}

constexpr const char* again = "read it again and repeat the change on that.";

}  // namespace

bool is_list_name(std::string_view text) {
    if (text.empty() || text.size() > name_bytes_max || text[0] < 'a' || text[0] > 'z')
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

base::Result<void> check(std::string_view name, const std::vector<ListEntry>& entries,
                         const NewsTypes& types) {
    std::vector<Problem> problems;
    if (!is_list_name(name)) {
        problems.push_back(
            {"name", "must be a small letter and up to 62 small letters, digits or hyphens"});
    }
    if (entries.size() > list_entries_max) {
        problems.push_back({"entries", "must not have more than 200 entries"});
    }
    std::map<std::pair<std::string, std::int64_t>, std::size_t> seen;
    auto count = std::min(entries.size(), list_entries_max);
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto* slot = std::get_if<ListSlot>(&entries[i])) {
            if (slot->newest && !types.contains(*slot->newest)) {
                problems.push_back({field_of(i, "newest"), unknown_type});
            }
            continue;
        }
        const auto& item = std::get<ListItem>(entries[i]);
        if (!types.contains(item.news_type))
            problems.push_back({field_of(i, "type"), unknown_type});
        if (item.id < 1 || item.id > id_max) {
            problems.push_back({field_of(i, "id"), "must be a whole number from 1 to 2^53 - 1"});
        }
        auto [first, is_new] = seen.emplace(std::pair(item.news_type, item.id), i);
        if (!is_new) {
            problems.push_back({field_of(i, "id"), "is in the list already, in entries[" +
                                                       std::to_string(first->second) + "]"});
        }
    }
    if (problems.empty()) return {};
    auto message = "The list cannot be stored: " + problems.front().field + " " +
                   problems.front().message + ".";
    return Error{Reason::invalid, "invalid_list", std::move(message), std::move(problems)};
}

base::Result<void> may_put(const ListState& state, const std::optional<Expected>& expected) {
    if (!state.is_there) {
        if (!expected) return {};
        // A name that had a list goes on from there, so that version is right as well.
        bool fits = !expected->from_header &&
                    (names(*expected, 0) || (state.version > 0 && names(*expected, state.version)));
        if (fits) return {};
        return stale(state, *expected, "to create it, name no version, or 0.");
    }
    if (!expected) {
        return Error{Reason::precondition, "precondition_required",
                     "Say which version this change is based on: `version` in the body or "
                     "If-Match."};
    }
    if (expected->any || names(*expected, state.version)) return {};
    return stale(state, *expected, again);
}

base::Result<void> may_remove(const ListState& state, const std::optional<Expected>& expected) {
    if (!state.is_there) return list_not_found();
    if (!expected || expected->any || names(*expected, state.version)) return {};
    return stale(state, *expected, again);
}

Error list_not_found() {
    return {Reason::not_found, "list_not_found", "There is no list of that name."};
}

}  // namespace site
