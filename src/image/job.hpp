#pragma once

// What goes over the socket (SOCK_SEQPACKET) between the server and a worker, one message each way:
// both sides are the same program.

#include <array>
#include <cstdint>
#include <type_traits>

#include "image/kind.hpp"

namespace image {

/// Comes with the descriptors of the picture and, if something is to be made, of where to.
struct Job {
    std::int64_t bytes = 0;
    std::int64_t pixels_max = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;
    double focus_x = 0.5;
    double focus_y = 0.5;
    Kind kind = Kind::unknown;
    Kind format = Kind::unknown;  ///< unknown: it is only looked at
};

/// `failed`: it cannot be made of this picture. `blocked`: not now, as on a full disk.
enum class Outcome : std::uint8_t { done, damaged, too_many_pixels, failed, blocked };

struct Report {
    std::int64_t width = 0;  ///< of the picture as it is shown
    std::int64_t height = 0;
    std::int64_t bytes = 0;  ///< of what was made
    Outcome outcome = Outcome::failed;
    std::array<char, 119> why{};  ///< ends with a 0
};

/// What a worker says before its first job.
struct Hello {
    std::uint64_t limits_held = 0;  ///< 0: it could not lock itself in, and ends
};

static_assert(std::is_trivially_copyable_v<Job> && std::is_trivially_copyable_v<Report>);

/// The worker's end of the socket.
inline constexpr int worker_socket = 3;
/// Set by the server for its worker: how much memory it may have.
inline constexpr const char* memory_variable = "PORTAL_IMAGE_WORKER_BYTES";

}  // namespace image
