// An exchange that has become another protocol's: bytes, both ways.
#include <array>

#include "upstream_error.hpp"
#include "upstream_exchange.hpp"

namespace http {

namespace {
constexpr std::size_t tunnel_piece_bytes = 16 * 1024;
}  // namespace

base::Task<std::string> UpstreamExchange::read_tunnel() {
    std::array<char, tunnel_piece_bytes> room;
    for (;;) {
        if (failure_) co_return *failure_;
        if (aborted_) co_return fail(request_stopped(), {});
        auto rest = reader_->take_rest();
        if (!rest.empty()) co_return std::move(rest);
        std::size_t count = 0;
        auto result = tunnel_->read(room, count);
        if (result == Io::some) {
            ++turn_;
            co_return std::string(room.data(), count);
        }
        if (result == Io::ended) co_return std::string();
        if (result == Io::broken) co_return fail(upstream_cut(), "the tunnel broke");
        auto before = turn_;
        auto until = within(shared_->config.tunnel_idle_timeout);
        co_await tunnel_->wait(UpstreamSocket::For::reading, until);
        // Idle is who neither sends nor takes anything.
        bool idle =
            tunnel_->timed_out(UpstreamSocket::For::reading) && (turn_ == before || out_of_time());
        if (idle) co_return fail(upstream_timeout(), "the tunnel was idle for too long");
    }
}

base::Task<void> UpstreamExchange::write(std::string bytes) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
        if (failure_) co_return *failure_;
        std::size_t count = 0;
        auto result = tunnel_->write(rest, count);
        if (result == Io::some) {
            ++turn_;
            rest.remove_prefix(count);
        } else if (result == Io::none) {
            auto until = within(shared_->config.idle_timeout);
            co_await tunnel_->wait(UpstreamSocket::For::writing, until);
            if (tunnel_->timed_out(UpstreamSocket::For::writing)) {
                co_return fail(upstream_timeout(), "the tunnel takes nothing");
            }
        } else {
            co_return fail(upstream_cut(), "the tunnel broke");
        }
    }
    co_return base::Result<void>();
}

void UpstreamExchange::finish_writing() {
    if (tunnel_) tunnel_->finish_writing();
}

}  // namespace http
