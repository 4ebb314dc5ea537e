#include "mode_store.hpp"

#include <utility>

#include "bus/call_store.hpp"
#include "event_json.hpp"

namespace gateway {

namespace {

constexpr std::size_t about_bytes = 500;

void take(ModeHistory& history, const bus::Event& event, const Event& said) {
    apply(history, said);
    history.version = event.version;
    history.changed_at = event.recorded_at;
    history.changed_by = event.actor;
}

/// As it was at that version, or is. Two names could share a stream, if hardly ever.
ModeHistory read_history(database::ReadTransaction& transaction, const std::string& route,
                         std::optional<std::int64_t> until = std::nullopt) {
    ModeHistory history;
    bus::read_stream(transaction, stream_of(route), 0, [&](const bus::Event& event) {
        if (until && event.version > *until) return false;
        auto said = gateway_event(event);
        if (route_of(said) == route) take(history, event, said);
        history.version = event.version;
        return true;
    });
    return history;
}

/// When the migration was finished; nothing if it was not.
std::optional<base::Time> read_finished(database::ReadTransaction& transaction) {
    std::optional<base::Time> finished_at;
    bus::read_stream(transaction, stream_of({}), 0, [&](const bus::Event& event) {
        if (!std::holds_alternative<MigrationFinished>(gateway_event(event))) return true;
        finished_at = event.recorded_at;
        return false;
    });
    return finished_at;
}

base::Error migration_finished() {
    return {base::Reason::conflict, "migration_finished",
            "The migration is finished: portal answers everything itself."};
}

base::Error not_native(const std::string& route) {
    return {base::Reason::conflict, "migration_not_ready",
            "The route " + route + " is not native."};
}

StoredMode stored(const ModeHistory& history) {
    return {history.current(), history.version, history.changed_at, history.changed_by,
            history.can_undo()};
}

}  // namespace

base::Error routes_unknown() {
    return {base::Reason::unavailable, "routes_unknown",
            "What the routes of the migration are set to cannot be read, so nobody knows which "
            "side takes a change. Reading still works."};
}

std::vector<database::MigrationSet> schema() {
    return {bus::log_schema(), bus::calls_schema()};
}

ModeStore::ModeStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                     std::vector<FirstMode> routes)
    : database_(database),
      log_(log),
      clock_(clock),
      routes_(std::move(routes)),
      table_(std::make_shared<const ModeTable>()) {}

StoredMode ModeStore::append(database::Transaction& transaction, std::size_t route,
                             ModeHistory history, const Event& event,
                             const base::Context& context) {
    bus::NewEvent added{stream_of(routes_[route].route), history.version + 1,
                        std::string(name_of(event)),     to_json(event),
                        context.actor.subject(),         context.request_id};
    take(history, log_.append(transaction, std::move(added)), event);
    auto now = stored(history);
    // Made here, as an effect must not fail; what it copies is of the same size.
    auto next = std::make_shared<ModeTable>(*table_.get());
    transaction.after_commit([this, next, route, now] {
        *next = *table_.get();
        next->modes[route] = now;
        table_.replace(next);
    });
    return now;
}

base::Task<std::vector<std::size_t>> ModeStore::load() {
    using Differ = std::vector<std::size_t>;
    auto configured = std::make_shared<ModeTable>();
    for (const auto& [name, first] : routes_) configured->modes.push_back({first});
    table_.replace(configured);
    auto work = [this](database::Transaction& transaction) -> base::Result<Differ> {
        Differ differ;
        auto loaded = std::make_shared<ModeTable>();
        loaded->is_known = true;
        for (std::size_t route = 0; route < routes_.size(); ++route) {
            const auto& [name, first] = routes_[route];
            auto history = read_history(transaction, name);
            if (history.steps.empty()) {
                RouteModeChanged changed{name, std::nullopt, first};
                loaded->modes.push_back(
                    append(transaction, route, std::move(history), Event(changed), {}));
                continue;
            }
            if (history.current() != first) differ.push_back(route);
            loaded->modes.push_back(stored(history));
        }
        loaded->finished_at = read_finished(transaction);
        transaction.after_commit([this, loaded] { table_.replace(loaded); });
        return differ;
    };
    auto bytes = about_bytes * routes_.size();
    co_return co_await database_.write<Differ>(base::Deadline(), bytes, std::move(work));
}

/// `decide`: from the history of the route, the event that is to be; nothing if there is to be
/// none.
template <class Decide>
base::Task<StoredMode> ModeStore::change(std::size_t route, base::Command command, Decide decide) {
    auto deadline = command.context.deadline;
    auto work = [this, route, command = std::move(command), decide = std::move(decide)](
                    database::Transaction& transaction) -> base::Result<StoredMode> {
        const auto& name = routes_[route].route;
        auto now = clock_.now();
        auto call = bus::find_call(transaction, command.idempotency_key, now);
        if (!call) return call.error();
        if (*call) return stored(read_history(transaction, name, (*call)->version));
        if (read_finished(transaction)) return migration_finished();

        auto history = read_history(transaction, name);
        auto decided = decide(name, history, command.expected);
        if (!decided) return decided.error();
        const std::optional<Event> event = std::move(*decided);
        auto result = event
                          ? append(transaction, route, std::move(history), *event, command.context)
                          : stored(history);
        bus::remember_call(transaction, command.idempotency_key, {stream_of(name), result.version},
                           now);
        return result;
    };
    co_return co_await database_.write<StoredMode>(deadline, about_bytes, std::move(work));
}

base::Task<StoredMode> ModeStore::set(std::size_t route, ModeChange wanted, base::Command command) {
    auto decide = [wanted](const std::string& name, const ModeHistory& history,
                           const std::optional<base::Expected>& expected) {
        return gateway::change(name, history, wanted, expected);
    };
    return change(route, std::move(command), decide);
}

base::Task<StoredMode> ModeStore::undo(std::size_t route, base::Command command) {
    auto decide = [](const std::string& name, const ModeHistory& history,
                     const std::optional<base::Expected>& expected) {
        return gateway::undo(name, history, expected);
    };
    return change(route, std::move(command), decide);
}

base::Task<base::Time> ModeStore::finish(base::Context context) {
    auto deadline = context.deadline;
    auto work = [this, context](database::Transaction& transaction) -> base::Result<base::Time> {
        if (auto before = read_finished(transaction)) return *before;
        // Again here, where nobody can change a mode meanwhile.
        for (const auto& [name, first] : routes_) {
            auto history = read_history(transaction, name);
            if (history.current().mode != Mode::native) return not_native(name);
        }
        MigrationFinished finished;
        bus::NewEvent added{stream_of({}),
                            1,
                            std::string(name_of(Event(finished))),
                            to_json(finished),
                            context.actor.subject(),
                            context.request_id};
        auto at = log_.append(transaction, std::move(added)).recorded_at;
        auto next = std::make_shared<ModeTable>(*table_.get());  // as in append()
        transaction.after_commit([this, next, at] {
            *next = *table_.get();
            next->finished_at = at;
            table_.replace(next);
        });
        return at;
    };
    co_return co_await database_.write<base::Time>(deadline, about_bytes, std::move(work));
}

}  // namespace gateway
