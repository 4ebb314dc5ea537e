#include "upstream_exchange.hpp"

#include <array>
#include <utility>

#include "characters.hpp"
#include "upstream_error.hpp"

namespace http {

namespace {

constexpr std::size_t piece_bytes = 16 * 1024;
constexpr std::size_t joined_bytes_max = 16 * 1024;

/// RFC 9110, 9.2.2.
bool is_idempotent(Method method) {
    return method != Method::post && method != Method::patch;
}

bool has_content(const ClientRequest& request) {
    const auto* whole = std::get_if<std::string>(&request.body);
    return !whole || !whole->empty();
}

std::string chunk_of(const std::string& piece) {
    std::array<char, 24> size;
    auto count = std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
    return std::string(size.data(), static_cast<std::size_t>(count)) + piece + "\r\n";
}

}  // namespace

UpstreamExchange::UpstreamExchange(std::shared_ptr<UpstreamShared> shared, ClientRequest request,
                                   base::Deadline deadline, base::Executor executor)
    : shared_(std::move(shared)),
      request_(std::move(request)),
      deadline_(deadline),
      executor_(executor) {}

SteadyTime UpstreamExchange::within(std::chrono::milliseconds span) const {
    return deadline_.within(span).at();
}

bool UpstreamExchange::may_begin_again() const {
    return !aborted_ && failure_ && failure_->reason == base::Reason::unavailable && reused_ &&
           reader_ && !reader_->begun() && is_idempotent(request_.method) &&
           std::holds_alternative<std::string>(request_.body);
}

base::Error UpstreamExchange::fail(base::Error error, std::string reason) {
    if (aborted_) error = request_stopped();
    close();
    if (!reason.empty()) reason_ = std::move(reason);
    failure_ = error;
    return error;
}

base::Error UpstreamExchange::fail_malformed() {
    if (reader_->cut()) return fail(upstream_cut(), "it ended in the middle of its answer");
    std::string why(reader_->refusal().message);
    return fail(upstream_malformed(why), why);
}

void UpstreamExchange::close() {
    // The other direction of a tunnel may be waiting for it, and is woken.
    if (tunnel_) return tunnel_->abort();
    connection_.reset();
    slot_.release();
}

/// The answer is complete: the connection is kept if nothing at all speaks against it. After
/// content nothing is sure: a server that has answered without reading it would take it for a
/// request, and give its answer to whoever asks next.
void UpstreamExchange::finish() {
    if (!connection_) return;
    bool safe = reader_->reusable() && sent_ && !takes_no_more_ && !has_content(request_);
    if (!safe) return close();
    slot_.release(std::move(connection_));
}

base::Task<void> UpstreamExchange::begin(bool fresh) {
    failure_.reset();
    sent_ = takes_no_more_ = false;
    reader_.emplace(shared_->limits, Asked{request_.method == Method::head, request_.upgrade});
    if (!take_kept(fresh)) {
        auto connected = co_await connect(fresh);
        if (!connected) co_return fail(connected.error(), {});
    }
    if (aborted_) co_return fail(request_stopped(), {});
    auto bytes = make_head();
    bool at_once = send_at_once(bytes) == Step::done;
    if (!at_once) {
        auto sent = co_await send_request(std::move(bytes));
        if (!sent) co_return sent.error();
    }
    const auto& config = shared_->config;
    first_until_ = within(config.first_byte_timeout);
    whole_until_ = within(config.first_byte_timeout + config.idle_timeout);
    bool timed_out = false;
    // What has only just been sent has no answer yet.
    auto step = at_once ? Step::wait : read_head(timed_out);
    for (; step != Step::done; step = read_head(timed_out)) {
        if (step == Step::failed) co_return *failure_;
        auto until = head_until();
        co_await connection_->wait(UpstreamSocket::For::reading, until);
        timed_out = connection_->timed_out(UpstreamSocket::For::reading);
    }
    if (is_tunnel()) tunnel_ = std::move(connection_);
    if (reader_->state() == AnswerReader::State::complete) finish();
    co_return base::Result<void>();
}

/// False: there is none, but perhaps a place for a new one; connect() goes on from there.
bool UpstreamExchange::take_kept(bool fresh) {
    if (fresh) return false;
    auto lease = shared_->pool->acquire_now({request_.upstream, false}, false, executor_);
    if (!lease) return false;
    slot_ = std::move(lease->slot);
    connection_ = std::move(lease->connection);
    reused_ = connection_ != nullptr;
    if (!reused_) return false;
    shared_->reused->add();
    connection_->attach(executor_);
    return true;
}

base::Task<void> UpstreamExchange::connect(bool fresh) {
    if (!slot_.is_held()) {
        UpstreamPool::Key key{request_.upstream, !request_.upgrade.empty()};
        auto queued_until = within(shared_->config.first_byte_timeout);
        auto lease = co_await shared_->pool->acquire(key, fresh, queued_until);
        if (!lease) {
            reason_ = "no connection is free";
            co_return out_of_time() ? upstream_timeout() : lease.error();
        }
        slot_ = std::move(lease->slot);
        connection_ = std::move(lease->connection);
        reused_ = connection_ != nullptr;
        if (reused_) {
            shared_->reused->add();
            connection_->attach(executor_);
            co_return base::Result<void>();
        }
    }
    auto until = within(shared_->config.connect_timeout);
    auto reason = std::make_shared<std::string>();
    auto opened =
        co_await open_upstream(request_.upstream, shared_->guard, shared_->tls, until, reason);
    if (!opened) {
        reason_ = *reason;
        co_return opened.error();
    }
    shared_->opened->add();
    connection_ = std::move(*opened);
    co_return base::Result<void>();
}

std::string UpstreamExchange::make_head() const {
    std::string head;
    std::size_t size = request_.target.size() + 256;
    for (const auto& [name, value] : request_.fields) size += name.size() + value.size() + 4;
    head.reserve(size);
    head.append(name_of(request_.method))
        .append(" ")
        .append(request_.target)
        .append(" HTTP/1.1\r\n");
    bool has_host = false;
    for (const auto& [name, value] : request_.fields) {
        has_host = has_host || equals_lower(name, "host");
    }
    if (!has_host) head.append("Host: ").append(request_.upstream.authority()).append("\r\n");
    for (const auto& [name, value] : request_.fields) {
        head.append(name).append(": ").append(value).append("\r\n");
    }
    const auto* upload = std::get_if<ClientUpload>(&request_.body);
    if (upload && !upload->length) {
        head.append("Transfer-Encoding: chunked\r\n");
    } else {
        auto length = upload ? *upload->length : std::get<std::string>(request_.body).size();
        // A method that has content says so even when there is none (RFC 9110, 8.6).
        bool has_content = request_.method == Method::post || request_.method == Method::put ||
                           request_.method == Method::patch;
        if (length > 0 || has_content || upload) {
            head.append("Content-Length: ").append(std::to_string(length)).append("\r\n");
        }
    }
    if (!request_.upgrade.empty()) {
        head.append("Connection: upgrade\r\nUpgrade: ").append(request_.upgrade).append("\r\n");
    }
    return head.append("\r\n");
}

/// The head, and the content if that is in one piece with it: as much as the socket takes.
UpstreamExchange::Step UpstreamExchange::send_at_once(std::string& bytes) {
    const auto* content = std::get_if<std::string>(&request_.body);
    if (!content || content->size() > joined_bytes_max) return Step::wait;
    bytes += *content;
    std::size_t count = 0;
    if (connection_->write(bytes, count) != Io::some || count < bytes.size()) {
        bytes.erase(0, count);
        return Step::wait;
    }
    sent_ = true;
    return Step::done;
}

/// `bytes`: the head or what is left of it, with the content if that is small.
base::Task<void> UpstreamExchange::send_request(std::string bytes) {
    auto sent = co_await send_bytes(std::move(bytes));
    if (!sent) co_return sent.error();
    if (const auto* upload = std::get_if<ClientUpload>(&request_.body)) {
        auto copy = *upload;
        auto uploaded = co_await send_upload(copy);
        if (!uploaded) co_return uploaded.error();
    } else if (const auto& content = std::get<std::string>(request_.body);
               content.size() > joined_bytes_max) {
        auto copy = content;
        auto rest = co_await send_bytes(std::move(copy));
        if (!rest) co_return rest.error();
    }
    sent_ = !takes_no_more_;
    co_return base::Result<void>();
}

/// What the source refuses is passed on. The connection ends then: that is the one way to tell the
/// other side that what it has is not all.
base::Task<void> UpstreamExchange::send_upload(ClientUpload upload) {
    std::uint64_t left = upload.length.value_or(0);
    for (;;) {
        if (answered_early()) co_return base::Result<void>();
        auto piece = co_await upload.source->read_some();
        if (!piece) co_return fail(piece.error(), "the request's content ended early");
        if (out_of_time()) co_return fail(upstream_timeout(), "the deadline passed");
        bool last = piece->empty();
        if (upload.length && (piece->size() > left || (last && left > 0))) {
            base::Error error{base::Reason::invalid, "invalid_request",
                              "The content is not as long as was said."};
            co_return fail(error, error.message);
        }
        left -= upload.length ? piece->size() : 0;
        if (last && upload.length) co_return base::Result<void>();
        auto bytes = upload.length ? std::move(*piece)
                                   : (last ? std::string("0\r\n\r\n") : chunk_of(*piece));
        auto sent = co_await send_bytes(std::move(bytes));
        if (!sent) co_return sent.error();
        if (last || takes_no_more_) co_return base::Result<void>();
    }
}

/// Sends all, unless the other side takes no more or has answered already: then what it says is
/// read, and the connection is not used again.
base::Task<void> UpstreamExchange::send_bytes(std::string bytes) {
    std::string_view rest = bytes;
    auto until = within(shared_->config.idle_timeout);
    while (!rest.empty() && !takes_no_more_) {
        std::size_t count = 0;
        auto result = connection_->write(rest, count);
        if (result == Io::some) {
            rest.remove_prefix(count);
            until = within(shared_->config.idle_timeout);
        } else if (result == Io::none) {
            auto ready = co_await connection_->wait_for_either(until);
            if (!ready || !*ready) {
                co_return fail(upstream_timeout(), "it took nothing of the request in time");
            }
            answered_early();
        } else {
            takes_no_more_ = true;
        }
    }
    co_return base::Result<void>();
}

/// Whether the final answer is there before the request is. An interim one changes nothing.
bool UpstreamExchange::answered_early() {
    auto result = read_once();
    if (reader_->state() != AnswerReader::State::head) takes_no_more_ = true;
    if (result == Io::ended || result == Io::broken) takes_no_more_ = true;
    return takes_no_more_;
}

UpstreamExchange::Io UpstreamExchange::read_once() {
    std::array<char, piece_bytes> room;
    std::size_t count = 0;
    auto result = connection_->read(room, count);
    if (result == Io::some) reader_->feed(std::string_view(room.data(), count));
    return result;
}

SteadyTime UpstreamExchange::head_until() const {
    if (!reader_->begun()) return first_until_;
    return std::min(whole_until_, within(shared_->config.idle_timeout));
}

/// Reads what is there. `timed_out`: it has been waited for, as long as could be.
UpstreamExchange::Step UpstreamExchange::read_head(bool timed_out) {
    while (reader_->state() == AnswerReader::State::head) {
        auto result = read_once();
        if (result == Io::some) {
            if (std::chrono::steady_clock::now() < whole_until_) continue;
            fail(upstream_timeout(), "its answer's head takes too long");
            return Step::failed;
        }
        if (result == Io::none) {
            if (!timed_out) return Step::wait;
            fail(upstream_timeout(), "its answer did not come in time");
            return Step::failed;
        }
        if (!reader_->begun()) {
            fail(upstream_unreachable(), "it closed the connection without an answer");
            return Step::failed;
        }
        reader_->end();
    }
    if (reader_->state() != AnswerReader::State::refused) return Step::done;
    fail_malformed();
    return Step::failed;
}

bool UpstreamExchange::out_of_time() const {
    return deadline_.passed();
}

bool UpstreamExchange::take_now(std::string& content) {
    if (failure_ || aborted_ || is_tunnel()) return false;
    reader_->take(content);
    if (reader_->state() != AnswerReader::State::complete) return false;
    finish();
    return true;
}

base::Task<std::string> UpstreamExchange::read_some() {
    if (is_tunnel()) co_return co_await read_tunnel();
    const auto& config = shared_->config;
    std::string content;
    auto until = within(config.idle_timeout);
    bool timed_out = false;
    for (;;) {
        if (failure_) co_return *failure_;
        if (aborted_) co_return fail(request_stopped(), {});
        reader_->take(content);
        if (reader_->state() == AnswerReader::State::refused) {
            // What came before is good; the next call says what was wrong.
            auto error = fail_malformed();
            if (content.empty()) co_return error;
            co_return std::move(content);
        }
        bool complete = reader_->state() == AnswerReader::State::complete;
        if (complete) finish();
        if (complete || !content.empty()) co_return std::move(content);
        if (out_of_time()) co_return fail(upstream_timeout(), "the deadline passed");
        auto result = read_once();
        if (result == Io::none) {
            if (timed_out) co_return fail(upstream_timeout(), "its content stopped");
            co_await connection_->wait(UpstreamSocket::For::reading, until);
            timed_out = connection_->timed_out(UpstreamSocket::For::reading);
        } else if (result == Io::ended) {
            reader_->end();
        } else if (result == Io::broken) {
            co_return fail(upstream_cut(), "the connection broke in the middle of its answer");
        }
    }
}

void UpstreamExchange::abort() {
    aborted_ = true;
    if (tunnel_) {
        tunnel_->abort();
    } else if (connection_) {
        connection_->abort();
    }
}

}  // namespace http
