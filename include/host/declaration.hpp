#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/section.hpp"
#include "database/store_file.hpp"
#include "database/transaction.hpp"

namespace host {

/// What a check found of one thing that a module keeps.
struct Finding {
    std::string name;                     ///< `sports`, `identity`
    std::string what;                     ///< what was looked at: `1,204 events`
    std::vector<std::string> problems{};  ///< plain sentences; empty: it is good
    std::vector<std::string> warnings{};  ///< not wrong by itself, but worth a look
};

/// Hears how far the check of what has that name is.
using VerifyProgress =
    std::function<void(const std::string& name, std::int64_t done, std::int64_t total)>;

/// Of a store whose log was cut off at an earlier event: the streams that had later ones.
using LaterStreams = std::vector<std::int64_t>;
/// Makes the tables beside such a log what it says; see Declaration::rewind.
using Rewind = std::function<void(database::Transaction&, const LaterStreams&)>;

/// What the program has to know of a module that is not open: how its settings are read, and which
/// files it keeps, to hold them together at the start, to check and to copy them, also while
/// another process owns them. Made by declare(); refers to the module's settings.
struct Declaration {
    std::string name;  ///< the one word of the module
    std::function<void(config::Section& root)> describe;
    std::function<std::vector<database::StoreFile>(const std::filesystem::path& folder)> stores;
    /// Re-reads what stores() names. Reads only, in parts, so it may run beside a server. Blocks.
    std::function<std::vector<Finding>(const std::filesystem::path& folder, const VerifyProgress&)>
        verify;
    /// What it keeps in the folder besides stores and cannot be made again, as keys: small files,
    /// of which some may not be there. A copy is its owner's alone to read.
    std::function<std::vector<std::filesystem::path>(const std::filesystem::path& folder)> files;
    /// Files that are called after what is in them, so they never change, and a backup has each
    /// once; as many as there are. Null: none.
    std::function<std::vector<std::filesystem::path>(const std::filesystem::path& folder)>
        unchanging{};
    /// Not null: the stores of it that are logs say all that they are in their events, so they can
    /// be put back to any of these; what stands in their tables beside is made to fit by this.
    Rewind rewind{};
};

/// The check of stores of which a module knows no more than they do themselves: the engine's own,
/// and of a log its hash chain. What cannot be read is a problem of that store.
std::vector<Finding> verify_stores(const std::vector<database::StoreFile>& stores);

/// The declaration of the module class `M`, whose section of the configuration is `name` and fills
/// `config`, which must outlive the result. `M` may have
///
///     static std::vector<database::StoreFile> stores(const Config&, const std::filesystem::path&);
///     static std::vector<Finding> verify(const Config&, const std::filesystem::path& folder,
///                                        const VerifyProgress&);
///     static std::vector<std::filesystem::path> files(const Config&, const
///     std::filesystem::path&); static std::vector<std::filesystem::path> unchanging(const Config&,
///     const std::filesystem::path&); static void rewind(database::Transaction&, const
///     LaterStreams&);
///
/// A module without the first keeps no store; one without the second is checked by verify_stores().
template <class M, class Config>
Declaration declare(const std::string& name, const std::string& meaning, Config& config) {
    Declaration declared;
    declared.name = name;
    declared.describe = [name, meaning, &config](config::Section& root) {
        describe(root.section(name, meaning), config);
    };
    declared.stores = [&config](const std::filesystem::path& folder) {
        if constexpr (requires { M::stores(config, folder); }) {
            return M::stores(config, folder);
        } else {
            return std::vector<database::StoreFile>();
        }
    };
    declared.verify = [&config, stores = declared.stores](const std::filesystem::path& folder,
                                                          const VerifyProgress& progress) {
        if constexpr (requires { M::verify(config, folder, progress); }) {
            return M::verify(config, folder, progress);
        } else {
            return verify_stores(stores(folder));
        }
    };
    declared.files = [&config](const std::filesystem::path& folder) {
        if constexpr (requires { M::files(config, folder); }) {
            return M::files(config, folder);
        } else {
            return std::vector<std::filesystem::path>();
        }
    };
    if constexpr (requires(const std::filesystem::path& in) { M::unchanging(config, in); }) {
        declared.unchanging = [&config](const std::filesystem::path& folder) {
            return M::unchanging(config, folder);
        };
    }
    if constexpr (requires(database::Transaction& store) { M::rewind(store, LaterStreams()); }) {
        declared.rewind = M::rewind;
    }
    return declared;
}

}  // namespace host
