#include "delivery_store.hpp"

#include <algorithm>
#include <limits>

#include "announcement_store.hpp"
#include "webhook_store.hpp"

namespace webhooks {

namespace {

constexpr std::int64_t taken_at_once = 200;
constexpr std::int64_t looked_at_once = 500;
constexpr std::int64_t forgotten_at_once = 500;
constexpr std::size_t delivery_bytes = 256;
constexpr const char* delivery_columns =
    "number, webhook, news_type, position, article, change, at, mark, state, attempts, next_at,"
    " last_at, last_status, last_error";

Delivery delivery_of(database::ReadTransaction& transaction, const database::Statement& row) {
    Delivery delivery;
    auto change = news::parse_public_change(row.text(5));
    if (!change) transaction.damaged("a delivery has no known change");
    delivery.number = row.integer(0);
    delivery.webhook = row.integer(1);
    delivery.what = {std::string(row.text(2)),          row.integer(3), row.integer(4), *change,
                     base::from_micros(row.integer(6)), row.integer(7)};
    delivery.state = static_cast<DeliveryState>(row.integer(8));
    delivery.attempts = row.integer(9);
    delivery.next_at = base::from_micros(row.integer(10));
    if (auto at = row.integer_or_null(11)) delivery.last_at = base::from_micros(*at);
    delivery.last_status = row.integer_or_null(12);
    delivery.last_error = row.text(13);
    return delivery;
}

std::int64_t count_pending(database::ReadTransaction& transaction, WebhookId webhook) {
    auto row =
        transaction.prepare("select count(*) from deliveries where webhook = ? and state = 0");
    row.bind(1, webhook).step();
    return row.integer(0);
}

/// Of each article only the earliest: those behind it wait for its end.
std::vector<Delivery> sendable(database::ReadTransaction& transaction, WebhookId webhook,
                               base::Time now, std::int64_t count) {
    std::vector<Delivery> all;
    auto row = transaction.prepare(
        std::string("select ") + delivery_columns +
        " from deliveries d where webhook = ?1 and state = 0 and next_at <= ?2"
        " and not exists (select 1 from deliveries e where e.webhook = d.webhook and e.state = 0"
        " and e.news_type = d.news_type and e.article = d.article and e.position < d.position)"
        " order by next_at, number limit ?3");
    row.bind(1, webhook).bind(2, base::to_micros(now)).bind(3, count);
    while (row.step()) all.push_back(delivery_of(transaction, row));
    return all;
}

std::optional<base::Time> next_at(database::ReadTransaction& transaction, WebhookId webhook,
                                  base::Time now) {
    auto row = transaction.prepare(
        "select min(next_at) from deliveries where webhook = ?1 and state = 0 and next_at > ?2");
    row.bind(1, webhook).bind(2, base::to_micros(now)).step();
    auto at = row.integer_or_null(0);
    if (!at) return std::nullopt;
    return base::from_micros(*at);
}

bool is_behind(database::ReadTransaction& transaction, WebhookId webhook, const NewsTypes& types) {
    for (const auto& type : types) {
        auto cursor = cursor_of(transaction, webhook, type);
        if (!announcements_behind(transaction, type, cursor, 1).empty()) return true;
    }
    return false;
}

void take_for(database::Transaction& transaction, const Webhook& webhook, const std::string& type,
              std::int64_t& room) {
    auto cursor = cursor_of(transaction, webhook.id, type);
    auto end = cursor;
    for (const auto& what : announcements_behind(transaction, type, cursor, looked_at_once)) {
        bool wanted = wants(webhook.settings, what.change, type);
        if (wanted && room == 0) break;
        if (wanted) {
            put_delivery(transaction, webhook.id, what, true);
            --room;
        }
        end = what.position;
    }
    if (end != cursor) put_cursor(transaction, webhook.id, type, end);
}

/// The newest number that is one too many; 0 if none is.
std::int64_t last_too_many(database::ReadTransaction& transaction, WebhookId webhook,
                           std::int64_t most) {
    auto row = transaction.prepare(
        "select number from deliveries where webhook = ?1 and state <> 0"
        " order by number desc limit 1 offset ?2");
    row.bind(1, webhook).bind(2, most);
    return row.step() ? row.integer(0) : 0;
}

}  // namespace

base::Task<AllDue> DeliveryStore::due(base::Time now, std::int64_t count) const {
    auto work = [this, now, count](database::ReadTransaction& transaction) -> base::Result<AllDue> {
        AllDue all;
        all.master_key = read_master_key(transaction);
        for (auto& webhook : read_webhooks(transaction)) {
            if (!webhook.settings.enabled) continue;
            Due due;
            due.pending = count_pending(transaction, webhook.id);
            due.is_behind = due.pending < limits_.pending &&
                            webhooks::is_behind(transaction, webhook.id, types_);
            if (due.pending > 0) {
                due.deliveries = sendable(transaction, webhook.id, now, count);
                due.next_at = webhooks::next_at(transaction, webhook.id, now);
            }
            due.webhook = std::move(webhook);
            all.webhooks.push_back(std::move(due));
        }
        return all;
    };
    co_return co_await database_.read<AllDue>(base::Deadline(), std::move(work));
}

base::Task<void> DeliveryStore::take() {
    auto work = [this](database::Transaction& transaction) -> base::Result<void> {
        for (const auto& webhook : read_webhooks(transaction)) {
            if (!webhook.settings.enabled) continue;
            auto room = limits_.pending - count_pending(transaction, webhook.id);
            room = std::clamp<std::int64_t>(room, 0, taken_at_once);
            for (const auto& type : types_) take_for(transaction, webhook, type, room);
        }
        return {};
    };
    auto bytes = delivery_bytes * static_cast<std::size_t>(taken_at_once);
    co_return co_await database_.write<void>(base::Deadline(), bytes, std::move(work));
}

base::Task<void> DeliveryStore::put(Delivery delivery) {
    auto work =
        [delivery = std::move(delivery)](database::Transaction& transaction) -> base::Result<void> {
        std::optional<std::int64_t> last_at;
        if (delivery.last_at) last_at = base::to_micros(*delivery.last_at);
        transaction
            .prepare(
                "update deliveries set state = ?4, attempts = ?5, next_at = ?6, last_at = ?7,"
                " last_status = ?8, last_error = ?9"
                " where webhook = ?1 and news_type = ?2 and position = ?3 and mark = ?10"
                " and state = 0")
            .bind(1, delivery.webhook)
            .bind(2, delivery.what.news_type)
            .bind(3, delivery.what.position)
            .bind(4, static_cast<std::int64_t>(delivery.state))
            .bind(5, delivery.attempts)
            .bind(6, base::to_micros(delivery.next_at))
            .bind(7, last_at)
            .bind(8, delivery.last_status)
            .bind(9, delivery.last_error)
            .bind(10, delivery.what.mark)
            .run();
        return {};
    };
    co_return co_await database_.write<void>(base::Deadline(), delivery_bytes, std::move(work));
}

base::Task<std::vector<Delivery>> DeliveryStore::list(WebhookId webhook, DeliveryQuestion question,
                                                      base::Context context) const {
    using All = std::vector<Delivery>;
    auto work = [webhook, question](database::ReadTransaction& transaction) -> base::Result<All> {
        auto known = transaction.prepare("select 1 from webhooks where id = ?");
        if (!known.bind(1, webhook).step()) return webhook_not_found();
        All all;
        auto row = transaction.prepare(std::string("select ") + delivery_columns +
                                       " from deliveries where webhook = ?1 and number < ?2"
                                       " and (?3 is null or state = ?3)"
                                       " order by number desc limit ?4");
        std::optional<std::int64_t> state;
        if (question.state) state = static_cast<std::int64_t>(*question.state);
        row.bind(1, webhook)
            .bind(2, question.before.value_or(std::numeric_limits<std::int64_t>::max()))
            .bind(3, state)
            .bind(4, question.limit);
        while (row.step()) all.push_back(delivery_of(transaction, row));
        return all;
    };
    co_return co_await database_.read<All>(context.deadline, std::move(work));
}

base::Task<Delivery> DeliveryStore::redeliver(WebhookId webhook, MessageName name,
                                              base::Context context) {
    auto work = [webhook, name = std::move(name)](
                    database::Transaction& transaction) -> base::Result<Delivery> {
        auto known = transaction.prepare("select 1 from webhooks where id = ?");
        if (!known.bind(1, webhook).step()) return webhook_not_found();
        if (name.webhook != webhook) return delivery_not_found();
        auto row = transaction.prepare(
            std::string("update deliveries set state = 0, attempts = 0, next_at = 0"
                        " where webhook = ?1 and news_type = ?2 and position = ?3 and mark = ?4"
                        " returning ") +
            delivery_columns);
        row.bind(1, webhook).bind(2, name.news_type).bind(3, name.position).bind(4, name.mark);
        if (!row.step()) return delivery_not_found();
        auto delivery = delivery_of(transaction, row);
        while (row.step()) {
        }
        return delivery;
    };
    co_return co_await database_.write<Delivery>(context.deadline, delivery_bytes, std::move(work));
}

base::Task<bool> DeliveryStore::forget_some(base::Time now) {
    auto work = [this, now](database::Transaction& transaction) -> base::Result<bool> {
        std::int64_t forgotten = 0;
        transaction
            .prepare(
                "delete from deliveries where number in (select number from deliveries"
                " where state <> 0 and last_at < ?1 limit ?2)")
            .bind(1, base::to_micros(now - limits_.kept_for))
            .bind(2, forgotten_at_once)
            .run();
        forgotten += transaction.changes();
        for (const auto& webhook : read_webhooks(transaction)) {
            auto last = last_too_many(transaction, webhook.id, limits_.kept);
            if (last == 0) continue;
            transaction
                .prepare(
                    "delete from deliveries where number in (select number from deliveries"
                    " where webhook = ?1 and number <= ?2 and state <> 0 limit ?3)")
                .bind(1, webhook.id)
                .bind(2, last)
                .bind(3, forgotten_at_once)
                .run();
            forgotten += transaction.changes();
        }
        return forgotten >= forgotten_at_once;
    };
    co_return co_await database_.write<bool>(base::Deadline(), delivery_bytes, std::move(work));
}

}  // namespace webhooks
