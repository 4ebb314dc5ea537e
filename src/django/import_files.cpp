#include "import_files.hpp"

#include <unistd.h>

#include <array>
#include <vector>

namespace django {

namespace {

constexpr std::array<const char*, 4> store_suffixes = {"", "-journal", "-wal", "-shm"};

/// A file about the source, in the first of these folders that can be written.
base::Result<std::filesystem::path> place_for(const ImportRequest& request, const char* suffix,
                                              const std::vector<std::filesystem::path>& folders) {
    auto name = request.source == "-" ? std::filesystem::path("stdin") : request.source.filename();
    name += suffix;
    for (const auto& folder : folders) {
        if (!folder.empty() && ::access(folder.c_str(), W_OK | X_OK) == 0) return folder / name;
    }
    return base::Error{base::Reason::unavailable, "cannot_write",
                       "There is no folder for the file " + name.string() +
                           ": that of the source cannot be written. Say another with --staging."};
}

}  // namespace

std::filesystem::path ImportFiles::folder_of_source() const {
    if (request_.source == "-") return std::filesystem::current_path();
    return std::filesystem::absolute(request_.source).parent_path();
}

base::Result<void> ImportFiles::open() {
    auto placed = place_rejected();
    return placed ? place_staging() : placed;
}

base::Result<void> ImportFiles::place_rejected() {
    rejected_ = request_.rejected_file;
    if (!rejected_.empty()) return {};
    auto found = place_for(request_, ".rejected.jsonl", {folder_of_source(), request_.folder});
    if (!found) return found.error();
    rejected_ = *found;
    return {};
}

base::Result<void> ImportFiles::place_staging() {
    auto folder = request_.folder;
    if (request_.source == "-") {
        if (folder.empty()) folder = std::filesystem::temp_directory_path();
        auto writable = place_for(request_, ".staging.db", {folder});
        if (!writable) return writable.error();
        pipe_folder_ = std::make_unique<PrivateFolder>(folder);
        folder = pipe_folder_->path();
    } else if (folder.empty()) {
        folder = folder_of_source();
    }
    auto file = place_for(request_, ".staging.db", {folder});
    if (!file) return file.error();
    staging_ = *file;
    for (const char* suffix : store_suffixes) {
        auto checked = check_private(staging_.string() + suffix);
        if (!checked) return checked;
    }
    return make_private(staging_);
}

void ImportFiles::remove_staging() const {
    std::error_code failed;
    for (const char* suffix : store_suffixes) {
        std::filesystem::remove(staging_.string() + suffix, failed);
    }
}

}  // namespace django
