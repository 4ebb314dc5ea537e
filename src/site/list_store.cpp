#include "list_store.hpp"

#include "bus/call_store.hpp"
#include "call_json.hpp"
#include "event_json.hpp"
#include "list.hpp"

namespace site {

namespace {

constexpr std::size_t about_bytes = 400;
constexpr std::size_t entry_bytes = 120;

/// A row of the table.
struct Row {
    std::int64_t stream = 0;
    ListState state;
    base::Time updated_at{};
    std::vector<ListEntry> entries;
};

std::optional<Row> find(database::ReadTransaction& transaction, const std::string& name) {
    auto row = transaction.prepare(
        "select stream, version, removed, updated_at, entries from lists where name = ?");
    row.bind(1, name);
    if (!row.step()) return std::nullopt;
    return Row{row.integer(0),
               {row.integer(1), row.integer(2) == 0},
               base::from_micros(row.integer(3)),
               entries_from_json(row.text(4))};
}

void put_row(database::Transaction& transaction, const std::string& name, const bus::Event& event,
             bool is_removed, const std::vector<ListEntry>& entries) {
    auto text = entries_to_json(entries);
    transaction
        .prepare(
            "insert into lists (name, stream, version, removed, updated_at, entries)"
            " values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (name)"
            " do update set version = ?3, removed = ?4, updated_at = ?5, entries = ?6")
        .bind(1, name)
        .bind(2, event.stream)
        .bind(3, event.version)
        .bind(4, std::int64_t{is_removed})
        .bind(5, base::to_micros(event.recorded_at))
        .bind(6, text)
        .run();
}

/// A name that is new gets the next stream. Refused with `too_many_lists`.
base::Result<std::int64_t> new_stream(database::Transaction& transaction, std::int64_t most) {
    auto row = transaction.prepare("select lists from totals where id = 1");
    if (!row.step()) transaction.damaged("the totals are missing");
    auto names = row.integer(0);
    if (names >= most) {
        return base::Error{base::Reason::conflict, "too_many_lists",
                           "There are " + std::to_string(names) +
                               " names of lists, with those of removed ones, and no more may be "
                               "(site.lists_max). Use one that is there."};
    }
    transaction.prepare("update totals set lists = ? where id = 1").bind(1, names + 1).run();
    // Names never go, so their number gives each a stream of its own.
    return redirects_stream + names + 1;
}

/// One event of a list, as its history tells it.
ListHistoryEntry history_entry(const bus::Event& event) {
    ListHistoryEntry entry{event.version, event.type, event.actor, event.recorded_at};
    auto said = site_event(event);
    if (auto* changed = std::get_if<ListChanged>(&said))
        entry.entries = std::move(changed->entries);
    return entry;
}

/// A list as it was put by that call.
base::Result<PutList> answer_again(database::ReadTransaction& transaction, const std::string& name,
                                   const bus::AnsweredCall& call) {
    PutList put;
    put.is_new = is_new_of_call(call);
    bus::read_stream(transaction, call.stream, call.version - 1, [&](const bus::Event& event) {
        auto entry = history_entry(event);
        put.list = {name, entry.version, entry.at, {}};
        if (entry.entries) put.list.entries = std::move(*entry.entries);
        return false;
    });
    return put;
}

}  // namespace

ListStore::ListStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                     std::int64_t lists_max)
    : database_(database), log_(log), clock_(clock), lists_max_(lists_max) {}

base::Task<std::vector<ListSummary>> ListStore::all(base::Context context) const {
    using All = std::vector<ListSummary>;
    auto work = [](database::ReadTransaction& transaction) -> base::Result<All> {
        All all;
        auto row = transaction.prepare(
            "select name, version, updated_at from lists where removed = 0 order by name");
        while (row.step()) {
            all.push_back(
                {std::string(row.text(0)), row.integer(1), base::from_micros(row.integer(2))});
        }
        return all;
    };
    co_return co_await database_.read<All>(context.deadline, std::move(work));
}

base::Task<List> ListStore::list(std::string name, base::Context context) const {
    auto work =
        [name = std::move(name)](database::ReadTransaction& transaction) -> base::Result<List> {
        auto row = find(transaction, name);
        if (!row || !row->state.is_there) return list_not_found();
        return List{name, row->state.version, row->updated_at, std::move(row->entries)};
    };
    co_return co_await database_.read<List>(context.deadline, std::move(work));
}

base::Task<ListHistory> ListStore::history(std::string name, std::int64_t after, std::int64_t limit,
                                           base::Context context) const {
    auto work = [name = std::move(name), after,
                 limit](database::ReadTransaction& transaction) -> base::Result<ListHistory> {
        auto row = find(transaction, name);
        if (!row) return list_not_found();
        ListHistory history;
        bus::read_stream(transaction, row->stream, after, [&](const bus::Event& event) {
            if (std::ssize(history.entries) == limit) {
                history.next = history.entries.back().version;
                return false;
            }
            history.entries.push_back(history_entry(event));
            return true;
        });
        return history;
    };
    co_return co_await database_.read<ListHistory>(context.deadline, std::move(work));
}

base::Result<PutList> ListStore::apply(database::Transaction& transaction, const std::string& name,
                                       const std::vector<ListEntry>& entries,
                                       const Command& command) {
    auto now = clock_.now();
    auto call = bus::find_call(transaction, command.idempotency_key, now);
    if (!call) return call.error();
    if (*call) return answer_again(transaction, name, **call);

    auto before = find(transaction, name);
    auto state = before ? before->state : ListState();
    auto allowed = may_put(state, command.expected);
    if (!allowed) return allowed.error();
    std::int64_t stream = before ? before->stream : 0;
    if (!before) {
        auto made = new_stream(transaction, lists_max_);
        if (!made) return made.error();
        stream = *made;
    }
    Event event(ListChanged{name, entries});
    bus::NewEvent added{stream,
                        state.version + 1,
                        std::string(name_of(event)),
                        to_json(event),
                        command.context.actor.subject(),
                        command.context.request_id};
    auto stored = log_.append(transaction, std::move(added));
    put_row(transaction, name, stored, false, entries);
    bool is_new = !state.is_there;
    bus::remember_call(transaction, command.idempotency_key,
                       call_of_list(stream, stored.version, is_new), now);
    return PutList{List{name, stored.version, stored.recorded_at, entries}, is_new};
}

base::Task<PutList> ListStore::put(std::string name, std::vector<ListEntry> entries,
                                   Command command) {
    auto deadline = command.context.deadline;
    auto bytes = about_bytes + 2 * entry_bytes * entries.size();
    auto work = [this, name = std::move(name), entries = std::move(entries),
                 command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<PutList> {
        return apply(transaction, name, entries, command);
    };
    co_return co_await database_.write<PutList>(deadline, bytes, std::move(work));
}

base::Task<std::int64_t> ListStore::remove(std::string name, Command command) {
    auto deadline = command.context.deadline;
    auto work = [this, name = std::move(name), command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<std::int64_t> {
        auto before = find(transaction, name);
        auto state = before ? before->state : ListState();
        auto allowed = may_remove(state, command.expected);
        if (!allowed) return allowed.error();
        Event event(ListRemoved{name});
        bus::NewEvent added{before->stream,
                            state.version + 1,
                            std::string(name_of(event)),
                            to_json(event),
                            command.context.actor.subject(),
                            command.context.request_id};
        auto stored = log_.append(transaction, std::move(added));
        put_row(transaction, name, stored, true, {});
        return stored.version;
    };
    co_return co_await database_.write<std::int64_t>(deadline, about_bytes, std::move(work));
}

}  // namespace site
