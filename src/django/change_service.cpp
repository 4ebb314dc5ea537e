#include "change_service.hpp"

#include <algorithm>

#include "item_rules.hpp"
#include "push_json.hpp"
#include "row_key_json.hpp"
#include "row_set_json.hpp"
#include "site_writer_service.hpp"

namespace django {

namespace {

using base::Result;
using base::Task;

void tell(std::int64_t sequence, const Taken& taken, Pushed& pushed) {
    bool is_refused = taken.kind == Taken::Kind::rejected || taken.kind == Taken::Kind::conflict;
    if (!is_refused) {
        ++pushed.accepted;
        return;
    }
    pushed.refused.push_back({sequence, taken.code, taken.message});
}

/// An article without its section would be another one, a person without their groups another role.
std::optional<Taken> missing_rows(const Warnings& warnings) {
    for (const auto& warning : warnings) {
        if (warning.kind != "dangling_key" && warning.kind != "unknown_relation") continue;
        return Taken{
            Taken::Kind::rejected, "missing_related",
            "A row that the mapping reads did not come with it (PORTAL_BRIDGE['related']): " +
                warning.text + "."};
    }
    return std::nullopt;
}

/// The pages that only some may see, of those that came with a change.
std::vector<std::string> restricted_pages(const RowSet& rows) {
    std::vector<std::string> paths;
    for (const auto& row : rows.of("wagtailcore.pageviewrestriction")) {
        auto path = rows.restricted_path(*row);
        if (!path.empty()) paths.push_back(std::move(path));
    }
    return paths;
}

template <class Rules>
bool has_rules(const std::vector<Rules>& all, const std::string& model) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Rules& rules) { return rules.model == model; });
}

/// What comes of a row by the rules of its model: of several that take it, the last one says, as it
/// does in an import, which carries out one after the other.
template <class T, class Rules, class Make>
Mapped<T> mapped_by(const std::vector<Rules>& all, const std::string& model, const Make& make) {
    Mapped<T> last = LeftOut{};
    for (const auto& rules : all) {
        if (rules.model != model) continue;
        Mapped<T> mapped = make(rules);
        if (!std::holds_alternative<LeftOut>(mapped)) last = std::move(mapped);
    }
    return last;
}

/// Why a row is not taken; nothing: it is, or its rules leave it out, and have seen all that they
/// look at.
template <class T>
std::optional<Taken> refusal_of(const Mapped<T>& mapped, const Warnings& warnings) {
    if (const auto* unfit = std::get_if<Unfit>(&mapped)) {
        return Taken{Taken::Kind::rejected, unfit->code, unfit->message};
    }
    return missing_rows(warnings);
}

/// Whoever did not hear the answer to a push sends it again: what was refused of it is told again.
Refusals told_again(Refusals before, const Push& push) {
    std::erase_if(before, [&](const Refusal& one) {
        return std::none_of(push.changes.begin(), push.changes.end(),
                            [&](const Change& change) { return change.sequence == one.sequence; });
    });
    return before;
}

bool is_hidden(const Mapped<Item>& mapped) {
    if (const auto* unfit = std::get_if<Unfit>(&mapped)) return unfit->hidden;
    const auto* item = std::get_if<Item>(&mapped);
    return item && is_hidden(*item);
}

}  // namespace

ChangeService::ChangeService(std::shared_ptr<const Mapping> mapping,
                             std::shared_ptr<const base::TimeZone> zone,
                             const Neighbours& neighbours, const Config& config,
                             const base::Clock& clock, const OwnerService& owners, PushStore* store)
    : mapping_(std::move(mapping)),
      zone_(std::move(zone)),
      neighbours_(neighbours),
      config_(config),
      clock_(clock),
      owners_(owners),
      store_(store) {}

Task<Pushed> ChangeService::push(Push push, base::Context context) {
    if (!mapping_) {
        co_return base::Error{base::Reason::conflict, "no_mapping",
                              "django.mapping in the configuration names no mapping, so what "
                              "becomes of the rows is not known."};
    }
    if (neighbours_.monolith && neighbours_.monolith->retired()) {
        co_return base::Error{base::Reason::conflict, "migration_finished",
                              "The migration is finished: nothing more is taken from the Django "
                              "site. Stop its portal_push."};
    }
    base::Turn turn(running_);
    if (!turn.is_mine()) {
        co_return base::Error{base::Reason::unavailable, "push_running",
                              "Another push is being taken. Send this one again."};
    }
    Pushed pushed;
    auto before = co_await store_->taken(push.source, context.deadline);
    if (!before) co_return before.error();
    pushed.last_sequence = before->sequence;
    pushed.refused = told_again(refusals_from_json(before->refused), push);
    const auto refused_before = std::ssize(pushed.refused);
    for (auto& change : push.changes) {
        if (change.sequence <= pushed.last_sequence) continue;
        auto sequence = change.sequence;
        auto taken = co_await take(std::move(change), pushed);
        if (!taken && pushed.last_sequence == before->sequence) co_return taken.error();
        // What was taken is kept, and the rest is sent again.
        if (!taken) break;
        pushed.last_sequence = sequence;
        if (context.deadline.passed()) break;
    }
    if (pushed.last_sequence > before->sequence) {
        PushStore::Taken now{pushed.last_sequence, to_json(pushed.refused)};
        auto kept = co_await store_->put(push.source, std::move(now),
                                         std::ssize(pushed.refused) - refused_before);
        if (!kept) co_return kept.error();
    }
    co_return pushed;
}

Task<void> ChangeService::take(Change change, Pushed& pushed) {
    if (owners_.is_portals(change.model)) {
        tell(change.sequence,
             {Taken::Kind::rejected, "owned_by_portal",
              "portal owns " + change.model +
                  ": it is changed there alone, and comes back from it."},
             pushed);
        co_return Result<void>();
    }
    if (change.operation == Change::Operation::remove) {
        co_return co_await remove(std::move(change), pushed);
    }
    co_return co_await save(std::move(change), pushed);
}

Task<void> ChangeService::save(Change change, Pushed& pushed) {
    auto sequence = change.sequence;
    auto model = change.model;
    if (change.unreadable) {
        tell(sequence, {Taken::Kind::rejected, change.unreadable->code, change.unreadable->message},
             pushed);
        co_return Result<void>();
    }
    auto key = change.rows.empty() ? Value() : change.rows.front().key;
    RowSet rows(std::move(change.rows), *mapping_);
    auto row = rows.find(model, key);
    if (!row || key_text(row->key) != change.key) {
        tell(sequence,
             {Taken::Kind::rejected, "another_row", "`record` is not the row that `pk` names."},
             pushed);
        co_return Result<void>();
    }
    Evaluation evaluation(*mapping_, rows, *zone_, mapping_->naive_is_utc.value_or(false));
    evaluation.restrict(restricted_pages(rows));
    Warnings warnings;
    evaluation.hear(&warnings);
    SiteWriter writer(neighbours_, config_, clock_, {});
    std::optional<Taken> outcome;
    Result<SiteWriter::Outcomes> outcomes = SiteWriter::Outcomes();
    if (has_rules(mapping_->users, model)) {
        auto mapped = mapped_by<Person>(mapping_->users, model, [&](const UserRules& rules) {
            return person_from(row, rules, evaluation);
        });
        outcome = refusal_of(mapped, warnings);
        if (std::holds_alternative<LeftOut>(mapped) && !outcome) {
            auto withdrawn = co_await writer.withdraw_person(change.model + ":" + change.key);
            if (!withdrawn) co_return withdrawn.error();
            outcome = std::move(*withdrawn);
        }
        if (auto* person = std::get_if<Person>(&mapped); person && !outcome) {
            std::vector<Person> people{std::move(*person)};
            outcomes = co_await writer.write_people(std::move(people));
        }
    } else if (has_rules(mapping_->items, model)) {
        auto mapped = mapped_by<Item>(mapping_->items, model, [&](const ItemRules& rules) {
            return item_from(row, rules, *mapping_, evaluation, warnings, clock_.now());
        });
        outcome = refusal_of(mapped, warnings);
        // What is not for readers any more is taken from them, whatever else is wrong with it.
        bool hidden = outcome ? is_hidden(mapped) : std::holds_alternative<LeftOut>(mapped);
        if (hidden) {
            auto withdrawn = co_await withdraw(change.model + ":" + change.key);
            if (!withdrawn) co_return withdrawn.error();
            if (!outcome) outcome = std::move(*withdrawn);
        }
        if (auto* item = std::get_if<Item>(&mapped); item && !outcome) {
            std::vector<Item> items{std::move(*item)};
            auto prepared = co_await writer.prepare_items(items);
            if (!prepared) co_return prepared.error();
            outcomes = co_await writer.write_items(std::move(*prepared));
        }
    } else if (has_rules(mapping_->redirects, model)) {
        auto mapped = mapped_by<Redirect>(
            mapping_->redirects, model,
            [&](const RedirectRules& rules) { return redirect_from(row, rules, evaluation); });
        outcome = refusal_of(mapped, warnings);
        if (auto* redirect = std::get_if<Redirect>(&mapped); redirect && !outcome) {
            std::vector<Redirect> redirects{std::move(*redirect)};
            outcomes = co_await writer.write_redirects(std::move(redirects));
        }
    } else {
        outcome = Taken{Taken::Kind::rejected, "unmapped_model",
                        "The mapping has no rule for " + model + "."};
    }
    if (!outcomes) co_return outcomes.error();
    if (!outcomes->empty()) outcome = outcomes->front();
    tell(sequence, outcome.value_or(Taken{}), pushed);
    co_return Result<void>();
}

Task<void> ChangeService::remove(Change change, Pushed& pushed) {
    auto legacy_id = change.model + ":" + change.key;
    Taken outcome;
    if (has_rules(mapping_->users, change.model)) {
        // Erasing is for a person to decide, here.
        SiteWriter writer(neighbours_, config_, clock_, {});
        auto withdrawn = co_await writer.withdraw_person(std::move(legacy_id));
        if (!withdrawn) co_return withdrawn.error();
        outcome = std::move(*withdrawn);
    } else if (has_rules(mapping_->items, change.model)) {
        auto withdrawn = co_await withdraw(std::move(legacy_id));
        if (!withdrawn) co_return withdrawn.error();
        outcome = std::move(*withdrawn);
    }
    tell(change.sequence, outcome, pushed);
    co_return Result<void>();
}

/// An article is taken from its readers: who has removed it there may still want its past here.
Task<Taken> ChangeService::withdraw(std::string legacy_id) {
    SiteWriter writer(neighbours_, config_, clock_, {});
    Taken outcome;
    for (const auto& [type, instance] : neighbours_.types) {
        auto done = co_await writer.withdraw(type, legacy_id);
        if (!done) co_return done.error();
        if (done->kind == Taken::Kind::conflict) outcome = std::move(*done);
    }
    co_return outcome;
}

}  // namespace django
