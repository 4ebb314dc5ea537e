#pragma once

#include <array>
#include <memory>
#include <vector>

#include "answer_budget.hpp"
#include "channel.hpp"
#include "head_guard.hpp"
#include "http/body.hpp"
#include "server_tunnel.hpp"

namespace http {

class Worker;

/// How one connection sends its answers, in order, and as fast as its client takes them. What can
/// be sent at once is put into the thread's Outgoing by whoever has it; what cannot waits here.
class ResponseWriter final : public BodyWriter {
public:
    /// `head` and `request` are those of the request that is answered.
    ResponseWriter(Worker& worker, Channel& channel, const HeadGuard& head, const Request& request);

    /// What has been said to the request that is answered.
    struct Said {
        int status = 0;           ///< 0: nothing yet
        std::uint64_t bytes = 0;  ///< of content
    };
    const Said& said() const { return said_; }
    /// A request begins.
    void begin() { said_ = {}; }

    /// The request is a GET or HEAD.
    bool reads() const { return request_.method == Method::get || request_.method == Method::head; }
    /// The answer that comes next, or came last, is the last.
    void end_after() { ending_ = true; }
    bool ending() const { return ending_; }

    /// A prepared answer to a GET or HEAD, with the coding and the conditions that only its answer
    /// can meet.
    void add_prepared(Outgoing& out, std::shared_ptr<const PreparedResponse> answer);
    /// A handler's answer, or a refusal: all of it that can be sent now. What has to be produced
    /// follows in finish().
    void add(Outgoing& out, Response response);

    /// The 101 that it begins with; `first`: what has come behind the request. The connection ends
    /// with the tunnel.
    void add_upgrade(Outgoing& out, Response response, std::string first);

    /// False if not everything went out: then finish() sends the rest, or the client is gone.
    bool send(Outgoing& out);
    /// Something is left to send.
    bool is_waiting() const { return pending_ || stream_ || tunnel_; }
    Awaitable<void> finish();
    /// The server stops; a tunnel has until then.
    void drain(Channel::Time until) {
        if (tunnel_) tunnel_->drain(until);
    }
    /// A body is being produced: nothing else can be said.
    bool is_producing() const { return stream_ != nullptr; }

    base::Task<void> write(std::string_view piece) override;
    bool wanted() const override;

private:
    struct Streaming;
    struct StreamingEnd {
        void operator()(Streaming* streaming) const;
    };

    Outgoing::Lines lines(bool foreign_date) const;
    void put(Outgoing& out, std::shared_ptr<const PreparedResponse> answer, Form form,
             bool foreign_date = false);
    std::shared_ptr<const PreparedResponse> encoded(std::shared_ptr<const PreparedResponse> answer);
    bool meets_conditions(Outgoing& out, std::shared_ptr<const PreparedResponse> answer);
    void add_text(Outgoing& out, Response response);
    void add_file(Outgoing& out, Response response, const FileBody& file);
    void add_stream(Outgoing& out, Response response);
    Awaitable<void> finish_sending();
    Awaitable<void> produce();
    Awaitable<void> run_tunnel();
    void break_off(const char* what, const std::string& why);
    Channel::Time send_until(Channel::Time begun, std::size_t sent);

    Worker& worker_;
    Channel& channel_;
    const HeadGuard& head_;
    const Request& request_;
    std::unique_ptr<Outgoing> pending_;  ///< what a slow client has not taken yet
    std::vector<AnswerBudget::Share> shares_;
    std::unique_ptr<Streaming, StreamingEnd> stream_;
    std::unique_ptr<ServerTunnel> tunnel_;
    Said said_;
    bool ending_ = false;
};

}  // namespace http
