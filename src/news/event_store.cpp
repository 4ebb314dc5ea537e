#include "event_store.hpp"

#include "base/ids.hpp"
#include "event_json.hpp"

namespace migrations {
database::MigrationSet news_command();
}

namespace news {

namespace {

Version current_version(database::ReadTransaction& transaction, ArticleId id) {
    auto row = transaction.prepare("select max(version) from events where stream = ?");
    row.bind(1, id);
    row.step();
    return row.integer(0);
}

void remember(database::Transaction& transaction, const IdempotencyKey& key,
              const bus::Event& event) {
    transaction
        .prepare(
            "insert into answered_calls (caller, route, key, body_hash, stream, version, "
            "recorded_at)"
            " values (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            " on conflict (caller, route, key) do update set body_hash = ?4, stream = ?5,"
            " version = ?6, recorded_at = ?7")
        .bind(1, key.caller)
        .bind(2, key.route)
        .bind(3, key.key)
        .bind(4, key.body_hash)
        .bind(5, event.stream)
        .bind(6, event.version)
        .bind(7, base::to_micros(event.recorded_at))
        .run();
}

std::size_t about_bytes(const std::string& body) {
    return body.size() + 300;
}

}  // namespace

std::vector<database::MigrationSet> command_schema() {
    return {bus::log_schema(), migrations::news_command()};
}

EventStore::EventStore(database::Database& database, bus::Log& log, const base::Clock& clock)
    : database_(database), log_(log), clock_(clock) {}

base::Result<std::optional<EventStore::Answered>> EventStore::find(
    database::ReadTransaction& transaction, const IdempotencyKey& key, base::Time now) {
    auto row = transaction.prepare(
        "select body_hash, stream, version from answered_calls"
        " where caller = ? and route = ? and key = ? and recorded_at > ?");
    row.bind(1, key.caller).bind(2, key.route).bind(3, key.key);
    row.bind(4, base::to_micros(now - base::idempotency_key_life));
    if (!row.step()) return std::optional<Answered>();
    if (row.text(0) != key.body_hash) {
        return base::idempotency_key_reused();
    }
    return std::optional<Answered>(Answered{row.integer(1), row.integer(2)});
}

base::Task<EventStore::Loaded> EventStore::load(ArticleId id, const Command& command) const {
    auto work = [id, key = command.idempotency_key, now = clock_.now()](
                    database::ReadTransaction& transaction) -> base::Result<Loaded> {
        Loaded loaded;
        if (key) {
            auto before = find(transaction, *key, now);
            if (!before) return before.error();
            if (*before) loaded.answered = (*before)->version;
        }
        for (const auto& event : bus::read_stream(transaction, id)) {
            loaded.history.push_back(recorded_of(event));
        }
        return loaded;
    };
    co_return co_await database_.read<Loaded>(command.context.deadline, std::move(work));
}

base::Task<std::optional<EventStore::Answered>> EventStore::answered(const Command& command) const {
    auto work =
        [key = command.idempotency_key, now = clock_.now()](
            database::ReadTransaction& transaction) -> base::Result<std::optional<Answered>> {
        return find(transaction, *key, now);
    };
    co_return co_await database_.read<std::optional<Answered>>(command.context.deadline,
                                                               std::move(work));
}

ArticleId EventStore::new_id(database::Transaction& transaction) const {
    for (;;) {
        auto id = base::make_news_id(clock_.now(), base::random_bits());
        if (current_version(transaction, id) == 0) return id;
    }
}

base::Task<EventStore::Appended> EventStore::append(ArticleId id, Version next, Event event,
                                                    const Command& command) {
    std::string body = to_json(event);
    auto bytes = about_bytes(body);
    auto work = [this, id, next, event = std::move(event), body = std::move(body),
                 key = command.idempotency_key, actor = command.context.actor.subject(),
                 correlation_id = command.context.request_id](
                    database::Transaction& transaction) mutable -> base::Result<Appended> {
        if (key) {
            auto before = find(transaction, *key, clock_.now());
            if (!before) return before.error();
            if (*before) return Appended{(*before)->id, 0, {(*before)->version, {}, {}, {}}, true};
        }
        if (id == 0) {
            id = new_id(transaction);
        } else if (auto current = current_version(transaction, id); current != next - 1) {
            return base::Error{base::Reason::conflict,
                               "version_conflict",
                               "Somebody else has changed this news item. It is at version " +
                                   std::to_string(current) +
                                   " now; read it again and repeat the change on that.",
                               {},
                               current};
        }
        bus::NewEvent added{id,    next,          std::string(name_of(event)), std::move(body),
                            actor, correlation_id};
        auto stored = log_.append(transaction, std::move(added));
        if (key) remember(transaction, *key, stored);
        return Appended{id, stored.position, {next, actor, stored.recorded_at, std::move(event)}};
    };
    co_return co_await database_.write<Appended>(command.context.deadline, bytes, std::move(work));
}

base::Task<EventStore::ImportResult> EventStore::import(std::vector<Item> items,
                                                        base::Context context) {
    std::size_t bytes = 0;
    for (const auto& item : items) bytes += about_bytes(item.body);
    auto work = [this, items = std::move(items), actor = context.actor.subject(),
                 correlation_id = context.request_id](
                    database::Transaction& transaction) mutable -> base::Result<ImportResult> {
        ImportResult result;
        for (auto& item : items) {
            auto id = new_id(transaction);
            transaction
                .prepare(
                    "insert into sources (source_id, stream) values (?, ?) on conflict do nothing")
                .bind(1, item.source_id)
                .bind(2, id)
                .run();
            if (transaction.changes() == 0) {
                ++result.count.already_there;
                continue;
            }
            bus::NewEvent added{id,
                                1,
                                std::string(name_of(Event(ArticleCreated{}))),
                                std::move(item.body),
                                actor,
                                correlation_id};
            result.position = log_.append(transaction, std::move(added)).position;
            ++result.count.added;
        }
        return result;
    };
    co_return co_await database_.write<ImportResult>(context.deadline, bytes, std::move(work));
}

base::Task<std::int64_t> EventStore::forget_answered() {
    auto work = [this](database::Transaction& transaction) -> base::Result<std::int64_t> {
        transaction
            .prepare(
                "delete from answered_calls where (caller, route, key) in (select caller, route, "
                "key"
                " from answered_calls where recorded_at <= ? limit 1000)")
            .bind(1, base::to_micros(clock_.now() - base::idempotency_key_life))
            .run();
        return transaction.changes();
    };
    co_return co_await database_.write<std::int64_t>(base::Deadline(), 0, std::move(work));
}

}  // namespace news
