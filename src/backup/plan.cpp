#include "plan.hpp"

namespace backup {

namespace {

base::Error no_such_moment(const std::string& why) {
    return {base::Reason::invalid, "no_such_moment", why};
}

const StoredStore* log_in(const Manifest& manifest, const std::string& name) {
    const auto* store = find_store(manifest, name);
    return store && store->is_log ? store : nullptr;
}

base::Result<Plan> choose_by_id(const std::vector<Manifest>& all, const std::string& id) {
    for (const auto& one : all) {
        if (one.id == id) return Plan{&one, nullptr};
    }
    return base::Error{
        base::Reason::not_found, "unknown_backup",
        "There is no backup " + id + " that can be read; the newest is " + all.back().id + "."};
}

/// The last one of which `is_before` is true, and the one behind it.
template <class IsBefore>
Plan last_before(const std::vector<Manifest>& all, IsBefore is_before) {
    Plan plan;
    for (const auto& one : all) {
        if (is_before(one)) {
            plan = {&one, nullptr};
        } else if (plan.base && !plan.later) {
            plan.later = &one;
        }
    }
    return plan;
}

}  // namespace

base::Result<Plan> choose(const std::vector<Manifest>& all, const Wanted& wanted) {
    if (all.empty()) {
        return base::Error{base::Reason::not_found, "no_backups",
                           "There is no backup in " + wanted.from.string() +
                               " that can be read; `portal verify --backup` says why."};
    }
    if (!wanted.backup.empty()) return choose_by_id(all, wanted.backup);
    if (wanted.time) {
        auto plan = last_before(all, [&](const Manifest& one) { return one.at <= *wanted.time; });
        if (plan.base) return plan;
        return no_such_moment("The first backup is of " + base::to_rfc3339(all.front().at) +
                              ", and " + base::to_rfc3339(*wanted.time) + " is before it.");
    }
    if (wanted.store.empty()) return Plan{&all.back(), nullptr};
    auto plan = last_before(all, [&](const Manifest& one) {
        const auto* log = log_in(one, wanted.store);
        return log && log->head.position <= wanted.position;
    });
    const auto* newest = log_in(all.back(), wanted.store);
    if (!newest) {
        return no_such_moment("The newest backup has no log " + wanted.store + ".");
    }
    if (!plan.base) {
        return no_such_moment("The first backup with " + wanted.store +
                              " ends behind that position.");
    }
    const auto* log = log_in(*plan.base, wanted.store);
    if (!plan.later && log->head.position < wanted.position) {
        return no_such_moment("The newest backup has " + wanted.store + " up to position " +
                              std::to_string(log->head.position) + ".");
    }
    return plan;
}

std::vector<StorePlan> stores_of(const Plan& plan, const Wanted& wanted,
                                 const std::set<std::string>& rewindable) {
    auto goes_on = [&](const std::string& name) {
        bool is_wanted = wanted.store.empty() || wanted.store == name;
        return plan.later && is_wanted && rewindable.contains(name);
    };
    std::vector<StorePlan> all;
    for (const auto& store : plan.base->stores) {
        all.push_back({&store, goes_on(store.name) ? log_in(*plan.later, store.name) : nullptr});
    }
    if (!plan.later) return all;
    for (const auto& store : plan.later->stores) {
        bool is_new = !find_store(*plan.base, store.name) && store.is_log;
        if (is_new && goes_on(store.name)) all.push_back({nullptr, &store});
    }
    return all;
}

/// Order is by position: what the base has is not beyond, whatever its date says.
bool is_beyond(const Wanted& wanted, const bus::Event& event, const bus::Cursor& base) {
    if (event.position <= base.position) return false;
    if (wanted.time) return event.recorded_at > *wanted.time;
    return event.position > wanted.position;
}

}  // namespace backup
