#include "upstream_pool.hpp"

#include <algorithm>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "upstream_error.hpp"

namespace http {

UpstreamPool::~UpstreamPool() = default;

/// Tells pools that a loop ends, before what is attached to it may not be touched any more. Used by
/// the loop's own thread.
class UpstreamPool::LoopEnd final : public boost::asio::execution_context::service {
public:
    using key_type = LoopEnd;
    inline static boost::asio::execution_context::id id;

    explicit LoopEnd(Context& loop) : service(loop), loop_(loop) {}
    void tell(std::weak_ptr<UpstreamPool> pool) { told_.push_back(std::move(pool)); }

private:
    void shutdown() override {
        for (const auto& each : std::exchange(told_, {})) {
            if (auto pool = each.lock()) pool->loop_ended(loop_);
        }
    }

    Context& loop_;
    std::vector<std::weak_ptr<UpstreamPool>> told_;
};

UpstreamPool::Slot& UpstreamPool::Slot::operator=(Slot&& other) noexcept {
    release();
    pool_ = std::move(other.pool_);
    upstream_ = other.upstream_;
    return *this;
}

void UpstreamPool::Slot::release() {
    if (auto pool = std::exchange(pool_, nullptr)) pool->give(*upstream_, nullptr);
}

void UpstreamPool::Slot::release(std::unique_ptr<UpstreamSocket> connection) {
    // Nobody asks for one that is kept there.
    if (upstream_->key.long_lived) return release();
    if (auto pool = std::exchange(pool_, nullptr)) pool->give(*upstream_, std::move(connection));
}

bool UpstreamPool::Slot::become_long_lived() {
    if (!pool_ || upstream_->key.long_lived) return true;
    Slot place;
    {
        std::lock_guard lock(pool_->mutex_);
        auto& its = pool_->find_or_add({upstream_->key.address, true});
        if (its.open >= pool_->connections_max(its)) return false;
        ++its.open;
        place = Slot(pool_, its);
    }
    *this = std::move(place);
    return true;
}

UpstreamPool::Upstream& UpstreamPool::find_or_add(const Key& key) {
    auto found = upstreams_.find(key);
    if (found == upstreams_.end()) {
        found = upstreams_.emplace(key, std::make_unique<Upstream>(key)).first;
    }
    return *found->second;
}

/// A place in the queue; leaves it with its coroutine, however that ends.
class UpstreamPool::Place {
public:
    Place(std::shared_ptr<UpstreamPool> pool, Upstream& upstream, std::shared_ptr<Waiter> waiter)
        : pool_(std::move(pool)), upstream_(upstream), waiter_(std::move(waiter)) {}
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
    Upstream& upstream_;
    std::shared_ptr<Waiter> waiter_;
};

std::optional<UpstreamPool::Lease> UpstreamPool::acquire_now(const Key& key, bool fresh,
                                                             const base::Executor& executor) {
    Lease lease;
    Closed closed;
    std::lock_guard lock(mutex_);
    if (!take_now(find_or_add(key), fresh, executor, lease, closed)) return std::nullopt;
    return lease;
}

base::Task<UpstreamPool::Lease> UpstreamPool::acquire(Key key, bool fresh, SteadyTime until) {
    auto self = shared_from_this();
    auto executor = co_await boost::asio::this_coro::executor;
    auto waiter = std::make_shared<Waiter>(executor, fresh);
    Lease lease;
    Upstream* its = nullptr;
    {
        Closed closed;
        std::lock_guard lock(mutex_);
        its = &find_or_add(key);
        if (take_now(*its, fresh, executor, lease, closed)) co_return std::move(lease);
        if (its->waiting.size() >= limits_.queued) co_return upstream_busy();
        its->waiting.push_back(waiter);
        call_back(*its);
    }
    Place place(self, *its, waiter);
    waiter->timer.expires_at(until);
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(base::use_task, cancelled);
    co_await waiter->timer.async_wait(token);
    if (!place.end()) co_return upstream_busy();
    lease.slot = Slot(self, *its);
    lease.connection = std::move(waiter->connection);
    if (lease.connection && !lease.connection->is_quiet()) lease.connection.reset();
    co_return std::move(lease);
}

/// With the lock; what is to be closed is closed after it.
bool UpstreamPool::take_now(Upstream& its, bool fresh, const base::Executor& executor, Lease& lease,
                            Closed& closed) {
    bool taken = !fresh && take_kept(its, executor, lease, closed);
    for (std::size_t i = 0; !taken && its.open >= connections_max(its) && i < its.kept.size();
         ++i) {
        if (may_use(*its.kept[i].connection, executor)) close_kept(its, i, &executor, closed);
    }
    if (!taken && its.open < connections_max(its)) {
        ++its.open;
        taken = true;
    }
    if (taken) lease.slot = Slot(shared_from_this(), its);
    return taken;
}

bool UpstreamPool::may_use(UpstreamSocket& connection, const base::Executor& executor) {
    return !connection.is_attached() || connection.executor() == executor;
}

/// The latest one that this loop may use and that is still good.
bool UpstreamPool::take_kept(Upstream& its, const base::Executor& executor, Lease& lease,
                             Closed& closed) {
    auto now = std::chrono::steady_clock::now();
    for (auto number = its.kept.size(); number-- > 0;) {
        auto& kept = its.kept[number];
        if (!may_use(*kept.connection, executor)) continue;
        if (kept.until > now && kept.connection->is_quiet()) {
            lease.connection = std::move(kept.connection);
            its.kept.erase(its.kept.begin() + static_cast<std::ptrdiff_t>(number));
            return true;
        }
        close_kept(its, number, &executor, closed);
    }
    return false;
}

std::unique_ptr<UpstreamSocket> UpstreamPool::take_out(Upstream& its, std::size_t number) {
    auto at = its.kept.begin() + static_cast<std::ptrdiff_t>(number);
    auto connection = std::move(at->connection);
    its.kept.erase(at);
    return connection;
}

/// What belongs to another loop is closed there, and has its place until then. With the lock: until
/// loop_ended() there is that loop.
void UpstreamPool::close_kept(Upstream& its, std::size_t number, const base::Executor* here,
                              Closed& closed) {
    auto connection = take_out(its, number);
    if (!connection->is_attached() || (here && connection->executor() == *here)) {
        closed.push_back(std::move(connection));
        --its.open;
        return;
    }
    auto executor = connection->executor();
    boost::asio::post(executor, [slot = Slot(shared_from_this(), its),
                                 moved = std::move(connection)]() mutable { moved.reset(); });
}

/// The oldest one that another loop keeps is given back there, and so to who waits. With the lock.
void UpstreamPool::call_back(Upstream& its) {
    if (its.kept.empty()) return;
    auto connection = take_out(its, 0);
    auto executor = connection->executor();
    boost::asio::post(
        executor, [slot = Slot(shared_from_this(), its), moved = std::move(connection)]() mutable {
            slot.release(std::move(moved));
        });
}

/// A slot comes back: to the one who waits the longest, or to nobody. On the connection's loop.
void UpstreamPool::give(Upstream& its, std::unique_ptr<UpstreamSocket> connection) {
    Closed closed;
    std::lock_guard lock(mutex_);
    if (!its.waiting.empty()) {
        auto waiter = std::move(its.waiting.front());
        its.waiting.pop_front();
        waiter->granted = true;
        auto its_executor = waiter->executor;
        // Before the other opens his own: there are never more than there may be.
        if (connection && waiter->fresh) connection.reset();
        if (connection) {
            if (!may_use(*connection, its_executor)) connection->detach();
            waiter->connection = std::move(connection);
        }
        boost::asio::post(its_executor, [waiter] { waiter->timer.cancel(); });
        return;
    }
    if (connection && limits_.pooled > 0 && !closed_) {
        auto executor = connection->executor();
        auto until = std::chrono::steady_clock::now() + limits_.pooled_life;
        watch_end_of(executor);
        its.kept.push_back({std::move(connection), until});
        if (its.kept.size() > limits_.pooled) close_kept(its, 0, &executor, closed);
        if (sweep_.expired()) arm_sweep(executor);
        return;
    }
    if (connection) closed.push_back(std::move(connection));
    --its.open;
    forget_if_idle(its);
}

void UpstreamPool::watch_end_of(base::Executor executor) {
    const Context* loop = &executor.context();
    if (std::find(watched_.begin(), watched_.end(), loop) != watched_.end()) return;
    boost::asio::use_service<LoopEnd>(executor.context()).tell(weak_from_this());
    watched_.push_back(loop);
}

/// What it kept is anybody's then.
void UpstreamPool::loop_ended(const Context& loop) {
    std::lock_guard lock(mutex_);
    std::erase(watched_, &loop);
    for (auto& [key, its] : upstreams_) {
        for (auto& kept : its->kept) {
            auto& connection = *kept.connection;
            bool its_own = connection.is_attached() && &connection.executor().context() == &loop;
            if (its_own) connection.detach();
        }
    }
}

/// Out of the queue; true if a slot was granted before.
bool UpstreamPool::leave(Upstream& its, const std::shared_ptr<Waiter>& waiter) {
    std::lock_guard lock(mutex_);
    if (waiter->granted) return true;
    its.waiting.remove(waiter);
    forget_if_idle(its);
    return false;
}

void UpstreamPool::forget_if_idle(Upstream& its) {
    if (its.open == 0 && its.waiting.empty()) upstreams_.erase(Key(its.key));
}

UpstreamPool::Sizes UpstreamPool::sizes(const UpstreamAddress& upstream) const {
    std::lock_guard lock(mutex_);
    auto found = upstreams_.find(Key{upstream});
    if (found == upstreams_.end()) return {};
    const auto& its = *found->second;
    return {its.open, its.kept.size(), its.waiting.size()};
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
    auto here = timer->get_executor();
    auto now = std::chrono::steady_clock::now();
    auto next = SteadyTime::max();
    for (auto it = upstreams_.begin(); it != upstreams_.end();) {
        auto& its = *it->second;
        // The latest are last.
        while (!its.kept.empty() && its.kept.front().until <= now) {
            close_kept(its, 0, &here, closed);
        }
        if (!its.kept.empty()) next = std::min(next, its.kept.front().until);
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
    Closed none;
    std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& [key, its] : upstreams_) {
        while (!its->kept.empty()) close_kept(*its, 0, nullptr, none);
    }
    // Else a loop that ends when nothing is left to do would wait for the timer.
    if (auto timer = sweep_.lock()) {
        auto executor = timer->get_executor();
        boost::asio::post(executor, [timer] { timer->cancel(); });
    }
}

}  // namespace http
