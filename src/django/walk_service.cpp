#include "walk_service.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <memory>

#include "checksum_crypto.hpp"
#include "item_text.hpp"
#include "names.hpp"
#include "restriction_service.hpp"

namespace django {

namespace {

constexpr std::size_t rows_per_block = 500;
constexpr std::size_t rows_looked_ahead_max = 5000;
constexpr std::size_t unknown_types_max = 100;
constexpr std::size_t type_bytes_shown_max = 100;

void tally(const Item& item, RuleReport& report) {
    bool is_public = item.state == State::published;
    auto& state = is_public           ? report.published
                  : item.published_at ? report.scheduled
                                      : report.drafts;
    ++state;
    report.past += std::ssize(item.history);
    report.later_drafts += item.later_drafts;
    report.unchanged_states += item.unchanged_states;
}

template <class T>
void see(const std::vector<T>& made, StagingStore& staging) {
    std::vector<std::string> ids;
    for (const auto& one : made) ids.push_back(one.legacy_id);
    staging.see(ids);
}

std::int64_t& count_of(Taken::Kind kind, RuleReport& report) {
    switch (kind) {
        case Taken::Kind::added:
            return report.added;
        case Taken::Kind::updated:
            return report.updated;
        case Taken::Kind::unchanged:
            return report.unchanged;
        case Taken::Kind::conflict:
            return report.conflicts;
        case Taken::Kind::rejected:
            break;
    }
    return report.rejected;
}

}  // namespace

/// Rows and what was made of them, in the same order.
template <class T>
struct Walk::Block {
    std::vector<RowPointer> rows{};
    std::vector<T> made{};
};

/// The blocks between this thread and the receiver: one is prepared while the one before is taken.
/// What goes in must outlive it; it waits for what is under way.
template <class T>
class Walk::Pipeline {
public:
    using Settle = std::function<void(const Block<T>&, const std::vector<Taken>&)>;
    Pipeline(Receiver& receiver, Settle settle) : receiver_(receiver), settle_(std::move(settle)) {}

    /// Refused as the receiver refuses one of the blocks before; none is begun then.
    base::Result<void> push(Block<T> block) {
        auto moved = move_on();
        if (!moved) return moved;
        prepared_ = std::make_unique<Stage>();
        prepared_->block = std::move(block);
        prepared_->preparing = std::async(std::launch::async, [this, &block = prepared_->block] {
            for (const auto& made : block.made) checksum_.add(to_text(made));
            return receiver_.prepare(block.made);
        });
        return {};
    }
    base::Result<void> finish() {
        auto moved = move_on();
        return moved ? move_on() : moved;
    }
    /// Of all that was made; after finish().
    std::string checksum() { return checksum_.finish(); }

private:
    struct Stage {
        Block<T> block{};
        std::future<base::Result<Receiver::Taking>> preparing{};
        std::future<base::Result<std::vector<Taken>>> taking{};
    };

    base::Result<void> move_on() {
        if (taken_) {
            auto outcomes = taken_->taking.get();
            if (!outcomes) return outcomes.error();
            settle_(taken_->block, *outcomes);
            taken_.reset();
        }
        if (!prepared_) return {};
        auto taking = prepared_->preparing.get();
        if (!taking) return taking.error();
        taken_ = std::move(prepared_);
        taken_->taking = std::async(std::launch::async, std::move(*taking));
        return {};
    }

    Receiver& receiver_;
    const Settle settle_;
    Checksum checksum_;  ///< of whoever prepares, one block after the other
    std::unique_ptr<Stage> taken_, prepared_;
};

base::Error import_stopped() {
    return {base::Reason::unavailable, "stopped",
            "The import was stopped. Run it again: it goes on where it was."};
}

Walk::Walk(Parts parts) : parts_(parts) {}

base::Result<void> Walk::run() {
    parts_.staging.forget_seen();
    Evaluation evaluation(parts_.mapping, parts_.staging, parts_.zone, parts_.naive_is_utc);
    auto restricted = restricted_pages(parts_.staging);
    if (!restricted) {
        parts_.told.lack(
            "The source has more restricted pages than can be kept apart, or one with a place that "
            "Wagtail never gives: all pages are drafts.");
    }
    evaluation.restrict(restricted.value_or(std::vector<std::string>{""}));
    auto types = look_at_types(evaluation);
    if (!types) return types;
    auto people = walk_people(evaluation);
    if (!people) return people;
    auto items = walk_items(evaluation);
    if (!items) return items;
    auto redirects = walk_redirects(evaluation);
    if (!redirects) return redirects;
    if (parts_.staging.cut_short() > 0) {
        parts_.told.lack(
            "Some rows have more than 1000 others pointing to them, or of more than 32 MiB; those "
            "with the highest keys were taken. The warnings name the rows.");
    }
    return look_for_vanished();
}

/// A look at the first rows, so that nobody waits for the end of a long import to hear that its
/// news types are not configured. Not at all: each is read once more for it.
base::Result<void> Walk::look_at_types(Evaluation& evaluation) {
    std::set<std::string> unknown;
    Warnings unheard;
    evaluation.hear(&unheard);
    for (const auto& rules : parts_.mapping.items) {
        std::string after;
        for (std::size_t seen = 0; seen < rows_looked_ahead_max;) {
            auto rows = parts_.staging.next_rows(rules.model, after, rows_per_block);
            if (rows.empty()) break;
            if (parts_.stop.load()) return import_stopped();
            seen += rows.size();
            for (const auto& row : rows) {
                evaluation.begin();
                Scope scope{row, {}};
                if (!evaluation.holds(rules.where, scope)) continue;
                auto type = evaluation.text(rules.type, scope);
                if (type.empty() || parts_.receiver.takes_type(type)) continue;
                if (unknown.size() < unknown_types_max) {
                    unknown.insert(shortened(type, type_bytes_shown_max));
                }
            }
            unheard.clear();
        }
    }
    if (!unknown.empty()) parts_.receiver.hear_unknown_types(unknown);
    return {};
}

void Walk::count_type(const std::string& type) {
    if (parts_.receiver.takes_type(type)) return;
    auto& unknown = parts_.told.report().unknown_types;
    auto shown = shortened(type, type_bytes_shown_max);
    bool fits = unknown.contains(shown) || unknown.size() < unknown_types_max;
    ++unknown[fits ? shown : ""];
}

base::Result<void> Walk::walk_people(Evaluation& evaluation) {
    for (const auto& rules : parts_.mapping.users) {
        auto make = [&](const RowPointer& row, Warnings& warnings) {
            evaluation.hear(&warnings);
            return person_from(row, rules, evaluation);
        };
        auto done = walk<Person>("users", rules.model, make);
        if (!done) return done;
    }
    return {};
}

base::Result<void> Walk::walk_items(Evaluation& evaluation) {
    for (const auto& rules : parts_.mapping.items) {
        auto make = [&](const RowPointer& row, Warnings& warnings) {
            return item_from(row, rules, parts_.mapping, evaluation, warnings, parts_.now);
        };
        auto done = walk<Item>("news", rules.model, make);
        if (!done) return done;
    }
    return {};
}

base::Result<void> Walk::walk_redirects(Evaluation& evaluation) {
    for (const auto& rules : parts_.mapping.redirects) {
        auto make = [&](const RowPointer& row, Warnings& warnings) {
            evaluation.hear(&warnings);
            return redirect_from(row, rules, evaluation);
        };
        auto done = walk<Redirect>("redirects", rules.model, make);
        if (!done) return done;
    }
    return {};
}

/// What a damaged source lacks is not gone from the site; nor is what it has and could not be read,
/// or all of a model that it does not have: that is another dump.
template <class Rules>
std::vector<std::string> Walk::whole_models(const std::vector<Rules>& all) {
    const auto& report = parts_.told.report();
    // What is no row could be one of any model.
    auto nameless = report.models.find("");
    bool all_read =
        !report.cut_off && (nameless == report.models.end() || nameless->second.rejected == 0);
    std::vector<std::string> models;
    for (const auto& rules : all) {
        if (std::find(models.begin(), models.end(), rules.model) != models.end()) continue;
        const auto known = report.models.find(rules.model);
        bool whole = known != report.models.end() && known->second.rows > 0 &&
                     known->second.rejected == 0 && all_read;
        if (whole) {
            models.push_back(rules.model);
        } else {
            parts_.told.lack(
                "The source does not have all rows of " + rules.model +
                ", so what was imported of it before and is not in it was left alone.");
        }
    }
    return models;
}

base::Result<void> Walk::look_for_vanished() {
    auto& report = parts_.told.report();
    auto seen = [this](const std::vector<std::string>& ids) { return parts_.staging.seen(ids); };
    auto items = parts_.receiver.vanished(whole_models(parts_.mapping.items), seen);
    if (!items) return items.error();
    auto people = parts_.receiver.vanished_people(whole_models(parts_.mapping.users), seen);
    if (!people) return people.error();
    auto redirects =
        parts_.receiver.vanished_redirects(whole_models(parts_.mapping.redirects), seen);
    if (!redirects) return redirects.error();
    report.vanished = std::move(*items);
    report.vanished_people = std::move(*people);
    report.vanished_redirects = std::move(*redirects);
    return {};
}

template <class T, class Make>
base::Result<void> Walk::walk(const char* rule, const std::string& model, const Make& make) {
    auto& models = parts_.told.report().models;
    RuleReport report;
    report.rule = rule;
    report.model = model;
    auto known = models.find(model);
    if (known == models.end()) {
        parts_.told.lack("The source has no rows of " + model + ", which the mapping names.");
    }
    auto total = known == models.end() ? 0 : known->second.rows;
    std::string after;
    auto settles = [&](const Block<T>& block, const std::vector<Taken>& outcomes) {
        settle(block, outcomes, report);
    };
    Pipeline<T> pipeline(parts_.receiver, settles);
    for (;;) {
        auto rows = parts_.staging.next_rows(model, after, rows_per_block);
        if (rows.empty()) break;
        if (parts_.stop.load()) {
            auto done = pipeline.finish();
            return done ? base::Result<void>(import_stopped()) : done;
        }
        Block<T> block;
        for (const auto& row : rows) {
            ++report.read;
            Warnings warnings;
            auto cut_short = parts_.staging.cut_short();
            auto mapped = make(row, warnings);
            if (parts_.staging.cut_short() > cut_short) {
                warnings.push_back(
                    {"too_many_rows",
                     "more than 1000 rows, or 32 MiB of them, point to this one or "
                     "to one that it names: those with the highest keys were taken"});
            }
            parts_.told.hear(warnings, *row);
            add<T>(block, row, std::move(mapped), report);
        }
        see(block.made, parts_.staging);
        auto pushed = pipeline.push(std::move(block));
        if (!pushed) return pushed;
        parts_.progress(rule, report.read, total);
    }
    auto done = pipeline.finish();
    if (!done) return done;
    report.checksum = pipeline.checksum();
    parts_.told.report().rules.push_back(std::move(report));
    return {};
}

template <class T>
void Walk::add(Block<T>& block, const RowPointer& row, Mapped<T> mapped, RuleReport& report) {
    if (std::holds_alternative<LeftOut>(mapped)) {
        ++report.left_out;
        return;
    }
    if (const auto* unfit = std::get_if<Unfit>(&mapped)) {
        // It is in the source all the same: what came of it before has not vanished.
        parts_.staging.see({legacy_id_of(*row)});
        return reject(*row, unfit->code, unfit->message, report);
    }
    if constexpr (std::is_same_v<T, Item>) count_type(std::get<T>(mapped).content.type);
    block.rows.push_back(row);
    block.made.push_back(std::move(std::get<T>(mapped)));
}

template <class T>
void Walk::settle(const Block<T>& block, const std::vector<Taken>& outcomes, RuleReport& report) {
    for (std::size_t i = 0; i < block.rows.size(); ++i) {
        const auto& outcome = outcomes.at(i);
        parts_.told.hear(outcome.warnings, *block.rows[i]);
        if (outcome.kind == Taken::Kind::rejected) {
            reject(*block.rows[i], outcome.code, outcome.message, report);
            continue;
        }
        if (outcome.kind == Taken::Kind::conflict) {
            parts_.told.hear({{outcome.code, outcome.message}}, *block.rows[i]);
        }
        ++count_of(outcome.kind, report);
        ++report.taken;
        if constexpr (std::is_same_v<T, Item>) tally(block.made[i], report);
    }
}

void Walk::reject(const Row& row, const std::string& code, const std::string& message,
                  RuleReport& report) {
    ++report.rejected;
    parts_.told.count({row.model, row.line, code, message, shortened(to_json(row.fields))});
}

}  // namespace django
