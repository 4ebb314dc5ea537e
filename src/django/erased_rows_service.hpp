#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "mapping.hpp"
#include "read_fields.hpp"
#include "staging_store.hpp"
#include "survey_service.hpp"

namespace django {

/// The row with nothing in its fields but in those of `kept`: what the mapping has for rows that
/// are made here, what most rows have if that is nothing, or else nothing of the field's kind.
/// Without the lists that it leads to, and its keys, if these may be null.
RowPointer bared(const RowPointer& row, const std::set<std::string>& kept, const Mapping& mapping,
                 const StagingStore& staging, Survey& survey);

/// Somebody who was erased here is also in rows that lead to theirs: profiles, tokens, comments.
/// These go with them, but for what articles are made of. Kept in the staging store, after its
/// relations are told. One thread; what it is made of must outlive it.
class ErasedRows {
public:
    ErasedRows(const Mapping& mapping, StagingStore& staging, Passes& passes, Survey& survey);

    /// Nobody was erased.
    void begin();
    /// That row of somebody, which stays without them.
    void add(const Row& person);
    /// Finds what leads to them. Shown is each row that is to be left out, with the field. Not all,
    /// once the passes are cut short.
    void spread(const std::function<void(const RowPointer& row, const std::string& field)>& hear);
    /// Of a row that stays, since articles lead to it, and says something of somebody: the row with
    /// no more than its keys and what articles are made of. Else the row itself.
    RowPointer without_person(const RowPointer& row) const;

private:
    void find_led_to();
    std::string target(const std::string& model, const std::string& field) const;
    /// The field through which the row leads to somebody; of a child of their model that is empty;
    /// null: it does not.
    const std::string* leading(const Row& row) const;
    const std::string* leading_generically(const Row& row) const;
    bool is_erased(const std::string& model, const Value& key) const;
    bool is_of_one(const std::string& model, const std::string& field) const;

    const Mapping& mapping_;
    StagingStore& staging_;
    Passes& passes_;
    Survey& survey_;
    const ReadFields read_;
    std::set<std::string> people_;  ///< models
    std::set<std::string> exempt_;  ///< models that articles, or people, are made of
    std::set<std::string> led_to_;  ///< models that such rows lead to, and these, and so on
    bool any_ = false;
    mutable std::map<std::string, std::string> targets_;
};

}  // namespace django
