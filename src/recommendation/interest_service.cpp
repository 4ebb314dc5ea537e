#include "interest_service.hpp"

#include "graph_store.hpp"

namespace recommendation {

namespace {

using Ids = std::vector<users::UserId>;
using Profiles = std::vector<users::Profile>;
using Interests = std::vector<Interest>;

base::Error user_not_found() {
    return {base::Reason::not_found, "user_not_found", "There is no such user."};
}

}  // namespace

InterestService::InterestService(database::Database& database, const users::Users& users,
                                 const base::Clock& clock, telemetry::Metrics& metrics,
                                 const Scale& scale, const Limits& limits)
    : database_(database),
      users_(users),
      users_answer_("users:profiles", limits.profiles_breaker, metrics, clock),
      clock_(clock),
      scale_(scale),
      limits_(limits),
      nameless_(metrics.counter("portal_recommendation_nameless_answers_total",
                                "Lists of readers without names, as users did not answer.")) {}

base::Task<Interests> InterestService::interests(users::UserId id, base::Context context) const {
    return interests_of(id, limits_.answer_entries_max, std::move(context));
}

base::Task<Interests> InterestService::all_interests(users::UserId id,
                                                     base::Context context) const {
    return interests_of(id, limits_.labels_per_user_max, std::move(context));
}

base::Task<Interests> InterestService::interests_of(users::UserId id, std::int64_t most,
                                                    base::Context context) const {
    bool may_know = context.actor.role == base::Role::admin || context.actor.id == id;
    if (!may_know) co_return user_not_found();
    auto work = [this, id,
                 most](database::ReadTransaction& transaction) -> base::Result<Interests> {
        GraphStore graph(transaction);
        // All of them: rarity may lift a label that few read above others of a higher rank.
        return heaviest(graph.edges_of(id, limits_.labels_per_user_max), graph.readers_total(),
                        scale_.score(clock_.now()), most);
    };
    co_return co_await database_.read<Interests>(context.deadline, std::move(work));
}

base::Task<Readers> InterestService::readers(std::string label, base::Context context) const {
    auto work = [this, label = std::move(label)](
                    database::ReadTransaction& transaction) -> base::Result<Ids> {
        return GraphStore(transaction).readers_of(label, limits_.answer_entries_max);
    };
    auto ids = co_await database_.read<Ids>(context.deadline, std::move(work));
    if (!ids) co_return ids.error();
    Readers readers;
    if (ids->empty()) co_return readers;

    bool with_email = context.actor.role == base::Role::admin;
    auto known = co_await profiles(*ids, context);
    if (!known) {
        nameless_.add();
        readers.complete = false;
        for (auto id : *ids) readers.entries.push_back({id});
        co_return readers;
    }
    for (auto& profile : *known) {
        Reader reader{profile.id, std::move(profile.name)};
        if (with_email) reader.email = std::move(profile.email);
        readers.entries.push_back(std::move(reader));
    }
    co_return readers;
}

base::Task<Profiles> InterestService::profiles(Ids ids, base::Context context) const {
    context.deadline = context.deadline.within(limits_.profiles_deadline);
    auto deadline = context.deadline;
    bool with_email = context.actor.role == base::Role::admin;
    auto question = users_.profiles(std::move(ids), with_email, std::move(context));
    co_return co_await users_answer_.ask<Profiles>(deadline, std::move(question));
}

}  // namespace recommendation
