#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rewriting_json.hpp"
#include "staging_store.hpp"
#include "survey_service.hpp"

namespace django {

/// Whether a pk of that model stands for something, also if no row that is known has it.
using PkTaken = std::function<bool(const std::string& model, const std::string& key)>;

/// Rows of what was made here, as those of the base are: with the fields that these have, the
/// mapping's defaults, and what the rules turned round say. One thread; what it is made of must
/// outlive it.
class NewRows {
public:
    NewRows(const Mapping& mapping, StagingStore& staging, const Passes& passes, Survey& survey,
            bool own_pks, PkTaken is_taken)
        : mapping_(mapping),
          staging_(staging),
          passes_(passes),
          survey_(survey),
          own_pks_(own_pks),
          is_taken_(std::move(is_taken)) {}

    /// The row, or a sentence that says why there is none: also if the passes over the base are cut
    /// short, and not to be told then. `members` are set first, in that order;
    /// those in `needed` must come right, others are named in `left` if they do not.
    std::variant<RowPointer, std::string> make(const std::string& model, std::int64_t id,
                                               const std::vector<std::string>& members,
                                               const std::vector<std::string>& needed,
                                               const Stand& wanted, const RowRules& rules,
                                               const std::optional<Value>& key,
                                               std::vector<std::string>& left);

    /// Whether that field is null in some row, or by the mapping's default.
    bool may_be_null(const std::string& model, const std::string& field);

private:
    /// Nothing: keys of that model are not made here.
    std::optional<Value> free_key(const std::string& model, std::int64_t id);
    /// A row with nothing of its own; `open` are the fields that something has still to say.
    Row blank(const std::string& model, std::vector<std::string>& open);

    const Mapping& mapping_;
    StagingStore& staging_;
    const Passes& passes_;
    Survey& survey_;
    const bool own_pks_;
    const PkTaken is_taken_;
    std::map<std::string, std::int64_t> next_keys_;
};

}  // namespace django
