#include "state_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <filesystem>

namespace recommendation {

namespace {
constexpr std::size_t part_bytes = 1024 * 1024;
}  // namespace

void StateSum::add(std::uint64_t word) {
    constexpr std::uint64_t prime = 1099511628211ULL;
    sum_ = (sum_ ^ word) * prime;
    sum_ ^= sum_ >> 32;
}

void StateSum::add(const char* bytes, std::size_t size) {
    while (begun_size_ > 0 && size > 0) {
        begun_[begun_size_++] = *bytes++;
        --size;
        if (begun_size_ < begun_.size()) continue;
        add(std::bit_cast<std::uint64_t>(begun_));
        begun_size_ = 0;
    }
    std::uint64_t word = 0;
    for (; size >= sizeof word; bytes += sizeof word, size -= sizeof word) {
        std::memcpy(&word, bytes, sizeof word);
        add(word);
    }
    for (; size > 0; --size) begun_[begun_size_++] = *bytes++;
}

std::uint64_t StateSum::value() const {
    auto last = *this;
    last.add(begun_size_);
    for (auto i = begun_size_; i < begun_.size(); ++i) last.begun_[i] = 0;
    last.add(std::bit_cast<std::uint64_t>(last.begun_));
    return last.sum_;
}

StateWriter::StateWriter(const std::string& path) : path_(path) {
    // Nobody else's business, whatever it was before.
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor >= 0) ::close(descriptor);
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (!file_) throw StateFileFailure("the file " + path + " cannot be written");
}

void StateWriter::write(const void* bytes, std::size_t size) {
    const auto* begin = static_cast<const char*>(bytes);
    sum_.add(begin, size);
    file_.write(begin, static_cast<std::streamsize>(size));
}

void StateWriter::finish() {
    auto sum = sum_.value();
    file_.write(reinterpret_cast<const char*>(&sum), sizeof sum);
    file_.close();
    if (!file_) throw StateFileFailure("the file " + path_ + " cannot be written");
    int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    bool is_kept = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (!is_kept) throw StateFileFailure("the file " + path_ + " cannot be brought to the disk");
}

StateReader::StateReader(const std::string& path) : file_(path, std::ios::binary) {
    std::error_code unknown;
    auto size = std::filesystem::file_size(path, unknown);
    if (!file_ || unknown || size < sizeof(std::uint64_t)) {
        throw StateFileFailure("the file " + path + " cannot be read");
    }
    left_ = size - sizeof(std::uint64_t);
    StateSum sum;
    std::vector<char> part(part_bytes);
    for (auto left = left_; left > 0;) {
        auto next = std::min<std::uint64_t>(left, part.size());
        file_.read(part.data(), static_cast<std::streamsize>(next));
        if (!file_) throw StateFileFailure("it cannot be read to its end");
        sum.add(part.data(), next);
        left -= next;
    }
    std::uint64_t written = 0;
    file_.read(reinterpret_cast<char*>(&written), sizeof written);
    if (!file_ || written != sum.value()) throw StateFileFailure("its checksum is wrong");
    file_.seekg(0);
}

void StateReader::read(void* bytes, std::size_t size) {
    if (size > left_) throw StateFileFailure("it ends too early");
    auto* begin = static_cast<char*>(bytes);
    file_.read(begin, static_cast<std::streamsize>(size));
    if (!file_) throw StateFileFailure("it cannot be read to its end");
    left_ -= size;
}

std::size_t StateReader::count(std::size_t bytes_each) {
    std::size_t size = 0;
    read(&size, sizeof size);
    if (size > left_ / bytes_each) throw StateFileFailure("it says that it has more than it has");
    return size;
}

void StateReader::finish() {
    if (left_ > 0) throw StateFileFailure("it has more than is known");
}

}  // namespace recommendation
