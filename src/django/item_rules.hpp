#pragma once

#include <string>
#include <variant>

#include "base/clock.hpp"
#include "django/items.hpp"
#include "evaluation.hpp"

namespace django {

/// Why a row becomes nothing.
struct Unfit {
    std::string code;
    std::string message;
};
/// A rule's `where` does not hold for it.
struct LeftOut {};

template <class T>
using Mapped = std::variant<T, Unfit, LeftOut>;

/// The rules make more of a row than one may take.
Unfit too_large();

/// What `where` says no to, unless it could not look at all of it.
template <class T>
Mapped<T> left_out(const Evaluation& evaluation) {
    if (evaluation.is_too_large()) return too_large();
    return LeftOut{};
}

/// `news.article:12`
std::string legacy_id_of(const Row& row);

/// Makes of rows what their rules say. What is not clearly public is a draft. Warnings go to where
/// the evaluation has them heard. `now`: what is later is scheduled. Pure, as the evaluation is.
Mapped<Person> person_from(const RowPointer& row, const UserRules& rules,
                           const Evaluation& evaluation);
Mapped<Item> item_from(const RowPointer& row, const ItemRules& rules, const Mapping& mapping,
                       Evaluation& evaluation, Warnings& warnings, base::Time now);
Mapped<Redirect> redirect_from(const RowPointer& row, const RedirectRules& rules,
                               const Evaluation& evaluation);

}  // namespace django
