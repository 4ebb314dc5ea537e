#include "outcome.hpp"

namespace django {

namespace {

using Kind = Taken::Kind;

/// What to do about an account that stands in the way.
std::string advice_on(const identity::ImportedAs& made) {
    auto id = std::to_string(made.holder);
    auto who = "user " + id + (made.holder_source.empty() ? "" : ", from " + made.holder_source);
    return " The name is that of " + who +
           ". If it is the same person, whose row was made anew there, an admin erases that user "
           "here (DELETE /v1/users/" +
           id + "), and the next import takes this row.";
}

/// What to do about an item that is left as it is here.
std::string advice_on(const std::string& conflict) {
    if (conflict == "killed_here") {
        return "it was killed here, and no import gives it back to readers: left as it is here";
    }
    if (conflict == "news_damaged") {
        return "what is stored of it here is not what was recorded, so nothing is done with it: "
               "portal verify names the event";
    }
    return "it was changed there and here since: left as it is here; --theirs takes what the "
           "source says";
}

}  // namespace

Taken outcome_of(const identity::ImportedAs& made) {
    using Outcome = identity::ImportedAs::Outcome;
    Taken taken;
    taken.kind = made.outcome == Outcome::added       ? Kind::added
                 : made.outcome == Outcome::updated   ? Kind::updated
                 : made.outcome == Outcome::unchanged ? Kind::unchanged
                                                      : Kind::rejected;
    std::string all;
    for (const auto& problem : made.problems) {
        auto text = problem.field + " " + problem.message;
        all += (all.empty() ? "" : "; ") + text;
        taken.warnings.push_back({"user_" + problem.field, std::move(text)});
    }
    if (taken.kind == Kind::rejected) {
        taken.code = "user_refused";
        taken.message = "This account was not taken: " + all + ".";
        if (made.holder != 0) taken.message += advice_on(made);
        taken.warnings.clear();
    }
    return taken;
}

Taken outcome_of(identity::Withdrawn done) {
    switch (done) {
        case identity::Withdrawn::disabled:
            return {Kind::updated};
        case identity::Withdrawn::unchanged:
            return {Kind::unchanged};
        case identity::Withdrawn::changed_here:
            return {Kind::conflict, "changed_here",
                    "this account was changed here since, so it still counts: disable it here, or "
                    "--theirs does"};
        case identity::Withdrawn::last_admin:
            break;
    }
    return {Kind::conflict, "last_admin",
            "this is the last admin who can log in here, so the account still counts"};
}

Taken refused(const base::Error& error) {
    auto message = error.message;
    for (const auto& detail : error.details) {
        auto sentence = detail.field + " " + detail.message + ".";
        if (message.find(sentence) == message.npos) message += " " + sentence;
    }
    return {Kind::rejected, error.code, std::move(message)};
}

Taken outcome_of(const news::ImportOutcome& made, std::vector<Warning> warnings) {
    Taken taken;
    taken.warnings = std::move(warnings);
    switch (made.kind) {
        case news::ImportOutcome::Kind::added:
            taken.kind = Kind::added;
            break;
        case news::ImportOutcome::Kind::updated:
            taken.kind = Kind::updated;
            break;
        case news::ImportOutcome::Kind::unchanged:
            taken.kind = Kind::unchanged;
            break;
        case news::ImportOutcome::Kind::conflict:
            taken.kind = Kind::conflict;
            taken.code = made.reason;
            taken.message = advice_on(made.reason);
            break;
    }
    return taken;
}

}  // namespace django
