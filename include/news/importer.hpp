#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "news/commands.hpp"

namespace news {

/// What became of one item.
struct ImportOutcome {
    enum class Kind {
        added,
        updated,    ///< its source says something else than before: a new version
        unchanged,  ///< it says what it said, or what is here already
        conflict    ///< it says something else, but the article was changed here since
    };
    Kind kind = Kind::unchanged;
    ArticleId id = 0;
    Version version = 0;  ///< the newest one here
    std::string
        reason{};  ///< of a conflict: `changed_here`, `removed_here`, `killed_here`, `news_damaged`
};

/// How the article of an item stands that was imported before.
struct ImportedBefore {
    ArticleId id = 0;
    Version version = 0;
    bool removed = false;
    bool changed_here = false;  ///< by a person, since the last import; so is a removal
    bool killed = false;        ///< it was taken back, and stays so
};

/// An item that was imported before and has not moved away since.
struct ImportedItem {
    std::string source_id;
    bool is_public = false;   ///< published, or to be at a time that is set
    bool only_given = false;  ///< recognised since anything of it was imported: see recognise()
};

/// How some items stand that were imported before, and have not moved away since.
struct ImportedCount {
    std::int64_t items = 0;
    std::int64_t changed_here = 0;  ///< by a person, since the last import; still there
    std::int64_t removed_here = 0;
    std::string last{};  ///< the last of them; empty: there are no more
};

/// Checks an item, and makes of it what can be imported. Its article has a source_id, which is its
/// key for ever; see check_imported() for what is too long. History is oldest first, and before
/// updated_at. What it says stays whole, however long or empty it is, but for tags that repeat; it
/// must be UTF-8 with times of the years 1 to 9999, and costs stored bytes like any other version:
/// as JSON one version has at most 15 MiB, a history 64 MiB, as it comes and when it is cleaned.
/// `extra` may be spelled in any way. HTML, also of the history, is cleaned here, with iframes of
/// the hosts in `embeds` alone: see ContentFormat; ImportItem::dropped says what it lost. One of
/// which nothing is left is refused. Times that lie ahead count as now, but for published_at.
/// Refused with `invalid_news` (all problems at once, of a history some twenty:
/// `history[7].title`), `missing_source_id`; an item whose history is the problem may be tried
/// again without it. Pure.
base::Result<ImportItem> import_item(NewArticle article, std::vector<EarlierVersion> history = {},
                                     const std::vector<std::string>& embeds = {});

/// With what the request id of an import begins: it tells the events of imports from what was done
/// here by a person.
inline constexpr std::string_view import_request_prefix = "import";

/// How an archive comes into one news type from within the process: see Instance::importer().
/// Thread-safe. `context.request_id` must begin with import_request_prefix; what changes something
/// is refused with `not_an_import` (invalid) if it does not. Else refused only as
/// database::Database::write is: `overloaded` may be tried again, with the same items.
class Importer {
public:
    virtual ~Importer() = default;

    /// Brings the items in, in one transaction: all or, when refused, none. One outcome each, in
    /// their order. The same items again change nothing, so whoever was killed begins again with
    /// any batch that it is not sure of. The first time an item comes, its history becomes the
    /// first versions of the article, with their times and actors; later, what of it is newer than
    /// the article here. Visible to queries a moment later.
    virtual base::Task<std::vector<ImportOutcome>> import_items(std::vector<ImportItem> items,
                                                                base::Context context) = 0;

    /// How items stand that were imported before, in the order of the ids; nothing for those that
    /// were not, or have moved away.
    virtual base::Task<std::vector<std::optional<ImportedBefore>>> imported(
        std::vector<std::string> source_ids, base::Context context) const = 0;

    /// Of an item that is of another type now, and imported there already: removes it here, and
    /// from then on its addresses lead there; its history stays. `unchanged` if that was done, or
    /// it was never here. A conflict as above unless `theirs`.
    virtual base::Task<ImportOutcome> move_away(std::string source_id, MovedTo to, bool theirs,
                                                base::Context context) = 0;

    /// The `limit` items that follow `after` among those whose source_id begins with `prefix`, in
    /// the order of their bytes. The prefix is not empty and ends in ASCII, as `model:` does.
    virtual base::Task<std::vector<ImportedItem>> imported_of(std::string prefix, std::string after,
                                                              std::int64_t limit,
                                                              base::Context context) const = 0;
    /// Counts the `limit` items that follow `after`, as imported_of() has them, without what they
    /// say: whoever counts all asks again with the last of them, and so holds up nobody.
    virtual base::Task<ImportedCount> count_imported(std::string prefix, std::string after,
                                                     std::int64_t limit,
                                                     base::Context context) const = 0;
    /// Of an item that its source has no more: takes it back from its readers. `unchanged` if they
    /// do not see it. When its source has it again, the next import publishes it again. A conflict
    /// as above unless `theirs`.
    virtual base::Task<ImportOutcome> withdraw(std::string source_id, bool theirs,
                                               base::Context context) = 0;
    /// That article, which was made here, is the one of this item from now on: the source was given
    /// it as it was at that version. What was done here until then does not stand against what the
    /// source says of it next. Does nothing if the item is another article, or there is no such
    /// article, or it was removed until then.
    virtual base::Task<void> recognise(std::string source_id, ArticleId id, Version version,
                                       base::Context context) = 0;
};

}  // namespace news
