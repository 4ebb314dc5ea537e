#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/command.hpp"
#include "base/context.hpp"
#include "base/task.hpp"

namespace site {

using base::Command;
using base::Expected;

/// An article that an editor has chosen, by reference: whether there is such a one, and who may see
/// it, is asked when the list is shown.
struct ListItem {
    std::string news_type;
    std::int64_t id = 0;
    bool pinned = false;  ///< keeps its place when the rest moves

    bool operator==(const ListItem&) const = default;
};

/// A place for the newest article of one type, or of all, that the list does not have otherwise.
struct ListSlot {
    std::optional<std::string> newest{};  ///< a type; nothing: any

    bool operator==(const ListSlot&) const = default;
};

using ListEntry = std::variant<ListItem, ListSlot>;

/// A list as editors have put it together: references and slots, in order.
struct List {
    std::string name;
    std::int64_t version = 0;  ///< how many changes of that name, removals too; 1 when created
    base::Time updated_at{};
    std::vector<ListEntry> entries;
};

/// A list without what is in it.
struct ListSummary {
    std::string name;
    std::int64_t version = 0;
    base::Time updated_at{};
};

/// A list that was put.
struct PutList {
    List list;
    bool is_new = false;  ///< there was none of that name before
};

/// One change of a list.
struct ListHistoryEntry {
    std::int64_t version = 0;
    std::string type;  ///< of the event
    std::optional<std::int64_t> actor{};
    base::Time at{};
    std::optional<std::vector<ListEntry>> entries{};  ///< nothing: removed
};

/// Part of a history, oldest first.
struct ListHistory {
    std::vector<ListHistoryEntry> entries;
    std::optional<std::int64_t> next{};  ///< where the next part goes on (`after`), if there is one
};

/// The lists that editors curate: `front`, `sports-top`. A name is a small letter and up to 62
/// small letters, digits or hyphens; a list has up to 200 entries, no article twice. Thread-safe.
/// Whoever calls history(), put() and remove() has checked that the actor may.
///
/// Refused besides as named: `list_not_found`, and as database::Database::write and read are.
class Lists {
public:
    virtual ~Lists() = default;

    /// All that are there, by name.
    virtual base::Task<std::vector<ListSummary>> all(base::Context context) const = 0;
    virtual base::Task<List> list(std::string name, base::Context context) const = 0;
    /// Also of a removed list. At most `limit` changes that follow version `after`.
    virtual base::Task<ListHistory> history(std::string name, std::int64_t after,
                                            std::int64_t limit, base::Context context) const = 0;

    /// Replaces the whole list, or creates it. Of one that is there `command.expected` must name
    /// the version, else `precondition_required`; the version 0 says that there is to be none yet.
    /// Refused with `invalid_list` and all details (`entries[2].id`), `version_conflict`,
    /// `precondition_failed`, `too_many_lists` (conflict), `idempotency_key_reused`.
    virtual base::Task<PutList> put(std::string name, std::vector<ListEntry> entries,
                                    Command command) = 0;
    /// The history stays, and a list of that name goes on from it. Gives the version of the
    /// removal. Refused with `version_conflict`, `precondition_failed`.
    virtual base::Task<std::int64_t> remove(std::string name, Command command) = 0;
};

}  // namespace site
