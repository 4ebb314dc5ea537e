#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mapping.hpp"
#include "staging_store.hpp"
#include "survey_service.hpp"

namespace django {

/// Rows that are not written, and with them those that cannot be without: a foreign key to what is
/// not there would make loaddata refuse the whole file. Only relations that the mapping or the
/// source tells count, or that hold natural keys; what is guessed from the name of a field may be
/// a number. Kept in the staging store, after its relations are told. One thread.
class LeftOutRows {
public:
    /// `may_be_null`: of a field of a model, as its rows or the mapping show it. Asked for as long
    /// as this lives, as the passes are.
    using MayBeNull = std::function<bool(const std::string& model, const std::string& field)>;
    LeftOutRows(StagingStore& staging, const Mapping& mapping, Passes& passes,
                MayBeNull may_be_null);

    void begin();
    /// With the rows of its parent models.
    void add(const Row& row);
    /// Hears of a row that is left out with another, and of the field that leads there; of a child
    /// whose parent is left out that is empty.
    using Hear = std::function<void(const RowPointer& row, const std::string& field)>;
    /// Adds the rows that have to lead to one of them, and to these, and so on; how many. Not all,
    /// once the passes are cut short.
    std::int64_t spread(const Hear& hear);
    bool contains(const Row& row) const;
    /// Whether a key of it that cannot be null leads to one of them.
    bool needs_one(const Row& row) const { return leading(row).has_value(); }

    struct Freed {
        RowPointer row;                      ///< without them in its keys and many-to-many fields
        std::vector<std::string> emptied{};  ///< keys that are null now
        std::vector<std::string> guessed{};  ///< fields that may lead to one, and stay
    };
    Freed without(const RowPointer& row) const;
    bool any() const { return !models_.empty(); }

private:
    /// The fields of a model that may point to models with such rows.
    std::vector<std::string> pointers_of(const Row& row) const;
    /// Through which field; nothing: it leads to none, or need not.
    std::optional<std::string> leading(const Row& row) const;
    bool is_gone(const std::string& model, const Value& key) const;
    bool is_certain(const Row& row, const std::string& field) const;
    StagingStore& staging_;
    const Mapping& mapping_;
    Passes& passes_;
    const MayBeNull may_be_null_;
    std::set<std::string> told_;    ///< `news.article.author`
    std::set<std::string> models_;  ///< of which there are some
};

}  // namespace django
