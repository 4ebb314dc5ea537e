#include "change_service.hpp"

#include <algorithm>

#include "item_rules.hpp"
#include "row_key_json.hpp"
#include "row_set_json.hpp"
#include "site_writer_service.hpp"

namespace django {

namespace {

using base::Result;
using base::Task;

/// What was made of a row, or why nothing.
template <class T>
struct Made {
    std::vector<T> things{};
    std::optional<Taken> outcome{};
};

template <class T>
Made<T> made_of(Mapped<T> mapped) {
    Made<T> made;
    if (auto* unfit = std::get_if<Unfit>(&mapped)) {
        made.outcome = Taken{Taken::Kind::rejected, unfit->code, unfit->message};
    } else if (auto* thing = std::get_if<T>(&mapped)) {
        made.things.push_back(std::move(*thing));
    }
    return made;
}

void tell(std::int64_t sequence, const Taken& taken, Pushed& pushed) {
    bool is_refused = taken.kind == Taken::Kind::rejected || taken.kind == Taken::Kind::conflict;
    if (!is_refused) {
        ++pushed.accepted;
        return;
    }
    pushed.refused.push_back({sequence, taken.code, taken.message});
}

/// An article without its author or section would be another one.
std::optional<Taken> missing_rows(const Warnings& warnings) {
    for (const auto& warning : warnings) {
        if (warning.kind != "dangling_key") continue;
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
        const auto* key = row->fields.find("page");
        auto page = key ? rows.find("wagtailcore.page", *key) : nullptr;
        const auto* path = page ? page->fields.find("path") : nullptr;
        if (path && !path->text.empty()) paths.push_back(path->text);
    }
    return paths;
}

template <class Rules>
const Rules* rules_for(const std::vector<Rules>& all, const std::string& model) {
    auto found = std::find_if(all.begin(), all.end(),
                              [&](const Rules& rules) { return rules.model == model; });
    return found == all.end() ? nullptr : &*found;
}

/// Ends the run of a push, however it ends.
class Running {
public:
    explicit Running(std::atomic<bool>& flag) : flag_(flag), begun_(!flag.exchange(true)) {}
    ~Running() {
        if (begun_) flag_ = false;
    }
    Running(const Running&) = delete;
    bool begun() const { return begun_; }

private:
    std::atomic<bool>& flag_;
    const bool begun_;
};

}  // namespace

ChangeService::ChangeService(std::shared_ptr<const Mapping> mapping,
                             std::shared_ptr<const base::TimeZone> zone,
                             const Neighbours& neighbours, const Config& config,
                             const base::Clock& clock, PushStore* store)
    : mapping_(std::move(mapping)),
      zone_(std::move(zone)),
      neighbours_(neighbours),
      config_(config),
      clock_(clock),
      store_(store) {}

Task<Pushed> ChangeService::push(Push push, base::Context context) {
    if (!mapping_) {
        co_return base::Error{base::Reason::conflict, "no_mapping",
                              "django.mapping in the configuration names no mapping, so what "
                              "becomes of the rows is not known."};
    }
    Running running(running_);
    if (!running.begun()) {
        co_return base::Error{base::Reason::unavailable, "push_running",
                              "Another push is being taken. Send this one again."};
    }
    Pushed pushed;
    auto before = co_await store_->last_sequence(push.source, context.deadline);
    if (!before) co_return before.error();
    pushed.last_sequence = *before;
    for (auto& change : push.changes) {
        if (change.sequence <= pushed.last_sequence) continue;
        auto sequence = change.sequence;
        auto taken = co_await take(std::move(change), pushed);
        if (!taken) co_return taken.error();
        pushed.last_sequence = sequence;
        // What is behind is sent again: it finds what is taken by then as it left it.
        if (context.deadline.passed()) break;
    }
    if (pushed.last_sequence > *before) {
        auto kept = co_await store_->put(push.source, pushed.last_sequence);
        if (!kept) co_return kept.error();
    }
    co_return pushed;
}

Task<void> ChangeService::take(Change change, Pushed& pushed) {
    if (change.operation == Change::Operation::remove) {
        co_return co_await remove(std::move(change), pushed);
    }
    co_return co_await save(std::move(change), pushed);
}

Task<void> ChangeService::save(Change change, Pushed& pushed) {
    auto sequence = change.sequence;
    auto model = change.model;
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
    Result<SiteWriter::Outcomes> outcomes = SiteWriter::Outcomes();
    std::optional<Taken> outcome;
    if (const auto* users = rules_for(mapping_->users, model)) {
        auto made = made_of(person_from(row, *users, evaluation));
        outcome = made.outcome;
        if (!made.things.empty()) {
            outcomes = co_await writer.write_people(std::move(made.things));
        }
    } else if (const auto* items = rules_for(mapping_->items, model)) {
        auto mapped = item_from(row, *items, *mapping_, evaluation, warnings, clock_.now());
        if (std::holds_alternative<LeftOut>(mapped)) co_return co_await remove(change, pushed);
        auto made = made_of(std::move(mapped));
        outcome = made.outcome;
        if (auto lacks = missing_rows(warnings)) {
            outcome = std::move(lacks);
            made.things.clear();
        }
        if (!made.things.empty()) {
            outcomes = co_await writer.write_items(std::move(made.things));
        }
    } else if (const auto* redirects = rules_for(mapping_->redirects, model)) {
        auto made = made_of(redirect_from(row, *redirects, evaluation));
        outcome = made.outcome;
        if (!made.things.empty()) {
            outcomes = co_await writer.write_redirects(std::move(made.things));
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

/// An article is taken from its readers: who has removed it there may still want its past here.
Task<void> ChangeService::remove(Change change, Pushed& pushed) {
    if (rules_for(mapping_->users, change.model)) {
        tell(change.sequence,
             {Taken::Kind::rejected, "not_removed",
              "People are not removed with the other site's: disable them there, or erase them "
              "here."},
             pushed);
        co_return Result<void>();
    }
    auto legacy_id = change.model + ":" + change.key;
    SiteWriter writer(neighbours_, config_, clock_, {});
    if (rules_for(mapping_->items, change.model)) {
        for (const auto& [type, instance] : neighbours_.types) {
            auto done = co_await writer.withdraw(type, legacy_id);
            if (!done) co_return done.error();
        }
    }
    ++pushed.accepted;
    co_return Result<void>();
}

}  // namespace django
