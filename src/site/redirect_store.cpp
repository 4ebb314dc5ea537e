#include "redirect_store.hpp"

#include <unordered_map>

#include "base/text.hpp"
#include "bus/call_store.hpp"
#include "call_json.hpp"
#include "event_json.hpp"
#include "redirect.hpp"

namespace migrations {
database::MigrationSet site();
}

namespace site {

namespace {

/// About what a redirect costs beside its addresses, in the log and in the table.
constexpr std::size_t about_bytes = 100;

struct Totals {
    std::int64_t redirects = 0;
    std::int64_t version = 0;
};

Totals read_totals(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select redirects, redirects_version from totals where id = 1");
    if (!row.step()) transaction.damaged("the totals are missing");
    return {row.integer(0), row.integer(1)};
}

constexpr const char* columns = "path, target, permanent, coalesce(source, '')";

/// Of a statement that selects these columns.
Redirect redirect_of(const database::Statement& row) {
    Redirect redirect;
    redirect.from = row.text(0);
    if (auto target = row.text_or_null(1)) redirect.to = std::string(*target);
    redirect.permanent = row.integer(2) == 1;
    redirect.source = row.text(3);
    return redirect;
}

std::optional<Redirect> find(database::ReadTransaction& transaction, const std::string& path) {
    auto row =
        transaction.prepare(std::string("select ") + columns + " from redirects where path = ?");
    row.bind(1, path);
    if (!row.step()) return std::nullopt;
    return redirect_of(row);
}

std::string without_slash(const std::string& path) {
    return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

/// With a slash at its end or without: many a site took both.
std::optional<Redirect> find_either(database::ReadTransaction& transaction,
                                    const std::string& path) {
    auto found = find(transaction, path);
    if (found || path == "/") return found;
    return find(transaction, path.ends_with('/') ? without_slash(path) : path + "/");
}

/// Whether who follows it comes to `path` again, in either way of writing it. What was stored is
/// only known to be no circle as it is written.
bool leads_back(database::ReadTransaction& transaction, const Redirect& redirect,
                const std::string& path) {
    auto to = redirect.to;
    for (std::size_t hops = 0; hops <= chain_max; ++hops) {
        auto local = to ? local_path(*to) : std::nullopt;
        if (!local) return false;
        if (without_slash(*local) == without_slash(path)) return true;
        auto next = find_either(transaction, *local);
        if (!next) return false;
        to = std::move(next->to);
    }
    // A circle that others are in ends at one of them.
    return false;
}

/// As find_either(), but a path that is written otherwise leads nowhere that leads back to it.
std::optional<Redirect> find_asked(database::ReadTransaction& transaction,
                                   const std::string& path) {
    auto found = find_either(transaction, path);
    bool is_other = found && found->from != path;
    if (is_other && leads_back(transaction, *found, path)) return std::nullopt;
    return found;
}

/// What says the same changes nothing. Where it came from is another thing only if both are known:
/// whoever says it here as well does not take it over, nor does an import what was made here.
bool says_the_same(const Redirect& before, const Redirect& now) {
    bool comes_from_elsewhere =
        !before.source.empty() && !now.source.empty() && before.source != now.source;
    return before.to == now.to && before.permanent == now.permanent && !comes_from_elsewhere;
}

void put(database::Transaction& transaction, const Redirect& redirect, std::int64_t position) {
    std::optional<std::string_view> target;
    if (redirect.to) target = *redirect.to;
    std::optional<std::string_view> source;
    if (!redirect.source.empty()) source = redirect.source;
    transaction
        .prepare(
            "insert into redirects (path, target, permanent, event_position, source)"
            " values (?1, ?2, ?3, ?4, ?5) on conflict (path)"
            " do update set target = ?2, permanent = ?3, event_position = ?4, source = ?5")
        .bind(1, redirect.from)
        .bind(2, target)
        .bind(3, std::int64_t{redirect.permanent})
        .bind(4, position)
        .bind(5, source)
        .run();
}

/// What the changes make of what is there.
struct Effect {
    RedirectsChanged changed;
    RedirectsStored stored;
    std::int64_t added = 0;
};

Effect effect_of(database::ReadTransaction& transaction,
                 const std::vector<RedirectChange>& changes) {
    Effect effect;
    for (const auto& [redirect, remove] : changes) {
        auto before = find(transaction, redirect.from);
        if (remove ? !before : before && says_the_same(*before, redirect)) {
            ++effect.stored.unchanged;
        } else if (remove) {
            ++effect.stored.removed;
            effect.changed.removed.push_back(redirect.from);
        } else {
            ++effect.stored.stored;
            if (!before) ++effect.added;
            effect.changed.stored.push_back(redirect);
        }
    }
    return effect;
}

/// Where each path leads when the changes are made.
Next next_after(database::ReadTransaction& transaction,
                const std::vector<RedirectChange>& changes) {
    auto changed = std::make_shared<std::unordered_map<std::string, const RedirectChange*>>();
    for (const auto& change : changes) changed->emplace(change.redirect.from, &change);
    return [&transaction, changed](const std::string& path) -> std::optional<std::string> {
        std::optional<std::string> to;
        auto found = changed->find(path);
        if (found == changed->end()) {
            auto stored = find(transaction, path);
            if (stored) to = std::move(stored->to);
        } else if (!found->second->remove) {
            to = found->second->redirect.to;
        }
        if (!to) return std::nullopt;
        return local_path(*to);
    };
}

base::Error too_many(std::int64_t most) {
    return {base::Reason::conflict, "too_many_redirects",
            "There would be more than " + std::to_string(most) +
                " redirects, and no more may be (site.redirects_max). Remove those that nobody "
                "needs."};
}

}  // namespace

std::vector<database::MigrationSet> schema() {
    return {bus::log_schema(), bus::calls_schema(), migrations::site()};
}

RedirectStore::RedirectStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                             std::int64_t redirects_max)
    : database_(database), log_(log), clock_(clock), redirects_max_(redirects_max) {}

base::Task<void> RedirectStore::load() {
    auto work = [](database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
        return read_totals(transaction).redirects;
    };
    auto total = co_await database_.read<std::int64_t>(base::Deadline(), std::move(work));
    if (!total) co_return total.error();
    total_.store(*total);
    co_return base::Result<void>();
}

base::Result<RedirectsStored> RedirectStore::apply(database::Transaction& transaction,
                                                   const std::vector<RedirectChange>& changes,
                                                   const Command& command) {
    auto now = clock_.now();
    auto call = bus::find_call(transaction, command.idempotency_key, now);
    if (!call) return call.error();
    if (*call) return stored_of_call(**call);

    auto totals = read_totals(transaction);
    auto effect = effect_of(transaction, changes);
    auto& stored = effect.stored;
    stored.total = totals.redirects + effect.added - stored.removed;
    if (stored.total > redirects_max_ && stored.total > totals.redirects) {
        return too_many(redirects_max_);
    }
    auto chains = check_chains(changes, next_after(transaction, changes));
    if (!chains) return chains.error();

    if (stored.stored + stored.removed > 0) {
        ++totals.version;
        Event event(std::move(effect.changed));
        bus::NewEvent added{redirects_stream,
                            totals.version,
                            std::string(name_of(event)),
                            to_json(event),
                            command.context.actor.subject(),
                            command.context.request_id};
        auto position = log_.append(transaction, std::move(added)).position;
        const auto& changed = std::get<RedirectsChanged>(event);
        for (const auto& redirect : changed.stored) put(transaction, redirect, position);
        for (const auto& path : changed.removed) {
            transaction.prepare("delete from redirects where path = ?").bind(1, path).run();
        }
        transaction.prepare("update totals set redirects = ?, redirects_version = ? where id = 1")
            .bind(1, stored.total)
            .bind(2, totals.version)
            .run();
        transaction.after_commit([this, total = stored.total] { total_.store(total); });
    }
    bus::remember_call(transaction, command.idempotency_key, call_of(stored, totals.version), now);
    return stored;
}

base::Task<RedirectsStored> RedirectStore::change(std::vector<RedirectChange> changes,
                                                  Command command) {
    auto deadline = command.context.deadline;
    std::size_t bytes = 0;
    for (const auto& [redirect, remove] : changes) {
        bytes += 2 * (redirect.from.size() + redirect.to.value_or("").size()) + about_bytes;
    }
    auto work = [this, changes = std::move(changes), command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<RedirectsStored> {
        return apply(transaction, changes, command);
    };
    co_return co_await database_.write<RedirectsStored>(deadline, bytes, std::move(work));
}

base::Task<std::vector<Redirect>> RedirectStore::list(std::string after, std::int64_t limit,
                                                      base::Context context) const {
    using All = std::vector<Redirect>;
    auto work = [after = std::move(after),
                 limit](database::ReadTransaction& transaction) -> base::Result<All> {
        All all;
        database::RisingKeys<std::string> keys(transaction, "the redirects", after);
        auto row = transaction.prepare(std::string("select ") + columns +
                                       " from redirects where path > ? order by path limit ?");
        row.bind(1, after).bind(2, limit);
        while (row.step()) {
            all.push_back(redirect_of(row));
            keys.next(all.back().from);
        }
        return all;
    };
    co_return co_await database_.read<All>(context.deadline, std::move(work));
}

base::Task<std::vector<Redirect>> RedirectStore::imported_of(std::string prefix, std::string after,
                                                             std::int64_t limit,
                                                             base::Context context) const {
    using All = std::vector<Redirect>;
    auto work = [prefix = std::move(prefix), after = std::move(after),
                 limit](database::ReadTransaction& transaction) -> base::Result<All> {
        auto end = base::behind_prefix(prefix);
        All all;
        auto row = transaction.prepare(std::string("select ") + columns +
                                       " from redirects where path > ?1 and source >= ?2"
                                       " and source < ?3 order by path limit ?4");
        row.bind(1, after).bind(2, prefix).bind(3, end).bind(4, limit);
        while (row.step()) all.push_back(redirect_of(row));
        return all;
    };
    co_return co_await database_.read<All>(context.deadline, std::move(work));
}

base::Task<Resolution> RedirectStore::resolve(std::string path, std::int64_t hops_max,
                                              base::Context context) const {
    auto work = [path = std::move(path),
                 hops_max](database::ReadTransaction& transaction) -> base::Result<Resolution> {
        auto found = find_asked(transaction, path);
        if (!found) {
            return base::Error{base::Reason::not_found, "path_not_found",
                               "Nothing is known of this path."};
        }
        Resolution end{path, std::move(found->to), found->permanent};
        for (std::int64_t hops = 1; hops < hops_max; ++hops) {
            if (!end.to || !is_plain_path(*end.to)) break;
            auto next = find(transaction, *end.to);
            if (!next) break;
            end.to = std::move(next->to);
            end.permanent = end.permanent && next->permanent;
        }
        return end;
    };
    co_return co_await database_.read<Resolution>(context.deadline, std::move(work));
}

}  // namespace site
