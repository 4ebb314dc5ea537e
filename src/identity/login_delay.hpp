#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/cache.hpp"
#include "base/clock.hpp"

namespace identity {

/// How failed logins slow the next one down.
struct DelayRule {
    std::int64_t free = 5;           ///< failures that cost nothing
    std::chrono::seconds most{900};  ///< the longest wait
};

/// How long after its last failure somebody with so many has to wait: nothing up to `free`, then
/// 1 s, 2 s, 4 s … up to `most`. Pure.
std::chrono::seconds wait_after(std::int64_t failures, const DelayRule& rule);

/// Failed logins by some key (an account, a client's address), known or not: unknown ones are
/// slowed down alike, so that the delay tells nothing. Bounded: what failed longest ago is
/// forgotten first. Nobody is locked out for good: a wait ends, and a time as long as the longest
/// wait after its end the failures are forgotten. Thread-safe.
class LoginDelay {
public:
    LoginDelay(DelayRule rule, std::size_t entries) : rule_(rule), entries_(entries) {}

    class Attempt;
    /// One try. Look at Attempt::wait() before going on with it.
    Attempt begin(const std::string& key, base::Time now);

private:
    /// Failures in the upper 20 bits, the second of the last one in the lower 44: one word, so that
    /// of many attempts at the same time exactly one goes through when a wait is over.
    struct Entry {
        std::atomic<std::uint64_t> state{0};
    };
    std::shared_ptr<Entry> entry_of(const std::string& key);

    const DelayRule rule_;
    base::Cache<std::string, std::shared_ptr<Entry>> entries_;
};

/// A login under way. While the failures are still free nothing is counted before the outcome is
/// known, so many may try at once with the right password. After that an attempt counts as failed
/// from its beginning; dropped without an outcome (the server had no room, say) it is taken back.
class LoginDelay::Attempt {
public:
    Attempt(Attempt&&) noexcept = default;
    Attempt& operator=(Attempt&&) = delete;
    ~Attempt();

    /// How long to wait instead of trying now; zero: go on.
    std::chrono::seconds wait() const { return wait_; }
    /// The password was wrong.
    void failed();
    /// It was right: the key's failures are forgotten.
    void forgive();

private:
    friend class LoginDelay;
    Attempt(std::shared_ptr<Entry> entry, std::int64_t second, std::chrono::seconds wait)
        : entry_(std::move(entry)), second_(second), wait_(wait) {}

    std::shared_ptr<Entry> entry_;  ///< null once there is nothing to do any more
    std::int64_t second_;
    std::chrono::seconds wait_;
    std::optional<std::uint64_t> before_{};  ///< if it counts already: the state to go back to
    std::uint64_t counted_ = 0;              ///< and the state it made
};

}  // namespace identity
