#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace base {

/// The turn of one request at what only one may do at a time; given back however that ends.
class Turn {
public:
    /// Whether somebody has it: shared, since who has it may be thrown away later than the service.
    using Taken = std::shared_ptr<std::atomic<bool>>;

    explicit Turn(Taken taken) : taken_(std::move(taken)), is_mine_(!taken_->exchange(true)) {}
    ~Turn() {
        if (is_mine_) *taken_ = false;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    /// Else it is somebody else's, and not waited for.
    bool is_mine() const { return is_mine_; }

private:
    const Taken taken_;
    const bool is_mine_;
};

}  // namespace base
