#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "staging_store.hpp"

namespace django {

/// Rows that are not written, and with them those that point to them: a foreign key to what is not
/// there would make loaddata refuse the whole file. Kept in the staging store. One thread.
class LeftOutRows {
public:
    explicit LeftOutRows(StagingStore& staging) : staging_(staging) {}

    void begin();
    void add(const Row& row);
    /// Adds the rows whose foreign keys lead to one of them, and to these, and so on; how many.
    std::int64_t spread();
    bool contains(const Row& row) const;
    /// The same row without these in its many-to-many fields.
    RowPointer without(const RowPointer& row) const;
    bool any() const { return !models_.empty(); }

private:
    /// The fields of a model that point to models with such rows.
    std::vector<std::string> pointers_of(const Row& row) const;
    bool leads_there(const Row& row) const;
    bool is_gone(const std::string& model, const Value& key) const;

    StagingStore& staging_;
    std::set<std::string> models_;  ///< of which there are some
};

}  // namespace django
