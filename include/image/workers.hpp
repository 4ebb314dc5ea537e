#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "image/kind.hpp"
#include "telemetry/metrics.hpp"

namespace image {

/// What a picture is when it is decoded, as it is shown: with its orientation applied.
struct Facts {
    std::int64_t width = 0;
    std::int64_t height = 0;
};

/// A file by its descriptor, which stays open until the answer is there; `bytes` from its start.
struct InputFile {
    int descriptor = -1;
    std::int64_t bytes = 0;
    Kind kind = Kind::unknown;
};

/// What is to be made of a picture. It is never made larger than it is.
struct Wanted {
    Kind format = Kind::webp;  ///< jpeg, webp or avif
    std::int64_t width = 0;
    std::int64_t height = 0;  ///< 0: all of it, in its own shape
    double focus_x = 0.5;     ///< what has to stay in it: 0 to 1 from the left
    double focus_y = 0.5;     ///< and from the top
};

/// Decodes, cuts and encodes pictures in processes apart, which can do nothing but that: what a
/// picture breaks there is not this process. Thread-safe.
/// Refused: `damaged_picture` (invalid: it cannot be decoded, or what decodes it died or was late),
/// `too_many_pixels` (invalid), `pictures_busy` (unavailable: too many wait), and
/// `pictures_unavailable` (unavailable: there is no such process to be had, the log says why).
class Workers {
public:
    virtual ~Workers() = default;

    /// Decodes all of it.
    virtual base::Task<Facts> look(InputFile file, base::Deadline deadline) = 0;
    /// Writes the rendition to the empty file `to`; sRGB, with no metadata at all. Gives its size
    /// in bytes.
    virtual base::Task<std::int64_t> make(InputFile file, Wanted wanted, int to,
                                          base::Deadline deadline) = 0;
};

/// How many there are, and what one job may take.
struct WorkerOptions {
    std::size_t workers = 1;
    std::size_t queue_max = 100;
    std::int64_t pixels_max = 64'000'000;
    std::chrono::milliseconds job_time_max{10'000};
    std::int64_t memory_bytes_max = 1024LL * 1024 * 1024;
    /// What is run, and its one argument: this very program, whatever stands in its place by now.
    std::string program = "/proc/self/exe";
    std::string argument = "image-worker";
};

/// A process is started with the first job, and anew when one has died or has done a hundred.
/// `restarts` counts those that died. `metrics` outlives it.
std::unique_ptr<Workers> start_workers(WorkerOptions options, telemetry::Counter& restarts);

/// The other side: what `portal image-worker` does, until its socket (descriptor 3) is closed.
/// Gives the exit code.
int run_worker();

}  // namespace image
