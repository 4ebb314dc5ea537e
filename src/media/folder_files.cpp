#include "folder_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "base/ids.hpp"

namespace media {

namespace {

constexpr std::size_t fan_letters = 2;
constexpr const char* incoming_name = "incoming";

/// How much is written before the disk is asked again for its room.
constexpr std::size_t bytes_at_once = 1024 * 1024;

/// A part, which goes with it unless it was renamed.
class FolderFile final : public IncomingFile {
public:
    FolderFile(std::filesystem::path path, int descriptor, int reading, std::shared_ptr<Disk> disk)
        : path_(std::move(path)),
          descriptor_(descriptor),
          reading_(reading),
          disk_(std::move(disk)) {}
    ~FolderFile() override {
        ::close(descriptor_);
        ::close(reading_);
        if (!path_.empty()) ::unlink(path_.c_str());
    }

    base::Result<void> append(std::string_view bytes) override {
        since_asked_ += bytes.size();
        if (since_asked_ >= bytes_at_once) {
            since_asked_ = 0;
            auto room = disk_->room();
            if (!room) return room;
        }
        while (!bytes.empty()) {
            auto written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return disk_->failed({errno, std::generic_category(), path_.string()});
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }
    int descriptor() const override { return reading_; }

    /// Durable under its new name, or an exception.
    void move_to(const std::filesystem::path& to) {
        if (::fsync(descriptor_) != 0) throw_errno(path_);
        if (::rename(path_.c_str(), to.c_str()) != 0) throw_errno(to);
        path_.clear();
    }

private:
    std::filesystem::path path_;
    const int descriptor_;
    const int reading_;
    const std::shared_ptr<Disk> disk_;
    std::size_t since_asked_ = 0;
};

void sync_folder(const std::filesystem::path& folder) {
    int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    errno = error;
    if (!synced) throw_errno(folder);
}

/// For its owner alone, and durable; nothing if it is there.
void make_folder(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), S_IRWXU) == 0) {
        sync_folder(folder.parent_path());
    } else if (errno != EEXIST) {
        throw_errno(folder);
    }
}

bool is_fan(const std::string& name) {
    return name.size() == fan_letters &&
           name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::filesystem::path place_of(const std::string& sha256) {
    return std::filesystem::path(sha256.substr(0, fan_letters)) / sha256.substr(fan_letters);
}

std::string sha256_of(const std::filesystem::path& file) {
    return file.parent_path().filename().string() + file.filename().string();
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    namespace fs = std::filesystem;
    std::vector<fs::path> all;
    std::error_code none;
    for (const auto& fan : fs::directory_iterator(folder, none)) {
        if (!fan.is_directory() || !is_fan(fan.path().filename().string())) continue;
        for (const auto& file : fs::directory_iterator(fan.path())) all.push_back(file.path());
    }
    return all;
}

FolderFiles::FolderFiles(Options options, WhenKept when_kept)
    : folder_(options.folder),
      when_kept_(std::move(when_kept)),
      disk_(std::make_shared<Disk>(options.folder, std::move(options.disk))),
      thread_({"media-files",
               1,
               options.queue_max,
               0,
               {base::Reason::unavailable, "media_busy",
                "Too many files are waiting to be kept. Try again in a moment."}}) {
    try {
        make_folder(folder_);
        make_folder(folder_ / incoming_name);
    } catch (const std::system_error& failure) {
        disk_->failed(failure);
    }
}

std::int64_t FolderFiles::sweep(const std::function<bool(const std::string& sha256)>& is_used) {
    namespace fs = std::filesystem;
    try {
        for (const auto& entry : fs::directory_iterator(folder_ / incoming_name)) {
            fs::remove(entry.path());
        }
        auto all = files_in(folder_);
        return std::count_if(all.begin(), all.end(),
                             [&](const fs::path& file) { return !is_used(sha256_of(file)); });
    } catch (const std::system_error& failure) {
        disk_->failed(failure);
        return 0;
    }
}

base::Result<std::unique_ptr<IncomingFile>> FolderFiles::begin() {
    auto room = disk_->room();
    if (!room) return room.error();
    try {
        return open_part();
    } catch (const std::system_error& failure) {
        return disk_->failed(failure);
    }
}

std::unique_ptr<IncomingFile> FolderFiles::open_part() const {
    auto path = folder_ / incoming_name / base::make_uuid_v7(base::Time());
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int descriptor = ::open(path.c_str(), flags, S_IRUSR | S_IWUSR);
    if (descriptor < 0 && errno == ENOENT) {
        // Somebody has removed the folder.
        std::filesystem::create_directories(path.parent_path());
        descriptor = ::open(path.c_str(), flags, S_IRUSR | S_IWUSR);
    }
    if (descriptor < 0) throw_errno(path);
    int reading = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (reading < 0) {
        int error = errno;
        ::close(descriptor);
        ::unlink(path.c_str());
        errno = error;
        throw_errno(path);
    }
    return std::make_unique<FolderFile>(std::move(path), descriptor, reading, disk_);
}

void FolderFiles::place(std::unique_ptr<IncomingFile> part, const std::filesystem::path& to) {
    make_folder(to.parent_path());
    static_cast<FolderFile&>(*part).move_to(to);
    sync_folder(to.parent_path());
    if (when_kept_) when_kept_(to);
}

base::Task<Hold> FolderFiles::keep(std::unique_ptr<IncomingFile> file, std::string sha256,
                                   base::Deadline deadline) {
    struct Kept {
        Hold hold{};
        std::optional<base::Error> refusal{};
    };
    auto work = [this, sha256, part = std::move(file)]() mutable {
        Hold held = holds_.hold(sha256);
        try {
            place(std::move(part), folder_ / place_of(sha256));
        } catch (const std::system_error& failure) {
            return Kept{{}, disk_->failed(failure)};
        }
        disk_->works();
        return Kept{std::move(held), {}};
    };
    auto kept = co_await thread_.run<Kept>(deadline, 0, std::move(work));
    if (!kept) co_return kept.error();
    if (kept->refusal) co_return *kept->refusal;
    co_return std::move(kept->hold);
}

base::Task<std::filesystem::path> FolderFiles::file(std::string sha256, base::Deadline) {
    co_return folder_ / place_of(sha256);
}

base::Task<bool> FolderFiles::remove(std::string sha256, std::function<bool()> is_used) {
    struct Removed {
        bool is_done = false;
        std::optional<base::Error> refusal{};
    };
    auto work = [this, sha256, is_used = std::move(is_used)] {
        // In this order: who held them until just now has an item by now. Whoever comes next is
        // behind us in the queue of this thread, and brings them anew.
        auto removal = holds_.removal(sha256);
        if (!removal || is_used()) return Removed{};
        auto path = folder_ / place_of(sha256);
        if (::unlink(path.c_str()) == 0 || errno == ENOENT) return Removed{true, {}};
        return Removed{false, disk_->failed({errno, std::generic_category(), path.string()})};
    };
    auto removed = co_await thread_.run<Removed>(base::Deadline(), 0, std::move(work));
    if (!removed) co_return removed.error();
    if (removed->refusal) co_return *removed->refusal;
    co_return removed->is_done;
}

}  // namespace media
