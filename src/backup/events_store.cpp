#include "events_store.hpp"

#include "bus/archive.hpp"
#include "bus/chain.hpp"
#include "bus/log.hpp"
#include "database/scratch_store.hpp"

namespace backup {

namespace {

constexpr std::size_t events_at_once = 500;
constexpr std::int64_t bytes_at_once = 1024 * 1024;
/// What an event takes beside its body.
constexpr std::int64_t bytes_beside = 200;

using database::Failure;
using database::FailureKind;

std::string at_position(std::int64_t position) {
    return " at position " + std::to_string(position);
}

/// Throws where an event is not the next one of its chain.
void follow(bus::Cursor& at, const bus::Event& event, const std::string& name) {
    if (event.position != at.position + 1) {
        throw Failure(FailureKind::inconsistent,
                      name + ": an event is missing" + at_position(at.position + 1));
    }
    if (bus::chain_hash(at.hash, event) != event.hash) {
        throw Failure(
            FailureKind::inconsistent,
            name + ": the event" + at_position(event.position) + " is not what was recorded");
    }
    at = bus::cursor_at(event);
}

void expect_end(const bus::Cursor& at, const bus::Cursor& last, const std::string& name) {
    if (at == last) return;
    throw Failure(FailureKind::inconsistent, name + ": the events end" + at_position(at.position) +
                                                 ", and should end as another history" +
                                                 at_position(last.position));
}

}  // namespace

void copy_events(const database::StoreFile& store, const bus::Cursor& before,
                 const bus::Cursor& last, const std::filesystem::path& file,
                 const EventsPart& part) {
    database::StoreReader log(store);
    bus::ArchivedBodies bodies(store.path);
    database::ScratchStore copy(file);
    // Each part at once: all of them at the end would hold up whoever commits on that disk.
    copy.make_durable();
    // As bus::read_log() reads them; nobody asks these by stream.
    copy.transaction().execute(
        "create table events (position integer primary key, stream integer not null,"
        " version integer not null, event_id text not null, type text not null,"
        " body text not null, actor integer, correlation_id text not null,"
        " recorded_at integer not null, hash blob not null) strict");
    auto at = before;
    auto name = file.parent_path().filename().string();
    while (at.position < last.position) {
        std::vector<bus::Event> events;
        std::int64_t bytes = 0;
        auto& snapshot = log.refresh();
        bus::read_log(snapshot, at.position, [&](const bus::Event& read) {
            auto& event = events.emplace_back(read);
            auto lost = bodies.fill(snapshot, event);
            if (!lost.empty()) throw Failure(FailureKind::inconsistent, name + ": " + lost);
            bytes += static_cast<std::int64_t>(event.body.size()) + bytes_beside;
            return event.position < last.position && events.size() < events_at_once &&
                   bytes < bytes_at_once;
        });
        log.release();
        bodies.release();
        if (events.empty()) break;
        for (const auto& event : events) {
            follow(at, event, name);
            bus::put_event(copy.transaction(), event);
        }
        copy.commit();
        part(std::ssize(events), bytes);
    }
    expect_end(at, last, name);
    copy.close();
}

void follow_events(const std::filesystem::path& file, const bus::Cursor& before,
                   const bus::Cursor& last, const std::function<void(const bus::Event&)>& visit) {
    database::StoreReader events({file.filename().string(), file}, database::Access::unchanging);
    auto at = before;
    auto name = file.filename().string();
    bus::read_log(events.refresh(), 0, [&](const bus::Event& event) {
        follow(at, event, name);
        if (visit) visit(event);
        return true;
    });
    expect_end(at, last, name);
}

std::size_t segments_of(database::ReadTransaction& log, const std::vector<Segment>& segments) {
    auto count = segments.size();
    while (count > 0 && !bus::has_cursor(log, segments[count - 1].last)) --count;
    return count;
}

bus::Cursor head_of(database::ReadTransaction& log) {
    return bus::read_head(log);
}

std::vector<SchemaStep> schema_of(database::ReadTransaction& store) {
    std::vector<SchemaStep> steps;
    auto rows = store.prepare(
        "select set_name, name, checksum from schema_migrations order by set_name, name");
    while (rows.step()) {
        steps.push_back(
            {std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2))});
    }
    return steps;
}

}  // namespace backup
