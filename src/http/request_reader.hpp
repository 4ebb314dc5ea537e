#pragma once

#include <optional>
#include <string>

#include "channel.hpp"
#include "chunk_decoder.hpp"
#include "head_guard.hpp"
#include "http/body.hpp"
#include "input.hpp"

namespace http {

class Worker;

/// Bytes → head → body, of one request after the other. What a request's views point into stands
/// still from the moment its handler is called: pieces of the body are received behind the head, in
/// room that is made before.
class RequestReader final : public BodyReader {
public:
    RequestReader(Worker& worker, Channel& channel);

    // Heads.
    bool empty() const { return input_.empty(); }
    /// Takes in what the socket has.
    Channel::Received receive();
    HeadGuard::Verdict read_head() { return guard_.advance(input_.view()); }
    const HeadGuard& head() const { return guard_; }
    const char* base() const { return input_.begin(); }
    /// What has come, also behind the head.
    std::string_view received() const { return input_.view(); }
    /// The request's views, which end with end_message().
    void fill(Request& request);
    /// Nothing of a request is here: gives memory back.
    void rest();

    // Bodies.
    /// Before any of it is read. `request`: whose body it is. With `in_pieces` its views stand
    /// still from now on.
    void begin_body(Request& request, std::size_t bytes_max, Channel::Time deadline,
                    bool in_pieces);
    std::optional<std::uint64_t> length() const override;
    base::Task<std::string_view> next() override;
    void when_gone(std::function<void()> gone) override { channel_.when_gone(std::move(gone)); }
    /// All of it, into the request. False: refusal() says why not, or the client is gone.
    Awaitable<bool> read_whole();
    /// Why no more of the body can be read; null if it can.
    const Refusal* failure() const { return body_ == BodyState::failed ? &refusal_ : nullptr; }
    /// For an answer that does not need what is unread of it: true if all of that is here already
    /// and is now skipped, so that the connection can go on.
    bool skip_rest();

    /// What has come behind a request without a body, and is no request any more.
    std::string take_rest();

    /// What the request consisted of is used up.
    void end_message();

private:
    enum class BodyState : std::uint8_t { unread, sized, chunked, complete, failed };

    bool decode(std::string& to, std::size_t most = std::string::npos);
    Awaitable<bool> receive_more();
    Awaitable<bool> receive_into(boost::asio::mutable_buffer room);
    Awaitable<bool> read_sized();
    Awaitable<bool> read_chunked();
    void send_continue();
    bool fail(const Refusal& refusal);

    Worker& worker_;
    Channel& channel_;
    Input input_;
    HeadGuard guard_;
    Request* request_ = nullptr;
    Refusal refusal_{};
    std::unique_ptr<ChunkDecoder> decoder_;
    std::string piece_;              ///< of a chunked body
    std::string target_;             ///< in origin form, where it does not stand so in the head
    std::size_t message_size_ = 0;   ///< bytes of the input that are used and belong to the request
    std::uint64_t left_ = 0;         ///< of a sized body
    std::size_t count_ = 0;          ///< of the last receive_into()
    std::size_t body_received_ = 0;  ///< as sent, framing and all
    Channel::Time body_started_{};
    Channel::Time body_deadline_{};
    BodyState body_ = BodyState::unread;
    bool continue_due_ = false;  ///< the client waits for 100 and has sent nothing of its body
};

}  // namespace http
