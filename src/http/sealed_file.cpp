#include "sealed_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace http {

namespace {
constexpr std::uint32_t sendings_before = 10;
std::atomic<std::int64_t> files{0};
}  // namespace

SealedFile::~SealedFile() {
    if (file_) files.fetch_sub(1, std::memory_order_relaxed);
}

int SealedFile::descriptor(std::string_view body, std::int64_t files_max) {
    if (sendings_.load(std::memory_order_relaxed) < sendings_before) {
        sendings_.fetch_add(1, std::memory_order_relaxed);
        return -1;
    }
    std::call_once(once_, [&] { make(body, files_max); });
    return file_.get();
}

void SealedFile::make(std::string_view body, std::int64_t files_max) {
    if (files.fetch_add(1, std::memory_order_relaxed) < files_max) {
        Descriptor made(memfd_create("portal-page", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        auto written = made ? write(made.get(), body.data(), body.size()) : -1;
        if (written == static_cast<ssize_t>(body.size())) {
            fcntl(made.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
            file_ = std::move(made);
            return;
        }
    }
    files.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace http
