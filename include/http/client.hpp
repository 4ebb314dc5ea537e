#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/body.hpp"
#include "http/client_config.hpp"
#include "http/message.hpp"
#include "telemetry/metrics.hpp"

namespace http {

/// Another server, as the configuration names it, or an OutboundGuard reads it from an admin's URL.
struct UpstreamAddress {
    std::string host{};      ///< a name, or an IP address without brackets; empty for a unix socket
    std::uint16_t port = 0;  ///< 0 for a unix socket
    std::string path{};      ///< of a unix socket; empty for TCP
    bool tls = false;

    auto operator<=>(const UpstreamAddress&) const = default;
    bool is_unix() const { return !path.empty(); }
    /// What Host says, without the port that its scheme implies; `localhost` for a unix socket.
    std::string authority() const;
    /// In the form that parse_upstream reads.
    std::string text() const;
};

/// Reads `http://host[:port]`, `https://host[:port]` or `unix:/path`, with nothing after it.
/// Refused with a sentence that says what is expected.
base::Result<UpstreamAddress> parse_upstream(const std::string& text);

/// Content that comes piece by piece, as it is asked for: the pieces are not read ahead, so a slow
/// reader slows the writer down. One reader at a time, on the thread where it began.
class ClientBody {
public:
    virtual ~ClientBody() = default;
    /// The next piece; empty at the clean end, and then again. Content that is cut is a refusal
    /// (`upstream_cut`, `upstream_timeout` …), and stays one.
    virtual base::Task<std::string> read_some() = 0;
    /// What has come already goes to `content`, without waiting. True: that was the clean end;
    /// otherwise read_some() has more to say.
    virtual bool take_now(std::string& /*content*/) { return false; }
    /// It may take hours: from here on it does not take the place of an ordinary exchange. False if
    /// too many do already (ClientConfig::long_lived_max).
    virtual bool become_long_lived() { return true; }
};

/// All that is left of a body; refused with `upstream_too_large` (unavailable) when it is more than
/// `bytes_max`.
base::Task<std::string> collect(std::shared_ptr<ClientBody> body, std::size_t bytes_max);

/// Content of unknown or announced length that is sent as it is made. It must have its own limits
/// in time: the client waits for its pieces as long as they take.
struct ClientUpload {
    std::shared_ptr<ClientBody> source;
    std::optional<std::uint64_t> length{};  ///< nothing: sent in chunks
};

/// Ends an exchange from outside, wherever it is: whoever waits for it, or reads or writes what has
/// come of it, is refused with `request_stopped` (unavailable), and the connection is closed.
/// Belongs to the thread of the exchange.
class ClientStop {
public:
    void stop() {
        stopped_ = true;
        if (auto told = std::exchange(told_, nullptr)) told();
    }
    bool stopped() const { return stopped_; }
    /// For the client: what stops it, called once.
    void when_stopped(std::function<void()> told) { told_ = std::move(told); }

private:
    std::function<void()> told_;
    bool stopped_ = false;
};

/// What is asked. Framing and the connection are the client's own business: requests with
/// Content-Length, Transfer-Encoding, Connection, Keep-Alive, Proxy-Connection, TE, Trailer,
/// Upgrade or Expect among their fields are refused.
struct ClientRequest {
    UpstreamAddress upstream;
    Method method = Method::get;
    std::string target = "/";  ///< origin form, sent as it is
    std::vector<std::pair<std::string, std::string>>
        fields{};  ///< sent as they are, in this order;
                   ///< without Host ours is added
    std::variant<std::string, ClientUpload> body{};
    std::string upgrade{};               ///< the protocol to change to, as `websocket`; empty: none
    std::shared_ptr<ClientStop> stop{};  ///< may be null
};

/// Whether it can be sent. Refused with `invalid_request` and what is wrong.
base::Result<void> check(const ClientRequest& request);

/// What came back: a whole, unambiguous head, and the way to the content. Fields as sent, in order;
/// those of framing among them are for information only.
struct ClientResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields{};
    std::shared_ptr<ClientBody> body{};  ///< always there, but for 101
    std::shared_ptr<Tunnel> tunnel{};    ///< only for 101

    /// The value of the first field of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
};

/// Asks other servers by HTTP/1.1. Thread-safe; each call lives on its caller's executor. Whatever
/// it has given out may outlive it, but must not outlive the loop that it began on.
///
/// Refusals, none of which names the upstream to a reader:
/// * `invalid_request` (invalid): see check().
/// * `upstream_refused`, `upstream_unreachable`, `upstream_untrusted` (unavailable): no connection,
///   or it ended before an answer; its certificate does not hold.
/// * `upstream_timeout` (deadline): one of the limits of the configuration, or the deadline.
/// * `upstream_malformed`, `upstream_cut` (unavailable): what came is no clear HTTP, or ended
/// early.
/// * `upstream_busy` (unavailable): too many wait for a connection already.
/// * `request_stopped` (unavailable): see ClientStop.
/// * `upstream_forbidden` (forbidden): its OutboundGuard admits no connection there.
///
/// What refuses a ClientUpload's source is passed on as it is.
class Client {
public:
    virtual ~Client() = default;
    /// Returns with the head of the answer; the deadline also holds for its content.
    /// A request is sent twice only if it is idempotent, can be repeated, and a kept connection
    /// turned out to be closed before a single byte of an answer.
    virtual base::Task<ClientResponse> send(ClientRequest request, base::Deadline deadline) = 0;
};

class OutboundGuard;

/// The one over sockets, with a pool of connections that all threads share. With a `guard` it asks
/// no server of whose addresses one is not admitted, and connects to those that were looked at.
/// Refused with `ca_unusable` if the certificates of ClientConfig::ca_file cannot be read.
base::Result<std::unique_ptr<Client>> make_client(const ClientConfig& config,
                                                  telemetry::Metrics& metrics,
                                                  std::shared_ptr<const OutboundGuard> guard = {});

}  // namespace http
