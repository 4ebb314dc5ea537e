#include "import_store.hpp"

#include "base/text.hpp"
#include "news/importer.hpp"

namespace news {

std::optional<Source> find_source(database::ReadTransaction& transaction,
                                  const std::string& source_id) {
    auto row = transaction.prepare(
        "select stream, item_hash, version, moved from sources left join source_states"
        " using (source_id) where source_id = ?");
    row.bind(1, source_id);
    if (!row.step()) return std::nullopt;
    return Source{row.integer(0), std::string(row.text(1)), row.integer_or_null(2).value_or(0),
                  row.integer_or_null(3) == 1};
}

void add_source(database::Transaction& transaction, const std::string& source_id, ArticleId id,
                const std::string& hash) {
    transaction.prepare("insert into sources (source_id, stream, item_hash) values (?, ?, ?)")
        .bind(1, source_id)
        .bind(2, id)
        .bind(3, hash)
        .run();
}

void update_source(database::Transaction& transaction, const std::string& source_id,
                   const Source& source) {
    transaction.prepare("update sources set item_hash = ? where source_id = ?")
        .bind(1, source.hash)
        .bind(2, source_id)
        .run();
    transaction
        .prepare(
            "insert into source_states (source_id, version, moved) values (?1, ?2, ?3)"
            " on conflict (source_id) do update set version = ?2, moved = ?3")
        .bind(1, source_id)
        .bind(2, source.version)
        .bind(3, std::int64_t{source.moved})
        .run();
}

std::vector<std::string> sources_after(database::ReadTransaction& transaction,
                                       const std::string& prefix, const std::string& after,
                                       std::int64_t limit) {
    auto end = base::behind_prefix(prefix);
    auto rows = transaction.prepare(
        "select source_id from sources left join source_states using (source_id)"
        " where source_id > ?1 and source_id >= ?2 and source_id < ?3 and coalesce(moved, 0) = 0"
        " order by source_id limit ?4");
    rows.bind(1, after).bind(2, prefix).bind(3, end).bind(4, limit);
    std::vector<std::string> found;
    while (rows.step()) found.emplace_back(rows.text(0));
    return found;
}

bool is_changed_here(database::ReadTransaction& transaction, const Source& source) {
    // What an import or the scheduler did has no actor and says so in its correlation id. Only the
    // events behind the last import are looked at: that has actors too where it brought a history.
    auto since = source.version;
    if (since == 0) {
        auto last = transaction.prepare(
            "select max(version) from events where stream = ?1 and actor is null"
            " and substr(correlation_id, 1, length(?2)) = ?2");
        last.bind(1, source.id).bind(2, import_request_prefix);
        last.step();
        since = last.integer(0);
    }
    auto row = transaction.prepare(
        "select 1 from events where stream = ?1 and version > ?2 and not (actor is null"
        " and (substr(correlation_id, 1, length(?3)) = ?3"
        " or substr(correlation_id, 1, length(?4)) = ?4)) limit 1");
    row.bind(1, source.id).bind(2, since);
    row.bind(3, import_request_prefix).bind(4, scheduler_request_prefix);
    return row.step();
}

bool is_removed(database::ReadTransaction& transaction, ArticleId id) {
    auto row = transaction.prepare(
        "select type from events where stream = ? order by version desc limit 1");
    return row.bind(1, id).step() && row.text(0) == "article_removed.v1";
}

}  // namespace news
