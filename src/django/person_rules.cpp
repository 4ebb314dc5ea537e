// What becomes of the rows of people and of old addresses.
#include "item_rules.hpp"
#include "names.hpp"

namespace django {

Mapped<Person> person_from(const RowPointer& row, const UserRules& rules,
                           const Evaluation& evaluation) {
    Scope scope{row, {}};
    evaluation.begin();
    if (!evaluation.holds(rules.where, scope)) return left_out<Person>(evaluation);
    Person person;
    person.legacy_id = legacy_id_of(*row);
    person.login = evaluation.text(rules.login, scope);
    if (evaluation.is_too_large()) return too_large();
    if (person.login.empty()) return Unfit{"missing_login", "The row has no login."};
    person.email = evaluation.text(rules.email, scope);
    person.name = line_of(evaluation.text(rules.name, scope));
    if (person.name.empty()) person.name = person.login;
    person.password = evaluation.text(rules.password, scope);
    person.registered_at = evaluation.time(rules.registered, scope);
    if (rules.tokens) person.tokens = evaluation.texts(rules.tokens, scope);
    auto misses = evaluation.misses();
    person.active = !rules.active || evaluation.value(rules.active, scope).is_true();
    if (evaluation.misses() != misses) {
        evaluation.warn("unclear_account",
                        "a field that says whether somebody may log in is not there: they may not");
        person.active = false;
    }
    misses = evaluation.misses();
    auto role = evaluation.text(rules.role, scope);
    if (evaluation.is_too_large()) return too_large();
    if (evaluation.misses() != misses) {
        evaluation.warn("unclear_role",
                        "a field that says what somebody may do is not there: they are a reader");
        return person;
    }
    bool known = role == "reader" || role == "author" || role == "editor" || role == "admin";
    if (known) person.role = role;
    if (!known && !role.empty()) {
        evaluation.warn("unknown_role",
                        "a role is none of ours, so it is reader: " + role.substr(0, 40));
    }
    return person;
}

Mapped<Redirect> redirect_from(const RowPointer& row, const RedirectRules& rules,
                               const Evaluation& evaluation) {
    Scope scope{row, {}};
    evaluation.begin();
    if (!evaluation.holds(rules.where, scope)) return left_out<Redirect>(evaluation);
    Redirect redirect{evaluation.text(rules.from, scope), evaluation.text(rules.to, scope)};
    redirect.legacy_id = legacy_id_of(*row);
    // For good is what browsers remember: so it is only where the row says it.
    redirect.permanent = !rules.permanent || evaluation.value(rules.permanent, scope).is_true();
    if (evaluation.is_too_large()) return too_large();
    if (!redirect.from.starts_with('/')) {
        return Unfit{"bad_redirect", "The old address does not begin with a slash."};
    }
    if (redirect.to.empty()) {
        return Unfit{"bad_redirect",
                     "The row says no new address: the rule `to` gives nothing for it. If rows say "
                     "it in several ways, {\"first\": [...]} tries one after the other."};
    }
    return redirect;
}

}  // namespace django
