#include "upstream_pool.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "upstream_error.hpp"

namespace http {

UpstreamPool::~UpstreamPool() = default;

UpstreamPool::Slot& UpstreamPool::Slot::operator=(Slot&& other) noexcept {
    release();
    pool_ = std::move(other.pool_);
    upstream_ = std::move(other.upstream_);
    return *this;
}

void UpstreamPool::Slot::release() {
    if (auto pool = std::exchange(pool_, nullptr)) pool->give(upstream_, nullptr, nullptr);
}

void UpstreamPool::Slot::release(std::unique_ptr<UpstreamSocket> connection,
                                 base::Executor executor) {
    // Nobody asks for one that is kept there.
    if (upstream_.ends_with(long_lived_name(""))) return release();
    if (auto pool = std::exchange(pool_, nullptr)) {
        pool->give(upstream_, std::move(connection), &executor);
    }
}

bool UpstreamPool::Slot::become_long_lived() {
    if (!pool_ || upstream_.ends_with(long_lived_name(""))) return true;
    Lease lease;
    {
        Closed closed;
        std::lock_guard lock(pool_->mutex_);
        auto name = long_lived_name(upstream_);
        if (!pool_->take_now(name, true, lease, closed)) {
            pool_->forget_if_idle(name);
            return false;
        }
    }
    *this = std::move(lease.slot);
    return true;
}

std::size_t UpstreamPool::connections_max(const std::string& name) const {
    return name.ends_with(long_lived_name("")) ? limits_.long_lived : limits_.connections;
}

/// A place in the queue; leaves it with its coroutine, however that ends.
class UpstreamPool::Place {
public:
    Place(std::shared_ptr<UpstreamPool> pool, std::string upstream, std::shared_ptr<Waiter> waiter)
        : pool_(std::move(pool)), upstream_(std::move(upstream)), waiter_(std::move(waiter)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        if (waiter_ && pool_->leave(upstream_, waiter_)) {
            Slot unused(pool_, upstream_);
        }
    }
    /// True if a slot was granted, which is then the caller's.
    bool end() { return pool_->leave(upstream_, std::exchange(waiter_, nullptr)); }

private:
    std::shared_ptr<UpstreamPool> pool_;
    std::string upstream_;
    std::shared_ptr<Waiter> waiter_;
};

base::Task<UpstreamPool::Lease> UpstreamPool::acquire(std::string upstream, bool fresh,
                                                      SteadyTime until) {
    auto self = shared_from_this();
    auto executor = co_await boost::asio::this_coro::executor;
    auto waiter = std::make_shared<Waiter>(executor, fresh);
    Lease lease;
    {
        Closed closed;
        std::lock_guard lock(mutex_);
        if (take_now(upstream, fresh, lease, closed)) co_return std::move(lease);
        auto& its = upstreams_[upstream];
        if (its.waiting.size() >= limits_.queued) co_return upstream_busy();
        its.waiting.push_back(waiter);
    }
    Place place(self, upstream, waiter);
    waiter->timer.expires_at(until);
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(base::use_task, cancelled);
    co_await waiter->timer.async_wait(token);
    if (!place.end()) co_return upstream_busy();
    lease.slot = Slot(self, upstream);
    lease.connection = std::move(waiter->connection);
    if (lease.connection && !lease.connection->is_quiet()) lease.connection.reset();
    co_return std::move(lease);
}

/// Without waiting. With the lock; what is to be closed is closed after it.
bool UpstreamPool::take_now(const std::string& name, bool fresh, Lease& lease, Closed& closed) {
    auto& its = upstreams_[name];
    auto now = std::chrono::steady_clock::now();
    bool taken = false;
    while (!fresh && !taken && !its.kept.empty()) {
        auto kept = std::move(its.kept.front());
        its.kept.pop_front();
        taken = kept.until > now && kept.connection->is_quiet();
        if (taken) {
            lease.connection = std::move(kept.connection);
        } else {
            closed.push_back(std::move(kept.connection));
            --its.open;
        }
    }
    if (!taken && its.open < connections_max(name)) {
        ++its.open;
        taken = true;
    } else if (!taken && !its.kept.empty()) {
        closed.push_back(std::move(its.kept.back().connection));
        its.kept.pop_back();
        taken = true;
    }
    if (taken) lease.slot = Slot(shared_from_this(), name);
    return taken;
}

/// A slot comes back: to the one who waits the longest, or to nobody.
void UpstreamPool::give(const std::string& name, std::unique_ptr<UpstreamSocket> connection,
                        const base::Executor* executor) {
    Closed closed;
    std::lock_guard lock(mutex_);
    auto& its = upstreams_[name];
    if (!its.waiting.empty()) {
        auto waiter = std::move(its.waiting.front());
        its.waiting.pop_front();
        waiter->granted = true;
        waiter->connection = waiter->fresh ? nullptr : std::move(connection);
        if (connection) closed.push_back(std::move(connection));
        auto its_executor = waiter->executor;
        boost::asio::post(its_executor, [waiter] { waiter->timer.cancel(); });
        return;
    }
    if (connection && limits_.pooled > 0 && !closed_) {
        auto until = std::chrono::steady_clock::now() + limits_.pooled_life;
        its.kept.push_front({std::move(connection), until});
        if (its.kept.size() > limits_.pooled) {
            closed.push_back(std::move(its.kept.back().connection));
            its.kept.pop_back();
            --its.open;
        }
        if (sweep_.expired()) arm_sweep(*executor);
        return;
    }
    if (connection) closed.push_back(std::move(connection));
    --its.open;
    forget_if_idle(name);
}

/// Out of the queue; true if a slot was granted before.
bool UpstreamPool::leave(const std::string& name, const std::shared_ptr<Waiter>& waiter) {
    std::lock_guard lock(mutex_);
    if (waiter->granted) return true;
    upstreams_[name].waiting.remove(waiter);
    forget_if_idle(name);
    return false;
}

void UpstreamPool::forget_if_idle(const std::string& name) {
    auto its = upstreams_.find(name);
    if (its == upstreams_.end()) return;
    if (its->second.open == 0 && its->second.waiting.empty()) upstreams_.erase(its);
}

UpstreamPool::Sizes UpstreamPool::sizes(const std::string& upstream) const {
    std::lock_guard lock(mutex_);
    auto its = upstreams_.find(upstream);
    if (its == upstreams_.end()) return {};
    return {its->second.open, its->second.kept.size(), its->second.waiting.size()};
}

/// One timer for all that is kept, on the loop of whoever kept the first: if that loop ends, so
/// does the timer, and the next who keeps something makes another.
void UpstreamPool::arm_sweep(base::Executor executor) {
    auto timer = std::make_shared<SteadyTimer>(executor);
    timer->expires_after(limits_.pooled_life);
    sweep_ = timer;
    timer->async_wait([timer, weak = weak_from_this()](boost::system::error_code) {
        if (auto pool = weak.lock()) pool->sweep(timer);
    });
}

void UpstreamPool::sweep(std::shared_ptr<SteadyTimer> timer) {
    Closed closed;
    std::lock_guard lock(mutex_);
    auto now = std::chrono::steady_clock::now();
    auto next = SteadyTime::max();
    for (auto it = upstreams_.begin(); it != upstreams_.end();) {
        auto& its = it->second;
        // The latest are in front.
        while (!its.kept.empty() && its.kept.back().until <= now) {
            closed.push_back(std::move(its.kept.back().connection));
            its.kept.pop_back();
            --its.open;
        }
        if (!its.kept.empty()) next = std::min(next, its.kept.back().until);
        bool idle = its.open == 0 && its.waiting.empty();
        it = idle ? upstreams_.erase(it) : std::next(it);
    }
    if (next == SteadyTime::max()) {
        sweep_.reset();
        return;
    }
    timer->expires_at(next);
    timer->async_wait([timer, weak = weak_from_this()](boost::system::error_code) {
        if (auto pool = weak.lock()) pool->sweep(timer);
    });
}

void UpstreamPool::close() {
    Closed closed;
    std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& [name, its] : upstreams_) {
        its.open -= its.kept.size();
        while (!its.kept.empty()) {
            closed.push_back(std::move(its.kept.front().connection));
            its.kept.pop_front();
        }
    }
    // Else a loop that ends when nothing is left to do would wait for the timer.
    if (auto timer = sweep_.lock()) {
        auto executor = timer->get_executor();
        boost::asio::post(executor, [timer] { timer->cancel(); });
    }
}

}  // namespace http
