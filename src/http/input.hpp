#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace http {

/// What a connection has sent and nobody has used yet. Small while it is empty, since most
/// connections are idle most of the time.
class Input {
public:
    static constexpr std::size_t small_bytes = 4096;

    const char* begin() const { return bytes_.get() + begin_; }
    std::size_t size() const { return end_ - begin_; }
    bool empty() const { return begin_ == end_; }
    std::string_view view() const { return {begin(), size()}; }

    char* free_begin() { return bytes_.get() + end_; }
    std::size_t free_size() const { return capacity_ - end_; }
    void received(std::size_t count) { end_ += count; }

    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    /// Forgets what came after the first `count` bytes.
    void truncate(std::size_t count) { end_ = begin_ + count; }

    /// At least `wanted` free bytes. Moves what is there, so views into it end here.
    void make_room(std::size_t wanted) {
        if (free_size() < wanted) {
            if (capacity_ - size() >= wanted) {
                std::memmove(bytes_.get(), begin(), size());
                end_ = size();
                begin_ = 0;
            } else {
                std::size_t needed = capacity_ == 0 ? small_bytes : capacity_ * 2;
                while (needed - size() < wanted) needed *= 2;
                reallocate(needed);
            }
        }
    }

    /// Only while empty: gives back what a large request needed.
    void shrink() {
        if (capacity_ > small_bytes) reallocate(small_bytes);
    }

private:
    void reallocate(std::size_t capacity) {
        auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
        if (!empty()) std::memcpy(bytes.get(), begin(), size());
        end_ = size();
        begin_ = 0;
        capacity_ = capacity;
        bytes_ = std::move(bytes);
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace http
