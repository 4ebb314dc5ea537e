#include "transfer.hpp"

#include <algorithm>

namespace django {

namespace {

using Sentences = std::vector<std::string>;

/// `1 row`, `12 rows`.
std::string plural(std::int64_t count, const std::string& one, const std::string& more) {
    return std::to_string(count) + " " + (count == 1 ? one : more);
}

std::string rows(std::int64_t count) {
    return plural(count, "row", "rows");
}

std::string were(std::int64_t count) {
    return count == 1 ? "was" : "were";
}

/// What the last import has made of all rows of a model, by all of its rules.
struct Sums {
    /// A row that two rules take counts once at least, and at most twice.
    std::int64_t taken_min = 0;
    std::int64_t taken_max = 0;
    std::int64_t conflicts = 0;
    std::int64_t rejected = 0;
};

Sums sums_of(const KeptImport& last) {
    Sums sums;
    sums.rejected = last.unreadable;
    for (const auto& rule : last.rules) {
        sums.taken_min = std::max(sums.taken_min, rule.taken);
        sums.taken_max += rule.taken;
        sums.conflicts += rule.conflicts;
        sums.rejected += rule.rejected;
    }
    return sums;
}

void judge_counts(const ModelTransfer& model, const Sums& sums, std::int64_t pushed_max,
                  TransferVerdict& said) {
    auto removed = model.removed_here.value_or(0);
    auto known = model.here + removed;
    auto of_model = "The last import took " + rows(sums.taken_min) + " of " + model.model;
    if (known < sums.taken_min) {
        auto sentence = of_model + ", and " + std::to_string(model.here) +
                        (model.here == 1 ? " is" : " are") + " here" +
                        (removed > 0 ? ", " + std::to_string(removed) + " removed." : ".");
        // What an editor has removed of these is not told.
        bool may_be_meant = model.rule == "redirects";
        (may_be_meant ? said.notes : said.missing).push_back(std::move(sentence));
    } else if (known > sums.taken_max && model.rule != "redirects") {
        auto more = known - sums.taken_max;
        said.notes.push_back(
            of_model + "; " + std::to_string(more) + " more came before it or since" +
            (pushed_max > 0 ? " (bridges have pushed up to " +
                                  plural(pushed_max, "change", "changes") + " since)."
                            : "."));
    }
}

void judge(const ModelTransfer& model, std::int64_t pushed_max, TransferVerdict& said) {
    if (!model.last) {
        said.missing.push_back("No import of " + model.model + " has ended yet.");
        return;
    }
    const auto& last = *model.last;
    auto sums = sums_of(last);
    if (last.cut_off) {
        said.missing.push_back("The source of the last import of " + model.model +
                               " ended in the middle.");
    }
    if (sums.rejected > 0) {
        said.missing.push_back("The last import rejected " + rows(sums.rejected) + " of " +
                               model.model + ".");
    }
    judge_counts(model, sums, pushed_max, said);
    if (sums.conflicts > 0) {
        said.notes.push_back("At the last import " + rows(sums.conflicts) + " of " + model.model +
                             " had been changed in both places, and stayed as here.");
    }
    if (last.vanished > 0) {
        said.notes.push_back(rows(last.vanished) + " of " + model.model +
                             " came with an earlier import and " + were(last.vanished) +
                             " not in the source of the last one.");
    }
    auto changed = model.changed_here.value_or(0);
    if (changed > 0) {
        said.notes.push_back(rows(changed) + " of " + model.model + " " + were(changed) +
                             " changed here since.");
    }
    auto removed = model.removed_here.value_or(0);
    if (removed > 0) {
        said.notes.push_back(rows(removed) + " of " + model.model + " " + were(removed) +
                             " removed here.");
    }
}

/// Why nobody with such a hash can log in.
std::string why_unchecked(const std::string& code) {
    if (code == "password_weak")
        return "is weak, and such are not checked (identity.weak_legacy_hashes)";
    if (code == "password_too_costly") {
        return "asks for more than identity.legacy_iterations_max or "
               "identity.password_memory_bytes_max allow";
    }
    if (code == "password_hasher_unknown") return "was made in a way that is not known here";
    return "is damaged";
}

void judge(const identity::ImportedPeople& people, TransferVerdict& said) {
    for (const auto& [code, count] : people.unchecked) {
        said.missing.push_back(plural(count, "person", "people") +
                               " cannot log in: the hash of the password " + why_unchecked(code) +
                               ".");
    }
    if (people.django_hash > 0) {
        bool is_one = people.django_hash == 1;
        said.notes.push_back(plural(people.django_hash, "person has", "people have") +
                             " not logged in here yet, and can with the password that " +
                             (is_one ? "is theirs" : "they have") + " at Django, also later.");
    }
    if (people.unusable > 0) {
        said.notes.push_back(plural(people.unusable, "person has", "people have") +
                             " no password to log in with, as at Django.");
    }
    if (people.without_email > 0) {
        said.notes.push_back(plural(people.without_email, "person has", "people have") +
                             " no address and can only log in by name.");
    }
}

const char* named(legacy::LoginKind kind) {
    using legacy::LoginKind;
    switch (kind) {
        case LoginKind::cookie_asked:
        case LoginKind::cookie_signed:
            return "Django's session cookie";
        case LoginKind::simple_jwt:
            return "a token of simplejwt";
        case LoginKind::framework_token:
            return "a token of REST framework";
    }
    return "";
}

void judge(const legacy::LoginsUsed& logins, base::Time now, TransferVerdict& said) {
    if (!logins.kinds.empty() && now - logins.since < std::chrono::hours(24)) {
        said.missing.push_back("Logins of Django are counted since " +
                               base::to_rfc3339(logins.since) +
                               ", the start of the server: look again when that is a day ago.");
    }
    for (const auto& use : logins.kinds) {
        auto day = use.counts.day;
        if (day == 0) continue;
        said.missing.push_back(plural(day, "request", "requests") +
                               " of the last 24 hours came with " + named(use.kind) +
                               ": whoever sent " + (day == 1 ? "it" : "them") +
                               " has to log in here once Django is off.");
    }
    if (logins.kinds.empty()) {
        said.notes.push_back(
            "Logins of Django do not count here (legacy.sessions), so who depends on them is not "
            "seen here.");
    }
}

}  // namespace

TransferVerdict verdict(const Transfer& transfer) {
    TransferVerdict said;
    if (!transfer.has_mapping) {
        said.missing.push_back(
            "django.mapping in the configuration names no mapping, so what should be here is not "
            "known. Name it, and run the import once more: what has not changed is left alone.");
    }
    std::int64_t pushed_max = 0;
    for (const auto& bridge : transfer.bridges) pushed_max += bridge.since_import_max;
    for (const auto& model : transfer.models) judge(model, pushed_max, said);
    for (const auto& bridge : transfer.bridges) {
        if (bridge.refused == 0) continue;
        said.missing.push_back("Of the bridge " + bridge.source + " " +
                               plural(bridge.refused, "change was", "changes were") +
                               " refused since the last import.");
    }
    judge(transfer.people, said);
    judge(transfer.logins, transfer.counted_at, said);
    said.ready = said.missing.empty();
    return said;
}

}  // namespace django
