#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/event.hpp"
#include "database/store_file.hpp"
#include "database/transaction.hpp"

namespace bus {

// Streams that a log has given to archives. An archive is a store of the same schema in the folder
// `archive` beside the log's: it has the events as they were recorded. The log keeps their rows
// without their bodies, so its positions and its hash chain stay what they are, and each hash
// proves the event in the archive. An archive only grows. Whoever hears the log hears of such
// events that they were, with an empty body; a Subscription leaves them out.
//
// What takes a transaction throws database::Failure.

/// Whether what the event says is elsewhere; no event says nothing.
inline bool is_archived(const Event& event) {
    return event.body.empty();
}

/// Where the archives of the log in that store are.
std::filesystem::path archive_folder(const std::filesystem::path& log);

/// Whether the log can have archived streams: one that no newer version has opened yet cannot.
bool has_archives(database::ReadTransaction& log);
/// The archive that has the stream; nothing: it is not archived.
std::optional<std::string> archive_of(database::ReadTransaction& log, std::int64_t stream);
/// Whether the log itself has what an archived stream's events say, as after a restore.
bool has_bodies(database::ReadTransaction& log, std::int64_t stream);
/// All archives that some stream is said to be in, by name.
std::vector<std::string> archives_of(database::ReadTransaction& log);
/// Up to `count` archived streams behind `stream`, in order; all, or those of one archive.
std::vector<std::int64_t> archived_after(database::ReadTransaction& log, std::int64_t stream,
                                         std::int64_t count);
std::vector<std::int64_t> archived_after(database::ReadTransaction& log, const std::string& archive,
                                         std::int64_t stream, std::int64_t count);

/// The hash that the event at `position` goes on from: zeros at the beginning of the log, and where
/// the store does not know it.
Hash hash_before(database::ReadTransaction& store, std::int64_t position);

/// An event on its way to an archive, with the hash that its own goes on from.
struct LinkedEvent {
    Event event;
    Hash previous{};
};
/// All events of a stream, held against the chain as read_proven_stream() does.
std::vector<LinkedEvent> read_linked_stream(database::ReadTransaction& store, std::int64_t stream);
/// Adds what the archive does not have yet. False if it has another event there: it is of another
/// history.
bool put_linked(database::Transaction& archive, const LinkedEvent& linked);

/// From here on the stream is archived.
void mark_archived(database::Transaction& log, std::int64_t stream, const std::string& archive);
/// Takes the bodies of an archived stream out of the log. Whoever calls knows that the archive has
/// them durably.
void take_bodies(database::Transaction& log, std::int64_t stream);
/// Whether these are the events whose hashes the log has.
bool has_stream(database::ReadTransaction& log, std::int64_t stream,
                const std::vector<LinkedEvent>& events);
/// Puts the bodies back and ends that the stream is archived. For events of which has_stream().
void bring_back(database::Transaction& log, std::int64_t stream,
                const std::vector<LinkedEvent>& events);
/// It is not archived any more; the log has the bodies.
void forget_archived(database::Transaction& log, std::int64_t stream);

/// Gives the events of a log back what they say. For who reads the log as a whole, from outside.
/// One thread.
class ArchivedBodies {
public:
    /// `log`: the file of the store.
    explicit ArchivedBodies(std::filesystem::path log);
    ~ArchivedBodies();

    /// Fills the body of an event of `log` in, if it is archived; whether it is what was recorded
    /// its hash says. Empty, or in a sentence why it cannot be had.
    std::string fill(database::ReadTransaction& log, Event& event);
    /// Lets go of the snapshots: at least as often as the log is read anew.
    void release();

private:
    std::string fill(const std::string& archive, Event& event);

    std::filesystem::path folder_;
    std::map<std::string, std::unique_ptr<database::StoreReader>> open_;
    std::map<std::string, std::string> failed_;  ///< and why
};

}  // namespace bus
