#pragma once

#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "django/import_types.hpp"
#include "private_file.hpp"

namespace django {

/// The two files that an import has of its own: the rows while they are sorted, password hashes
/// among them, and those that were rejected. For nobody but their owner. One thread.
class ImportFiles {
public:
    /// `request` must outlive it.
    explicit ImportFiles(const ImportRequest& request) : request_(request) {}

    /// Chooses their places and makes that of staging. Refused with `cannot_write`.
    base::Result<void> open();
    const std::filesystem::path& staging() const { return staging_; }
    const std::filesystem::path& rejected() const { return rejected_; }
    void remove_staging() const;

private:
    std::filesystem::path folder_of_source() const;
    base::Result<void> place_rejected();
    base::Result<void> place_staging();

    const ImportRequest& request_;
    std::filesystem::path staging_;
    std::filesystem::path rejected_;
    /// What comes from a pipe cannot be gone on with, and nothing of it stays behind.
    std::unique_ptr<PrivateFolder> pipe_folder_;
};

}  // namespace django
