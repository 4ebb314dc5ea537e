#pragma once

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "upstream_socket.hpp"

namespace http {

/// The connections to all upstreams, used and kept. Per upstream there are at most so many, and at
/// most so many requests wait for one, in order. Thread-safe. What is kept stays with the loop that
/// it was made on, which uses it again; other loops get it when there is no place for one of
/// theirs, or when that loop has ended.
class UpstreamPool : public std::enable_shared_from_this<UpstreamPool> {
    struct Upstream;

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

    /// Whom a connection is for. Those that may stay for hours do not take the places of others.
    struct Key {
        UpstreamAddress address;
        bool long_lived = false;
        auto operator<=>(const Key&) const = default;
    };

    /// The right to one connection; gives itself back.
    class Slot {
    public:
        Slot() = default;
        Slot(std::shared_ptr<UpstreamPool> pool, Upstream& upstream)
            : pool_(std::move(pool)), upstream_(&upstream) {}
        Slot(Slot&& other) noexcept = default;
        Slot& operator=(Slot&& other) noexcept;
        ~Slot() { release(); }
        bool is_held() const { return pool_ != nullptr; }
        /// With nothing kept.
        void release();
        /// With a connection, attached where it was used, that the next one may use.
        void release(std::unique_ptr<UpstreamSocket> connection);
        /// To the places of those that stay long. False if none of them is free; then it stays.
        bool become_long_lived();

    private:
        std::shared_ptr<UpstreamPool> pool_;
        Upstream* upstream_ = nullptr;  ///< there as long as one of its slots is
    };

    /// A slot, and a kept connection that was quiet just now; null: open one.
    struct Lease {
        Slot slot;
        std::unique_ptr<UpstreamSocket> connection;
    };

    /// Without waiting: nothing if there is no place, and then acquire() waits for one. `fresh`:
    /// none that was kept.
    std::optional<Lease> acquire_now(const Key& key, bool fresh, const base::Executor& executor);
    /// Refused with `upstream_busy`.
    base::Task<Lease> acquire(Key key, bool fresh, SteadyTime until);

    /// Of one upstream: open (used or kept), kept, waiting.
    struct Sizes {
        std::size_t open = 0;
        std::size_t kept = 0;
        std::size_t waiting = 0;
    };
    Sizes sizes(const UpstreamAddress& upstream) const;
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
        explicit Upstream(const Key& its_key) : key(its_key) {}
        const Key key;
        std::size_t open = 0;
        std::vector<Kept> kept{};  ///< latest last
        std::list<std::shared_ptr<Waiter>> waiting{};
    };
    class Place;
    class LoopEnd;
    using Context = boost::asio::execution_context;
    using Closed = std::vector<std::unique_ptr<UpstreamSocket>>;

    std::size_t connections_max(const Upstream& its) const {
        return its.key.long_lived ? limits_.long_lived : limits_.connections;
    }
    Upstream& find_or_add(const Key& key);
    bool take_now(Upstream& its, bool fresh, const base::Executor& executor, Lease& lease,
                  Closed& closed);
    bool take_kept(Upstream& its, const base::Executor& executor, Lease& lease, Closed& closed);
    static bool may_use(UpstreamSocket& connection, const base::Executor& executor);
    std::unique_ptr<UpstreamSocket> take_out(Upstream& its, std::size_t number);
    void call_back(Upstream& its);
    void give(Upstream& its, std::unique_ptr<UpstreamSocket> connection);
    bool leave(Upstream& its, const std::shared_ptr<Waiter>& waiter);
    void forget_if_idle(Upstream& its);
    void close_kept(Upstream& its, std::size_t number, const base::Executor* here, Closed& closed);
    void watch_end_of(base::Executor executor);
    void loop_ended(const Context& loop);
    void arm_sweep(base::Executor executor);
    void sweep(std::shared_ptr<SteadyTimer> timer);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::map<Key, std::unique_ptr<Upstream>> upstreams_;
    std::vector<const Context*> watched_;  ///< loops that tell of their end
    std::weak_ptr<SteadyTimer> sweep_;     ///< held by its own wait alone
    bool closed_ = false;
};

}  // namespace http
