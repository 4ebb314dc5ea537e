#include "bus/trail.hpp"

#include "bus/log.hpp"

namespace bus {

namespace {

using Page = base::Result<TrailPage>;

/// Behind every place of that moment, and of all that are later.
TrailPlace before(base::Time at) {
    return {at, 0};
}

/// Where a walk begins: behind its place, and before the end of the span.
TrailPlace start_of(const TrailQuery& query) {
    auto end = query.to ? before(*query.to) : before(base::time_max);
    if (!query.behind) return end;
    bool later = query.behind->at > end.at;
    return later ? end : *query.behind;
}

/// The index alone: which events are meant.
TrailPage look(database::ReadTransaction& transaction, const TrailQuery& query) {
    auto start = start_of(query);
    auto from = query.from.value_or(base::from_micros(INT64_MIN));
    auto rows = transaction.prepare(
        "select recorded_at, position, actor from events"
        " where (recorded_at, position) < (?1, ?2) and recorded_at >= ?3"
        " order by recorded_at desc, position desc");
    rows.bind(1, base::to_micros(start.at)).bind(2, start.position).bind(3, base::to_micros(from));
    TrailPage page;
    for (std::int64_t looked = 0; rows.step();) {
        TrailPlace place{base::from_micros(rows.integer(0)), rows.integer(1)};
        auto actor = rows.integer_or_null(2);
        bool is_meant = !query.actor || actor == query.actor;
        if (is_meant) {
            TrailEntry entry;
            entry.at = place.at;
            entry.position = place.position;
            entry.actor = actor;
            page.entries.push_back(std::move(entry));
        }
        if (++looked == query.look_max || std::ssize(page.entries) == query.count) {
            page.looked_to = place;
            break;
        }
    }
    return page;
}

void fill(database::ReadTransaction& transaction, TrailEntry& entry) {
    auto row = transaction.prepare(
        "select stream, version, type, correlation_id from events where position = ?");
    if (!row.bind(1, entry.position).step()) {
        transaction.damaged("an index of its log names an event that is not there");
    }
    entry.stream = row.integer(0);
    entry.version = row.integer(1);
    entry.type = row.text(2);
    entry.correlation_id = row.text(3);
}

}  // namespace

base::Task<TrailPage> Log::trail(TrailQuery query, base::Deadline deadline) const {
    auto work = [query](database::ReadTransaction& transaction) -> Page {
        auto page = look(transaction, query);
        for (auto& entry : page.entries) fill(transaction, entry);
        return page;
    };
    co_return co_await database_.read<TrailPage>(deadline, std::move(work));
}

base::Task<std::vector<TrailEntry>> Log::trail_of(std::int64_t stream, std::int64_t version,
                                                  std::int64_t count,
                                                  base::Deadline deadline) const {
    using Entries = std::vector<TrailEntry>;
    auto work = [stream, version,
                 count](database::ReadTransaction& transaction) -> base::Result<Entries> {
        auto rows = transaction.prepare(
            "select recorded_at, position, version, type, actor, correlation_id from events"
            " where stream = ?1 and version < ?2 order by version desc limit ?3");
        rows.bind(1, stream).bind(2, version).bind(3, count);
        Entries entries;
        while (rows.step()) {
            entries.push_back({base::from_micros(rows.integer(0)), rows.integer(1), stream,
                               rows.integer(2), std::string(rows.text(3)), rows.integer_or_null(4),
                               std::string(rows.text(5))});
        }
        return entries;
    };
    co_return co_await database_.read<Entries>(deadline, std::move(work));
}

}  // namespace bus
