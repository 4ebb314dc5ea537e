#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/time_zone.hpp"
#include "evaluation.hpp"
#include "key_finder.hpp"
#include "mapping.hpp"

namespace django {

/// Fields of a row, and what they are to hold.
using Edit = std::vector<std::pair<std::string, Value>>;
using Edits = std::vector<Edit>;

/// Turns rules round: with which fields would a row give what is wanted? What it says is a guess,
/// the likeliest first, until the rules were carried out on the edited row and gave it; nothing is
/// said of rules that lose what they are made from. Looks at the row's own fields only, and at rows
/// that these point to. One thread; what it is made of must outlive it.
class Reversal {
public:
    Reversal(const Mapping& mapping, const Lookup& lookup, const Evaluation& evaluation,
             const base::TimeZone& zone, KeyFinder& finder)
        : mapping_(mapping),
          lookup_(lookup),
          evaluation_(evaluation),
          zone_(zone),
          finder_(finder) {}

    /// A bounded number. `wanted` is a text, a truth, null, or a list of texts.
    Edits of(const Expression& rule, const RowPointer& row, const Value& wanted) const;
    /// Nothing: no time.
    Edits of_time(const Expression& rule, const RowPointer& row,
                  const std::optional<base::Time>& wanted) const;
    /// The condition is to hold, or not. One of the edits may be empty: it does already.
    Edits of_condition(const Condition& condition, const RowPointer& row, bool wanted) const;

private:
    void by_kind(const Expression& rule, const RowPointer& row, const Value& wanted,
                 Edits& out) const;
    void by_path(const Expression& rule, const Row& row, const Value& wanted, Edits& out) const;
    void by_relation(const std::string& field, const Expression& inner, const std::string& name,
                     const Row& row, const Value& wanted, Edits& out) const;
    void by_each(const Expression& rule, const Row& row, const Value& wanted, Edits& out) const;
    void by_parts(const Expression& rule, const Row& row, const std::string& wanted,
                  Edits& out) const;
    void by_branch(const Expression& rule, const RowPointer& row, const Value& wanted,
                   Edits& out) const;
    Edits holding(const Condition& condition, const RowPointer& row) const;
    Edits failing(const Condition& condition, const RowPointer& row) const;
    Edits failing(const Test& test, const Row& row) const;
    std::optional<Value> key_of(const Row& target, bool natural) const;
    std::string time_text(const Row& row, const std::string& field, base::Time time) const;

    const Mapping& mapping_;
    const Lookup& lookup_;
    const Evaluation& evaluation_;
    const base::TimeZone& zone_;
    KeyFinder& finder_;
};

/// The row with other fields.
RowPointer edited(const Row& row, const Edit& edit);

/// Both, the second over the first.
Edit together(Edit first, const Edit& second);

}  // namespace django
