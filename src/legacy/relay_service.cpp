#include "relay_service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <utility>

#include "telemetry/log.hpp"
#include "turn.hpp"

namespace legacy {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

/// Who waits here is always told in the end: each side has its own limits of time.
constexpr std::chrono::milliseconds as_long_as_it_takes = std::chrono::hours(24);

base::Error out_of_time() {
    return {base::Reason::deadline, "upstream_timeout",
            "The server that this comes from did not answer in time. Try again."};
}

base::Error nobody_waits() {
    return {base::Reason::unavailable, "request_stopped", "Nobody waits for this any more."};
}

void log_broken(const char* what, std::exception_ptr thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& known) {
        telemetry::log(telemetry::Level::error, "legacy", what, {{"error", known.what()}});
    } catch (...) {
        telemetry::log(telemetry::Level::error, "legacy", what);
    }
}

}  // namespace

RelayService::RelayService(const http::ClientResponse& answer,
                           std::shared_ptr<http::ClientStop> stop,
                           std::shared_ptr<SpoolSpace> space, const Limits& limits)
    : body_(answer.body),
      stop_(std::move(stop)),
      until_(limits.until),
      spool_(std::move(space), limits.memory_max) {}

base::Task<bool> RelayService::collect(std::size_t most) {
    while (collected_.size() <= most) {
        if (until_.passed()) co_return out_of_time();
        auto piece = co_await body_->read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return true;
        collected_ += *piece;
    }
    co_return false;
}

base::Task<void> RelayService::pass_on(http::BodyWriter& to) {
    Turn turn;
    while (to.wanted()) {
        auto piece = co_await body_->read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return base::Result<void>();
        auto written = co_await to.write(*piece);
        if (!written) co_return written.error();
        if (turn.is_over(piece->size())) co_await Turn::let_others();
    }
    co_return nobody_waits();
}

/// However relay() is left: fill() ends soon.
struct RelayService::Leaving {
    explicit Leaving(RelayService& relay) : its(relay) {}
    Leaving(const Leaving&) = delete;
    ~Leaving() { its.leave(); }
    RelayService& its;
};

void RelayService::leave() {
    left_ = true;
    if (!ended_) stop_->stop();
    tell(taken_);
}

base::Task<void> RelayService::relay(http::BodyWriter& to) {
    Leaving leaving(*this);
    spool_.begin_with(std::move(collected_));
    auto executor = co_await boost::asio::this_coro::executor;
    auto self = shared_from_this();
    auto done = [self](std::exception_ptr thrown, base::Result<void> result) {
        self->filled(thrown, result);
    };
    boost::asio::co_spawn(executor, fill(self), done);
    co_return co_await send_all(to);
}

base::Task<void> RelayService::send_all(http::BodyWriter& to) {
    Turn turn;
    for (;;) {
        auto piece = spool_.take(piece_bytes);
        if (!piece.empty()) {
            tell(taken_);
            auto written = co_await to.write(piece);
            if (!written) co_return written.error();
            if (turn.is_over(piece.size())) co_await Turn::let_others();
            continue;
        }
        if (ended_) co_return *ended_;
        auto next = came_.value() + 1;
        co_await came_.reached(next, as_long_as_it_takes);
    }
}

base::Task<void> RelayService::fill(std::shared_ptr<RelayService> self) {
    co_return co_await self->fill_all();
}

base::Task<void> RelayService::fill_all() {
    Turn turn;
    for (;;) {
        if (until_.passed()) co_return out_of_time();
        auto piece = co_await body_->read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return base::Result<void>();
        if (turn.is_over(piece->size())) co_await Turn::let_others();
        auto bytes = std::move(*piece);
        auto kept = co_await keep(std::move(bytes));
        if (!kept) co_return kept.error();
    }
}

/// Where there is no room for it, it waits until the client has taken what came before.
base::Task<void> RelayService::keep(std::string piece) {
    for (;;) {
        if (left_) co_return nobody_waits();
        auto kept = spool_.append(piece);
        if (!kept && spool_.size() == 0) {
            spool_.begin_with(std::move(piece));
            kept = base::Result<void>();
        }
        if (kept) {
            tell(came_);
            co_return kept;
        }
        auto next = taken_.value() + 1;
        co_await taken_.reached(next, as_long_as_it_takes);
    }
}

void RelayService::filled(std::exception_ptr thrown, const base::Result<void>& result) {
    ended_ = result;
    if (thrown) {
        log_broken("an answer could not be kept", thrown);
        ended_ = base::Error{base::Reason::unavailable, "spool_broken",
                             "What was under way could not be kept."};
    }
    // What is left of the upstream's answer is of no use.
    if (!*ended_) stop_->stop();
    tell(came_);
}

namespace {

/// Two ends and the way from the client to the upstream, which is a task of its own.
struct Joined {
    std::shared_ptr<http::Tunnel> upstream;
    http::Tunnel* client;  ///< until `ended` is reached
    base::Watermark ended;
};

base::Task<void> copy(http::Tunnel& from, http::Tunnel& to) {
    Turn turn;
    for (;;) {
        auto piece = co_await from.read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) {
            to.finish_writing();
            co_return base::Result<void>();
        }
        if (turn.is_over(piece->size())) co_await Turn::let_others();
        auto bytes = std::move(*piece);
        auto written = co_await to.write(std::move(bytes));
        if (!written) co_return written.error();
    }
}

/// A direction that breaks takes the other with it.
base::Task<void> copy_or_abort(http::Tunnel& from, http::Tunnel& to) {
    std::exception_ptr thrown;
    base::Result<void> result;
    try {
        auto copied = co_await copy(from, to);
        result = copied;
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown || !result) {
        from.abort();
        to.abort();
    }
    if (thrown) std::rethrow_exception(thrown);
    co_return result;
}

base::Task<void> copy_to_upstream(std::shared_ptr<Joined> joined) {
    co_return co_await copy_or_abort(*joined->client, *joined->upstream);
}

}  // namespace

base::Task<void> join(std::shared_ptr<http::Tunnel> upstream, http::Tunnel& client) {
    auto joined = std::make_shared<Joined>();
    joined->upstream = std::move(upstream);
    joined->client = &client;
    auto done = [joined](std::exception_ptr thrown, base::Result<void>) {
        if (thrown) log_broken("a tunnel broke", thrown);
        joined->ended.advance(1);
    };
    auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::co_spawn(executor, copy_to_upstream(joined), done);
    base::Result<void> result;
    std::exception_ptr thrown;
    try {
        auto copied = co_await copy_or_abort(*joined->upstream, client);
        result = copied;
    } catch (...) {
        thrown = std::current_exception();
    }
    while (joined->ended.value() < 1) {
        co_await joined->ended.reached(1, as_long_as_it_takes);
    }
    if (thrown) std::rethrow_exception(thrown);
    co_return result;
}

}  // namespace legacy
