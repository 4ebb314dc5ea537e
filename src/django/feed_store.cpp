#include "feed_store.hpp"

#include "news/importer.hpp"

namespace django {

namespace {

std::optional<FeedRow> read_row(database::Statement& row) {
    if (!row.step()) return std::nullopt;
    return FeedRow{std::string(row.text(0)), row.integer(1), std::string(row.text(2)),
                   std::string(row.text(3)), row.integer(4)};
}

}  // namespace

base::Task<FeedEntries> FeedStore::after(std::int64_t position, std::int64_t count,
                                         base::Deadline deadline) const {
    auto work = [position,
                 count](database::ReadTransaction& transaction) -> base::Result<FeedEntries> {
        FeedEntries found;
        auto head = transaction.prepare("select coalesce(max(position), 0) from feed");
        head.step();
        found.head = head.integer(0);
        auto row = transaction.prepare(
            "select position, news_type, article, version, removed, changed_at from feed"
            " where position > ? order by position limit ?");
        row.bind(1, position).bind(2, count);
        while (row.step()) {
            found.entries.push_back({row.integer(0), std::string(row.text(1)), row.integer(2),
                                     row.integer(3), row.integer(4) != 0,
                                     base::from_micros(row.integer(5))});
        }
        return found;
    };
    co_return co_await database_.read<FeedEntries>(deadline, std::move(work));
}

base::Task<std::optional<FeedRow>> FeedStore::row_of(std::string news_type,
                                                     std::int64_t article) const {
    using Found = std::optional<FeedRow>;
    auto work = [news_type = std::move(news_type),
                 article](database::ReadTransaction& transaction) -> base::Result<Found> {
        auto row = transaction.prepare(
            "select news_type, article, model, key, version from feed_rows"
            " where news_type = ? and article = ?");
        row.bind(1, news_type).bind(2, article);
        return read_row(row);
    };
    co_return co_await database_.read<Found>(base::Deadline(), std::move(work));
}

base::Task<std::optional<FeedRow>> FeedStore::row_at(std::string model, std::string key) const {
    using Found = std::optional<FeedRow>;
    auto work = [model = std::move(model), key = std::move(key)](
                    database::ReadTransaction& transaction) -> base::Result<Found> {
        auto row = transaction.prepare(
            "select news_type, article, model, key, version from feed_rows"
            " where model = ? and key = ?");
        row.bind(1, model).bind(2, key);
        return read_row(row);
    };
    co_return co_await database_.read<Found>(base::Deadline(), std::move(work));
}

base::Task<void> FeedStore::keep(FeedRow row) {
    auto work = [row = std::move(row)](database::Transaction& transaction) -> base::Result<bool> {
        transaction
            .prepare(
                "insert into feed_rows (news_type, article, model, key, version)"
                " values (?, ?, ?, ?, ?)"
                " on conflict (news_type, article) do update set version = excluded.version")
            .bind(1, row.news_type)
            .bind(2, row.article)
            .bind(3, row.model)
            .bind(4, row.key)
            .bind(5, row.version)
            .run();
        return true;
    };
    auto done = co_await database_.write<bool>(base::Deadline(), 200, std::move(work));
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

void FeedRecorder::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    auto note = transaction.prepare(
        "insert into feed (news_type, article, position, version, removed, changed_at)"
        " values (?1, ?2, (select coalesce(max(position), 0) + 1 from feed), ?3, ?4, ?5)"
        " on conflict (news_type, article) do update set position = excluded.position,"
        " version = excluded.version, removed = excluded.removed, changed_at = "
        "excluded.changed_at");
    for (const auto& event : events) {
        // What came from the old site does not go back to it.
        if (event.correlation_id.starts_with(news::import_request_prefix)) continue;
        note.bind(1, news_type_)
            .bind(2, event.stream)
            .bind(3, event.version)
            .bind(4, std::int64_t{event.type.starts_with("article_removed") ? 1 : 0})
            .bind(5, base::to_micros(event.recorded_at))
            .run();
        note.reset();
    }
}

}  // namespace django
