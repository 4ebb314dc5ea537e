#include "user_store.hpp"

#include "bus/call_store.hpp"
#include "call_json.hpp"
#include "profile_store.hpp"
#include "queue_store.hpp"

namespace migrations {
database::MigrationSet users_people();
}

namespace users {

namespace {

constexpr std::size_t about_bytes = 400;

/// The user as the same call has left it before.
base::Result<std::optional<Record>> find_answer(database::ReadTransaction& transaction,
                                                const std::optional<base::IdempotencyKey>& key,
                                                base::Time now) {
    auto call = bus::find_call(transaction, key, now);
    if (!call) return call.error();
    if (!*call) return std::optional<Record>();
    return std::optional(record_of_call(**call));
}

/// When the row that waits the longest was queued, 0 if none does.
std::int64_t oldest_in(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select queued_at from queue order by sequence limit 1");
    return row.step() ? row.integer(0) : 0;
}

}  // namespace

std::vector<database::MigrationSet> schema() {
    return {bus::log_schema(), bus::calls_schema(), migrations::users_people()};
}

UserStore::UserStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                     std::size_t cache_entries, std::int64_t queue_rows_max)
    : database_(database),
      log_(log),
      clock_(clock),
      cache_(cache_entries),
      queue_rows_max_(queue_rows_max) {}

std::optional<base::Time> UserStore::oldest() const {
    auto micros = oldest_.load(std::memory_order_relaxed);
    if (micros == 0) return std::nullopt;
    return base::from_micros(micros);
}

base::Task<void> UserStore::warm() {
    auto work = [this](database::Transaction& transaction) -> base::Result<void> {
        transaction.execute("update queue set parked = 0, attempts = 0 where parked = 1");
        for (auto& row : all_rows(transaction)) {
            auto id = row.record.id;
            if (note_) note_(id, row.sequence);
            cache_.pin(id, std::move(row.record));
        }
        auto all = transaction.prepare("select count(*) from queue");
        all.step();
        queued_ = all.integer(0);
        parked_ = 0;
        oldest_ = oldest_in(transaction);
        return {};
    };
    co_return co_await database_.write<void>(base::Deadline(), about_bytes, std::move(work));
}

Record UserStore::enqueue(database::Transaction& transaction, Kind kind, Record record,
                          std::optional<std::int64_t> account_token, const Command& command) {
    auto now = base::to_micros(clock_.now());
    auto inserted = transaction.prepare(
        "insert into queue (user_id, kind, name, created_at, updated_at, version, actor,"
        " correlation_id, queued_at, account_token) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " returning sequence");
    inserted.bind(1, record.id)
        .bind(2, name_of(kind))
        .bind(3, record.name)
        .bind(4, base::to_micros(record.created_at))
        .bind(5, base::to_micros(record.updated_at))
        .bind(6, record.version)
        .bind(7, command.context.actor.subject())
        .bind(8, command.context.request_id)
        .bind(9, now)
        .bind(10, account_token);
    inserted.step();
    auto sequence = inserted.integer(0);
    inserted.step();
    // Answers hold the name, which goes with the user.
    if (kind == Kind::removed) bus::forget_calls_about(transaction, record.id);
    if (command.idempotency_key) {
        bus::remember_call(transaction, command.idempotency_key, call_of(record), clock_.now());
    }
    transaction.after_commit([this, record, now, sequence] {
        cache_.pin(record.id, record);
        queued_.fetch_add(1, std::memory_order_relaxed);
        std::int64_t none = 0;
        oldest_.compare_exchange_strong(none, now);
        if (note_) note_(record.id, sequence);
    });
    return record;
}

base::Result<void> UserStore::room() const {
    if (queued() < queue_rows_max_) return {};
    return base::Error{base::Reason::unavailable, "user_queue_full",
                       "Too many changes of users wait to be stored. Try again in a moment."};
}

base::Task<Record> UserStore::add(Record record, Command command) {
    auto free = room();
    if (!free) co_return free.error();
    auto deadline = command.context.deadline;
    auto work = [this, record = std::move(record), command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<Record> {
        // The same call at the same moment, with another address: what it has done counts.
        auto call = find_answer(transaction, command.idempotency_key, clock_.now());
        if (!call) return call.error();
        if (*call) return base::idempotency_key_reused();
        return enqueue(transaction, Kind::registered, record, std::nullopt, command);
    };
    co_return co_await database_.write<Record>(deadline, about_bytes, std::move(work));
}

base::Task<Record> UserStore::change(UserId id, std::optional<std::string> name,
                                     std::optional<std::int64_t> account_token, Command command) {
    auto free = room();
    if (!free) co_return free.error();
    auto deadline = command.context.deadline;
    auto work = [this, id, account_token, name = std::move(name), command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<Record> {
        auto call = find_answer(transaction, command.idempotency_key, clock_.now());
        if (!call) return call.error();
        if (*call) return std::move(**call);
        auto before = current(transaction, id);
        if (!before) return user_not_found();
        auto after = changed(std::move(*before), name, command.expected, clock_.now());
        if (!after) return after.error();
        return enqueue(transaction, Kind::changed, std::move(*after), account_token, command);
    };
    co_return co_await database_.write<Record>(deadline, about_bytes, std::move(work));
}

void UserStore::register_imported(database::Transaction& transaction,
                                  const ImportedProfile& profile, const base::Context& context) {
    Record record{profile.id, profile.name, profile.registered_at, profile.registered_at, 1, false};
    put(transaction, record);
    remember_imported_name(transaction, profile);
    bus::NewEvent event{profile.id,
                        1,
                        std::string(event_of(Kind::registered)),
                        body_of(profile.id),
                        context.actor.subject(),
                        context.request_id};
    log_.append(transaction, std::move(event));
}

Renamed UserStore::import_one(database::Transaction& transaction, const ImportedProfile& profile,
                              bool theirs, const Command& command) {
    auto known = current(transaction, profile.id);
    if (!known) {
        register_imported(transaction, profile, command.context);
        return Renamed::yes;
    }
    if (known->removed) return Renamed::no;
    auto before = imported_name_of(transaction, profile.id);
    if (before == profile.name) return Renamed::no;
    bool same = known->name == profile.name;
    if (before != known->name && !same && !theirs) return Renamed::kept;
    remember_imported_name(transaction, profile);
    if (same) return Renamed::no;
    auto after = changed(std::move(*known), profile.name, std::nullopt, clock_.now());
    if (!after) return Renamed::no;
    enqueue(transaction, Kind::changed, std::move(*after), std::nullopt, command);
    return Renamed::yes;
}

base::Task<std::vector<Renamed>> UserStore::import(std::vector<ImportedProfile> profiles,
                                                   bool theirs, base::Context context) {
    using All = std::vector<Renamed>;
    auto free = room();
    if (!free) co_return free.error();
    auto bytes = about_bytes * profiles.size();
    auto deadline = context.deadline;
    Command command;
    command.context = std::move(context);
    auto work = [this, theirs, profiles = std::move(profiles), command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<All> {
        All all;
        for (const auto& profile : profiles) {
            all.push_back(import_one(transaction, profile, theirs, command));
        }
        return all;
    };
    co_return co_await database_.write<All>(deadline, bytes, std::move(work));
}

base::Task<bool> UserStore::is_queued(std::int64_t account_token, base::Context context) const {
    auto work = [account_token](database::ReadTransaction& transaction) -> base::Result<bool> {
        auto row = transaction.prepare("select 1 from queue where account_token = ?");
        return row.bind(1, account_token).step();
    };
    co_return co_await database_.read<bool>(context.deadline, std::move(work));
}

base::Task<Record> UserStore::remove(UserId id, std::int64_t account_token, Command command) {
    auto free = room();
    if (!free) co_return free.error();
    auto deadline = command.context.deadline;
    auto work = [this, id, account_token, command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<Record> {
        auto before = current(transaction, id);
        if (!before) return user_not_found();
        auto after = removed(std::move(*before), command.expected, clock_.now());
        if (!after) return after.error();
        return enqueue(transaction, Kind::removed, std::move(*after), account_token, command);
    };
    co_return co_await database_.write<Record>(deadline, about_bytes, std::move(work));
}

base::Task<std::optional<Record>> UserStore::answered(base::IdempotencyKey key,
                                                      base::Context context) const {
    using Found = std::optional<Record>;
    auto work = [this, key = std::move(key)](
                    database::ReadTransaction& transaction) -> base::Result<Found> {
        return find_answer(transaction, key, clock_.now());
    };
    co_return co_await database_.read<Found>(context.deadline, std::move(work));
}

base::Task<Record> UserStore::record(UserId id, base::Context context) const {
    if (auto cached = cache_.find(id)) {
        if (cached->removed) co_return user_not_found();
        co_return std::move(*cached);
    }
    auto work = [this, id](database::ReadTransaction& transaction) -> base::Result<Record> {
        auto found = current(transaction, id);
        if (!found || found->removed) return user_not_found();
        cache_.fill(id, *found);
        return std::move(*found);
    };
    co_return co_await database_.read<Record>(context.deadline, std::move(work));
}

base::Task<std::vector<Record>> UserStore::records(std::vector<UserId> ids,
                                                   base::Context context) const {
    auto work = [this, ids = std::move(ids)](
                    database::ReadTransaction& transaction) -> base::Result<std::vector<Record>> {
        std::vector<Record> found;
        for (auto id : ids) {
            auto record = cache_.find(id);
            if (!record) {
                record = current(transaction, id);
                if (record) cache_.fill(id, *record);
            }
            if (record && !record->removed) found.push_back(std::move(*record));
        }
        return found;
    };
    co_return co_await database_.read<std::vector<Record>>(context.deadline, std::move(work));
}

base::Task<std::vector<Record>> UserStore::list(std::int64_t start, std::int64_t count,
                                                base::Context context) const {
    auto work = [start, count](
                    database::ReadTransaction& transaction) -> base::Result<std::vector<Record>> {
        auto page = stored_page(transaction, start, count);
        auto missing = count - static_cast<std::int64_t>(page.size());
        if (missing == 0) return page;
        auto skipped = page.empty() ? start - stored_count(transaction) : 0;
        for (auto& record : queued_page(transaction, std::max<std::int64_t>(0, skipped), missing)) {
            // Its first row may be applied while later ones wait.
            bool is_there = std::any_of(page.begin(), page.end(),
                                        [&](const Record& other) { return other.id == record.id; });
            if (!is_there) page.push_back(std::move(record));
        }
        return page;
    };
    co_return co_await database_.read<std::vector<Record>>(context.deadline, std::move(work));
}

base::Task<std::vector<bus::Event>> UserStore::waiting(std::int64_t remainder, std::int64_t workers,
                                                       std::int64_t sequence, std::int64_t most,
                                                       base::Deadline deadline) const {
    using Events = std::vector<bus::Event>;
    auto work = [remainder, workers, sequence,
                 most](database::ReadTransaction& transaction) -> base::Result<Events> {
        Events events;
        for (const auto& row : rows_after(transaction, remainder, workers, sequence, most)) {
            events.push_back(event_of(row));
        }
        return events;
    };
    co_return co_await database_.read<Events>(deadline, std::move(work));
}

base::Task<std::vector<bus::Event>> UserStore::waiting_of(UserId id,
                                                          base::Deadline deadline) const {
    using Events = std::vector<bus::Event>;
    auto work = [id](database::ReadTransaction& transaction) -> base::Result<Events> {
        Events events;
        for (const auto& row : rows_of(transaction, id)) events.push_back(event_of(row));
        return events;
    };
    co_return co_await database_.read<Events>(deadline, std::move(work));
}

base::Task<void> UserStore::apply(std::vector<std::int64_t> sequences) {
    auto bytes = about_bytes * sequences.size();
    auto work = [this, sequences = std::move(sequences)](
                    database::Transaction& transaction) -> base::Result<void> {
        std::int64_t count = 0;
        for (auto sequence : sequences) {
            auto found = find_row(transaction, sequence);
            // Applied already, by a commit of which the answer was lost.
            if (!found) continue;
            const auto& row = *found;
            delete_row(transaction, sequence);
            ++count;
            if (row.kind == Kind::removed) {
                transaction.prepare("delete from users where id = ?").bind(1, row.record.id).run();
            } else {
                put(transaction, row.record);
            }
            bus::NewEvent event{
                row.record.id,          row.record.version, std::string(event_of(row.kind)),
                body_of(row.record.id), row.actor,          row.correlation_id};
            log_.append(transaction, std::move(event));
            transaction.after_commit([this, id = row.record.id] { cache_.unpin(id); });
        }
        transaction.after_commit([this, count, oldest = oldest_in(transaction)] {
            queued_.fetch_sub(count, std::memory_order_relaxed);
            oldest_.store(oldest, std::memory_order_relaxed);
        });
        return {};
    };
    co_return co_await database_.write<void>(base::Deadline(), bytes, std::move(work));
}

base::Task<bool> UserStore::failed(UserId id, std::string error, std::int64_t attempts_max) {
    auto work = [this, id, error = std::move(error),
                 attempts_max](database::Transaction& transaction) -> base::Result<bool> {
        auto came = count_failure(transaction, id, error, attempts_max);
        if (came == Failure::parked_now) {
            transaction.after_commit([this] { parked_.fetch_add(1); });
        }
        return came != Failure::counted;
    };
    co_return co_await database_.write<bool>(base::Deadline(), about_bytes, std::move(work));
}

base::Task<std::vector<bus::Parked>> UserStore::failing() const {
    using All = std::vector<bus::Parked>;
    auto work = [](database::ReadTransaction& transaction) -> base::Result<All> {
        return failing_rows(transaction);
    };
    co_return co_await database_.read<All>(base::Deadline(), std::move(work));
}

}  // namespace users
