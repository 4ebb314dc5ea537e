#pragma once

#include <cstdint>
#include <string>

#include "channel.hpp"
#include "http/body.hpp"

namespace http {

class Worker;

/// A client's connection that has become that of another protocol. Bytes are not kept here: what is
/// not asked for is not read, and a write returns when the socket has taken all, so a slow side
/// slows down the other. Its limits of time:
///
/// | limit                | from                     | when it passes                      |
/// |----------------------|--------------------------|-------------------------------------|
/// | tunnel_idle_timeout  | the last byte either way | closed; refused with `tunnel_idle`  |
/// | write_stall_timeout  | the last byte taken      | reset; refused with `client_gone`   |
/// | drain_idle_timeout   | the server's stop        | closed; refused with `client_gone`  |
class ServerTunnel final : public Tunnel {
public:
    /// `first`: what the client has sent behind its request.
    ServerTunnel(Worker& worker, Channel& channel, Upgrade upgrade, std::string first);
    ~ServerTunnel() override;

    /// The field lines of the 101.
    const std::string& lines() const { return lines_; }
    /// The 101 has gone out.
    void begin();
    const Upgrade::Task& task() const { return upgrade_.task; }
    /// The server stops.
    void drain(Channel::Time until);
    std::uint64_t bytes_written() const { return bytes_written_; }

    base::Task<std::string> read_some() override;
    base::Task<void> write(std::string bytes) override;
    void finish_writing() override;
    void abort() override;

private:
    Channel::Received receive(std::string& piece);
    base::Task<void> write_rest(std::unique_ptr<Outgoing> rest);
    void note_bytes();
    void set_deadline();
    base::Error gone();

    Worker& worker_;
    Channel& channel_;
    const Upgrade upgrade_;
    const std::string lines_;
    std::string first_;
    std::uint64_t bytes_written_ = 0;
    Channel::Time idle_until_{};
    Channel::Time stalled_at_ = Channel::Time::max();  ///< max: nobody waits for the client to take
    Channel::Time drained_at_ = Channel::Time::max();
    bool read_all_ = false;    ///< the client has finished
    bool finish_due_ = false;  ///< our side has finished, and the socket did not take that yet
};

}  // namespace http
