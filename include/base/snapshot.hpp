#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace base {

/// A value that many threads read and few replace: the one way in which state is shared.
/// `std::atomic<std::shared_ptr>` races under GCC 12, so this is a mutex for the swap, an atomic
/// generation, and a Reader per thread that asks for the mutex only after a swap.
/// T is immutable once it is in here.
template <class T>
class Snapshot {
public:
    explicit Snapshot(std::shared_ptr<const T> value) : value_(std::move(value)) {}

    /// Thread-safe.
    void replace(std::shared_ptr<const T> value) {
        std::lock_guard lock(mutex_);
        value_.swap(value);
        generation_.fetch_add(1, std::memory_order_release);
    }

    /// Thread-safe, takes the mutex. For rare reads.
    std::shared_ptr<const T> get() const {
        std::lock_guard lock(mutex_);
        return value_;
    }

    /// One per reading thread; costs one atomic load while nothing was replaced.
    class Reader {
    public:
        explicit Reader(const Snapshot& source) : source_(&source), copy_(nullptr) {}
        const T& get() {
            auto current = source_->generation_.load(std::memory_order_acquire);
            if (!copy_ || current != seen_) {
                std::lock_guard lock(source_->mutex_);
                copy_ = source_->value_;
                seen_ = source_->generation_.load(std::memory_order_relaxed);
            }
            return *copy_;
        }

    private:
        const Snapshot* source_;
        std::shared_ptr<const T> copy_;
        std::uint64_t seen_ = 0;
    };

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const T> value_;
    std::atomic<std::uint64_t> generation_{0};
};

}  // namespace base
