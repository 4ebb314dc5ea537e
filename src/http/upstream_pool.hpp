#pragma once

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "upstream_socket.hpp"

namespace http {

/// The connections to all upstreams, used and kept. Per upstream there are at most so many, and at
/// most so many requests wait for one, in order. Thread-safe. What is kept belongs to no loop, so
/// any thread may take it.
class UpstreamPool : public std::enable_shared_from_this<UpstreamPool> {
public:
    struct Limits {
        std::size_t connections = 64;
        std::size_t long_lived = 1000;  ///< counted apart: see long_lived_name()
        std::size_t queued = 256;
        std::size_t pooled = 16;
        std::chrono::milliseconds pooled_life{1000};
    };

    explicit UpstreamPool(const Limits& limits) : limits_(limits) {}
    ~UpstreamPool();

    /// The right to one connection; gives itself back.
    class Slot {
    public:
        Slot() = default;
        Slot(std::shared_ptr<UpstreamPool> pool, std::string upstream)
            : pool_(std::move(pool)), upstream_(std::move(upstream)) {}
        Slot(Slot&& other) noexcept = default;
        Slot& operator=(Slot&& other) noexcept;
        ~Slot() { release(); }
        /// With nothing kept.
        void release();
        /// With a detached connection that the next one may use.
        void release(std::unique_ptr<UpstreamSocket> connection, base::Executor executor);
        /// To the places of those that stay long. False if none of them is free; then it stays.
        bool become_long_lived();

    private:
        std::shared_ptr<UpstreamPool> pool_;
        std::string upstream_;
    };

    /// A slot, and a kept connection that was quiet just now; null: open one.
    struct Lease {
        Slot slot;
        std::unique_ptr<UpstreamSocket> connection;
    };

    /// `fresh`: none that was kept. Refused with `upstream_busy`.
    base::Task<Lease> acquire(std::string upstream, bool fresh, SteadyTime until);

    /// Of one upstream: open (used or kept), kept, waiting.
    struct Sizes {
        std::size_t open = 0;
        std::size_t kept = 0;
        std::size_t waiting = 0;
    };
    Sizes sizes(const std::string& upstream) const;
    /// The upstream, for connections that may stay for hours: they do not take the places of
    /// others.
    static std::string long_lived_name(const std::string& upstream) { return upstream + "\nlong"; }
    /// Forgets all that is kept.
    void close();

private:
    struct Kept {
        std::unique_ptr<UpstreamSocket> connection;
        SteadyTime until;
    };
    struct Waiter {
        Waiter(base::Executor its_executor, bool is_fresh)
            : executor(its_executor), timer(its_executor), fresh(is_fresh) {}
        base::Executor executor;
        SteadyTimer timer;
        bool fresh;
        bool granted = false;
        std::unique_ptr<UpstreamSocket> connection{};
    };
    struct Upstream {
        std::size_t open = 0;
        std::list<Kept> kept;  ///< latest first
        std::list<std::shared_ptr<Waiter>> waiting;
    };
    class Place;
    using Closed = std::list<std::unique_ptr<UpstreamSocket>>;

    std::size_t connections_max(const std::string& name) const;
    bool take_now(const std::string& name, bool fresh, Lease& lease, Closed& closed);
    void give(const std::string& name, std::unique_ptr<UpstreamSocket> connection,
              const base::Executor* executor);
    bool leave(const std::string& name, const std::shared_ptr<Waiter>& waiter);
    void forget_if_idle(const std::string& name);
    void arm_sweep(base::Executor executor);
    void sweep(std::shared_ptr<SteadyTimer> timer);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::map<std::string, Upstream> upstreams_;
    std::weak_ptr<SteadyTimer> sweep_;  ///< held by its own wait alone
    bool closed_ = false;
};

}  // namespace http
