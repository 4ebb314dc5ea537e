#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/work_pool.hpp"
#include "disk.hpp"
#include "files.hpp"
#include "holds.hpp"

namespace media {

/// In a folder: `ab/cdef…` by the SHA-256, and `incoming/` for what is on its way. A file comes to
/// its place by a rename, after its bytes are on the disk and before anybody speaks of it; so
/// whatever a kill leaves is a file that no item has: it is counted when the folder is swept, and
/// taken by the next upload of the same bytes. One thread does everything that waits for the disk,
/// in order.
class FolderFiles final : public Files {
public:
    /// Called on the thread of the files with the place of one that has come.
    using WhenKept = std::function<void(const std::filesystem::path& path)>;

    struct Options {
        std::filesystem::path folder;
        std::size_t queue_max = 0;  ///< files that may wait to be kept
        Disk::Options disk{};
    };

    /// Makes the folders; if that fails, what comes is refused until they can be made.
    explicit FolderFiles(Options options, WhenKept when_kept = {});

    std::int64_t sweep(const std::function<bool(const std::string& sha256)>& is_used) override;
    base::Result<std::unique_ptr<IncomingFile>> begin() override;
    base::Task<Hold> keep(std::unique_ptr<IncomingFile> file, std::string sha256,
                          base::Deadline deadline) override;
    base::Task<std::filesystem::path> file(std::string sha256, base::Deadline deadline) override;
    base::Task<bool> remove(std::string sha256, std::function<bool()> is_used) override;
    std::string trouble() const override { return disk_->trouble(); }

private:
    std::unique_ptr<IncomingFile> open_part() const;
    void place(std::unique_ptr<IncomingFile> part, const std::filesystem::path& to);

    const std::filesystem::path folder_;
    const WhenKept when_kept_;
    const std::shared_ptr<Disk> disk_;  ///< also of the files on their way
    Holds holds_;
    base::WorkPool thread_;
};

/// All that are kept in such a folder, not what is on its way; none if there is no folder.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);

/// The name under which a folder has those bytes: `ab/cdef…`.
std::filesystem::path place_of(const std::string& sha256);
/// Of a file of files_in(): what it is called after.
std::string sha256_of(const std::filesystem::path& file);

}  // namespace media
