// Whether a request's handler is called now, and the call.
#include <utility>

#include "breakdown.hpp"
#include "exchange.hpp"
#include "worker.hpp"

namespace http {

namespace {

/// A handler at work, counted while it lives.
class UnderWay {
public:
    UnderWay(Worker& worker, bool counts)
        : load_(counts ? &worker.load() : nullptr), began_(Worker::Clock::now()) {
        if (load_) load_->began();
    }
    UnderWay(const UnderWay&) = delete;
    ~UnderWay() {
        if (load_) load_->ended();
    }

    std::chrono::nanoseconds took() const { return Worker::Clock::now() - began_; }
    /// It has ended, and tells how long it waited.
    void end(resilience::QueueDelay& delay) {
        if (!load_) return;
        auto now = Worker::Clock::now();
        load_->ended(delay.of(now - began_, now, load_->overloaded()), now);
        load_ = nullptr;
    }

private:
    resilience::LoadLimit* load_;
    const Worker::Clock::time_point began_;
};

}  // namespace

/// What another server answers has limits of its own; what waits until something happens, or for
/// the body as it comes, is no work.
bool Exchange::is_limited() const {
    bool waits = route_->limits.deadline && route_->limits.deadline->count() == 0;
    bool health = route_->pattern.ends_with("/healthcheck");
    return listener_.listener.is_public && !route_->elsewhere && !waits && !health &&
           route_->handler.takes_whole_body();
}

resilience::LoadLimit::Class Exchange::load_class() const {
    using Class = resilience::LoadLimit::Class;
    if (request_.context.actor.role >= base::Role::author) return Class::author;
    return writer_.reads() ? Class::read : Class::change;
}

/// Before the body is read, so that it costs next to nothing.
std::optional<Response> Exchange::shed() {
    auto of = load_class();
    if (!is_limited() || worker_.load().admits(of)) return std::nullopt;
    worker_.count_shed(of);
    base::Error overloaded{base::Reason::unavailable, "overloaded",
                           "More is asked of this server than it can do just now. Try again."};
    return failure(request_, overloaded);
}

/// Nothing if what was to be said has been put into the thread's Outgoing already.
Awaitable<std::optional<Response>> Exchange::handle() {
    auto most = route_->limits.body_bytes.value_or(worker_.config().body_bytes_max);
    bool whole = route_->handler.takes_whole_body();
    reader_.begin_body(request_, static_cast<std::size_t>(most), deadline_, !whole);
    if (whole) {
        auto complete = co_await reader_.read_whole();
        if (channel_.gone()) co_return std::nullopt;
        if (!complete) {
            refuse(worker_.outgoing(), *reader_.failure());
            co_return std::nullopt;
        }
    }
    auto made = co_await call();
    co_return std::optional<Response>(std::move(made));
}

Awaitable<Response> Exchange::call() {
    channel_.wait_for_handler(deadline_);
    UnderWay under_way(worker_, is_limited());
    std::exception_ptr thrown;
    try {
        auto task = route_->handler(request_, reader_);
        auto result = co_await std::move(task);
        auto took = under_way.took();
        auto seconds = std::chrono::duration<double>(took).count();
        worker_.handler_seconds(acceptor_, route_->number).observe(seconds, request_.context.trace);
        // Only what is read whole: how long a change or a refusal takes depends on what it is.
        if (result && result->status == 200 && load_class() == resilience::LoadLimit::Class::read) {
            under_way.end(acceptor_.routes[route_->number].delay);
        }
        if (result) co_return std::move(*result);
        if (const auto* failed = reader_.failure()) co_return refused(*failed);
        co_return failure(request_, result.error());
    } catch (...) {
        thrown = std::current_exception();
    }
    co_return after_breakdown(request_, pattern(), "a handler broke", thrown);
}

}  // namespace http
