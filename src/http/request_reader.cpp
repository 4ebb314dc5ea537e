#include "request_reader.hpp"

#include <algorithm>
#include <utility>

#include "characters.hpp"
#include "worker.hpp"

namespace http {

namespace {

/// So much of a body is received at a time, when it is read in pieces.
constexpr std::size_t piece_bytes = 32 * 1024;

base::Error error_of(const Refusal& refusal) {
    // http_status() knows these codes; what is malformed is invalid.
    return {base::Reason::invalid, std::string(refusal.code), std::string(refusal.message)};
}

base::Error client_gone() {
    return {base::Reason::unavailable, "client_gone", "The client has gone."};
}

}  // namespace

RequestReader::RequestReader(Worker& worker, Channel& channel)
    : worker_(worker), channel_(channel), guard_(worker.head_limits()) {}

Channel::Received RequestReader::receive() {
    input_.make_room(1024);
    std::size_t count = 0;
    auto received = channel_.receive({input_.free_begin(), input_.free_size()}, count);
    input_.received(count);
    return received;
}

namespace {

/// Whoever reads Host is to read what counts: that of an absolute target (RFC 9112, 3.2.2).
void put_host(std::vector<Request::Field>& fields, std::string_view host) {
    bool has_field = false;
    for (auto& field : fields) {
        if (!equals_lower(field.name, "host")) continue;
        field.value = host;
        has_field = true;
    }
    if (!has_field) fields.push_back({"Host", host});
}

}  // namespace

void RequestReader::fill(Request& request) {
    guard_.fill(input_.begin(), request);
    if (guard_.absolute()) put_host(request.fields, guard_.host(input_.begin()));
    if (!request.target.starts_with('?')) return;
    target_.assign(1, '/');
    target_ += request.target;
    request.target = target_;
}

void RequestReader::rest() {
    input_.shrink();
    if (channel_.is_tls()) input_ = Input();  // OpenSSL's own part is large enough
}

void RequestReader::begin_body(Request& request, std::size_t bytes_max, Channel::Time deadline,
                               bool in_pieces) {
    request_ = &request;
    message_size_ = guard_.size();
    body_received_ = 0;
    continue_due_ = guard_.expects_continue() && input_.size() == guard_.size();
    left_ = guard_.chunked() ? 0 : guard_.content_length();
    body_ = guard_.chunked() ? BodyState::chunked
            : left_ > 0      ? BodyState::sized
                             : BodyState::complete;
    if (!guard_.has_body()) return;
    worker_.refresh_now();
    body_started_ = worker_.now();
    body_deadline_ = deadline;
    if (guard_.chunked()) decoder_ = std::make_unique<ChunkDecoder>(bytes_max);
    if (!in_pieces) return;
    auto* before = input_.begin();
    input_.make_room(piece_bytes);
    if (input_.begin() != before) fill(request);
}

std::optional<std::uint64_t> RequestReader::length() const {
    if (guard_.chunked()) return std::nullopt;
    return guard_.content_length();
}

base::Task<std::string_view> RequestReader::next() {
    piece_.clear();
    for (;;) {
        if (body_ == BodyState::failed) co_return error_of(refusal_);
        if (channel_.gone()) co_return client_gone();
        if (body_ == BodyState::complete) co_return std::string_view();
        if (body_ == BodyState::sized && input_.size() > message_size_) {
            auto here = input_.view().substr(message_size_);
            here = here.substr(0, static_cast<std::size_t>(
                                      std::min<std::uint64_t>({left_, here.size(), piece_bytes})));
            message_size_ += here.size();
            left_ -= here.size();
            if (left_ == 0) body_ = BodyState::complete;
            co_return here;
        }
        if (body_ == BodyState::chunked && input_.size() > message_size_) {
            if (!decode(piece_, piece_bytes)) continue;
            if (!piece_.empty()) co_return std::string_view(piece_);
            if (body_ == BodyState::complete || input_.size() > message_size_) continue;
        }
        auto more = co_await receive_more();
        if (!more && body_ != BodyState::failed) co_return client_gone();
    }
}

/// Takes what is here of a chunked body apart, `most` bytes of it. False: it is refused.
bool RequestReader::decode(std::string& to, std::size_t most) {
    auto verdict = decoder_->advance(input_.view().substr(message_size_, most), to);
    message_size_ += decoder_->consumed();
    if (verdict == ChunkDecoder::Verdict::refused) return fail(decoder_->refusal());
    if (verdict == ChunkDecoder::Verdict::complete) body_ = BodyState::complete;
    return true;
}

bool RequestReader::fail(const Refusal& refusal) {
    refusal_ = refusal;
    body_ = BodyState::failed;
    return false;
}

/// Into the place of what has been used; the head stays where it is.
Awaitable<bool> RequestReader::receive_more() {
    send_continue();
    input_.truncate(guard_.size());
    message_size_ = guard_.size();
    boost::asio::mutable_buffer room(input_.free_begin(), input_.free_size());
    auto more = co_await receive_into(room);
    if (more) input_.received(count_);
    co_return more;
}

/// Part of a body, into `room`; count_ says how much. False: too slow, or gone.
Awaitable<bool> RequestReader::receive_into(boost::asio::mutable_buffer room) {
    const auto& config = worker_.config();
    auto earned = std::chrono::milliseconds(static_cast<std::int64_t>(body_received_) * 1000 /
                                            config.body_bytes_per_second_min);
    channel_.wait_in(Life::body,
                     std::min(body_deadline_, body_started_ + config.body_grace + earned));
    for (;;) {
        if (channel_.gone()) co_return false;
        auto received = channel_.receive(room, count_);
        body_received_ += count_;
        if (received == Channel::Received::some) {
            channel_.wait_for_handler(body_deadline_);
            co_return true;
        }
        if (received == Channel::Received::ended) channel_.give_up();
        if (received == Channel::Received::none) co_await channel_.wait_ready();
        if (channel_.gone()) co_return false;
        if (channel_.life() == Life::late) {
            co_return fail({408, "request_timeout", "The request body did not come in time."});
        }
    }
}

Awaitable<bool> RequestReader::read_whole() {
    request_->body.clear();
    if (body_ == BodyState::complete) co_return true;
    if (body_ == BodyState::chunked) co_return co_await read_chunked();
    co_return co_await read_sized();
}

Awaitable<bool> RequestReader::read_sized() {
    auto& body = request_->body;
    auto wanted = static_cast<std::size_t>(left_);
    auto here = input_.view().substr(guard_.size(), wanted);
    body.assign(here);
    message_size_ += here.size();
    send_continue();
    while (body.size() < wanted) {
        // Memory follows what has really come, not what the client says will come.
        auto filled = body.size();
        body.resize(std::min(wanted, filled + std::max<std::size_t>(filled, 16 * 1024)));
        boost::asio::mutable_buffer room(body.data() + filled, body.size() - filled);
        auto more = co_await receive_into(room);
        if (!more) co_return false;
        body.resize(filled + count_);
    }
    body_ = BodyState::complete;
    co_return true;
}

Awaitable<bool> RequestReader::read_chunked() {
    for (;;) {
        if (!decode(request_->body)) co_return false;
        if (body_ == BodyState::complete) co_return true;
        // All of it was used: the next part may take its place.
        input_.truncate(guard_.size());
        auto* before = input_.begin();
        input_.make_room(2048);
        if (input_.begin() != before) fill(*request_);
        auto more = co_await receive_more();
        if (!more) co_return false;
    }
}

bool RequestReader::skip_rest() {
    if (message_size_ < guard_.size()) message_size_ = guard_.size();  // nothing was read of it
    if (!guard_.has_body() || body_ == BodyState::complete) return true;
    if (body_ == BodyState::failed) return false;
    if (guard_.chunked()) {
        if (!decoder_) {
            auto bytes_max = static_cast<std::size_t>(worker_.config().body_bytes_max);
            decoder_ = std::make_unique<ChunkDecoder>(bytes_max);
        }
        std::string ignored;
        return decode(ignored) && body_ == BodyState::complete;
    }
    auto left = body_ == BodyState::unread ? guard_.content_length() : left_;
    if (input_.size() - message_size_ < left) return false;
    message_size_ += static_cast<std::size_t>(left);
    body_ = BodyState::complete;
    return true;
}

/// Once, if the client waits for it and has sent nothing of the body yet.
void RequestReader::send_continue() {
    if (!std::exchange(continue_due_, false)) return;
    auto& out = worker_.outgoing();
    out.add_text("HTTP/1.1 100 Continue\r\n\r\n");
    // Too small to block on a socket that has nothing else under way; if it does, the client is
    // free not to wait for it (RFC 9110, 10.1.1), but a half-sent line cannot be left behind.
    if (channel_.send(out) == Outgoing::Sent::all) return;
    out.clear();
    channel_.give_up();
}

std::string RequestReader::take_rest() {
    std::string rest(input_.view().substr(guard_.size()));
    message_size_ = input_.size();
    return rest;
}

void RequestReader::end_message() {
    channel_.when_gone({});
    input_.consume(message_size_);
    message_size_ = 0;
    guard_.reset();
    decoder_.reset();
    if (piece_.capacity() > 0) piece_ = std::string();
    body_ = BodyState::unread;
}

}  // namespace http
