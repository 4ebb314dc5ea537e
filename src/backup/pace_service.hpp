#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include "database/failure.hpp"
#include "files.hpp"
#include "folder_service.hpp"
#include "operations/jobs.hpp"

namespace backup {

struct BackupStopped {};

/// Whoever copies no faster than so many bytes a second; ends the copying by an exception.
class Pace {
public:
    Pace(std::int64_t bytes_per_second, const Folder& folder, std::int64_t free_bytes_min,
         const operations::Progress& progress)
        : bytes_per_second_(bytes_per_second),
          folder_(folder),
          free_bytes_min_(free_bytes_min),
          progress_(progress) {}

    void look() const {
        if (progress_.stop) throw BackupStopped();
        if (free_bytes(folder_.path()) >= free_bytes_min_) return;
        throw database::Failure(database::FailureKind::full,
                                "there is less room than there has to "
                                "be left");
    }
    void spend(std::int64_t bytes) {
        look();
        using Clock = std::chrono::steady_clock;
        auto due = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
            static_cast<double>(bytes) / static_cast<double>(bytes_per_second_)));
        next_ = std::max(next_, Clock::now()) + due;
        constexpr auto slice = std::chrono::milliseconds(100);
        while (Clock::now() < next_ && !progress_.stop) {
            std::this_thread::sleep_until(std::min(next_, Clock::now() + slice));
        }
    }

private:
    const std::int64_t bytes_per_second_;
    const Folder& folder_;
    const std::int64_t free_bytes_min_;
    const operations::Progress& progress_;
    std::chrono::steady_clock::time_point next_{};
};

}  // namespace backup
