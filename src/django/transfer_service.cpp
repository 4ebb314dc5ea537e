#include "transfer_service.hpp"

#include <algorithm>

namespace django {

namespace {

using base::Result;
using base::Task;

constexpr std::int64_t rows_per_question = 1000;
/// So counting takes a tenth of one reader at most, however often it is asked for.
constexpr int kept_times = 10;
constexpr std::chrono::seconds kept_min{5};

base::Error count_running() {
    return {base::Reason::unavailable, "count_running",
            "What is here is being counted for somebody else. Ask again in a moment."};
}

void add(const identity::ImportedPeople& some, identity::ImportedPeople& all) {
    all.here += some.here;
    all.changed_here += some.changed_here;
    all.own_hash += some.own_hash;
    all.new_password += some.new_password;
    all.django_hash += some.django_hash;
    all.unusable += some.unusable;
    for (const auto& [code, count] : some.unchecked) all.unchecked[code] += count;
    all.without_email += some.without_email;
    all.erased += some.erased;
}

/// Whether an import has ended since that moment, or while it was counted.
bool is_older(base::Time begun_at, const KeptImports& imports) {
    return std::any_of(imports.begin(), imports.end(),
                       [&](const auto& entry) { return entry.second.finished_at >= begun_at; });
}

/// What an import said of the rules of one kind.
std::optional<KeptImport> kept_of(const KeptImports& imports, const std::string& rule,
                                  const std::string& model) {
    auto found = imports.find(model);
    if (found == imports.end()) return std::nullopt;
    auto kept = found->second;
    std::erase_if(kept.rules, [&](const RuleReport& one) { return one.rule != rule; });
    if (kept.rules.empty()) return std::nullopt;
    return kept;
}

}  // namespace

Task<Transfer> TransferService::transfer(base::Context context) {
    Transfer transfer;
    transfer.has_mapping = parts_.mapping != nullptr;
    if (parts_.neighbours.logins_used) transfer.logins = parts_.neighbours.logins_used();
    KeptImports imports;
    if (parts_.imports) {
        auto kept = co_await parts_.imports->kept(context.deadline);
        if (!kept) co_return kept.error();
        imports = std::move(*kept);
    }
    if (parts_.pushes) {
        auto outboxes = co_await parts_.pushes->outboxes(context.deadline);
        if (!outboxes) co_return outboxes.error();
        for (const auto& one : *outboxes) {
            transfer.bridges.push_back({one.source, one.pushed_at, one.taken.sequence,
                                        one.since_import_max, one.refused_since_import});
        }
    }
    auto count = co_await counted(imports, std::move(context));
    if (!count) co_return count.error();
    transfer.counted_at = (*count)->begun_at;
    for (const auto& [model, people] : (*count)->people) add(people, transfer.people);
    transfer.models = models(imports, **count);
    co_return transfer;
}

Task<TransferService::CountPointer> TransferService::counted(const KeptImports& imports,
                                                             base::Context context) {
    auto last = count_.get();
    bool counts =
        last && parts_.clock.steady() < last->kept_until && !is_older(last->begun_at, imports);
    if (counts) co_return last;
    base::Turn turn(running_);
    if (!turn.is_mine()) {
        if (last) co_return last;
        co_return count_running();
    }
    auto made = co_await count(std::move(context));
    if (!made) co_return made.error();
    count_.replace(*made);
    co_return *made;
}

Task<TransferService::CountPointer> TransferService::count(base::Context context) {
    auto made = std::make_shared<Count>();
    made->begun_at = parts_.clock.now();
    auto begun = parts_.clock.steady();
    auto people = co_await count_people(*made, context);
    if (!people) co_return people.error();
    std::vector<std::string> models;
    if (parts_.mapping) {
        for (const auto& rules : parts_.mapping->items) models.push_back(rules.model);
    }
    for (const auto& model : models) {
        auto placed = made->articles.try_emplace(model);
        if (!placed.second) continue;
        auto& articles = placed.first->second;
        auto done = co_await count_articles(model, articles, context);
        if (!done) co_return done.error();
    }
    auto ended = parts_.clock.steady();
    made->kept_until =
        ended + std::max<base::Clock::Moment::duration>(kept_times * (ended - begun), kept_min);
    co_return CountPointer(std::move(made));
}

Task<void> TransferService::count_people(Count& count, base::Context context) const {
    std::string after;
    for (;;) {
        auto page = co_await parts_.neighbours.accounts.count(after, rows_per_question, context);
        if (!page) co_return page.error();
        for (const auto& [model, people] : page->models) add(people, count.people[model]);
        if (page->last.empty()) co_return Result<void>();
        after = std::move(page->last);
    }
}

Task<void> TransferService::count_articles(std::string model, Articles& articles,
                                           base::Context context) const {
    const auto prefix = model + ":";
    for (const auto& [type, instance] : parts_.neighbours.types) {
        std::string after;
        for (;;) {
            auto page = co_await instance->importer().count_imported(prefix, after,
                                                                     rows_per_question, context);
            if (!page) co_return page.error();
            articles.here += page->items - page->removed_here;
            articles.changed_here += page->changed_here;
            articles.removed_here += page->removed_here;
            if (page->last.empty()) break;
            after = std::move(page->last);
        }
    }
    co_return Result<void>();
}

std::vector<ModelTransfer> TransferService::models(const KeptImports& imports,
                                                   const Count& count) const {
    std::vector<ModelTransfer> all;
    if (!parts_.mapping) return all;
    auto owners = parts_.owners.owners();
    // One model may have several rules, and is told once.
    auto add = [&](const char* rule, const auto& every) {
        auto first = std::ssize(all);
        for (const auto& rules : every) {
            bool told = std::any_of(all.begin() + first, all.end(),
                                    [&](const auto& one) { return one.model == rules.model; });
            if (told) continue;
            auto& one = all.emplace_back();
            one.rule = rule;
            one.model = rules.model;
            one.last = kept_of(imports, rule, rules.model);
            if (owners && owners->contains(rules.model)) one.owner = owners->at(rules.model).owner;
        }
    };
    add("users", parts_.mapping->users);
    add("news", parts_.mapping->items);
    add("redirects", parts_.mapping->redirects);
    for (auto& one : all) {
        auto people = count.people.find(one.model);
        if (one.rule == "users" && people != count.people.end()) {
            one.here = people->second.here;
            one.changed_here = people->second.changed_here;
            one.removed_here = people->second.erased;
        } else if (one.rule == "news") {
            const auto& articles = count.articles.at(one.model);
            one.here = articles.here;
            one.changed_here = articles.changed_here;
            one.removed_here = articles.removed_here;
        } else if (one.rule == "redirects") {
            one.here = parts_.neighbours.redirects.total();
        }
    }
    return all;
}

}  // namespace django
