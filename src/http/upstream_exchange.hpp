#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/client.hpp"
#include "response_guard.hpp"
#include "upstream_pool.hpp"
#include "upstream_socket.hpp"

namespace http {

/// What all exchanges of one client share. Immutable but for the pool and the counters.
struct UpstreamShared {
    ClientConfig config;
    AnswerLimits limits;
    std::shared_ptr<const UpstreamTls> tls;
    std::shared_ptr<const OutboundGuard> guard;  ///< null: the configuration says whom is asked
    std::shared_ptr<UpstreamPool> pool;
    telemetry::Counter* opened;
    telemetry::Counter* reused;
    telemetry::Counter* stale;
    telemetry::Counter* failed;
};

/// One request and its answer, over one connection: the answer's body, for as long as it is read,
/// and the tunnel that it may become. Lives on the executor on which it began.
class UpstreamExchange final : public ClientBody, public Tunnel {
public:
    UpstreamExchange(std::shared_ptr<UpstreamShared> shared, ClientRequest request,
                     base::Deadline deadline, base::Executor executor);

    /// Sends the request and reads the answer's head.
    base::Task<void> begin(bool fresh);
    /// After a refusal of begin(): the kept connection was none any more, and the request may be
    /// made once more. Only once: the next begin() takes a fresh connection.
    bool may_begin_again() const;
    /// After a refusal of begin(): what was wrong, for the log.
    const std::string& reason() const { return reason_; }
    const UpstreamAddress& upstream() const { return request_.upstream; }

    // After begin():
    int status() const { return reader_->status(); }
    std::vector<std::pair<std::string, std::string>> take_fields() {
        return reader_->take_fields();
    }

    base::Task<std::string> read_some() override;
    bool take_now(std::string& content) override;
    bool become_long_lived() override { return slot_.become_long_lived(); }
    base::Task<void> write(std::string bytes) override;
    void finish_writing() override;
    /// Whoever waits for it is woken, and refused.
    void abort() override;
    const std::shared_ptr<ClientStop>& stop() const { return request_.stop; }

private:
    using Io = UpstreamSocket::Io;

    /// What can be done at once is, and only the rest is awaited: a task costs as much as a field
    /// line.
    enum class Step : std::uint8_t { done, wait, failed };

    bool take_kept(bool fresh);
    base::Task<void> connect(bool fresh);
    std::string make_head() const;
    Step send_at_once(std::string& bytes);
    base::Task<void> send_request(std::string bytes);
    base::Task<void> send_upload(ClientUpload upload);
    base::Task<void> send_bytes(std::string bytes);
    Step read_head(bool timed_out);
    SteadyTime head_until() const;
    base::Task<std::string> read_tunnel();
    Io read_once();
    bool answered_early();
    SteadyTime within(std::chrono::milliseconds span) const;
    bool out_of_time() const;
    bool is_tunnel() const { return reader_->status() == 101; }
    void finish();
    void close();
    base::Error fail(base::Error error, std::string reason);
    base::Error fail_malformed();

    const std::shared_ptr<UpstreamShared> shared_;
    const ClientRequest request_;
    const base::Deadline deadline_;
    const base::Executor executor_;
    std::string reason_;
    UpstreamPool::Slot slot_;
    std::unique_ptr<UpstreamSocket> connection_;
    std::unique_ptr<UpstreamSocket> tunnel_;  ///< what it became; stays until nobody waits for it
    std::optional<AnswerReader> reader_;
    std::optional<base::Error> failure_;
    SteadyTime first_until_{};    ///< the first byte of the answer
    SteadyTime whole_until_{};    ///< its head
    std::uint64_t turn_ = 0;      ///< grows with each byte read or written by the tunnel
    bool reused_ = false;         ///< the connection was a kept one
    bool sent_ = false;           ///< all of the request
    bool takes_no_more_ = false;  ///< the other side, of the request
    bool aborted_ = false;
};

}  // namespace http
