#include "announcement_store.hpp"

#include <algorithm>

#include "news/events.hpp"

namespace webhooks {

namespace {

constexpr std::size_t mark_bytes = 4;

std::int64_t mark_of(const bus::Hash& hash) {
    std::int64_t mark = 0;
    for (std::size_t i = 0; i < mark_bytes; ++i) mark = mark * 256 + hash[i];
    return mark;
}

/// Nothing: it is not known. Then it is new, or it came back from an archive.
std::optional<bool> was_public(database::ReadTransaction& transaction, const std::string& news_type,
                               std::int64_t article) {
    auto row =
        transaction.prepare("select is_public from articles where news_type = ?1 and article = ?2");
    row.bind(1, news_type).bind(2, article);
    if (!row.step()) return std::nullopt;
    return row.integer(0) != 0;
}

void put_public(database::Transaction& transaction, const std::string& news_type,
                std::int64_t article, bool is_public) {
    transaction
        .prepare(
            "insert into articles (news_type, article, is_public) values (?1, ?2, ?3)"
            " on conflict (news_type, article) do update set is_public = ?3")
        .bind(1, news_type)
        .bind(2, article)
        .bind(3, std::int64_t{is_public})
        .run();
}

bool put_announcement(database::Transaction& transaction, const Announcement& what) {
    auto word = news::name_of(what.change);
    transaction
        .prepare(
            "insert into announcements (news_type, position, article, change, at, mark)"
            " values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing")
        .bind(1, what.news_type)
        .bind(2, what.position)
        .bind(3, what.article)
        .bind(4, word)
        .bind(5, base::to_micros(what.at))
        .bind(6, what.mark)
        .run();
    return transaction.changes() > 0;
}

struct Waiting {
    WebhookId webhook = 0;
    Settings settings;
};

/// Webhooks that have passed that position, of an event that was put aside for a while and comes
/// late.
std::vector<Waiting> passed(database::ReadTransaction& transaction, const Announcement& what) {
    std::vector<Waiting> webhooks;
    auto row = transaction.prepare(
        "select w.id, w.events, w.types from webhook_cursors c join webhooks w on w.id = c.webhook"
        " where c.news_type = ?1 and c.position >= ?2 and c.begins < ?2");
    row.bind(1, what.news_type).bind(2, what.position);
    while (row.step()) {
        Waiting one;
        one.webhook = row.integer(0);
        one.settings.events = events_of(row.text(1));
        one.settings.types = types_of(row.text(2));
        webhooks.push_back(std::move(one));
    }
    return webhooks;
}

}  // namespace

std::string subscription_of(const std::string& news_type) {
    return "news-" + news_type;
}

std::int64_t heard_position(database::ReadTransaction& transaction, const std::string& news_type) {
    auto name = subscription_of(news_type);
    return bus::read_cursor(transaction, name).position;
}

bool Announcer::hear(database::Transaction& transaction, const bus::Event& event, bool is_late) {
    auto said = news::article_event(event);
    auto known = was_public(transaction, news_type_, event.stream);
    // What is archived was public, as far as anybody cares; what is sent is looked at once more.
    bool before = known.value_or(event.version > 1);
    bool after = news::public_after(said).value_or(before);
    if (after != known) put_public(transaction, news_type_, event.stream, after);
    auto change = news::public_change(before, said);
    if (!change) return false;
    Announcement what{news_type_, event.position,    event.stream,
                      *change,    event.recorded_at, mark_of(event.hash)};
    if (!put_announcement(transaction, what)) return false;
    // What is heard in its turn nobody has passed, unless by another history.
    if (!is_late) return true;
    for (const auto& late : passed(transaction, what)) {
        if (!wants(late.settings, what.change, what.news_type)) continue;
        put_delivery(transaction, late.webhook, what, clock_.now(), false);
    }
    return true;
}

void Announcer::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    bool any = false;
    auto heard = events.empty() ? 0 : heard_position(transaction, news_type_);
    for (const auto& event : events) {
        any = hear(transaction, event, event.position <= heard) || any;
    }
    if (any) transaction.after_commit(announced_);
}

std::vector<Announcement> announcements_behind(database::ReadTransaction& transaction,
                                               const std::string& news_type, std::int64_t position,
                                               std::int64_t count) {
    std::vector<Announcement> all;
    auto row = transaction.prepare(
        "select position, article, change, at, mark from announcements"
        " where news_type = ?1 and position > ?2 order by position limit ?3");
    row.bind(1, news_type).bind(2, position).bind(3, count);
    while (row.step()) {
        auto change = news::parse_public_change(row.text(2));
        if (!change) transaction.damaged("an announcement has no known change");
        all.push_back({news_type, row.integer(0), row.integer(1), *change,
                       base::from_micros(row.integer(3)), row.integer(4)});
    }
    return all;
}

std::int64_t position_before(database::ReadTransaction& transaction, const std::string& news_type,
                             base::Time from) {
    auto row = transaction.prepare(
        "select min(position) from announcements where news_type = ?1 and at >= ?2");
    row.bind(1, news_type).bind(2, base::to_micros(from)).step();
    auto first = row.integer_or_null(0);
    return first ? *first - 1 : heard_position(transaction, news_type);
}

std::int64_t cursor_of(database::ReadTransaction& transaction, WebhookId webhook,
                       const std::string& news_type) {
    auto row = transaction.prepare(
        "select position from webhook_cursors where webhook = ?1 and news_type = ?2");
    row.bind(1, webhook).bind(2, news_type);
    return row.step() ? row.integer(0) : 0;
}

void put_cursor(database::Transaction& transaction, WebhookId webhook, const std::string& news_type,
                std::int64_t position) {
    transaction
        .prepare(
            "insert into webhook_cursors (webhook, news_type, position) values (?1, ?2, ?3)"
            " on conflict (webhook, news_type) do update set position = ?3")
        .bind(1, webhook)
        .bind(2, news_type)
        .bind(3, position)
        .run();
}

void begin_behind(database::Transaction& transaction, WebhookId webhook,
                  const std::string& news_type, std::int64_t position) {
    transaction
        .prepare(
            "insert into webhook_cursors (webhook, news_type, position, begins)"
            " values (?1, ?2, ?3, ?3)"
            " on conflict (webhook, news_type) do update set position = ?3, begins = ?3")
        .bind(1, webhook)
        .bind(2, news_type)
        .bind(3, position)
        .run();
}

void put_delivery(database::Transaction& transaction, WebhookId webhook, const Announcement& what,
                  base::Time now, bool again) {
    auto word = news::name_of(what.change);
    std::string sql =
        "insert into deliveries (webhook, news_type, position, article, change, at, mark, state,"
        " attempts, next_at, last_error) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8, '')"
        " on conflict (webhook, news_type, position) do ";
    sql += again ? "update set state = 0, attempts = 0, next_at = ?8 where state <> 0" : "nothing";
    transaction.prepare(sql)
        .bind(1, webhook)
        .bind(2, what.news_type)
        .bind(3, what.position)
        .bind(4, what.article)
        .bind(5, word)
        .bind(6, base::to_micros(what.at))
        .bind(7, what.mark)
        .bind(8, base::to_micros(now))
        .run();
}

}  // namespace webhooks
