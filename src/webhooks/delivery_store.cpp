#include "delivery_store.hpp"

#include <algorithm>
#include <limits>

#include "announcement_store.hpp"
#include "forgetting_store.hpp"
#include "schedule.hpp"
#include "webhook_store.hpp"

namespace webhooks {

namespace {

constexpr std::int64_t taken_at_once = 200;
constexpr std::int64_t looked_at_once = 500;
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

/// What waits for the webhooks: among their deliveries, and behind their places in the
/// announcements.
struct Backlog {
    std::map<WebhookId, TypeCounts> pending;  ///< by type
    std::map<WebhookId, TypeCounts> cursors;
    TypeCounts newest;  ///< announcements
};

void read_counts(database::Statement row, std::map<WebhookId, TypeCounts>& counts) {
    while (row.step()) counts[row.integer(0)][std::string(row.text(1))] = row.integer(2);
}

/// Few questions, however many webhooks there are.
Backlog read_backlog(database::ReadTransaction& transaction, const NewsTypes& types) {
    Backlog backlog;
    read_counts(transaction.prepare("select webhook, news_type, count(*) from deliveries"
                                    " where state = 0 group by webhook, news_type"),
                backlog.pending);
    read_counts(transaction.prepare("select webhook, news_type, position from webhook_cursors"),
                backlog.cursors);
    for (const auto& type : types) {
        auto row =
            transaction.prepare("select max(position) from announcements where news_type = ?");
        row.bind(1, type).step();
        backlog.newest[type] = row.integer_or_null(0).value_or(0);
    }
    return backlog;
}

/// Of each type that it wants, how much of it waits.
TypeCounts waiting_of(const Backlog& backlog, const Webhook& webhook) {
    TypeCounts waiting;
    for (const auto& [type, newest] : backlog.newest) {
        if (wants_type(webhook.settings, type)) waiting[type] = 0;
    }
    auto pending = backlog.pending.find(webhook.id);
    if (pending == backlog.pending.end()) return waiting;
    for (const auto& [type, count] : pending->second) waiting[type] = count;
    return waiting;
}

/// Types of which more can become its deliveries, or be passed by.
std::vector<std::string> types_behind(const Backlog& backlog, const Webhook& webhook,
                                      std::int64_t most) {
    std::vector<std::string> types;
    auto waiting = waiting_of(backlog, webhook);
    auto cursors = backlog.cursors.find(webhook.id);
    for (const auto& [type, newest] : backlog.newest) {
        std::int64_t position = 0;
        if (cursors != backlog.cursors.end()) {
            auto cursor = cursors->second.find(type);
            if (cursor != cursors->second.end()) position = cursor->second;
        }
        bool has_room = !wants_type(webhook.settings, type) || room_for(waiting, type, most) > 0;
        if (position < newest && has_room) types.push_back(type);
    }
    return types;
}

/// When deliveries are to be tried.
struct Times {
    bool any_now = false;
    std::optional<base::Time> next_at{};
};

std::map<WebhookId, Times> read_times(database::ReadTransaction& transaction, base::Time now) {
    std::map<WebhookId, Times> all;
    auto row = transaction.prepare(
        "select webhook, count(*) filter (where next_at <= ?1),"
        " min(next_at) filter (where next_at > ?1) from deliveries where state = 0"
        " group by webhook");
    row.bind(1, base::to_micros(now));
    while (row.step()) {
        auto& times = all[row.integer(0)];
        times.any_now = row.integer(1) > 0;
        if (auto at = row.integer_or_null(2)) times.next_at = base::from_micros(*at);
    }
    return all;
}

/// Of each article only the earliest: those behind it wait for its end. What no message can be made
/// of takes no place from the others.
void read_sendable(database::ReadTransaction& transaction, base::Time now, std::int64_t count,
                   const Unready& unready, Due& due) {
    auto row = transaction.prepare(
        std::string("select ") + delivery_columns +
        " from deliveries d where webhook = ?1 and state = 0 and next_at <= ?2"
        " and not exists (select 1 from deliveries e where e.webhook = d.webhook and e.state = 0"
        " and e.news_type = d.news_type and e.article = d.article and e.position < d.position)"
        " order by next_at, number");
    row.bind(1, due.webhook.id).bind(2, base::to_micros(now));
    while (std::ssize(due.deliveries) < count && row.step()) {
        auto delivery = delivery_of(transaction, row);
        bool lags = is_ahead(unready, delivery.what);
        due.waits_for_view = due.waits_for_view || lags;
        if (lags || unready.articles.contains({delivery.what.news_type, delivery.what.article})) {
            continue;
        }
        due.deliveries.push_back(std::move(delivery));
    }
}

/// Makes up to `room` of what is announced of a type its deliveries; gives how many.
std::int64_t take_for(database::Transaction& transaction, const Webhook& webhook,
                      const std::string& type, std::int64_t room, base::Time now) {
    auto cursor = cursor_of(transaction, webhook.id, type);
    auto end = cursor;
    std::int64_t taken = 0;
    for (const auto& what : announcements_behind(transaction, type, cursor, looked_at_once)) {
        bool wanted = wants(webhook.settings, what.change, type);
        if (wanted && taken == room) break;
        if (wanted) {
            put_delivery(transaction, webhook.id, what, now, true);
            ++taken;
        }
        end = what.position;
    }
    if (end != cursor) put_cursor(transaction, webhook.id, type, end);
    return taken;
}

/// All its types get the same share of what is taken at once; what one leaves is for those behind
/// it. `turn`: which is the first, so that each is once where there is no room for all.
void take_all_for(database::Transaction& transaction, const Webhook& webhook,
                  const Backlog& backlog, std::int64_t most, std::size_t turn, base::Time now) {
    auto types = types_behind(backlog, webhook, most);
    if (types.empty()) return;
    auto first = static_cast<std::ptrdiff_t>(turn % types.size());
    std::rotate(types.begin(), types.begin() + first, types.end());
    auto waiting = waiting_of(backlog, webhook);
    auto left = most;
    for (const auto& [type, count] : waiting) left -= count;
    left = std::clamp<std::int64_t>(left, 0, taken_at_once);
    for (std::size_t i = 0; i < types.size(); ++i) {
        auto share = left / static_cast<std::int64_t>(types.size() - i);
        share = std::max(share, std::min<std::int64_t>(left, 1));
        auto room = std::min(share, room_for(waiting, types[i], most));
        auto taken = take_for(transaction, webhook, types[i], room, now);
        waiting[types[i]] += taken;
        left -= taken;
    }
}

}  // namespace

base::Task<AllDue> DeliveryStore::due(base::Time now, std::int64_t count, Unready unready) const {
    auto work = [this, now, count, unready = std::move(unready)](
                    database::ReadTransaction& transaction) -> base::Result<AllDue> {
        AllDue all;
        all.master_key = read_master_key(transaction);
        auto backlog = read_backlog(transaction, types_);
        auto times = read_times(transaction, now);
        for (auto& webhook : read_webhooks(transaction)) {
            if (!webhook.settings.enabled) continue;
            Due due;
            due.is_behind = !types_behind(backlog, webhook, limits_.pending).empty();
            for (const auto& [type, number] : backlog.pending[webhook.id]) due.pending += number;
            due.next_at = times[webhook.id].next_at;
            due.webhook = std::move(webhook);
            if (times[due.webhook.id].any_now) {
                read_sendable(transaction, now, count, unready, due);
            }
            all.webhooks.push_back(std::move(due));
        }
        return all;
    };
    co_return co_await database_.read<AllDue>(base::Deadline(), std::move(work));
}

base::Task<void> DeliveryStore::take(base::Time now) {
    auto turn = turn_.fetch_add(1);
    auto work = [this, turn, now](database::Transaction& transaction) -> base::Result<void> {
        auto backlog = read_backlog(transaction, types_);
        for (const auto& webhook : read_webhooks(transaction)) {
            if (!webhook.settings.enabled) continue;
            take_all_for(transaction, webhook, backlog, limits_.pending, turn, now);
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

base::Task<Delivery> DeliveryStore::redeliver(WebhookId webhook, MessageName name, base::Time now,
                                              base::Context context) {
    auto work = [webhook, name = std::move(name),
                 now](database::Transaction& transaction) -> base::Result<Delivery> {
        auto known = transaction.prepare("select 1 from webhooks where id = ?");
        if (!known.bind(1, webhook).step()) return webhook_not_found();
        if (name.webhook != webhook) return delivery_not_found();
        auto row = transaction.prepare(
            std::string("update deliveries set state = 0, attempts = 0, next_at = ?5"
                        " where webhook = ?1 and news_type = ?2 and position = ?3 and mark = ?4"
                        " returning ") +
            delivery_columns);
        row.bind(1, webhook).bind(2, name.news_type).bind(3, name.position).bind(4, name.mark);
        row.bind(5, base::to_micros(now));
        if (!row.step()) return delivery_not_found();
        auto delivery = delivery_of(transaction, row);
        while (row.step()) {
        }
        return delivery;
    };
    co_return co_await database_.write<Delivery>(context.deadline, delivery_bytes, std::move(work));
}

base::Task<bool> DeliveryStore::forget_some(base::Time now) {
    using Numbers = std::vector<std::int64_t>;
    KeptDeliveries kept{limits_.kept, now - limits_.kept_for};
    auto question = [kept](database::ReadTransaction& transaction) -> base::Result<Numbers> {
        return deliveries_to_forget(transaction, kept);
    };
    auto numbers = co_await database_.read<Numbers>(base::Deadline(), std::move(question));
    if (!numbers) co_return numbers.error();
    if (numbers->empty()) co_return false;
    bool more = is_full(*numbers);
    auto work =
        [numbers = std::move(*numbers)](database::Transaction& transaction) -> base::Result<void> {
        forget_deliveries(transaction, numbers);
        return {};
    };
    auto forgotten =
        co_await database_.write<void>(base::Deadline(), delivery_bytes, std::move(work));
    if (!forgotten) co_return forgotten.error();
    co_return more;
}

}  // namespace webhooks
