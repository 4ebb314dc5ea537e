#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "condition.hpp"
#include "driver.hpp"

namespace database {

/// Reads a store through, whole, every `scrub_every_h`, so that damage in what nobody asks for is
/// found, too. On a thread and a connection of its own, at the lowest priority, some pages at a
/// time. What is found is said in the log and counted; reading it is refused anyway. A store that
/// can be made anew is out then, so that it is, before anybody asks for what is damaged.
class Scrub {
public:
    /// `condition` outlives it.
    Scrub(std::shared_ptr<const Options> options, std::unique_ptr<Connection> connection,
          Condition& condition);
    ~Scrub();
    Scrub(const Scrub&) = delete;

    /// What is damaged, in a sentence; empty: nothing. Any thread.
    std::string warning() const;

private:
    void loop();
    void pass();
    void note(std::int64_t page);
    /// False: it is time to end.
    bool pause(std::chrono::nanoseconds time);

    std::shared_ptr<const Options> options_;
    std::unique_ptr<Connection> connection_;
    Condition& condition_;
    telemetry::Counter* damaged_total_ = nullptr;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::set<std::int64_t> damaged_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace database
