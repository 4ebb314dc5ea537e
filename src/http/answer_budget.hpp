#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace http {

/// How much memory answers may take that slow clients have not taken yet, in all and per client. An
/// answer that several connections wait with, as one from a cache, counts once. Thread-safe; costs
/// nothing but a look at one number while nobody is slow.
class AnswerBudget {
public:
    /// Smaller answers are never refused and never counted.
    static constexpr std::size_t bytes_min = 16 * 1024;

    AnswerBudget(std::int64_t bytes_max, std::int64_t client_bytes_max)
        : bytes_max_(bytes_max), client_bytes_max_(client_bytes_max) {}

    /// Whether one more answer of that size may be sent to a client, whose address is `peer`. The
    /// first is let through whatever its size.
    bool admits(std::string_view peer, std::size_t bytes) const;

    /// One answer that waits for its client. Gives back what it holds with its end.
    class Share {
    public:
        Share() = default;
        Share(Share&& other) noexcept;
        Share& operator=(Share&& other) noexcept;
        ~Share();

    private:
        friend class AnswerBudget;
        AnswerBudget* budget_ = nullptr;
        std::string client_;
        std::shared_ptr<const PreparedResponse> answer_;
    };
    Share hold(std::string_view peer, std::shared_ptr<const PreparedResponse> answer);

    std::int64_t held() const { return held_.load(std::memory_order_relaxed); }
    /// True, once, after much less is held than was: the moment to give memory back.
    bool shrank();

private:
    struct Client {
        std::int64_t bytes = 0;
        std::map<const void*, std::size_t> answers{};  ///< with how many hold each
    };

    void release(const std::string& client, const PreparedResponse& answer);

    const std::int64_t bytes_max_;
    const std::int64_t client_bytes_max_;
    std::atomic<std::int64_t> held_{0};
    std::atomic<std::int64_t> most_{0};  ///< since shrank() last said yes
    mutable std::mutex mutex_;
    std::map<const void*, std::size_t> answers_;  ///< with how many hold each
    std::map<std::string, Client, std::less<>> clients_;
};

}  // namespace http
