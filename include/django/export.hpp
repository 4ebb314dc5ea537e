#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "django/config.hpp"
#include "django/import.hpp"
#include "identity/exports.hpp"
#include "news/instance.hpp"
#include "users/users.hpp"

namespace django {

/// The modules that an export reads.
struct Exported {
    const identity::Exports& accounts;
    const users::Users& people;
    const news::Instances& types;
    const std::vector<std::string>& embeds;  ///< as those of Neighbours
};

/// What is to be written, and where.
struct ExportRequest {
    std::filesystem::path base;  ///< the dump that was imported: dumpdata's json or jsonl
    std::filesystem::path mapping;
    std::filesystem::path out;       ///< replaced, once all of it is there; for its owner alone
    std::filesystem::path folder{};  ///< see ImportRequest
    bool keep_staging = false;
    /// What was made here gets the pk that its id is; else the next one of its model.
    bool own_pks = false;
};

/// What has become of the articles or people of one rule.
struct ExportedRule {
    std::string rule;  ///< users, news
    std::string model;
    std::int64_t unchanged = 0;  ///< here as the base says it
    std::int64_t changed = 0;
    std::int64_t not_here = 0;  ///< never imported: as the base has it
    std::int64_t left_out = 0;  ///< removed here
    std::int64_t emptied = 0;   ///< erased here: the row is there, without the person
    std::int64_t added = 0;
    std::int64_t not_added = 0;  ///< made here, and no row can be made of it; see the warnings
};

/// What an export has done.
struct ExportReport {
    std::map<std::string, std::int64_t> models;  ///< rows that were written
    std::vector<ExportedRule> rules;
    std::int64_t with_removed = 0;  ///< rows left out since they point to one that is, or to
                                    ///< somebody who was erased
    std::map<std::string, WarningReport> warnings;
    /// How often a row does not say what is here, or cannot be there: all warnings together.
    std::int64_t unsaid = 0;
    std::vector<std::string> left_out;  ///< the first hundred rows that are not written
    std::filesystem::path kept_file;    ///< where each is told of; empty: there is nothing to tell
    bool cut_off = false;               ///< the base ends in the middle
};

/// Writes the base again, as JSON that `loaddata` takes, a row a line and in its order, with what
/// stands here now in the rows that the mapping makes articles and people of, and new rows for
/// those that were made here. Rules are turned round where that can be done, and what cannot is
/// told, row by row in `<out>.kept.jsonl`; what is hidden here is not public there. See
/// docs/import_django.md. Password hashes are among it. Memory does not grow with the base. Blocks:
/// call it on a thread of its own, once the views show all. Refused with `base_is_no_dump`,
/// `cannot_read`, `cannot_write`, `stopped`, and as the mapping and the modules are.
base::Result<ExportReport> export_site(const ExportRequest& request, const Config& config,
                                       const base::Clock& clock, const Exported& exported,
                                       const ImportProgress& progress,
                                       const std::atomic<bool>& stop);

}  // namespace django
