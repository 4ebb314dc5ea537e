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
    bool hidden = false;  ///< of an article: it is not for readers, that is clear
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

/// Makes of rows what their rules say. What is not clearly public is a draft. Warnings go to where
/// the evaluation has them heard. `now`: what is later is scheduled. Pure, as the evaluation is.
Mapped<Person> person_from(const RowPointer& row, const UserRules& rules,
                           const Evaluation& evaluation);
Mapped<Item> item_from(const RowPointer& row, const ItemRules& rules, const Mapping& mapping,
                       Evaluation& evaluation, Warnings& warnings, base::Time now);
/// Whether it is clear that readers do not see it, and will not at a time that is set.
inline bool is_hidden(const Item& item) {
    return item.is_clear && item.state == State::draft && !item.published_at;
}
Mapped<Redirect> redirect_from(const RowPointer& row, const RedirectRules& rules,
                               const Evaluation& evaluation);

}  // namespace django
