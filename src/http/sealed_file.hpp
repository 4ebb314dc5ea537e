#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "listener.hpp"

namespace http {

/// The body of an answer that is asked for again and again, in memory pages that the kernel can put
/// on the wire as they are (sendfile): otherwise it copies every body it sends. Made at the tenth
/// time, since a descriptor is worth that only then. Thread-safe.
class SealedFile {
public:
    /// Smaller bodies are copied: that costs less than a second system call.
    static constexpr std::size_t bytes_min = 16 * 1024;

    ~SealedFile();

    /// Counts one sending of `body`, which is the same each time. -1 if it has to be copied: not
    /// asked for often enough, or `files_max` of all answers have a file already.
    int descriptor(std::string_view body, std::int64_t files_max);

private:
    void make(std::string_view body, std::int64_t files_max);

    std::atomic<std::uint32_t> sendings_{0};
    std::once_flag once_;
    Descriptor file_;
};

}  // namespace http
