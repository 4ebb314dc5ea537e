#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bus/event.hpp"

// What one backup is. A folder of backups has
//
//   manifests/<id>.json   one for each backup, written last: without it there is no backup
//   events/<store>/…      events by position, in files that never change; later backups share them
//   rest/<store>/…        of a store, at one backup: its schema, and every row but events
//   files/…               what is no store, as keys
//   portal.backups.lock   held by whoever works on the folder
//
// all for their owner alone. A name that ends in .part is of a run that was cut off.
namespace backup {

inline constexpr std::int64_t format_version = 1;

/// A file of the folder, as it was when it was checked after it was written.
struct StoredFile {
    std::string path;  ///< within the folder
    std::int64_t bytes = 0;
    std::string sha256;  ///< in hexadecimal

    bool operator==(const StoredFile&) const = default;
};

/// Events of one log, behind `before` up to `last`.
struct Segment {
    StoredFile file;
    bus::Cursor before;
    bus::Cursor last;

    bool operator==(const Segment&) const = default;
};

/// A step that a store's schema had taken.
struct SchemaStep {
    std::string set;
    std::string name;
    std::string checksum;

    bool operator==(const SchemaStep&) const = default;
};

/// One store at the cut.
struct StoredStore {
    std::string name;  ///< as its module calls it: `news-sports.command`
    std::string file;  ///< in the data folder
    bool is_log = false;
    std::int64_t rows = 0;  ///< in `rest`
    StoredFile rest;
    bus::Cursor head;  ///< of its log
    std::vector<Segment> segments{};
    std::vector<SchemaStep> schema{};

    bool operator==(const StoredStore&) const = default;
};

/// What is no store.
struct KeptFile {
    std::string name;  ///< in the data folder
    StoredFile file;

    bool operator==(const KeptFile&) const = default;
};

struct Manifest {
    std::string id;  ///< `000042-20260301T120000Z`: its number, and when the cut was made
    std::int64_t number = 0;
    base::Time at{};       ///< the cut
    std::string version;   ///< of the program
    bool together = true;  ///< all stores at one moment; else one after the other, at once
    std::vector<StoredStore> stores{};
    std::vector<KeptFile> files{};

    bool operator==(const Manifest&) const = default;
};

/// Whether those are the bytes that a file is called after, if it is: `media/ab/cdef…`, all letters
/// of its SHA-256 in its last two names. True for other names.
bool fits(const std::string& name, const StoredFile& file);
/// Whether it is called so.
bool is_called_by_digest(const std::string& name);
/// Every file that it names.
std::vector<StoredFile> files_of(const Manifest& manifest);
const StoredStore* find_store(const Manifest& manifest, const std::string& name);
std::string make_id(std::int64_t number, base::Time at);

}  // namespace backup
