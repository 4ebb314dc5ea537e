#include "site_writer_service.hpp"

#include "base/ids.hpp"
#include "news/importer.hpp"
#include "outcome.hpp"
#include "resilience/gather.hpp"
#include "written_item_json.hpp"

namespace django {

namespace {

using base::Result;
using base::Task;
using Outcomes = std::vector<Taken>;
using Kind = Taken::Kind;

/// Whom the articles of a block belong to is mostly among those that came last.
constexpr std::size_t users_remembered_max = 100'000;
constexpr std::int64_t imported_per_question = 500;

base::Role role_for(const Person& person) {
    return identity::role_of(person.role).value_or(base::Role::reader);
}

users::ImportedPerson with_account(const Person& person, base::Time now) {
    users::ImportedPerson one;
    one.account = {person.legacy_id, person.login,  person.email,
                   role_for(person), person.active, person.registered_at.value_or(now),
                   person.password,  person.tokens};
    one.first_name = person.name;
    return one;
}

/// Everybody whom these speak of.
std::vector<std::string> users_of(const std::vector<Item>& items) {
    std::vector<std::string> all;
    for (const auto& item : items) {
        all.push_back(item.owner);
        all.push_back(item.updated_by);
        all.insert(all.end(), item.authors.begin(), item.authors.end());
        for (const auto& past : item.history) all.push_back(past.by);
    }
    return all;
}

/// A refusal that is that of one change, and not of the store.
bool is_of_one(const base::Error& error) {
    return error.reason == base::Reason::invalid || error.reason == base::Reason::conflict;
}

std::string address_of(const std::string& type, news::ArticleId id) {
    return "/v1/news/" + type + "/" + std::to_string(id);
}

}  // namespace

struct SiteWriter::Prepared {
    const std::vector<Item>& items;
    std::map<std::string, Group> groups{};
    Outcomes outcomes{};  ///< of those that are rejected, and the warnings of the others
};

SiteWriter::SiteWriter(const Neighbours& neighbours, const Config& config, const base::Clock& clock,
                       WriteRules rules)
    : neighbours_(neighbours),
      config_(config),
      clock_(clock),
      rules_(rules),
      request_id_(std::string(news::import_request_prefix) + "-" +
                  base::make_uuid_v7(clock.now())) {}

base::Context SiteWriter::context() const {
    base::Context context;
    context.actor.role = base::Role::admin;
    context.request_id = request_id_;
    return context;
}

/// Before a block, never within one: all that it asks for stays known to its end.
void SiteWriter::make_room() {
    if (users_.size() >= users_remembered_max) users_.clear();
}

void SiteWriter::remember(const std::string& legacy_id, std::int64_t user) {
    users_[legacy_id] = user;
}

Task<Outcomes> SiteWriter::write_people(std::vector<Person> people) {
    make_room();
    std::vector<users::ImportedPerson> all;
    auto now = clock_.now();
    for (const auto& person : people) all.push_back(with_account(person, now));
    auto rule = rules_.theirs ? identity::ImportRule::theirs : identity::ImportRule::ours;
    std::function<Task<std::vector<identity::ImportedAs>>()> ask = [this, &all, rule] {
        return neighbours_.people.import(all, rule, context());
    };
    auto made = co_await patiently(std::move(ask));
    if (!made) co_return made.error();
    Outcomes outcomes;
    for (std::size_t i = 0; i < people.size(); ++i) {
        outcomes.push_back(outcome_of((*made)[i]));
        if ((*made)[i].id != 0) remember(people[i].legacy_id, (*made)[i].id);
    }
    co_return outcomes;
}

/// Whose rows these are, of those that are not remembered.
Task<void> SiteWriter::learn_users(std::vector<std::string> legacy_ids) {
    for (auto& legacy_id : legacy_ids) {
        if (legacy_id.empty() || users_.contains(legacy_id)) continue;
        std::function<Task<std::optional<identity::KnownSource>>()> ask = [this, &legacy_id] {
            return neighbours_.accounts.known(legacy_id, context());
        };
        auto found = co_await patiently(std::move(ask));
        if (!found) co_return found.error();
        remember(legacy_id, *found ? (*found)->id : 0);
    }
    co_return Result<void>();
}

Task<std::shared_ptr<SiteWriter::Prepared>> SiteWriter::prepare_items(
    const std::vector<Item>& items) {
    make_room();
    auto prepared = std::make_shared<Prepared>(Prepared{items});
    auto& outcomes = prepared->outcomes;
    outcomes.resize(items.size());
    auto people = users_of(items);
    auto known = co_await learn_users(std::move(people));
    if (!known) co_return known.error();
    auto user_of = [this](const std::string& legacy_id) -> std::optional<std::int64_t> {
        auto found = users_.find(legacy_id);
        bool is_here = found != users_.end() && found->second != 0;
        return is_here ? std::optional(found->second) : std::nullopt;
    };
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& type = items[i].content.type;
        if (!neighbours_.types.contains(type)) {
            outcomes[i] = {
                Kind::rejected, "unknown_news_type",
                "There is no news type `" + type + "` in news.types of the configuration."};
            continue;
        }
        auto made = written(items[i], user_of, neighbours_.embeds, outcomes[i].warnings);
        if (!made) {
            outcomes[i] = refused(made.error());
            continue;
        }
        made->theirs = rules_.theirs;
        auto& group = prepared->groups[type];
        group.type = type;
        group.places.push_back(i);
        group.items.push_back(std::move(*made));
    }
    co_return prepared;
}

Task<Outcomes> SiteWriter::write_items(std::shared_ptr<Prepared> prepared) {
    // Each goes to a store of its own. No deadline: what they refer to is here until all have
    // ended.
    std::vector<Task<void>> bringing;
    for (auto& [type, group] : prepared->groups) {
        bringing.push_back(bring(group, prepared->items, prepared->outcomes));
    }
    auto all = co_await resilience::gather(base::Deadline(), std::move(bringing));
    if (!all) co_return all.error();
    for (const auto& done : *all) {
        if (!done) co_return done.error();
    }
    co_return std::move(prepared->outcomes);
}

Task<SiteWriter::Brought> SiteWriter::write(Group& group) {
    if (rules_.rehearsal) {
        Brought pretended;
        for (const auto& item : group.items) {
            pretended.push_back({news::ImportOutcome::Kind::added, item.article->id.value_or(0)});
        }
        co_return pretended;
    }
    auto& importer = neighbours_.types.at(group.type)->importer();
    std::function<Task<Brought>()> ask = [this, &group, &importer] {
        return importer.import_items(group.items, context());
    };
    co_return co_await patiently(std::move(ask));
}

Task<void> SiteWriter::bring(Group& group, const std::vector<Item>& items, Outcomes& outcomes) {
    auto elsewhere = co_await look_elsewhere(group);
    if (!elsewhere) co_return elsewhere.error();
    leave_out_killed(group, *elsewhere, outcomes);
    auto brought = co_await write(group);
    if (!brought) co_return brought.error();
    for (std::size_t i = 0; i < group.places.size(); ++i) {
        auto& outcome = outcomes[group.places[i]];
        outcome = outcome_of((*brought)[i], std::move(outcome.warnings));
    }
    if (!rules_.rehearsal) {
        auto left = co_await leave_other_types(group, *elsewhere, *brought);
        if (!left) co_return left;
    }
    co_return co_await redirect_old_paths(group, items, *brought, outcomes);
}

/// Where readers found it leads to it. Not of what is no public article: the address would tell.
Task<void> SiteWriter::redirect_old_paths(const Group& group, const std::vector<Item>& items,
                                          const Brought& brought, Outcomes& outcomes) {
    std::vector<site::RedirectChange> changes;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < group.places.size(); ++i) {
        const auto& item = items[group.places[i]];
        if (item.path.empty() || item.state != State::published) continue;
        if (brought[i].kind == news::ImportOutcome::Kind::conflict) continue;
        changes.push_back(
            {{item.path, address_of(group.type, brought[i].id), true, item.legacy_id}});
        places.push_back(group.places[i]);
    }
    auto stored = co_await store(std::move(changes));
    if (!stored) co_return stored.error();
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto& one = (*stored)[i];
        if (one.kind != Kind::rejected) continue;
        outcomes[places[i]].warnings.push_back({"no_redirect", one.message});
    }
    co_return Result<void>();
}

/// All at once; if one of them is refused, each by itself.
Task<Outcomes> SiteWriter::store(std::vector<site::RedirectChange> changes) {
    Outcomes outcomes;
    if (changes.empty()) co_return outcomes;
    std::function<Task<site::RedirectsStored>()> ask = [this, &changes] {
        return neighbours_.redirects.change(changes, {context()});
    };
    auto together = co_await patiently(std::move(ask));
    if (together) {
        // Which of them were there already is not told, only how many.
        for (std::size_t i = 0; i < changes.size(); ++i) {
            bool is_new = static_cast<std::int64_t>(i) < together->stored;
            outcomes.push_back({is_new ? Kind::added : Kind::unchanged});
        }
        co_return outcomes;
    }
    if (!is_of_one(together.error())) co_return together.error();
    for (const auto& one : changes) {
        std::function<Task<site::RedirectsStored>()> ask_one = [this, &one] {
            return neighbours_.redirects.change({one}, {context()});
        };
        auto stored = co_await patiently(std::move(ask_one));
        if (!stored && !is_of_one(stored.error())) co_return stored.error();
        if (!stored) {
            outcomes.push_back(refused(stored.error()));
        } else {
            outcomes.push_back({stored->stored > 0 ? Kind::added : Kind::unchanged});
        }
    }
    co_return outcomes;
}

Task<Outcomes> SiteWriter::write_redirects(std::vector<Redirect> redirects) {
    // An address may come twice; in one change it may not.
    std::vector<site::RedirectChange> changes;
    std::map<std::string, std::size_t> first;
    for (const auto& redirect : redirects) {
        if (!first.emplace(redirect.from, changes.size()).second) continue;
        changes.push_back({{redirect.from, redirect.to, redirect.permanent, redirect.legacy_id}});
    }
    std::vector<bool> told(changes.size(), false);
    auto stored = co_await store(std::move(changes));
    if (!stored) co_return stored.error();
    Outcomes outcomes;
    for (const auto& redirect : redirects) {
        auto place = first.at(redirect.from);
        if (told[place]) {
            outcomes.push_back({Kind::rejected, "repeated_address",
                                "An earlier row says where this address leads."});
            continue;
        }
        told[place] = true;
        outcomes.push_back((*stored)[place]);
    }
    co_return outcomes;
}

Task<std::vector<news::ImportedItem>> SiteWriter::imported(std::string type, std::string model,
                                                           std::string after) {
    auto& importer = neighbours_.types.at(type)->importer();
    std::function<Task<std::vector<news::ImportedItem>>()> ask = [this, &importer, &model, &after] {
        return importer.imported_of(model + ":", after, imported_per_question, context());
    };
    co_return co_await patiently(std::move(ask));
}

Task<Taken> SiteWriter::withdraw(std::string type, std::string legacy_id) {
    auto& importer = neighbours_.types.at(type)->importer();
    std::function<Task<news::ImportOutcome>()> ask = [this, &importer, &legacy_id] {
        return importer.withdraw(legacy_id, rules_.theirs, context());
    };
    auto done = co_await patiently(std::move(ask));
    if (!done) co_return done.error();
    std::vector<Warning> none;
    auto taken = outcome_of(*done, std::move(none));
    co_return taken;
}

Task<std::vector<std::string>> SiteWriter::imported_people(std::string model, std::string after) {
    std::function<Task<std::vector<std::string>>()> ask = [this, &model, &after] {
        return neighbours_.accounts.imported_of(model + ":", after, imported_per_question,
                                                context());
    };
    co_return co_await patiently(std::move(ask));
}

Task<Taken> SiteWriter::withdraw_person(std::string legacy_id) {
    auto rule = rules_.theirs ? identity::ImportRule::theirs : identity::ImportRule::ours;
    std::function<Task<identity::Withdrawn>()> ask = [this, &legacy_id, rule] {
        return neighbours_.accounts.withdraw(legacy_id, rule, context());
    };
    auto done = co_await patiently(std::move(ask));
    if (!done) co_return done.error();
    auto taken = outcome_of(*done);
    co_return taken;
}

Task<std::vector<site::Redirect>> SiteWriter::imported_redirects(std::string model,
                                                                 std::string after) {
    std::function<Task<std::vector<site::Redirect>>()> ask = [this, &model, &after] {
        return neighbours_.redirects.imported_of(model + ":", after, imported_per_question,
                                                 context());
    };
    co_return co_await patiently(std::move(ask));
}

Task<std::int64_t> SiteWriter::forget_redirects(std::vector<std::string> paths) {
    std::vector<site::RedirectChange> changes;
    for (auto& path : paths) changes.push_back({{std::move(path)}, true});
    std::function<Task<site::RedirectsStored>()> ask = [this, &changes] {
        return neighbours_.redirects.change(changes, {context()});
    };
    auto done = co_await patiently(std::move(ask));
    if (!done) co_return done.error();
    co_return done->removed;
}

}  // namespace django
