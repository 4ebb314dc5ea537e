#include "webhook_store.hpp"

#include <algorithm>

#include "announcement_store.hpp"
#include "base/hmac.hpp"
#include "base/ids.hpp"
#include "bus/call_store.hpp"
#include "signature_crypto.hpp"

namespace webhooks {

namespace {

constexpr std::size_t row_bytes = 4096;
constexpr const char* columns =
    "id, version, url, events, types, description, enabled, gone, secret, previous_until,"
    " created_at, updated_at";

Webhook webhook_of(const database::Statement& row) {
    Webhook webhook;
    webhook.id = row.integer(0);
    webhook.version = row.integer(1);
    webhook.settings = {std::string(row.text(2)), events_of(row.text(3)), types_of(row.text(4)),
                        std::string(row.text(5)), row.integer(6) != 0};
    webhook.is_gone = row.integer(7) != 0;
    webhook.secret = row.integer(8);
    webhook.previous_until = base::from_micros(row.integer(9));
    webhook.created_at = base::from_micros(row.integer(10));
    webhook.updated_at = base::from_micros(row.integer(11));
    return webhook;
}

base::Result<Webhook> find_in(database::ReadTransaction& transaction, WebhookId id) {
    auto row =
        transaction.prepare(std::string("select ") + columns + " from webhooks where id = ?");
    if (!row.bind(1, id).step()) return webhook_not_found();
    return webhook_of(row);
}

void put_row(database::Transaction& transaction, const Webhook& webhook) {
    const auto& settings = webhook.settings;
    auto events = text_of(settings.events);
    auto types = text_of(settings.types);
    transaction
        .prepare(
            "insert into webhooks (id, version, url, events, types, description, enabled, gone,"
            " secret, previous_until, created_at, updated_at)"
            " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) on conflict (id) do"
            " update set version = ?2, url = ?3, events = ?4, types = ?5, description = ?6,"
            " enabled = ?7, gone = ?8, secret = ?9, previous_until = ?10, updated_at = ?12")
        .bind(1, webhook.id)
        .bind(2, webhook.version)
        .bind(3, settings.url)
        .bind(4, events)
        .bind(5, types)
        .bind(6, settings.description)
        .bind(7, std::int64_t{settings.enabled})
        .bind(8, std::int64_t{webhook.is_gone})
        .bind(9, webhook.secret)
        .bind(10, base::to_micros(webhook.previous_until))
        .bind(11, base::to_micros(webhook.created_at))
        .bind(12, base::to_micros(webhook.updated_at))
        .run();
}

std::int64_t count_in(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select count(*) from webhooks");
    row.step();
    return row.integer(0);
}

std::string make_master_key_in(database::Transaction& transaction) {
    auto key = base::make_signing_key();
    transaction
        .prepare("insert into master_key (id, key) values (1, ?) on conflict (id) do nothing")
        .bind(1, key)
        .run();
    return read_master_key(transaction);
}

/// As it was made by that call.
WithKey answer_again(database::ReadTransaction& transaction, const bus::AnsweredCall& call) {
    WithKey made;
    made.master_key = read_master_key(transaction);
    bus::read_stream(transaction, call.stream, call.version - 1, [&](const bus::Event& event) {
        auto said = event_from_json(event.type, event.body);
        if (auto* created = std::get_if<WebhookCreated>(&said)) {
            made.webhook.settings = std::move(created->settings);
        }
        made.webhook.id = call.stream;
        made.webhook.version = event.version;
        made.webhook.created_at = made.webhook.updated_at = event.recorded_at;
        return false;
    });
    return made;
}

/// With the secret that call has made, also if there are newer ones.
Webhook rotated_by(database::ReadTransaction& transaction, Webhook webhook,
                   const bus::AnsweredCall& call, std::chrono::hours rotation) {
    webhook.secret = 1;
    bus::read_stream(transaction, call.stream, 0, [&](const bus::Event& event) {
        auto said = event_from_json(event.type, event.body);
        bool rotates = std::holds_alternative<SecretRotated>(said);
        if (rotates) ++webhook.secret;
        if (rotates) webhook.previous_until = event.recorded_at + rotation;
        return event.version < call.version;
    });
    return webhook;
}

base::Error invalid_replay(const std::string& field, const std::string& why) {
    return {base::Reason::invalid,
            "invalid_replay",
            "It cannot be told again from there: " + field + " " + why + ".",
            {{field, why}}};
}

}  // namespace

std::vector<Webhook> read_webhooks(database::ReadTransaction& transaction) {
    std::vector<Webhook> all;
    auto row = transaction.prepare(std::string("select ") + columns + " from webhooks order by id");
    while (row.step()) all.push_back(webhook_of(row));
    return all;
}

std::string read_master_key(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select key from master_key where id = 1");
    return row.step() ? std::string(row.text(0)) : std::string();
}

WebhookStore::WebhookStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                           std::int64_t webhooks_max, std::chrono::hours rotation, NewsTypes types,
                           Heads heads, std::function<void()> changed)
    : database_(database),
      log_(log),
      clock_(clock),
      webhooks_max_(webhooks_max),
      rotation_(rotation),
      types_(std::move(types)),
      heads_(std::move(heads)),
      changed_(std::move(changed)) {}

base::Task<std::vector<Webhook>> WebhookStore::all(base::Context context) const {
    using All = std::vector<Webhook>;
    auto work = [](database::ReadTransaction& transaction) -> base::Result<All> {
        return read_webhooks(transaction);
    };
    co_return co_await database_.read<All>(context.deadline, std::move(work));
}

base::Task<WithKey> WebhookStore::find(WebhookId id, base::Context context) const {
    auto work = [id](database::ReadTransaction& transaction) -> base::Result<WithKey> {
        auto webhook = find_in(transaction, id);
        if (!webhook) return webhook.error();
        return WithKey{std::move(*webhook), read_master_key(transaction)};
    };
    co_return co_await database_.read<WithKey>(context.deadline, std::move(work));
}

/// What happens from now on is behind that.
std::int64_t WebhookStore::newest(database::ReadTransaction& transaction,
                                  const std::string& type) const {
    return std::max(heads_(type), heard_position(transaction, type));
}

bus::Event WebhookStore::append(database::Transaction& transaction, WebhookId id,
                                std::int64_t version, const Event& event,
                                const base::Context& context) {
    bus::NewEvent added{id,
                        version,
                        std::string(name_of(event)),
                        to_json(event),
                        context.actor.subject(),
                        context.request_id};
    transaction.after_commit(changed_);
    return log_.append(transaction, std::move(added));
}

base::Result<WithKey> WebhookStore::create_in(database::Transaction& transaction,
                                              const Settings& settings,
                                              const base::Command& command) {
    auto now = clock_.now();
    auto call = bus::find_call(transaction, command.idempotency_key, now);
    if (!call) return call.error();
    if (*call) return answer_again(transaction, **call);
    if (count_in(transaction) >= webhooks_max_) return too_many_webhooks(webhooks_max_);
    Webhook webhook;
    webhook.settings = settings;
    // An id that was another's would have its events.
    do {
        webhook.id = base::make_user_id(base::random_bits());
    } while (!bus::read_stream(transaction, webhook.id).empty());
    auto stored = append(transaction, webhook.id, 1, WebhookCreated{settings}, command.context);
    webhook.version = stored.version;
    webhook.created_at = webhook.updated_at = stored.recorded_at;
    put_row(transaction, webhook);
    for (const auto& type : types_) {
        begin_behind(transaction, webhook.id, type, newest(transaction, type));
    }
    auto key = make_master_key_in(transaction);
    bus::remember_call(transaction, command.idempotency_key, {webhook.id, 1}, now);
    return WithKey{std::move(webhook), std::move(key)};
}

base::Task<WithKey> WebhookStore::create(Settings settings, base::Command command) {
    auto deadline = command.context.deadline;
    auto work = [this, settings = std::move(settings), command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<WithKey> {
        return create_in(transaction, settings, command);
    };
    co_return co_await database_.write<WithKey>(deadline, row_bytes, std::move(work));
}

base::Task<Webhook> WebhookStore::change(WebhookId id, SettingsChange change, Check check,
                                         base::Command command) {
    auto deadline = command.context.deadline;
    auto work = [this, id, change = std::move(change), check = std::move(check),
                 command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<Webhook> {
        auto webhook = find_in(transaction, id);
        if (!webhook) return webhook.error();
        auto allowed = may_change(webhook->version, command.expected);
        if (!allowed) return allowed.error();
        auto settings = changed(webhook->settings, change);
        auto good = check(webhook->settings, settings);
        if (!good) return good.error();
        bool is_back = webhook->is_gone && settings.enabled;
        if (settings == webhook->settings && !is_back) return *webhook;
        webhook->settings = std::move(settings);
        webhook->is_gone = webhook->is_gone && !webhook->settings.enabled;
        auto stored = append(transaction, id, webhook->version + 1,
                             WebhookChanged{webhook->settings}, command.context);
        webhook->version = stored.version;
        webhook->updated_at = stored.recorded_at;
        put_row(transaction, *webhook);
        return *webhook;
    };
    co_return co_await database_.write<Webhook>(deadline, row_bytes, std::move(work));
}

base::Task<void> WebhookStore::remove(WebhookId id, base::Command command) {
    auto deadline = command.context.deadline;
    auto work = [this, id, command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<void> {
        auto webhook = find_in(transaction, id);
        if (!webhook) return webhook.error();
        auto allowed = may_change(webhook->version, command.expected);
        if (!allowed) return allowed.error();
        append(transaction, id, webhook->version + 1, WebhookRemoved{}, command.context);
        for (const char* sql : {"delete from webhooks where id = ?",
                                "delete from webhook_cursors where webhook = ?"}) {
            transaction.prepare(sql).bind(1, id).run();
        }
        return {};
    };
    co_return co_await database_.write<void>(deadline, row_bytes, std::move(work));
}

base::Result<WithKey> WebhookStore::rotate_in(database::Transaction& transaction, WebhookId id,
                                              const base::Command& command) {
    auto webhook = find_in(transaction, id);
    if (!webhook) return webhook.error();
    auto now = clock_.now();
    auto call = bus::find_call(transaction, command.idempotency_key, now);
    if (!call) return call.error();
    if (*call) {
        auto then = rotated_by(transaction, std::move(*webhook), **call, rotation_);
        return WithKey{std::move(then), read_master_key(transaction)};
    }
    auto allowed = may_change(webhook->version, command.expected);
    if (!allowed) return allowed.error();
    auto stored = append(transaction, id, webhook->version + 1, SecretRotated{}, command.context);
    webhook->version = stored.version;
    webhook->updated_at = stored.recorded_at;
    webhook->secret += 1;
    webhook->previous_until = stored.recorded_at + rotation_;
    put_row(transaction, *webhook);
    bus::remember_call(transaction, command.idempotency_key, {id, stored.version}, now);
    return WithKey{std::move(*webhook), read_master_key(transaction)};
}

base::Task<WithKey> WebhookStore::rotate_secret(WebhookId id, base::Command command) {
    auto deadline = command.context.deadline;
    auto work = [this, id, command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<WithKey> {
        return rotate_in(transaction, id, command);
    };
    co_return co_await database_.write<WithKey>(deadline, row_bytes, std::move(work));
}

base::Task<std::map<std::string, std::int64_t>> WebhookStore::replay(WebhookId id, From from,
                                                                     base::Command command) {
    using Positions = std::map<std::string, std::int64_t>;
    auto deadline = command.context.deadline;
    auto work = [this, id, from = std::move(from), command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<Positions> {
        auto webhook = find_in(transaction, id);
        if (!webhook) return webhook.error();
        auto allowed = may_change(webhook->version, command.expected);
        if (!allowed) return allowed.error();
        auto positions = from.positions;
        for (const auto& type : types_) {
            if (!from.time) continue;
            bool is_later = *from.time >= clock_.now();
            positions[type] = is_later ? newest(transaction, type)
                                       : position_before(transaction, type, *from.time);
        }
        for (const auto& [type, position] : positions) {
            auto field = "positions." + type;
            if (!types_.contains(type))
                return invalid_replay(field, "is no news type of this site");
            auto last = newest(transaction, type);
            if (position <= last) continue;
            return invalid_replay(field, "is beyond the newest event, " + std::to_string(last));
        }
        auto stored = append(transaction, id, webhook->version + 1, WebhookReplayed{positions},
                             command.context);
        webhook->version = stored.version;
        webhook->updated_at = stored.recorded_at;
        put_row(transaction, *webhook);
        for (const auto& [type, position] : positions) {
            begin_behind(transaction, id, type, position);
        }
        return positions;
    };
    co_return co_await database_.write<Positions>(deadline, row_bytes, std::move(work));
}

base::Task<void> WebhookStore::disable(WebhookId id, std::string url) {
    auto work = [this, id,
                 url = std::move(url)](database::Transaction& transaction) -> base::Result<void> {
        auto webhook = find_in(transaction, id);
        if (!webhook || !webhook->settings.enabled || webhook->settings.url != url) return {};
        auto stored = append(transaction, id, webhook->version + 1, WebhookDisabled{}, {});
        webhook->version = stored.version;
        webhook->updated_at = stored.recorded_at;
        webhook->settings.enabled = false;
        webhook->is_gone = true;
        put_row(transaction, *webhook);
        return {};
    };
    co_return co_await database_.write<void>(base::Deadline(), row_bytes, std::move(work));
}

}  // namespace webhooks
