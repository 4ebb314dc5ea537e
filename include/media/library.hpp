#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/command.hpp"
#include "base/context.hpp"
#include "base/task.hpp"

namespace media {

using ItemId = std::int64_t;

/// What has to stay in a picture however it is cut: 0 to 1 from the left, and from the top.
struct Focus {
    double x = 0.5;
    double y = 0.5;

    bool operator==(const Focus&) const = default;
};

/// What is said of an item, and can be changed.
struct Description {
    std::string alt;     ///< what is to be seen, for who does not see it: up to 1,000 characters
    std::string credit;  ///< whose it is: up to 200

    bool operator==(const Description&) const = default;
};

/// Bytes that are kept: the same bytes are kept once, whoever brings them and however often.
struct Bytes {
    std::string sha256;  ///< in hexadecimal
    std::string kind;    ///< `jpg`, `pdf`: what they are by their content
    std::int64_t bytes = 0;
    std::int64_t width = 0;  ///< of a picture as it is shown; 0: it is none
    std::int64_t height = 0;

    bool operator==(const Bytes&) const = default;
};

/// A picture or another file. Its bytes and its focus never change; what is said of it may.
struct Item {
    ItemId id = 0;
    std::int64_t position = 0;  ///< in the order in which items have come
    std::int64_t version = 0;
    Bytes bytes;
    Description description;
    Focus focus;
    std::optional<std::int64_t> owner{};  ///< who brought it
    base::Time created_at{};
    std::int64_t articles = 0;  ///< how many articles show it, drafts too
    bool is_public = false;     ///< one of them is published
};

/// What a change says; what it leaves out stays.
struct Change {
    std::optional<std::string> alt{};
    std::optional<std::string> credit{};
    std::optional<Focus> focus{};
};

/// What came of a change: another focus is another item with the same bytes.
struct Changed {
    Item item;
    bool is_new = false;
};

/// Which part of the list.
struct ListQuestion {
    std::optional<std::int64_t> before{};  ///< those that came before the one at this position
    std::int64_t limit = 50;
    bool unused = false;  ///< only those that no article shows
};

/// The items, newest first. Thread-safe. Whoever calls anything but item() has checked that the
/// actor is an author, and for remove() an editor.
///
/// Refused besides as named: `media_not_found` (also for an item that this actor may not know of),
/// and as database::Database::write and read are.
class Library {
public:
    virtual ~Library() = default;

    /// Readers see an item as long as a published article shows it.
    virtual base::Task<Item> item(ItemId id, base::Context context) const = 0;
    virtual base::Task<std::vector<Item>> list(ListQuestion question,
                                               base::Context context) const = 0;
    /// The bytes are kept already. Refused with `invalid_media` and all details,
    /// `idempotency_key_reused`.
    virtual base::Task<Item> add(Bytes bytes, Description description, Focus focus,
                                 base::Command command) = 0;
    /// Of who brought it, or of an editor (`forbidden`). `command.expected` must name the version,
    /// else `precondition_required`. Refused with `invalid_media`, `version_conflict`,
    /// `precondition_failed`, `idempotency_key_reused`.
    virtual base::Task<Changed> change(ItemId id, Change change, base::Command command) = 0;
    /// Its bytes go with the last item that has them. Refused with `media_in_use` (conflict) while
    /// an article shows it, `version_conflict`, `precondition_failed`.
    virtual base::Task<void> remove(ItemId id, base::Command command) = 0;
};

}  // namespace media
