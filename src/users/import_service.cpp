#include "import_service.hpp"

namespace users {

namespace {

using All = std::vector<identity::ImportedAs>;
using Outcome = identity::ImportedAs::Outcome;

}  // namespace

base::Task<All> ImportService::import(std::vector<ImportedPerson> people, identity::ImportRule rule,
                                      base::Context context) {
    std::vector<identity::ImportedAccount> accounts;
    for (const auto& person : people) accounts.push_back(person.account);
    auto outcomes = co_await accounts_.import(std::move(accounts), rule, context);
    if (!outcomes) co_return outcomes.error();

    std::vector<ImportedProfile> profiles;
    std::vector<UserId> added;
    for (std::size_t i = 0; i < people.size(); ++i) {
        auto& outcome = (*outcomes)[i];
        const auto& person = people[i];
        if (outcome.id == 0) continue;
        if (outcome.outcome == Outcome::added) added.push_back(outcome.id);
        auto name = imported_name(person.first_name, person.last_name, person.account.login,
                                  outcome.problems);
        profiles.push_back({outcome.id, std::move(name), person.account.registered_at});
    }
    auto theirs = rule == identity::ImportRule::theirs;
    auto stored = co_await store_.import(std::move(profiles), theirs, context);
    if (!stored) co_return stored.error();
    auto settled = co_await accounts_.activate(std::move(added), context);
    if (!settled) co_return settled.error();

    std::size_t next = 0;
    for (auto& outcome : *outcomes) {
        if (outcome.id == 0) continue;
        auto renamed = (*stored)[next++];
        if (renamed == Renamed::kept) {
            outcome.problems.push_back({"name", "was changed here too, and that is kept"});
        } else if (renamed == Renamed::yes && outcome.outcome == Outcome::unchanged) {
            outcome.outcome = Outcome::updated;
        }
    }
    co_return std::move(*outcomes);
}

}  // namespace users
