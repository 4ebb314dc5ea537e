#include "spool.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace legacy {

namespace {

base::Error spool_full() {
    return {base::Reason::unavailable, "spool_full",
            "There is no room to keep this while it is under way. Try again."};
}

[[noreturn]] void broken(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

bool SpoolSpace::take(std::uint64_t bytes) {
    auto before = bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes <= limits_.bytes_max) {
        struct statvfs disk {};
        bool known = statvfs(folder_.c_str(), &disk) == 0;
        auto left = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
        if (known && left >= limits_.disk_free_min + bytes) return true;
    }
    give(bytes);
    return false;
}

int open_unnamed_file(const std::filesystem::path& folder, bool named_first) {
    if (!named_first) {
        int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (file >= 0) return file;
        if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT) return -1;
    }
    auto name = (folder / "spool.XXXXXX").string();
    int file = mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0) unlink(name.c_str());
    return file;
}

Spool::~Spool() {
    if (file_ >= 0) close(file_);
    space_->give(written_);
}

base::Result<void> Spool::append(std::string_view bytes) {
    bool file_empty = written_ == read_;
    if (!file_empty || size() + bytes.size() > memory_max_) return append_to_file(bytes);
    if (memory_at_ > 0) {
        memory_.erase(0, memory_at_);
        memory_at_ = 0;
    }
    memory_.append(bytes);
    return {};
}

base::Result<void> Spool::append_to_file(std::string_view bytes) {
    if (!space_->take(bytes.size())) return spool_full();
    if (file_ < 0) file_ = open_unnamed_file(space_->folder());
    bool fits = file_ >= 0;
    std::size_t done = 0;
    while (fits && done < bytes.size()) {
        auto wrote = pwrite(file_, bytes.data() + done, bytes.size() - done,
                            static_cast<off_t>(written_ + done));
        if (wrote < 0 && errno == EINTR) continue;
        fits = wrote > 0;
        if (fits) done += static_cast<std::size_t>(wrote);
    }
    if (!fits) {
        space_->give(bytes.size());
        bool full = errno == ENOSPC || errno == EDQUOT || errno == EMFILE || errno == ENFILE;
        if (!full) broken("a spool cannot be written");
        return spool_full();
    }
    written_ += bytes.size();
    return {};
}

std::string Spool::take(std::size_t most) {
    auto left = memory_.size() - memory_at_;
    if (left == 0) return take_from_file(most);
    std::string taken;
    if (memory_at_ == 0 && left <= most) {
        taken = std::move(memory_);
    } else {
        taken = memory_.substr(memory_at_, most);
    }
    memory_at_ += taken.size();
    if (taken.size() == left) {
        memory_.clear();
        memory_at_ = 0;
    }
    return taken;
}

std::string Spool::take_from_file(std::size_t most) {
    std::string taken(std::min<std::uint64_t>(most, written_ - read_), '\0');
    std::size_t done = 0;
    while (done < taken.size()) {
        auto got = pread(file_, taken.data() + done, taken.size() - done,
                         static_cast<off_t>(read_ + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) broken("a spool cannot be read");
        done += static_cast<std::size_t>(got);
    }
    read_ += taken.size();
    if (read_ > 0 && read_ == written_) reset_file();
    return taken;
}

/// What is on the disk gives way when nobody needs it any more.
void Spool::reset_file() {
    if (ftruncate(file_, 0) != 0) broken("a spool cannot be emptied");
    space_->give(written_);
    written_ = read_ = 0;
}

}  // namespace legacy
