#include "bus/archive.hpp"

#include <algorithm>
#include <cstring>

#include "bus/chain.hpp"
#include "bus/log.hpp"

namespace bus {

namespace {

std::string_view bytes_of_hash(const Hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

Hash hash_in(const database::Statement& row, int column) {
    Hash hash{};
    auto stored = row.blob(column);
    if (stored.size() == hash.size()) std::memcpy(hash.data(), stored.data(), hash.size());
    return hash;
}

std::vector<std::int64_t> read_streams_behind(const database::ReadTransaction& log,
                                              database::Statement& rows, std::int64_t stream) {
    database::RisingKeys<std::int64_t> rising(log, "its archived streams", stream);
    std::vector<std::int64_t> streams;
    while (rows.step()) {
        streams.push_back(rows.integer(0));
        rising.next(streams.back());
    }
    return streams;
}

std::optional<Hash> hash_at(database::ReadTransaction& store, std::int64_t position) {
    auto row = store.prepare("select hash from events where position = ?");
    row.bind(1, position);
    if (!row.step()) return std::nullopt;
    return hash_in(row, 0);
}

}  // namespace

std::filesystem::path archive_folder(const std::filesystem::path& log) {
    return log.parent_path() / "archive";
}

bool has_archives(database::ReadTransaction& log) {
    return log
        .prepare(
            "select 1 from schema_migrations where set_name = 'bus_log'"
            " and name = '0003_archive_streams'")
        .step();
}

std::optional<std::string> archive_of(database::ReadTransaction& log, std::int64_t stream) {
    auto row = log.prepare("select archive from archived_streams where stream = ?");
    row.bind(1, stream);
    if (!row.step()) return std::nullopt;
    return std::string(row.text(0));
}

bool has_bodies(database::ReadTransaction& log, std::int64_t stream) {
    auto row =
        log.prepare("select body <> '' from events where stream = ? order by version desc limit 1");
    row.bind(1, stream);
    return row.step() && row.integer(0) == 1;
}

std::vector<std::string> archives_of(database::ReadTransaction& log) {
    std::vector<std::string> names;
    // Each step of the index that follows is one archive, however many streams it has.
    auto next = log.prepare("select min(archive) from archived_streams where archive > ?");
    database::RisingKeys<std::string> rising(log, "the archives of its streams", "");
    for (std::string last;;) {
        next.reset().bind(1, last);
        auto found = next.step() ? next.text_or_null(0) : std::nullopt;
        if (!found) return names;
        names.emplace_back(*found);
        rising.next(names.back());
        last = names.back();
    }
}

std::vector<std::int64_t> archived_after(database::ReadTransaction& log, std::int64_t stream,
                                         std::int64_t count) {
    auto rows =
        log.prepare("select stream from archived_streams where stream > ? order by stream limit ?");
    rows.bind(1, stream).bind(2, count);
    return read_streams_behind(log, rows, stream);
}

std::vector<std::int64_t> archived_after(database::ReadTransaction& log, const std::string& archive,
                                         std::int64_t stream, std::int64_t count) {
    auto rows = log.prepare(
        "select stream from archived_streams where archive = ? and stream > ?"
        " order by stream limit ?");
    rows.bind(1, archive).bind(2, stream).bind(3, count);
    return read_streams_behind(log, rows, stream);
}

Hash hash_before(database::ReadTransaction& store, std::int64_t position) {
    auto row = store.prepare(
        "select hash from events where position = ?1"
        " union all select hash from archive_links where position = ?1");
    row.bind(1, position - 1);
    return row.step() ? hash_in(row, 0) : Hash{};
}

std::vector<LinkedEvent> read_linked_stream(database::ReadTransaction& store, std::int64_t stream) {
    std::vector<LinkedEvent> events;
    read_proven_stream(store, stream, 0, [&](const Event& event) {
        events.push_back({event, hash_before(store, event.position)});
        return true;
    });
    return events;
}

bool put_linked(database::Transaction& archive, const LinkedEvent& linked) {
    const auto& event = linked.event;
    auto there = hash_at(archive, event.position);
    if (there) return *there == event.hash;
    put_event(archive, event);
    if (event.position == 1) return true;
    archive
        .prepare("insert into archive_links (position, hash) values (?, ?) on conflict do nothing")
        .bind(1, event.position - 1)
        .bind_blob(2, bytes_of_hash(linked.previous))
        .run();
    return true;
}

void mark_archived(database::Transaction& log, std::int64_t stream, const std::string& archive) {
    log.prepare("insert into archived_streams (stream, archive) values (?, ?)")
        .bind(1, stream)
        .bind(2, archive)
        .run();
}

void take_bodies(database::Transaction& log, std::int64_t stream) {
    log.prepare("update events set body = '' where stream = ? and body <> ''")
        .bind(1, stream)
        .run();
}

bool has_stream(database::ReadTransaction& log, std::int64_t stream,
                const std::vector<LinkedEvent>& events) {
    auto last = log.prepare("select max(version) from events where stream = ?");
    last.bind(1, stream);
    if (!last.step() || last.integer(0) != std::ssize(events)) return false;
    return std::all_of(events.begin(), events.end(), [&](const LinkedEvent& linked) {
        return hash_at(log, linked.event.position) == linked.event.hash;
    });
}

void bring_back(database::Transaction& log, std::int64_t stream,
                const std::vector<LinkedEvent>& events) {
    for (const auto& [event, previous] : events) {
        log.prepare("update events set body = ? where position = ? and body = ''")
            .bind(1, event.body)
            .bind(2, event.position)
            .run();
    }
    forget_archived(log, stream);
}

void forget_archived(database::Transaction& log, std::int64_t stream) {
    log.prepare("delete from archived_streams where stream = ?").bind(1, stream).run();
}

ArchivedBodies::ArchivedBodies(std::filesystem::path log)
    : folder_(archive_folder(std::move(log))) {}

ArchivedBodies::~ArchivedBodies() = default;

std::string ArchivedBodies::fill(database::ReadTransaction& log, Event& event) {
    if (!is_archived(event)) return {};
    auto name = archive_of(log, event.stream);
    if (!name) {
        return "the event at position " + std::to_string(event.position) +
               " says nothing, and is in no archive";
    }
    auto failed = failed_.find(*name);
    if (failed != failed_.end()) return failed->second;
    try {
        return fill(*name, event);
    } catch (const database::Failure& failure) {
        open_.erase(*name);
        return failed_[*name] = "archive " + *name + ": " + failure.what();
    }
}

std::string ArchivedBodies::fill(const std::string& archive, Event& event) {
    auto& reader = open_[archive];
    if (!reader) {
        auto file = folder_ / (archive + ".db");
        reader = std::make_unique<database::StoreReader>(
            database::StoreFile{archive, file, database::StoreKind::log});
        reader->refresh();
    }
    auto row = reader->snapshot().prepare("select body from events where position = ?");
    row.bind(1, event.position);
    if (!row.step()) {
        return "archive " + archive + ": the event at position " + std::to_string(event.position) +
               " is missing";
    }
    event.body = row.text(0);
    return {};
}

void ArchivedBodies::release() {
    open_.clear();
    failed_.clear();
}

}  // namespace bus
