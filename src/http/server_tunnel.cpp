#include "server_tunnel.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "worker.hpp"

namespace http {

namespace {
constexpr std::size_t piece_bytes = 16 * 1024;
}  // namespace

ServerTunnel::ServerTunnel(Worker& worker, Channel& channel, Upgrade upgrade, std::string first)
    : worker_(worker),
      channel_(channel),
      upgrade_(std::move(upgrade)),
      lines_("Connection: Upgrade\r\nUpgrade: " + upgrade_.protocol + "\r\n"),
      first_(std::move(first)) {}

ServerTunnel::~ServerTunnel() {
    worker_.tunnel_ended();
}

void ServerTunnel::begin() {
    note_bytes();
    if (worker_.draining()) drain(worker_.now() + worker_.config().drain_idle_timeout);
}

void ServerTunnel::drain(Channel::Time until) {
    drained_at_ = until;
    // Before begin() the deadline is another's.
    if (channel_.life() == Life::tunnel) set_deadline();
}

void ServerTunnel::note_bytes() {
    worker_.refresh_now();
    auto idle = upgrade_.idle_timeout.value_or(worker_.config().tunnel_idle_timeout);
    idle_until_ = worker_.now() + idle;
    set_deadline();
}

void ServerTunnel::set_deadline() {
    channel_.wait_in(Life::tunnel, std::min({idle_until_, stalled_at_, drained_at_}));
}

/// Why nothing can be read or written any more.
base::Error ServerTunnel::gone() {
    worker_.refresh_now();
    if (worker_.now() >= idle_until_) {
        return {base::Reason::deadline, "tunnel_idle", "Nobody has sent anything for too long."};
    }
    return {base::Reason::unavailable, "client_gone", "The client has gone."};
}

/// The room is no part of a waiting coroutine.
Channel::Received ServerTunnel::receive(std::string& piece) {
    std::array<char, piece_bytes> room;
    std::size_t count = 0;
    auto received = channel_.receive({room.data(), room.size()}, count);
    piece.assign(room.data(), count);
    return received;
}

base::Task<std::string> ServerTunnel::read_some() {
    std::string piece;
    for (;;) {
        if (channel_.gone()) co_return gone();
        if (!first_.empty()) co_return std::exchange(first_, {});
        if (read_all_) co_return std::string();
        if (finish_due_) finish_writing();
        auto received = receive(piece);
        if (received == Channel::Received::some) {
            note_bytes();
            co_return std::move(piece);
        }
        if (received == Channel::Received::ended) {
            read_all_ = true;
            if (!channel_.broken()) continue;
            channel_.give_up();
            channel_.wake();
        } else {
            co_await channel_.wait_ready();
        }
    }
}

base::Task<void> ServerTunnel::write(std::string bytes) {
    if (channel_.gone()) co_return gone();
    if (bytes.empty()) co_return base::Result<void>();
    auto& out = worker_.outgoing();
    out.add_text(bytes);
    auto sent = channel_.send(out);
    if (sent == Outgoing::Sent::blocked) {
        auto rest = worker_.take_outgoing();
        auto written = co_await write_rest(std::move(rest));
        if (!written) co_return written.error();
    } else if (sent == Outgoing::Sent::broken) {
        channel_.give_up();
        channel_.wake();
        co_return gone();
    }
    bytes_written_ += bytes.size();
    note_bytes();
    co_return base::Result<void>();
}

/// As far as the client takes it; whoever takes nothing stalls, however much it sends meanwhile.
base::Task<void> ServerTunnel::write_rest(std::unique_ptr<Outgoing> rest) {
    const auto& config = worker_.config();
    worker_.refresh_now();
    stalled_at_ = worker_.now() + config.write_stall_timeout;
    set_deadline();
    auto sent = Outgoing::Sent::blocked;
    while (sent == Outgoing::Sent::blocked) {
        co_await channel_.wait_ready(Channel::Waiter::writer);
        if (channel_.gone()) break;
        auto before = channel_.progress(*rest);
        sent = channel_.send(*rest);
        if (sent == Outgoing::Sent::blocked && channel_.progress(*rest) > before) {
            worker_.refresh_now();
            stalled_at_ = worker_.now() + config.write_stall_timeout;
            note_bytes();
        }
    }
    stalled_at_ = Channel::Time::max();
    if (sent == Outgoing::Sent::all) co_return base::Result<void>();
    channel_.give_up();
    channel_.wake();
    co_return gone();
}

void ServerTunnel::abort() {
    channel_.give_up();
    channel_.wake();
}

void ServerTunnel::finish_writing() {
    if (!channel_.gone()) finish_due_ = !channel_.finish_writing();
}

}  // namespace http
