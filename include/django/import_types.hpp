#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "django/items.hpp"

namespace django {

/// What became of one person, item or redirect.
struct Taken {
    enum class Kind {
        added,
        updated,    ///< the source says something else than at the import before
        unchanged,  ///< it says what it said
        conflict,   ///< it says something else, but it was changed here since: left as it is here
        rejected
    };
    Kind kind = Kind::added;
    std::string code{};  ///< of a conflict, a rejection
    std::string message{};
    std::vector<Warning> warnings{};  ///< what of it could not be taken as it is
};

/// Takes what the import has made, a block of rows at a time, in order of the rules and the pks.
class Receiver {
public:
    virtual ~Receiver() = default;
    /// Takes a block that was prepared: one outcome each, in their order. Refused, as an exception,
    /// ends the import: what was taken before stays.
    using Taking = std::function<base::Result<std::vector<Taken>>()>;
    /// Does what does not hang on the blocks before. Blocks are prepared by one thread at a time,
    /// in order, while another takes the one before; all that is of one kind (people, items) is
    /// taken before the next kind is prepared. The block lives until it is taken. Refused as Taking
    /// is.
    virtual base::Result<Taking> prepare(const std::vector<Person>& people) = 0;
    virtual base::Result<Taking> prepare(const std::vector<Item>& items) = 0;
    virtual base::Result<Taking> prepare(const std::vector<Redirect>& redirects) = 0;

    /// Those items that came with an earlier import from the same models, and that the source has
    /// no more, or a rule leaves out now. `seen` says it of legacy_ids.
    struct Vanished {
        std::int64_t count = 0;
        /// Taken from readers; of people: disabled, of redirects: removed.
        std::int64_t unpublished = 0;
        std::int64_t kept = 0;                         ///< was to be so, but was changed here since
        std::vector<std::string> examples{};           ///< legacy_ids, the first few
        std::map<std::string, std::int64_t> models{};  ///< of which they are
    };
    using Seen = std::function<std::vector<bool>(const std::vector<std::string>& legacy_ids)>;
    virtual base::Result<Vanished> vanished(const std::vector<std::string>& models,
                                            const Seen& seen) = 0;
    /// The same of people, and of redirects.
    virtual base::Result<Vanished> vanished_people(const std::vector<std::string>&, const Seen&) {
        return Vanished{};
    }
    virtual base::Result<Vanished> vanished_redirects(const std::vector<std::string>&,
                                                      const Seen&) {
        return Vanished{};
    }

    /// Whether articles of this type are taken.
    virtual bool takes_type(const std::string&) const { return true; }
    /// Told before the first item, if there are any: types of the first rows that are not taken.
    virtual void hear_unknown_types(const std::set<std::string>&) {}
};

/// What is to be imported, and where its traces go.
struct ImportRequest {
    std::filesystem::path source;  ///< dumpdata's json, jsonl or xml, a SQLite file; `-`: stdin
    std::filesystem::path mapping;
    /// Where the rows are staged, in a file named after the source that only its owner can read,
    /// and which is as large as they are. Empty: beside the source. What comes from standard input
    /// is in a folder of its own here, or in that for temporary files, and is never kept.
    std::filesystem::path folder{};
    bool keep_staging =
        false;  ///< for the next run; else it is gone once the import has ended well
    /// Empty: `<source>.rejected.jsonl` beside the source, or in `folder` if nothing can be written
    /// there.
    std::filesystem::path rejected_file{};
};

/// What has become of the rows of one rule. read = taken + left_out + rejected.
struct RuleReport {
    std::string rule;  ///< users, news, redirects
    std::string model;
    std::int64_t read = 0;
    std::int64_t taken = 0;  ///< = added + updated + unchanged + conflicts
    std::int64_t added = 0;
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
    std::int64_t conflicts = 0;  ///< changed there and here: as they are here
    std::int64_t left_out = 0;   ///< by `where`
    std::int64_t rejected = 0;
    std::int64_t published = 0;
    std::int64_t scheduled = 0;
    std::int64_t drafts = 0;
    std::int64_t past = 0;              ///< older states of what was taken
    std::int64_t later_drafts = 0;      ///< and left out: drafts of published articles
    std::int64_t unchanged_states = 0;  ///< left out: nothing changed that the mapping reads
    std::string checksum{};             ///< SHA-256 over all that was taken, in its order
};

/// What the source has of one model. Rows of the source = rows + repeated + rejected.
struct ModelReport {
    std::int64_t rows = 0;
    std::int64_t repeated = 0;  ///< the same row once more
    std::int64_t rejected = 0;
};

/// A kind of warning: how often, and the first.
struct WarningReport {
    std::int64_t count = 0;
    std::string example;  ///< with the row, shortened
};

/// What an import has done.
struct ImportReport {
    std::string source_kind{};  ///< json, jsonl, xml or sqlite
    /// At most 2001; of what has no model that is known, and of all further ones: ``.
    std::map<std::string, ModelReport> models;
    std::vector<RuleReport> rules;
    std::map<std::string, WarningReport> warnings;
    std::vector<std::string> lacks;  ///< what the source does not have, in at most 101 sentences
    bool cut_off = false;            ///< the source ends in the middle
    std::int64_t rejected = 0;
    std::map<std::string, std::int64_t> reasons;  ///< rejected rows by code
    /// News types that the receiver does not take, with the rows that give them; at most 101, of
    /// all further ones: ``.
    std::map<std::string, std::int64_t> unknown_types{};
    std::filesystem::path rejected_file{};  ///< made only if a row was rejected
    Receiver::Vanished vanished{};          ///< not looked for if the source is cut off
    Receiver::Vanished vanished_people{};
    Receiver::Vanished vanished_redirects{};
};

/// Hears how far it is: `done` and `total` bytes or rows of this phase.
using ImportProgress =
    std::function<void(const std::string& phase, std::int64_t done, std::int64_t total)>;

}  // namespace django
