#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace resilience {

/// How many places there are for what is under way, shared among clients: one gets another only
/// while it has fewer than are free. So a client alone may have half of them, two a third each, and
/// whoever comes new still finds one. Thread-safe; remembers only who has some.
class FairSlots {
public:
    explicit FairSlots(std::int64_t most) : most_(most) {}
    FairSlots(const FairSlots&) = delete;

    /// A place; free again when it is destroyed, which must be before the FairSlots are.
    class Slot {
    public:
        Slot(FairSlots& slots, std::string client) : slots_(&slots), client_(std::move(client)) {}
        Slot(Slot&& other) noexcept
            : slots_(std::exchange(other.slots_, nullptr)), client_(std::move(other.client_)) {}
        Slot& operator=(Slot&&) = delete;
        ~Slot() {
            if (slots_) slots_->leave(client_);
        }

    private:
        FairSlots* slots_;
        std::string client_;
    };

    /// Nothing if there is none for that client now. An empty one is nobody in particular: it gets
    /// what is free.
    std::optional<Slot> take(const std::string& client);

private:
    void leave(const std::string& client) noexcept;

    const std::int64_t most_;
    std::mutex mutex_;
    std::int64_t taken_ = 0;
    std::map<std::string, std::int64_t> by_client_;
};

}  // namespace resilience
