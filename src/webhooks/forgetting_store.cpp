#include "forgetting_store.hpp"

#include <set>

#include "webhook_store.hpp"

namespace webhooks {

namespace {

constexpr std::size_t forgotten_at_once = 500;

std::int64_t left_of(const std::vector<std::int64_t>& numbers) {
    return static_cast<std::int64_t>(forgotten_at_once - numbers.size());
}

void read_numbers(database::Statement& row, std::vector<std::int64_t>& numbers) {
    while (row.step()) numbers.push_back(row.integer(0));
}

void find_old(database::ReadTransaction& transaction, base::Time since,
              std::vector<std::int64_t>& numbers) {
    auto row = transaction.prepare(
        "select number from deliveries where state <> 0 and last_at < ?1 order by last_at limit "
        "?2");
    row.bind(1, base::to_micros(since)).bind(2, left_of(numbers));
    read_numbers(row, numbers);
}

void find_too_many(database::ReadTransaction& transaction, WebhookId webhook, std::int64_t most,
                   std::vector<std::int64_t>& numbers) {
    auto row = transaction.prepare(
        "select number from deliveries where webhook = ?1 and state <> 0 and number <="
        " (select number from deliveries where webhook = ?1 and state <> 0"
        " order by number desc limit 1 offset ?2) order by number limit ?3");
    row.bind(1, webhook).bind(2, most).bind(3, left_of(numbers));
    read_numbers(row, numbers);
}

/// Of webhooks that were removed: one look for each webhook that has any.
void find_orphans(database::ReadTransaction& transaction, const std::set<WebhookId>& there,
                  std::vector<std::int64_t>& numbers) {
    std::optional<std::int64_t> webhook = 0;
    while (webhook) {
        auto next = transaction.prepare("select min(webhook) from deliveries where webhook > ?");
        next.bind(1, *webhook).step();
        webhook = next.integer_or_null(0);
        if (!webhook || there.contains(*webhook)) continue;
        auto row = transaction.prepare("select number from deliveries where webhook = ?1 limit ?2");
        row.bind(1, *webhook).bind(2, left_of(numbers));
        read_numbers(row, numbers);
    }
}

/// The newest first: who is behind them takes those that are left meanwhile, and has not passed
/// those that are to come in their place.
bool forget_announcements(database::Transaction& transaction, const std::string& news_type) {
    transaction
        .prepare(
            "delete from announcements where news_type = ?1 and position >= coalesce("
            "(select position from announcements where news_type = ?1"
            " order by position desc limit 1 offset ?2), 0)")
        .bind(1, news_type)
        .bind(2, static_cast<std::int64_t>(forgotten_at_once) - 1)
        .run();
    return transaction.changes() > 0;
}

/// Nobody is further than the log goes now.
void step_back_to(database::Transaction& transaction, const std::string& news_type,
                  std::int64_t head) {
    transaction
        .prepare(
            "update webhook_cursors set position = ?2,"
            " begins = case when begins > ?2 then ?2 else begins end"
            " where news_type = ?1 and position > ?2")
        .bind(1, news_type)
        .bind(2, head)
        .run();
}

/// What a webhook was not told yet is before its place no more.
bool take_back_pending(database::Transaction& transaction, WebhookId webhook,
                       const std::string& news_type) {
    std::vector<std::int64_t> numbers;
    std::int64_t first = 0;
    auto row = transaction.prepare(
        "select number, position from deliveries where webhook = ?1 and news_type = ?2"
        " and state = 0 order by position desc limit ?3");
    row.bind(1, webhook).bind(2, news_type);
    row.bind(3, static_cast<std::int64_t>(forgotten_at_once));
    while (row.step()) {
        numbers.push_back(row.integer(0));
        first = row.integer(1);
    }
    if (numbers.empty()) return false;
    transaction
        .prepare(
            "update webhook_cursors set position = ?3,"
            " begins = case when begins > ?3 then ?3 else begins end"
            " where webhook = ?1 and news_type = ?2 and position > ?3")
        .bind(1, webhook)
        .bind(2, news_type)
        .bind(3, first - 1)
        .run();
    for (auto number : numbers) {
        transaction.prepare("delete from deliveries where number = ?").bind(1, number).run();
    }
    return true;
}

bool forget_ended(database::Transaction& transaction, WebhookId webhook,
                  const std::string& news_type) {
    transaction
        .prepare(
            "delete from deliveries where number in (select number from deliveries"
            " where webhook = ?1 and news_type = ?2 limit ?3)")
        .bind(1, webhook)
        .bind(2, news_type)
        .bind(3, static_cast<std::int64_t>(forgotten_at_once))
        .run();
    return transaction.changes() > 0;
}

bool forget_articles(database::Transaction& transaction, const std::string& news_type) {
    transaction
        .prepare(
            "delete from articles where news_type = ?1 and article in (select article"
            " from articles where news_type = ?1 limit ?2)")
        .bind(1, news_type)
        .bind(2, static_cast<std::int64_t>(forgotten_at_once))
        .run();
    return transaction.changes() > 0;
}

}  // namespace

std::vector<std::int64_t> deliveries_to_forget(database::ReadTransaction& transaction,
                                               const KeptDeliveries& kept) {
    std::vector<std::int64_t> numbers;
    find_old(transaction, kept.since, numbers);
    std::set<WebhookId> there;
    for (const auto& webhook : read_webhooks(transaction)) {
        there.insert(webhook.id);
        if (!is_full(numbers)) find_too_many(transaction, webhook.id, kept.most, numbers);
    }
    if (!is_full(numbers)) find_orphans(transaction, there, numbers);
    return numbers;
}

void forget_deliveries(database::Transaction& transaction,
                       const std::vector<std::int64_t>& numbers) {
    for (auto number : numbers) {
        transaction
            .prepare(
                "delete from deliveries where number = ?1"
                " and (state <> 0 or webhook not in (select id from webhooks))")
            .bind(1, number)
            .run();
    }
}

bool is_full(const std::vector<std::int64_t>& numbers) {
    return numbers.size() >= forgotten_at_once;
}

bool forget_heard(database::Transaction& transaction, const std::string& news_type,
                  std::int64_t head) {
    if (forget_announcements(transaction, news_type)) return true;
    // Nothing can be taken any more, so a webhook that steps back stays there.
    step_back_to(transaction, news_type, head);
    auto webhooks = read_webhooks(transaction);
    for (const auto& webhook : webhooks) {
        if (take_back_pending(transaction, webhook.id, news_type)) return true;
    }
    for (const auto& webhook : webhooks) {
        if (forget_ended(transaction, webhook.id, news_type)) return true;
    }
    return forget_articles(transaction, news_type);
}

}  // namespace webhooks
