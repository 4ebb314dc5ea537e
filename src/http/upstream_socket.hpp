#pragma once

#include <sys/socket.h>

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/task.hpp"
#include "http/client.hpp"
#include "listener.hpp"
#include "tls_wire.hpp"
#include "upstream_tls.hpp"

namespace http {

using SteadyTime = std::chrono::steady_clock::time_point;
using SteadyTimer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, base::Executor>;

/// One connection to an upstream, plain or TLS. Reads and writes as far as the socket allows; what
/// is lacking is waited for by wait(). While it is attached it belongs to one loop and its thread,
/// also when nobody uses it; detached, it is a mere descriptor that any thread may take.
class UpstreamSocket {
public:
    /// `ended`: cleanly, by the other side. `broken`: by an error.
    enum class Io : std::uint8_t { some, none, ended, broken };
    enum class For : std::uint8_t { reading, writing };
    using Wait = boost::asio::awaitable<void, base::Executor>;

    UpstreamSocket(Descriptor descriptor, int family);
    ~UpstreamSocket();
    UpstreamSocket(const UpstreamSocket&) = delete;
    UpstreamSocket& operator=(const UpstreamSocket&) = delete;

    /// Nothing is done if it is attached there already. Throws if the loop cannot take one more
    /// descriptor.
    void attach(base::Executor executor);
    void detach();
    bool is_attached() const { return socket_.has_value(); }
    /// Of an attached one.
    base::Executor executor() { return socket_->get_executor(); }

    /// All that follows goes through TLS. False: no memory.
    bool start_tls(UpstreamTls::Connection connection);
    /// `some`: it is done. After `broken`, is_untrusted() says whether the certificate was why.
    Io handshake();
    bool is_untrusted() const { return untrusted_; }

    /// `count` bytes into `room`, which is not empty.
    Io read(std::span<char> room, std::size_t& count);
    /// `count` bytes of `bytes`, which are not empty. `broken`: it takes no more.
    Io write(std::string_view bytes, std::size_t& count);
    /// Tells the other side that nothing follows, as far as can be done without waiting.
    void finish_writing();
    /// Nothing more in either direction; who waits is woken.
    void abort() { shutdown(descriptor_.get(), SHUT_RDWR); }
    /// The error of a connection that was being made; 0 if it is there.
    int connect_error() const;
    int descriptor() const { return descriptor_.get(); }

    /// It is open, and nothing has come that nobody asked for.
    bool is_quiet();

    /// Waits until it is worth to try again what gave `none`, or `until`: then timed_out(). Whoever
    /// reads and whoever writes may wait at the same time.
    Wait wait(For what, SteadyTime until);
    bool timed_out(For what) const { return waiting_[index(what)].timed_out; }
    /// The same for either. False: it is `until` already.
    base::Task<bool> wait_for_either(SteadyTime until);

private:
    /// One that waits, or has.
    struct Waiting {
        SteadyTime until = SteadyTime::max();  ///< max: nobody waits
        boost::system::error_code error{};
        bool timed_out = false;
    };
    struct Watch;

    static std::size_t index(For what) { return static_cast<std::size_t>(what); }
    bool wants_writable(For what) const {
        return what == For::reading ? read_wants_write_ : !write_wants_read_;
    }
    Io result_of(int error);
    void watch(SteadyTime until);
    void look_at_time();

    Descriptor descriptor_;
    const int family_;
    TlsWire wire_{descriptor_};
    UpstreamTls::Connection tls_;
    std::optional<
        boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, base::Executor>>
        socket_;
    std::shared_ptr<Watch> watch_;  ///< while it is attached
    std::array<Waiting, 2> waiting_;
    bool read_wants_write_ = false;
    bool write_wants_read_ = false;
    bool untrusted_ = false;
    bool write_failed_ = false;
    bool failed_ = false;
};

/// A new connection to `address`, attached to the caller's executor, with TLS if it says so.
/// Where there is a guard it has to admit all addresses that a name leads to. Refused as
/// http::Client says; `reason` then is for the log.
base::Task<std::unique_ptr<UpstreamSocket>> open_upstream(
    UpstreamAddress address, std::shared_ptr<const OutboundGuard> guard,
    std::shared_ptr<const UpstreamTls> tls, SteadyTime until, std::shared_ptr<std::string> reason);

}  // namespace http
