// The file `portal.stores`, rewritten as a whole (a new file, synced, renamed over the old one):
//
//   folder <id>            the folder's id, the same in every store
//   epoch <n>              the number of the last start
//   running <0|1>          1: that run has not ended by itself (yet)
//   store <name> <n>       the last start that this store took part in
//
// A start marks the stores, and writes the file once all of them are open. So one that is cut off,
// or refused for another reason, leaves no store that is older than the file says, and a right file
// that is put back after it is still right.
#include "database/lineage.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "driver.hpp"
#include "set_aside.hpp"
#include "telemetry/log.hpp"

namespace database {

namespace {

std::filesystem::path witness_file(const std::filesystem::path& folder) {
    return folder / "portal.stores";
}

std::filesystem::path beside(const std::filesystem::path& file, const char* suffix) {
    return file.string() + suffix;
}

/// In every file, so it has no migration of its own.
constexpr const char* create_lineage =
    "create table if not exists lineage (id integer primary key check (id = 1),"
    " folder_id text not null, epoch integer not null) strict";

bool is_view(const StoreFile& store) {
    return store.kind == StoreKind::view;
}

std::unique_ptr<Connection> open_as_owner(const StoreFile& store) {
    auto options = std::make_shared<Options>();
    options->file = store.path;
    options->name = store.name;
    options->durable = !is_view(store);
    return driver_for(options)->open_writer();
}

void write_mark(const StoreFile& store, const std::string& folder_id, std::int64_t epoch) {
    auto connection = open_as_owner(store);
    connection->execute(create_lineage);
    connection
        ->prepare(
            "insert into lineage (id, folder_id, epoch) values (1, ?1, ?2)"
            " on conflict (id) do update set folder_id = ?1, epoch = ?2")
        .bind(1, folder_id)
        .bind(2, epoch)
        .run();
}

void sync_path(const std::filesystem::path& path, int flags) {
    int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) throw std::runtime_error(path.filename().string() + " cannot be synced");
}

/// On a full disk SQLite speaks of an I/O error: it cannot even make the files beside its own.
std::string said_of_disk(const std::filesystem::path& folder) {
    constexpr std::uintmax_t needed = 1 << 20;
    std::error_code unknown;
    auto space = std::filesystem::space(folder, unknown);
    if (unknown || space.available >= needed) return ".";
    return " (its disk has less than 1 MiB left: make room, then start again)";
}

/// Whether a start goes on without the one file that has failed so.
bool is_of_file(const Failure& failure, const StoreFile& store) {
    return failure.is_fatal() && failure.kind() != FailureKind::sync &&
           said_of_disk(store.path.parent_path()) == ".";
}

}  // namespace

struct Lineage::State {
    std::vector<StoreFile> stores;
    std::vector<Mark> marks;  ///< of the same indexes
    Witness witness;
    std::string folder_id;  ///< empty: nothing is marked yet

    /// The last start that others know this store to have taken part in. What the others of its
    /// group say beyond the witness is of a start that was cut off while it marked them.
    std::int64_t seen(std::size_t index) const {
        // One that was out when the others of its group were opened is not older for that.
        auto known = witness.epochs.find(stores[index].name);
        if (known != witness.epochs.end()) return known->second;
        std::int64_t epoch = 0;
        bool witnessed = !witness.folder_id.empty();
        for (std::size_t i = 0; i < stores.size(); ++i) {
            bool together =
                i == index || (!stores[i].group.empty() && stores[i].group == stores[index].group);
            if (!together || is_view(stores[i])) continue;
            if (marks[i].folder_id != folder_id) continue;
            auto sure = witnessed ? std::min(marks[i].epoch, witness.epoch) : marks[i].epoch - 1;
            epoch = std::max(epoch, sure);
        }
        return epoch;
    }
    /// The number of the start that begins now. One that was cut off while it marked its stores did
    /// not take place, so its number is given again: else the next but one would take those that it
    /// did not come to for older ones.
    std::int64_t next_epoch() const {
        std::int64_t newest = 0;
        bool cut_off = false;
        for (std::size_t i = 0; i < stores.size(); ++i) {
            if (is_view(stores[i]) || !marks[i].unusable.empty()) continue;
            cut_off = cut_off || (i > 0 && marks[i].epoch != newest);
            newest = std::max(newest, marks[i].epoch);
        }
        bool witnessed = !witness.folder_id.empty();
        return std::max(witness.epoch + 1, witnessed || cut_off ? newest : newest + 1);
    }
    bool is_foreign(std::size_t index) const {
        return !marks[index].folder_id.empty() && marks[index].folder_id != folder_id;
    }
};

Lineage::Witness Lineage::read_witness(const std::filesystem::path& folder) {
    Witness witness;
    std::ifstream in(witness_file(folder));
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string what;
        words >> what;
        if (what == "folder") words >> witness.folder_id;
        if (what == "epoch") words >> witness.epoch;
        if (what == "running") words >> witness.is_running;
        if (what != "store") continue;
        std::string name;
        std::int64_t epoch = 0;
        if (words >> name >> epoch) witness.epochs[name] = epoch;
    }
    return witness;
}

void Lineage::write_witness() const {
    auto file = witness_file(folder_);
    auto next = beside(file, ".new");
    {
        std::ofstream out(next, std::ios::trunc);
        out << "folder " << witness_.folder_id << "\nepoch " << witness_.epoch << "\nrunning "
            << witness_.is_running << '\n';
        for (const auto& [name, epoch] : witness_.epochs) {
            out << "store " << name << ' ' << epoch << '\n';
        }
        out.close();
        if (!out) throw std::runtime_error("portal.stores cannot be written");
    }
    sync_path(next, O_RDONLY);
    std::filesystem::rename(next, file);
    sync_path(folder_, O_RDONLY | O_DIRECTORY);
}

Lineage::Mark Lineage::read_mark(const StoreFile& store, bool owner) {
    Mark mark;
    std::error_code missing;
    mark.is_there = std::filesystem::exists(store.path, missing) || missing;
    if (!mark.is_there) return mark;
    auto bytes = std::filesystem::file_size(store.path, missing);
    if (missing) bytes = 1;  // whatever stands there, it is not empty
    // Who only reads may leave an empty one.
    auto log_bytes = std::filesystem::file_size(beside(store.path, "-wal"), missing);
    mark.has_log = !missing;
    mark.is_empty = bytes == 0 && (missing || log_bytes == 0);
    if (mark.is_empty) return mark;
    try {
        read_rows(store, owner, mark);
    } catch (const Failure& failure) {
        if (!is_of_file(failure, store)) throw;
        mark.unusable = failure.what();
    }
    return mark;
}

void Lineage::read_rows(const StoreFile& store, bool owner, Mark& mark) {
    auto connection = owner ? open_as_owner(store) : open_from_outside(store);
    try {
        auto row = connection->prepare("select folder_id, epoch from lineage");
        if (!row.step()) return;
        mark.folder_id = row.text(0);
        mark.epoch = row.integer(1);
    } catch (const Failure& failure) {
        // A store that was never marked has no such table.
        if (failure.kind() != FailureKind::other) throw;
    }
}

Lineage::State Lineage::read_state(const std::filesystem::path& folder,
                                   const std::vector<StoreFile>& stores, bool owner,
                                   std::string& at) {
    State state;
    state.stores = stores;
    state.witness = read_witness(folder);
    for (const auto& store : stores) {
        at = store.path.filename().string();
        state.marks.push_back(read_mark(store, owner));
    }
    state.folder_id = state.witness.folder_id;
    std::int64_t newest = -1;
    for (std::size_t i = 0; i < stores.size() && state.witness.folder_id.empty(); ++i) {
        const auto& mark = state.marks[i];
        if (mark.folder_id.empty() || is_view(stores[i]) || mark.epoch <= newest) continue;
        newest = mark.epoch;
        state.folder_id = mark.folder_id;
    }
    return state;
}

std::vector<std::string> Lineage::compare(const State& state) {
    std::vector<std::string> problems;
    for (std::size_t i = 0; i < state.stores.size(); ++i) {
        const auto& store = state.stores[i];
        const auto& mark = state.marks[i];
        if (is_view(store) || !mark.unusable.empty()) continue;
        auto file = store.path.filename().string();
        auto seen = state.seen(i);
        if (mark.is_there && state.is_foreign(i)) {
            problems.push_back(file + " is of another data folder.");
        } else if (seen == 0) {
            continue;
        } else if (!mark.is_there) {
            problems.push_back(file + " is missing, and the other stores have seen it.");
        } else if (mark.is_empty) {
            problems.push_back(file + " is empty, and the other stores have seen what was in it.");
        } else if (mark.epoch < seen) {
            problems.push_back(file +
                               " is older than what the other stores have seen: it is of start " +
                               std::to_string(mark.epoch) + ", they know it from start " +
                               std::to_string(seen) + ".");
        }
    }
    return problems;
}

base::Result<Lineage> Lineage::open(const std::filesystem::path& folder,
                                    std::vector<StoreFile> stores, bool accept_older_data) {
    std::string at;
    try {
        auto state = read_state(folder, stores, true, at);
        bool any_usable = false;
        std::string unusable;
        for (const auto& mark : state.marks) {
            if (unusable.empty()) unusable = mark.unusable;
            any_usable = any_usable || (mark.is_there && mark.unusable.empty());
        }
        if (!any_usable && !unusable.empty()) {
            return base::Error{base::Reason::unavailable, "cannot_open",
                               "None of the stores of this data folder can be used: " + unusable +
                                   said_of_disk(folder)};
        }
        auto found = compare(state);
        if (!found.empty() && !accept_older_data) {
            std::string message =
                "The stores of this data folder do not belong together, some are "
                "older than others or missing:";
            for (const auto& problem : found) message += " " + problem;
            message +=
                " Put the right files back, or start with --accept-older-data to go on with "
                "what is there.";
            return base::Error{base::Reason::conflict, "older_data", std::move(message)};
        }
        for (const auto& problem : found) {
            telemetry::log(telemetry::Level::warning, "database",
                           "older data is accepted: the stores do not belong together",
                           {{"why", problem}});
        }

        Lineage lineage;
        lineage.folder_ = folder;
        auto& witness = lineage.witness_;
        witness = state.witness;
        witness.is_running = false;
        witness.folder_id = state.folder_id.empty() ? base::make_uuid_v7(base::SystemClock().now())
                                                    : state.folder_id;
        witness.epoch = state.next_epoch();
        for (std::size_t i = 0; i < stores.size(); ++i) {
            const auto& store = stores[i];
            at = store.path.filename().string();
            if (!state.marks[i].unusable.empty()) continue;
            if (is_view(store) && state.is_foreign(i)) {
                telemetry::log(telemetry::Level::warning, "database",
                               "a view is of another data folder: it is set aside and made anew",
                               {{"file", at}});
                set_aside(store.path);
                state.marks[i] = Mark();
            }
            // A view's number says nothing, so it is marked only once.
            if (is_view(store) && state.marks[i].folder_id == witness.folder_id) continue;
            try {
                write_mark(store, witness.folder_id, witness.epoch);
            } catch (const Failure& failure) {
                if (!is_of_file(failure, store)) throw;
                continue;  // whoever opens it says so
            }
            witness.epochs[store.name] = witness.epoch;
        }
        return lineage;
    } catch (const std::exception& failure) {
        return base::Error{base::Reason::unavailable, "cannot_open",
                           "The database file " + at + " cannot be used: " + failure.what() +
                               said_of_disk(folder)};
    }
}

void Lineage::started() {
    witness_.is_running = true;
    write_witness();
}

void Lineage::stopping() {
    if (!witness_.is_running) return;
    witness_.is_running = false;
    write_witness();
}

void Lineage::forget(Transaction& transaction) {
    transaction.execute(create_lineage);
    transaction.execute("delete from lineage");
}

std::vector<std::string> Lineage::problems(const std::filesystem::path& folder,
                                           const std::vector<StoreFile>& stores) {
    std::string at;
    auto state = read_state(folder, stores, false, at);
    auto problems = compare(state);
    for (const auto& mark : state.marks) {
        if (!mark.unusable.empty()) problems.push_back(mark.unusable);
    }
    return problems;
}

std::vector<std::string> Lineage::warnings(const std::filesystem::path& folder,
                                           const std::vector<StoreFile>& stores) {
    std::vector<std::string> warnings;
    std::string at;
    auto state = read_state(folder, stores, false, at);
    for (std::size_t i = 0; i < stores.size() && state.witness.is_running; ++i) {
        const auto& mark = state.marks[i];
        if (!mark.is_there || mark.has_log || !mark.unusable.empty()) continue;
        if (mark.epoch != state.witness.epoch) continue;
        warnings.push_back(stores[i].path.filename().string() +
                           " stands without its -wal file, though the last run did not end by "
                           "itself: what was only in that is gone, unless another program has put "
                           "it into the file since.");
    }
    return warnings;
}

}  // namespace database
