#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "django/config.hpp"
#include "django/import.hpp"
#include "mapping.hpp"
#include "open_store.hpp"
#include "staging_store.hpp"

namespace django {

/// What is to be staged. All of it must outlive the call.
struct Staging {
    const std::filesystem::path& source;
    const std::filesystem::path& file;  ///< of the staging store; it is there, and private
    const Mapping& mapping;
    const Config& config;
    const ImportProgress& progress;
    const std::atomic<bool>& stop;
    bool is_kept = false;  ///< for later runs, perhaps after the machine's end
};

/// All rows of a source, and what is known of it.
struct Staged {
    std::unique_ptr<StagingStore> store{};
    bool naive_is_utc = false;
    bool cuts_times = false;
    std::vector<std::string> notes{};
};

/// Reads the source, opened at its beginning, into its staging file; what is there of it already is
/// gone on with. Refused with `cannot_read`, `stopped`.
base::Result<Staged> stage(OpenSource opened, const Staging& staging);

/// The refusal of a base that is a database or XML.
base::Error base_is_no_dump(const std::filesystem::path& base);

/// Which field points to which model, by the source, the mapping, and the names.
void tell_relations(StagingStore& store, const Mapping& mapping);

}  // namespace django
