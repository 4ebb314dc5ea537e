#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "database/store_file.hpp"
#include "database/transaction.hpp"

namespace database {

/// Whether the files in a data folder are one whole, or some of them come from an older copy, from
/// another folder, or are gone. Each store remembers the folder's id and the number of the last
/// start that it took part in; the file `portal.stores` remembers the same of every store, and
/// whether the last run has ended by itself. For whoever owns the folder, before any store is open.
class Lineage {
public:
    /// Compares all, refuses with `older_data` (conflict) and a sentence what does not belong
    /// together, unless that is accepted, and begins a new start. One that is damaged, or cannot be
    /// read or marked, takes no part in it, and is not held to be older for that later. Refused
    /// with `cannot_open` if that is so of all that are there, or is no fault of a file.
    static base::Result<Lineage> open(const std::filesystem::path& folder,
                                      std::vector<StoreFile> stores, bool accept_older_data);

    /// All stores are open: from now on this start counts. Throws if that cannot be noted.
    void started();
    /// From here on they are closed. Before started(): nothing.
    void stopping();

    /// The store is of no folder and of no start any more: a folder that is put together of such
    /// stores is a new one.
    static void forget(Transaction& transaction);

    /// What does not belong together, in sentences. Reads only, also beside a server.
    static std::vector<std::string> problems(const std::filesystem::path& folder,
                                             const std::vector<StoreFile>& stores);
    /// What may be wrong, or may have a harmless reason.
    static std::vector<std::string> warnings(const std::filesystem::path& folder,
                                             const std::vector<StoreFile>& stores);

private:
    /// What the file `portal.stores` says.
    struct Witness {
        std::string folder_id;  ///< empty: there is no such file
        std::int64_t epoch = 0;
        bool is_running = false;
        std::map<std::string, std::int64_t> epochs;
    };
    /// What a store says.
    struct Mark {
        bool is_there = false;
        bool is_empty = false;
        bool has_log = false;   ///< its write-ahead log stands beside it
        std::string folder_id;  ///< empty: it was never marked
        std::int64_t epoch = 0;
        std::string unusable{};  ///< why it cannot be read; empty: it can be
    };
    struct State;

    static Witness read_witness(const std::filesystem::path& folder);
    /// `owner`: whoever may finish what a killed process has left half-written.
    static Mark read_mark(const StoreFile& store, bool owner);
    static void read_rows(const StoreFile& store, bool owner, Mark& mark);
    /// `at` is the name of the file that is being read.
    static State read_state(const std::filesystem::path& folder,
                            const std::vector<StoreFile>& stores, bool owner, std::string& at);
    static std::vector<std::string> compare(const State& state);
    void write_witness() const;

    std::filesystem::path folder_;
    Witness witness_;
};

}  // namespace database
