#include "outputs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/clock.hpp"
#include "console.hpp"
#include "json_line.hpp"

namespace telemetry {

std::uint64_t Output::losses() const {
    return dropped() + (queue_ ? queue_->overrun_counter() : 0) +
           (lines_lost_ ? lines_lost_->load(std::memory_order_relaxed) : 0);
}

void Output::log(const spdlog::details::log_msg& line) {
    std::lock_guard lock(mutex_);
    std::string text(line.payload.begin(), line.payload.end());
    auto lost = losses();
    if (lost != reported_) text += ",\"dropped\":" + std::to_string(lost - reported_);
    text += "}\n";
    bool written = false;
    try {
        written = write(text);
    } catch (...) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        throw;
    }
    if (written) {
        reported_ = lost;
    } else {
        dropped_.fetch_add(1, std::memory_order_relaxed);
    }
}

/// What was lost is told in a line of its own: those in the block are complete.
void Output::write_lines(std::string_view lines) {
    std::lock_guard lock(mutex_);
    // Counted only where some are lost: looking for line ends costs more than all else here.
    auto drop_rest = [&] {
        auto lost = std::count(lines.begin(), lines.end(), '\n');
        dropped_.fetch_add(static_cast<std::uint64_t>(lost), std::memory_order_relaxed);
    };
    try {
        if (auto lost = losses(); lost != reported_) {
            auto text = open_line(base::SystemClock().now(), Level::warning, "telemetry",
                                  "log lines were dropped", {{"dropped", lost - reported_}}, {});
            if (write(text + "}\n")) reported_ = lost;
        }
        while (!lines.empty()) {
            auto piece = lines.substr(0, piece_bytes());
            piece = piece.substr(0, piece.rfind('\n') + 1);
            if (!write(piece)) break;
            lines.remove_prefix(piece.size());
        }
    } catch (...) {
        drop_rest();
        throw;
    }
    drop_rest();
}

bool ConsoleOutput::write(std::string_view line) {
    return write_at_once(line);
}

FileOutput::FileOutput(std::filesystem::path file, std::size_t bytes_max, std::size_t files_max)
    : file_(std::move(file)),
      bytes_max_(std::max<std::size_t>(bytes_max, 1)),
      files_max_(std::max<std::size_t>(files_max, 1)) {
    open();
}

FileOutput::~FileOutput() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

/// The old one stays if the new one cannot be had: better lines in a file of another name than
/// none.
void FileOutput::open(int more_flags) {
    std::error_code failed;
    if (file_.has_parent_path()) std::filesystem::create_directories(file_.parent_path(), failed);
    int opened =
        ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | more_flags, 0600);
    struct stat facts {};
    if (opened < 0 || ::fstat(opened, &facts) != 0) {
        std::string why = std::strerror(errno);
        if (opened >= 0) ::close(opened);
        throw std::runtime_error("The log " + file_.string() + " cannot be written: " + why + ".");
    }
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = opened;
    regular_ = S_ISREG(facts.st_mode);
    bytes_ = static_cast<std::size_t>(facts.st_size);
}

std::filesystem::path FileOutput::older(std::size_t number) const {
    auto name = file_.stem().string() + '.' + std::to_string(number) + file_.extension().string();
    return file_.parent_path() / name;
}

void FileOutput::rotate() {
    std::error_code failed;
    for (auto number = files_max_ - 1; number > 0; --number) {
        auto from = number == 1 ? file_ : older(number - 1);
        std::filesystem::rename(from, older(number), failed);
    }
    // What cannot be put aside is written over: the size is a promise.
    open(O_TRUNC);
}

bool FileOutput::write(std::string_view line) {
    if (reopen_.exchange(false)) open();
    if (regular_ && bytes_ > 0 && bytes_ + line.size() > bytes_max_) rotate();
    bytes_ += line.size();
    while (!line.empty()) {
        auto written = ::write(descriptor_, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            throw std::runtime_error("The log " + file_.string() +
                                     " cannot be written: " + std::strerror(errno) + ".");
        }
        line.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace telemetry
