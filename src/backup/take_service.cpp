// One backup:
//
//   the cut    all stores at one moment: a snapshot of each, with the place of its log's head
//   the rest   from the snapshots, as fast as it goes: every row but events. A snapshot keeps its
//              store's write-ahead log from being emptied, so each is given back as soon as it can
//   events     those that no backup has, up to the cut, slowly: they never change, so any later
//              snapshot has them, and many short ones hinder nobody
//   the check  what was written is read again from its files: chains, the engine's own check
//   the end    the manifest: before it there is no backup, and the next run sweeps what is left
//
// Stores come in the reverse of the order in which modules hear each other: should others write
// without a pause, so that no moment can be had, no store is ahead of one that it hears.
#include "take_service.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <system_error>
#include <thread>

#include "database/scratch_store.hpp"
#include "database/store_copy.hpp"
#include "digest_crypto.hpp"
#include "events_store.hpp"
#include "folder_service.hpp"
#include "operations/terminal.hpp"
#include "pace_service.hpp"
#include "retention.hpp"
#include "telemetry/log.hpp"

namespace backup {

namespace {

using database::StoreFile;
using database::StoreKind;
using database::StoreReader;
using operations::with_commas;

constexpr int attempts_at_one_moment = 300;

/// A store while it is copied, and what an earlier backup has of it.
struct Copying {
    StoreFile file;
    StoredStore stored;
    std::optional<StoredFile> earlier_rest{};
    std::filesystem::path part{};  ///< the rest, while it is written
    std::unique_ptr<database::ScratchStore> rest{};
    std::unique_ptr<database::StoreCopy> copy{};
};

class Run {
public:
    Run(const Subject& subject, Folder& folder, operations::Progress& progress)
        : subject_(subject),
          folder_(folder),
          progress_(progress),
          pace_(subject.config.bytes_per_second_max, folder, subject.config.disk_free_bytes_min,
                progress) {}

    Taken make() {
        auto listed = folder_.list();
        if (!listed) throw database::Failure(database::FailureKind::io, listed.error().message);
        auto earlier = readable(*listed);
        const Manifest* last = earlier.empty() ? nullptr : &earlier.back();
        auto& manifest = taken_.manifest;
        // Numbers of those that cannot be read are not given again either.
        for (const auto& one : *listed) manifest.number = std::max(manifest.number, number_of(one));
        ++manifest.number;
        manifest.version = subject_.version;
        pace_.look();

        cut(last);
        ask_for_little();
        for (auto& copying : copies_) {
            finish_rest(copying);
            copy_events_of(copying);
            manifest.stores.push_back(std::move(copying.stored));
        }
        copy_files(last);
        pace_.look();
        folder_.write(manifest);

        earlier.push_back(manifest);
        auto old = superseded(earlier, subject_.clock.now(), subject_.config.keep_count,
                              subject_.config.keep_days);
        remove(old);
        return std::move(taken_);
    }

private:
    /// The backup is made: what cannot be removed now goes the next time.
    void remove(const std::vector<std::string>& old) {
        try {
            if (folder_.remove(old)) taken_.removed = std::ssize(old);
        } catch (const std::system_error& failure) {
            telemetry::log(telemetry::Level::warning, "backup", "old backups cannot be removed",
                           {{"folder", folder_.path().string()}, {"error", failure.what()}});
        }
    }

    static std::int64_t number_of(const Listed& one) {
        if (one.manifest) return one.manifest->number;
        return std::atoll(one.id.substr(0, one.id.find('-')).c_str());
    }

    void tell(const std::string& what) {
        auto& [done, total] = events_;
        progress_.tell(done, std::max<std::int64_t>(total, 1), what);
    }

    std::vector<StoreFile> stores() const {
        std::vector<StoreFile> all;
        for (const auto& module : subject_.modules) {
            for (auto& store : module.stores(subject_.folder)) {
                bool is_copied = store.kind != StoreKind::view;
                if (is_copied && std::filesystem::exists(store.path)) all.push_back(store);
            }
        }
        std::reverse(all.begin(), all.end());
        return all;
    }

    void cut(const Manifest* last) {
        auto& manifest = taken_.manifest;
        std::vector<StoreReader> readers;
        auto files = stores();
        for (const auto& file : files) readers.emplace_back(file);
        manifest.together = database::refresh_together(readers, attempts_at_one_moment);
        manifest.at = subject_.clock.now();
        manifest.id = make_id(manifest.number, manifest.at);
        for (std::size_t i = 0; i < files.size(); ++i) {
            copies_.push_back({files[i], {}});
            auto& copying = copies_.back();
            copy_rest(copying, readers[i], last);
            events_.second += copying.stored.head.position - end_of(copying.stored).position;
        }
        if (!manifest.together) {
            progress_.notice(
                "somebody writes without a pause: the stores are not of one moment, but within "
                "some microseconds");
        }
    }

    /// Up to where there are events of a log in the folder.
    static bus::Cursor end_of(const StoredStore& stored) {
        return stored.segments.empty() ? bus::Cursor() : stored.segments.back().last;
    }

    void copy_rest(Copying& copying, StoreReader& reader, const Manifest* last) {
        auto& stored = copying.stored;
        const auto& file = copying.file;
        stored.name = file.name;
        stored.file = std::filesystem::relative(file.path, subject_.folder).string();
        stored.is_log = file.kind == StoreKind::log;
        auto& snapshot = reader.snapshot();
        stored.schema = schema_of(snapshot);
        if (stored.is_log) stored.head = head_of(snapshot);
        const auto* before = last ? find_store(*last, file.name) : nullptr;
        if (before) copying.earlier_rest = before->rest;
        if (before && stored.is_log) {
            stored.segments = before->segments;
            stored.segments.resize(segments_of(snapshot, stored.segments));
        }
        tell(file.name + ": what is no event");
        copying.part = begin(rest_path(stored));
        auto without = file.derived;
        if (stored.is_log) without.emplace_back("events");
        copying.rest = std::make_unique<database::ScratchStore>(copying.part);
        copying.copy = std::make_unique<database::StoreCopy>(reader, *copying.rest);
        stored.rows = copying.copy->copy_rows(without, [this](std::int64_t) { pace_.look(); });
        reader.release();
    }

    void finish_rest(Copying& copying) {
        copying.copy->finish();
        copying.copy.reset();
        copying.rest->close();
        copying.rest.reset();
        check_rest(copying.part, copying.stored.name);
        copying.stored.rest = keep(copying.part, rest_path(copying.stored), copying.earlier_rest);
    }

    std::string rest_path(const StoredStore& stored) const {
        return "rest/" + stored.name + "/" + taken_.manifest.id + ".db";
    }

    static void check_rest(const std::filesystem::path& file, const std::string& name) {
        StoreReader written({name, file}, database::Access::unchanging);
        auto complaints = written.check();
        if (complaints.empty()) return;
        throw database::Failure(database::FailureKind::damaged,
                                name + ": what was written is not whole: " + complaints.front());
    }

    void copy_events_of(Copying& copying) {
        auto& stored = copying.stored;
        if (!stored.is_log) return;
        auto have = end_of(stored);
        if (have == stored.head) return;
        stored.segments.resize(segments_kept(stored.segments));
        auto before = end_of(stored);
        auto again = have.position - before.position;
        auto path = "events/" + stored.name + "/" + std::to_string(before.position + 1) + "-" +
                    std::to_string(stored.head.position) + "." + taken_.manifest.id + ".db";
        auto part = begin(path);
        auto counted = [&](std::int64_t events, std::int64_t bytes) {
            auto repeated = std::min(again, events);
            again -= repeated;
            events_.first += events - repeated;
            taken_.events += events - repeated;
            tell(stored.name + ": " + with_commas(taken_.events) + " events");
            pace_.spend(bytes);
        };
        copy_events(copying.file, before, stored.head, part, counted);
        follow_events(part, before, stored.head, {});
        stored.segments.push_back({keep(part, path, {}), before, stored.head});
    }

    /// After the stores: what has come since then is of no use to them, and does no harm.
    void copy_files(const Manifest* last) {
        std::map<std::string, StoredFile> earlier;
        for (const auto& kept : last ? last->files : std::vector<KeptFile>()) {
            earlier.emplace(kept.name, kept.file);
        }
        for (const auto& module : subject_.modules) {
            for (const auto& file : module.files(subject_.folder)) {
                auto name = file.filename().string();
                copy_file(file, name, "files/" + taken_.manifest.id + "." + name, earlier);
            }
            if (!module.unchanging) continue;
            for (const auto& file : module.unchanging(subject_.folder)) {
                auto name = std::filesystem::relative(file, subject_.folder).generic_string();
                auto known = earlier.find(name);
                if (known != earlier.end() && is_there(known->second) &&
                    fits(name, known->second)) {
                    taken_.manifest.files.push_back({name, known->second});
                } else {
                    copy_file(file, name, "files/" + name, earlier);
                }
            }
        }
    }

    /// Its bytes are read by `verify` alone.
    bool is_there(const StoredFile& file) const {
        std::error_code gone;
        auto bytes = std::filesystem::file_size(folder_.at(file.path), gone);
        return !gone && static_cast<std::int64_t>(bytes) == file.bytes;
    }

    void copy_file(const std::filesystem::path& file, const std::string& name,
                   const std::string& path, const std::map<std::string, StoredFile>& earlier) {
        // It may be gone by now, and is of nothing any more then.
        if (!std::filesystem::exists(file)) return;
        auto part = begin(path);
        copy_privately(file, part);
        auto known = earlier.find(name);
        auto kept =
            keep(part, path, known == earlier.end() ? std::nullopt : std::optional(known->second));
        pace_.spend(kept.bytes);
        if (!fits(name, kept)) {
            progress_.notice(name + " is damaged: its bytes are not those it is called after");
            telemetry::log(telemetry::Level::error, "backup",
                           "a file was damaged when it was copied", {{"file", name}});
        }
        taken_.manifest.files.push_back({name, std::move(kept)});
    }

    std::filesystem::path begin(const std::string& path) {
        pace_.look();
        auto file = folder_.at(path);
        make_folder(file.parent_path());
        return file.string() + ".part";
    }

    /// A file that is whole gets its name; or the one of an earlier backup is taken, if that is
    /// the same.
    StoredFile keep(const std::filesystem::path& part, std::string path,
                    const std::optional<StoredFile>& earlier) {
        make_private(part);
        auto sha256 = digest_of_file(part);
        if (!fits(path, {path, 0, sha256})) {
            // Not in the place of one that an earlier backup may have as it should be.
            path = "files/" + taken_.manifest.id + "." + path.substr(path.find('/') + 1);
            make_folder(folder_.at(path).parent_path());
        }
        StoredFile file{path, static_cast<std::int64_t>(std::filesystem::file_size(part)), sha256};
        bool is_same = earlier && earlier->sha256 == file.sha256 && earlier->bytes == file.bytes &&
                       is_there(*earlier);
        if (is_same) {
            std::filesystem::remove(part);
            return *earlier;
        }
        move_file(part, folder_.at(path));
        taken_.bytes += file.bytes;
        return file;
    }

    const Subject& subject_;
    Folder& folder_;
    operations::Progress& progress_;
    Pace pace_;
    Taken taken_;
    std::vector<Copying> copies_;
    std::pair<std::int64_t, std::int64_t> events_;  ///< copied, to be copied
};

base::Error backup_failed(const std::string& why) {
    return {base::Reason::unavailable, "backup_failed",
            "The backup was not made: " + why + ". Those from before are as they were."};
}

base::Error backup_disk_full(const std::filesystem::path& folder) {
    return {base::Reason::unavailable, "backup_disk_full",
            "The backup was not made: the disk of " + folder.string() +
                " is full, or has less left than backup.disk_free_bytes_min. Those from before are "
                "as they were. Make room, or keep fewer (backup.keep_count, backup.keep_days)."};
}

bool is_full(const std::error_code& code) {
    return code == std::errc::no_space_on_device || code.value() == EDQUOT;
}

}  // namespace

base::Result<void> check_place(const std::filesystem::path& to,
                               const std::filesystem::path& data_folder) {
    if (!lies_within(to, data_folder)) return {};
    return base::Error{base::Reason::invalid, "backup_folder",
                       "The folder for backups, " + to.string() +
                           ", is in the data folder: what happens to the one would happen to the "
                           "other. Name one elsewhere, best on another disk."};
}

base::Result<Taken> take_backup(const Subject& subject, const std::filesystem::path& to,
                                operations::Progress& progress) {
    auto place = check_place(to, subject.folder);
    if (!place) return place.error();
    Folder folder(to);
    base::Result<Taken> result = backup_failed("it was not begun");
    auto free_disk = [&to] {
        std::error_code unknown;
        auto space = std::filesystem::space(to, unknown);
        return unknown ? std::uintmax_t{1} << 40 : space.available;
    };
    try {
        auto taken = folder.take();
        if (!taken) return taken.error();
        folder.sweep();
        result = Run(subject, folder, progress).make();
    } catch (const BackupStopped&) {
        result = base::Error{base::Reason::unavailable, "backup_stopped",
                             "The backup was stopped before it was made. Those from before are as "
                             "they were."};
    } catch (const database::Failure& failure) {
        // On a full disk the engine speaks of an I/O error: it cannot even make files beside its
        // own.
        constexpr std::uintmax_t needed = 1 << 20;
        bool full = failure.is_full() ||
                    (failure.kind() == database::FailureKind::io && free_disk() < needed);
        result = full ? backup_disk_full(to) : backup_failed(failure.what());
    } catch (const std::system_error& failure) {
        result = is_full(failure.code()) ? backup_disk_full(to) : backup_failed(failure.what());
    }
    if (!result) {
        try {
            folder.sweep();
        } catch (const std::exception& failure) {
            telemetry::log(telemetry::Level::warning, "backup",
                           "what a backup has left could not be removed; the next one does it",
                           {{"error", failure.what()}});
        }
    }
    return result;
}

}  // namespace backup
