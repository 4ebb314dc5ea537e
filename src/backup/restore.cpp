// A folder is made under a name of its own beside the one that is wanted, and renamed when it is
// whole. Each store begins as a copy of its rest, and its events are added. Where a log goes on
// beyond the base, the rest is that of the later backup, and the module makes it fit (rewind): of
// its items and calls the later one knows all, and those of later can be told by their events.
#include "backup/restore.hpp"

#include <cerrno>
#include <map>
#include <system_error>
#include <unordered_set>

#include "bus/log.hpp"
#include "database/lineage.hpp"
#include "database/scratch_store.hpp"
#include "digest_crypto.hpp"
#include "events_store.hpp"
#include "folder_service.hpp"
#include "operations/terminal.hpp"
#include "plan.hpp"

namespace backup {

namespace {

using database::Failure;
using database::FailureKind;
using operations::with_commas;

struct RestoreStopped {};

constexpr std::int64_t events_per_commit = 5000;
constexpr std::int64_t bad_files_named = 20;

/// A folder in the making; gone with this, unless it was kept.
class Unfinished {
public:
    explicit Unfinished(const std::filesystem::path& wanted)
        : wanted_(std::filesystem::absolute(wanted).lexically_normal()) {
        if (wanted_.filename().empty()) wanted_ = wanted_.parent_path();
        path_ = wanted_.parent_path() / ("." + wanted_.filename().string() + ".restoring");
    }
    ~Unfinished() {
        if (!made_) return;
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Unfinished(const Unfinished&) = delete;

    /// Refused if there is something where it is to be, or somebody makes it already.
    base::Result<void> begin() {
        bool is_there = std::filesystem::exists(wanted_);
        if (is_there &&
            (!std::filesystem::is_directory(wanted_) || !std::filesystem::is_empty(wanted_))) {
            return base::Error{
                base::Reason::precondition, "folder_not_empty",
                wanted_.string() +
                    " is there and not empty. Name a folder that is not there, and "
                    "put it in the place of the old one when you have looked at it."};
        }
        make_folder(wanted_.parent_path());
        // Beside it, since what is renamed over another folder has to have nothing more in it.
        lock_file_ = path_.string() + ".lock";
        lock_ = std::make_unique<FileLock>(lock_file_, FileLock::Kind::alone);
        if (!lock_->is_held()) {
            return base::Error{base::Reason::conflict, "restore_running",
                               "Somebody restores to " + wanted_.string() + " already."};
        }
        std::filesystem::remove_all(path_);
        made_ = true;
        make_folder(path_);
        return {};
    }
    const std::filesystem::path& path() const { return path_; }
    void keep() {
        sync_path(path_);
        move_file(path_, wanted_);
        made_ = false;
        std::error_code ignored;
        std::filesystem::remove(lock_file_, ignored);
    }

private:
    std::filesystem::path wanted_;
    std::filesystem::path path_;
    std::filesystem::path lock_file_;
    std::unique_ptr<FileLock> lock_;
    bool made_ = false;
};

class Restoration {
public:
    Restoration(const Folder& backups, const Plan& plan, const Wanted& wanted,
                const std::map<std::string, host::Rewind>& rewinds,
                const std::filesystem::path& into, operations::Progress& progress)
        : backups_(backups),
          plan_(plan),
          wanted_(wanted),
          rewinds_(rewinds),
          into_(into),
          progress_(progress) {}

    Restored make() {
        std::set<std::string> rewindable;
        for (const auto& [name, rewind] : rewinds_) rewindable.insert(name);
        auto stores = stores_of(plan_, wanted_, rewindable);
        for (const auto& store : stores) {
            total_ += (store.later ? store.later : store.base)->head.position;
        }
        for (const auto& store : stores) make_store(store);
        for (const auto& kept : plan_.base->files) {
            restore_file(kept);
        }
        if (bad_files_ > bad_files_named) {
            restored_.sentences.push_back(with_commas(bad_files_) + " such files in all.");
        }
        auto& restored = restored_;
        restored.backup = plan_.base->id;
        restored.at = plan_.base->at;
        restored.stores = std::ssize(stores);
        say_rest();
        return std::move(restored_);
    }

private:
    /// A file of the backups, whose checksum was compared.
    std::filesystem::path checked(const StoredFile& file) {
        auto path = backups_.at(file.path);
        look();
        if (!std::filesystem::exists(path)) {
            throw Failure(FailureKind::damaged, file.path + " is missing");
        }
        if (digest_of_file(path, [this](std::int64_t) { look(); }) != file.sha256) {
            throw Failure(FailureKind::damaged, file.path + " is not what was written");
        }
        return path;
    }

    /// One of the many that are called after their bytes does not keep back all the rest.
    void restore_file(const KeptFile& kept) {
        auto to = into_ / kept.name;
        make_folder(to.parent_path());
        if (!fits(kept.name, kept.file)) {
            tell_of(kept.name + " is damaged: it was already when it was copied.");
        }
        try {
            copy_privately(checked(kept.file), to);
        } catch (const Failure& failure) {
            bool is_one_of_many = is_called_by_digest(kept.name);
            if (!is_one_of_many || failure.kind() != FailureKind::damaged) throw;
            tell_of(kept.name + " is not restored: " + failure.what() + ".");
        }
    }
    void tell_of(std::string sentence) {
        if (++bad_files_ <= bad_files_named) restored_.sentences.push_back(std::move(sentence));
    }

    void look() const {
        if (progress_.stop) throw RestoreStopped();
    }

    void make_store(const StorePlan& plan) {
        const auto& stored = plan.later ? *plan.later : *plan.base;
        auto file = into_ / stored.file;
        copy_privately(checked(stored.rest), file);
        database::ScratchStore store(file);
        bus::Cursor end;
        host::LaterStreams later;
        if (stored.is_log) end = add_events(plan, stored, store, later);
        if (plan.later) {
            rewinds_.at(stored.name)(store.transaction(), later);
            store.commit();
        }
        database::Lineage::forget(store.transaction());
        store.close();
        restored_.events += end.position;
        say_store(plan, end);
    }

    bus::Cursor add_events(const StorePlan& plan, const StoredStore& stored,
                           database::ScratchStore& store, host::LaterStreams& later) {
        bus::Cursor end;
        auto base = plan.base ? plan.base->head : bus::Cursor();
        bool is_beyond_now = false;
        std::unordered_set<std::int64_t> beyond;
        auto add = [&](const bus::Event& event) {
            is_beyond_now = is_beyond_now || (plan.later && is_beyond(wanted_, event, base));
            if (is_beyond_now) {
                beyond.insert(event.stream);
                return;
            }
            bus::put_event(store.transaction(), event);
            end = bus::cursor_at(event);
            if (event.position == base.position && event.hash != base.hash) {
                throw Failure(FailureKind::inconsistent,
                              stored.name +
                                  ": the backups are of two histories, which part "
                                  "before position " +
                                  std::to_string(base.position) +
                                  ". Restore one of them by its id");
            }
            if (++done_ % events_per_commit != 0) return;
            store.commit();
            look();
            progress_.tell(done_, total_, stored.name + ": " + with_commas(done_) + " events");
        };
        bus::Cursor at;
        for (const auto& segment : stored.segments) {
            if (segment.before != at) {
                throw Failure(FailureKind::damaged, stored.name + ": events are missing behind " +
                                                        std::to_string(at.position));
            }
            follow_events(checked(segment.file), segment.before, segment.last, add);
            at = segment.last;
        }
        if (at != stored.head) {
            throw Failure(FailureKind::damaged, stored.name + ": its events end too early");
        }
        store.commit();
        later.assign(beyond.begin(), beyond.end());
        return end;
    }

    void say_store(const StorePlan& plan, const bus::Cursor& end) {
        if (!wanted_.time && wanted_.store.empty()) return;
        if (!plan.later) {
            as_of_base_.push_back(plan.base->name);
            return;
        }
        auto more = end.position - (plan.base ? plan.base->head.position : 0);
        restored_.sentences.push_back(plan.later->name + ": up to position " +
                                      with_commas(end.position) + ", " + with_commas(more) +
                                      " events beyond that backup.");
    }

    void say_rest() {
        auto& sentences = restored_.sentences;
        std::string names;
        for (const auto& name : as_of_base_) names += (names.empty() ? "" : ", ") + name;
        if (!names.empty()) {
            sentences.push_back("As of that backup (" + base::to_rfc3339(plan_.base->at) +
                                "): " + names + ".");
        }
        if (wanted_.time && !plan_.later) {
            sentences.emplace_back(
                "No later backup was made, so nothing is known of the time between it and the "
                "moment that you named.");
        }
        if (plan_.later) {
            sentences.emplace_back(
                "Calls and imported items are known as far as the events go: what is sent again "
                "with its Idempotency-Key, or imported again, from before that moment changes "
                "nothing; what came after it counts as new.");
        }
        sentences.emplace_back("The first start makes the views anew, which takes a while.");
    }

    const Folder& backups_;
    const Plan& plan_;
    const Wanted& wanted_;
    const std::map<std::string, host::Rewind>& rewinds_;
    const std::filesystem::path& into_;
    operations::Progress& progress_;
    Restored restored_;
    std::vector<std::string> as_of_base_;
    std::int64_t done_ = 0;
    std::int64_t total_ = 0;
    std::int64_t bad_files_ = 0;
};

std::map<std::string, host::Rewind> rewinds_of(const std::vector<host::Declaration>& modules) {
    std::map<std::string, host::Rewind> all;
    for (const auto& module : modules) {
        if (!module.rewind) continue;
        for (const auto& store : module.stores("")) {
            if (store.kind == database::StoreKind::log) all[store.name] = module.rewind;
        }
    }
    return all;
}

base::Error restore_failed(const std::string& why) {
    return {base::Reason::unavailable, "restore_failed",
            "Nothing was restored: " + why +
                ". `portal verify --backup` says which backups are whole."};
}

base::Error restore_disk_full() {
    return {base::Reason::unavailable, "restore_disk_full",
            "Nothing was restored: the disk is full. Make room, or restore to another disk."};
}

}  // namespace

base::Result<Restored> restore(const Wanted& wanted, const std::vector<host::Declaration>& modules,
                               operations::Progress& progress) {
    Folder backups(wanted.from);
    backups.hold();
    auto listed = backups.list();
    if (!listed) return listed.error();
    auto all = readable(*listed);
    auto plan = choose(all, wanted);
    if (!plan) return plan.error();
    auto rewinds = rewinds_of(modules);
    if (!wanted.store.empty() && !rewinds.contains(wanted.store)) {
        std::string names;
        for (const auto& [name, rewind] : rewinds) names += (names.empty() ? "" : ", ") + name;
        return base::Error{base::Reason::invalid, "no_such_moment",
                           "Only a log that says all of its store can be put to one of its "
                           "events: " +
                               names + "."};
    }
    try {
        Unfinished folder(wanted.to);
        auto begun = folder.begin();
        if (!begun) return begun.error();
        auto restored =
            Restoration(backups, *plan, wanted, rewinds, folder.path(), progress).make();
        for (const auto& one : *listed) {
            if (!one.manifest) {
                restored.sentences.push_back("The backup " + one.id +
                                             " cannot be read, and was left out: " + one.problem +
                                             ".");
            }
        }
        folder.keep();
        return restored;
    } catch (const RestoreStopped&) {
        return base::Error{base::Reason::unavailable, "restore_stopped",
                           "The restore was stopped: nothing is there of it."};
    } catch (const Failure& failure) {
        return failure.is_full() ? restore_disk_full() : restore_failed(failure.what());
    } catch (const std::system_error& failure) {
        bool full =
            failure.code() == std::errc::no_space_on_device || failure.code().value() == EDQUOT;
        return full ? restore_disk_full() : restore_failed(failure.what());
    }
}

}  // namespace backup
