#include "response_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "compression.hpp"
#include "conditional.hpp"
#include "range.hpp"
#include "telemetry/log.hpp"
#include "worker.hpp"

namespace http {

namespace {

base::Error client_gone() {
    return {base::Reason::unavailable, "client_gone", "The client has gone."};
}

base::Error wrong_length() {
    return {base::Reason::invalid, "wrong_length", "The body is not as long as was said."};
}

bool has_date(const Response& response) {
    return std::any_of(response.fields.begin(), response.fields.end(), [](const auto& field) {
        return field.first.size() == 4 && (field.first[0] | 0x20) == 'd' &&
               (field.first[1] | 0x20) == 'a' && (field.first[2] | 0x20) == 't' &&
               (field.first[3] | 0x20) == 'e';
    });
}

/// For TLS, where the kernel cannot send a file by itself.
base::Task<void> copy_file(FileBody file, Range part, BodyWriter& to) {
    std::string room(std::min<std::uint64_t>(part.size, 64 * 1024), '\0');
    while (part.size > 0) {
        auto wanted = std::min<std::uint64_t>(part.size, room.size());
        auto got = pread(file.descriptor(), room.data(), wanted, static_cast<off_t>(part.from));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) co_return wrong_length();
        std::string_view piece(room.data(), static_cast<std::size_t>(got));
        auto written = co_await to.write(piece);
        if (!written) co_return written.error();
        part.from += piece.size();
        part.size -= piece.size();
    }
    co_return base::Result<void>();
}

}  // namespace

/// A body that is being produced.
struct ResponseWriter::Streaming {
    Stream stream;
    bool chunked = false;
    std::uint64_t sent = 0;
    std::array<char, 20> chunk_head{};
};

void ResponseWriter::StreamingEnd::operator()(Streaming* streaming) const {
    delete streaming;
}

ResponseWriter::ResponseWriter(Worker& worker, Channel& channel, const HeadGuard& head,
                               const Request& request)
    : worker_(worker), channel_(channel), head_(head), request_(request) {}

Outgoing::Lines ResponseWriter::lines(bool foreign_date) const {
    std::string_view connection;
    if (ending_) {
        connection = "Connection: close\r\n";
    } else if (head_.http_1_0()) {
        connection = "Connection: keep-alive\r\n";
    }
    if (tunnel_) connection = tunnel_->lines();
    std::string_view more = request_.answer_lines;
    if (more.size() > Request::answer_lines_max) {
        telemetry::log(telemetry::Level::error, "http", "field lines were left out",
                       {{"bytes", more.size()}}, request_.context.request_id);
        more = {};
    }
    auto date = channel_.is_tls() ? worker_.date_line_with_hsts() : worker_.date_line();
    if (foreign_date) date = {};
    return {date, request_.context.request_id, connection, more};
}

void ResponseWriter::put(Outgoing& out, std::shared_ptr<const PreparedResponse> answer, Form form,
                         bool foreign_date) {
    if (!head_.keep_alive() || worker_.draining()) ending_ = true;
    if (form == Form::full && request_.method == Method::head) form = Form::head_only;
    said_.status = form == Form::not_modified ? 304 : answer->status;
    said_.bytes = form == Form::full ? answer->body.size() : 0;
    // What is encrypted has to be copied anyway.
    out.add(std::move(answer), form, lines(foreign_date),
            channel_.is_tls() ? 0 : worker_.config().sealed_files_max);
}

/// The same in a coding that the client accepts, if there is one and it gains.
std::shared_ptr<const PreparedResponse> ResponseWriter::encoded(
    std::shared_ptr<const PreparedResponse> answer) {
    const auto& config = worker_.config();
    if (!head_.accepts_codings() || !answer->encodings) return answer;
    auto size = static_cast<std::int64_t>(answer->body.size());
    if (size < config.compress_bytes_min || size > config.compress_bytes_max) return answer;
    auto coding = choose_coding(request_);
    if (coding == Coding::identity) return answer;
    auto smaller = answer->encodings->get(coding, *answer);
    return smaller ? smaller : answer;
}

/// False: the conditions of the request have been answered instead.
bool ResponseWriter::meets_conditions(Outgoing& out,
                                      std::shared_ptr<const PreparedResponse> answer) {
    if (!head_.conditional() || answer->status != 200 || answer->etag.empty()) return true;
    switch (evaluate(request_, answer->etag)) {
        case Condition::send:
            return true;
        case Condition::not_modified:
            put(out, std::move(answer), Form::not_modified);
            return false;
        case Condition::failed:
            break;
    }
    auto advice = if_match_advice(request_, true, "Send the ETag as it was given.");
    if (advice.empty()) advice = "The thing has changed: If-Match names another version.";
    put(out, render(failure(request_, 412, "precondition_failed", advice)), Form::full);
    return false;
}

void ResponseWriter::add_prepared(Outgoing& out, std::shared_ptr<const PreparedResponse> answer) {
    if (answer->body.size() >= AnswerBudget::bytes_min &&
        !worker_.budget().admits(request_.peer, answer->body.size())) {
        constexpr Refusal refusal{
            503, "answers_waiting",
            "Too many answers wait for clients that do not take them. Try again."};
        worker_.count_refusal(refusal, request_.context.request_id);
        base::Error busy{base::Reason::unavailable, std::string(refusal.code),
                         std::string(refusal.message)};
        put(out, render(failure(request_, busy)), Form::full);
        return;
    }
    if (!reads()) {
        put(out, encoded(std::move(answer)), Form::full);
        return;
    }
    answer = encoded(std::move(answer));
    if (meets_conditions(out, answer)) put(out, std::move(answer), Form::full);
}

void ResponseWriter::add(Outgoing& out, Response response) {
    if (std::holds_alternative<FileBody>(response.body)) {
        auto file = std::get<FileBody>(response.body);
        add_file(out, std::move(response), file);
    } else if (std::holds_alternative<Stream>(response.body)) {
        add_stream(out, std::move(response));
    } else if (std::holds_alternative<std::string>(response.body)) {
        add_text(out, std::move(response));
    } else {
        add_prepared(out, render(std::move(response)));
    }
}

void ResponseWriter::add_text(Outgoing& out, Response response) {
    if (response.origin == Origin::elsewhere) {
        auto date = has_date(response);
        put(out, render(std::move(response)), Form::full, date);
        return;
    }
    if (reads() && response.status == 200 && response.etag.empty()) {
        response.etag = make_etag(std::get<std::string>(response.body));
    }
    add_prepared(out, render(std::move(response)));
}

void ResponseWriter::add_file(Outgoing& out, Response response, const FileBody& file) {
    Range part{0, file.size()};
    bool ours = response.origin == Origin::ours;
    if (ours && reads() && response.status == 200) {
        if (response.etag.empty()) response.etag = file.etag();
        if (!meets_conditions(out, render_head(response, {file.size()}))) return;
        response.fields.emplace_back("Accept-Ranges", "bytes");
        auto verdict = choose_range(request_, file.size(), response.etag, part);
        if (verdict == RangeVerdict::unsatisfiable) {
            auto refused = failure(request_, 416, "range_not_satisfiable",
                                   "The range begins after the end of the file.");
            refused.fields.emplace_back("Content-Range", "bytes */" + std::to_string(file.size()));
            put(out, render(std::move(refused)), Form::full);
            return;
        }
        if (verdict == RangeVerdict::part) {
            response.status = 206;
            response.fields.emplace_back("Content-Range",
                                         "bytes " + std::to_string(part.from) + "-" +
                                             std::to_string(part.from + part.size - 1) + "/" +
                                             std::to_string(file.size()));
        }
    }
    put(out, render_head(response, {part.size}), Form::full, !ours && has_date(response));
    if (request_.method == Method::head || part.size == 0) return;
    if (!channel_.is_tls()) {
        said_.bytes = part.size;
        out.add_file(file, part.from, part.size);
        return;
    }
    stream_.reset(new Streaming);
    stream_->stream.length = part.size;
    stream_->stream.producer = [file, part](BodyWriter& to) { return copy_file(file, part, to); };
}

void ResponseWriter::add_stream(Outgoing& out, Response response) {
    auto& stream = std::get<Stream>(response.body);
    Framing framing{stream.length, !head_.http_1_0()};
    if (!framing.length && !framing.chunked) ending_ = true;
    put(out, render_head(response, framing), Form::full,
        response.origin == Origin::elsewhere && has_date(response));
    bool has_content = response.status >= 200 && response.status != 204 && response.status != 304;
    if (request_.method == Method::head || !has_content) return;
    stream_.reset(new Streaming);
    stream_->stream = std::move(stream);
    stream_->chunked = !framing.length && framing.chunked;
}

void ResponseWriter::add_upgrade(Outgoing& out, Response response, std::string first) {
    auto upgrade = std::get<Upgrade>(std::move(response.body));
    response.status = 101;
    response.body = std::string();
    tunnel_ =
        std::make_unique<ServerTunnel>(worker_, channel_, std::move(upgrade), std::move(first));
    put(out, render_head(response, {}), Form::full,
        response.origin == Origin::elsewhere && has_date(response));
    ending_ = true;
}

bool ResponseWriter::send(Outgoing& out) {
    auto sent = channel_.send(out);
    if (sent == Outgoing::Sent::all) return true;
    if (sent != Outgoing::Sent::blocked) {
        channel_.give_up();
        return false;
    }
    pending_ = worker_.take_outgoing();
    pending_->for_each_answer([this](const auto& answer) {
        if (answer->body.size() < AnswerBudget::bytes_min) return;
        shares_.push_back(worker_.budget().hold(request_.peer, answer));
    });
    return false;
}

/// Whoever takes nothing stalls; whoever takes next to nothing, for longer than a grace, does too.
Channel::Time ResponseWriter::send_until(Channel::Time begun, std::size_t sent) {
    const auto& config = worker_.config();
    // The worker's time may be older than a short timeout is long.
    worker_.refresh_now();
    auto earned = std::chrono::milliseconds(static_cast<std::int64_t>(sent) * 1000 /
                                            config.send_bytes_per_second_min);
    return std::min(worker_.now() + config.write_stall_timeout, begun + config.send_grace + earned);
}

Awaitable<void> ResponseWriter::finish_sending() {
    if (pending_) {
        worker_.refresh_now();
        auto begun = worker_.now();
        auto at_first = channel_.progress(*pending_);
        channel_.wait_in(Life::sending, send_until(begun, 0));
        while (pending_ && !channel_.gone()) {
            co_await channel_.wait_ready();
            if (channel_.gone()) break;
            auto before = channel_.progress(*pending_);
            auto sent = channel_.send(*pending_);
            // Whoever goes on sending but takes nothing stalls all the same.
            auto after = sent == Outgoing::Sent::blocked ? channel_.progress(*pending_) : before;
            if (after > before) channel_.set_deadline(send_until(begun, after - at_first));
            if (sent == Outgoing::Sent::blocked) continue;
            if (sent == Outgoing::Sent::broken) channel_.give_up();
            pending_.reset();
        }
        pending_.reset();
        shares_.clear();
    }
    channel_.enter(Life::active);
}

Awaitable<void> ResponseWriter::finish() {
    co_await finish_sending();
    if (stream_ && !channel_.gone()) co_await produce();
    stream_.reset();
    if (tunnel_ && !channel_.gone()) co_await run_tunnel();
    tunnel_.reset();
}

Awaitable<void> ResponseWriter::run_tunnel() {
    tunnel_->begin();
    std::string broken;
    try {
        auto task = tunnel_->task()(*tunnel_);
        auto ended = co_await std::move(task);
        if (!ended) broken = ended.error().message;
    } catch (const std::exception& thrown) {
        broken = thrown.what();
    }
    said_.bytes = tunnel_->bytes_written();
    if (channel_.gone()) co_return;
    if (!broken.empty()) {
        break_off("a tunnel broke off", broken);
    } else {
        channel_.enter(Life::active);
    }
}

void ResponseWriter::break_off(const char* what, const std::string& why) {
    telemetry::log(telemetry::Level::warning, "http", what,
                   {{"error", why}, {"path", request_.path}}, request_.context.request_id);
    channel_.give_up();
    channel_.reset();
}

/// Nobody must take a part for the whole: what breaks off ends in a reset.
Awaitable<void> ResponseWriter::produce() {
    channel_.wait_in(Life::streaming, Channel::Time::max());
    std::string broken;
    try {
        auto task = stream_->stream.producer(*this);
        auto produced = co_await std::move(task);
        if (!produced) broken = produced.error().message;
    } catch (const std::exception& thrown) {
        broken = thrown.what();
    }
    if (channel_.gone()) co_return;
    const auto& length = stream_->stream.length;
    if (broken.empty() && length && *length != stream_->sent) broken = wrong_length().message;
    if (!broken.empty()) {
        break_off("a body broke off", broken);
        co_return;
    }
    if (stream_->chunked) {
        auto& out = worker_.outgoing();
        out.add_text("0\r\n\r\n");
        if (!send(out)) co_await finish_sending();
    }
    channel_.enter(Life::active);
}

base::Task<void> ResponseWriter::write(std::string_view piece) {
    if (channel_.gone()) co_return client_gone();
    if (piece.empty()) co_return base::Result<void>();
    stream_->sent += piece.size();
    said_.bytes += piece.size();
    const auto& length = stream_->stream.length;
    if (length && stream_->sent > *length) co_return wrong_length();
    auto& out = worker_.outgoing();
    if (stream_->chunked) {
        auto& room = stream_->chunk_head;
        auto* end = std::to_chars(room.data(), room.data() + room.size(), piece.size(), 16).ptr;
        *end++ = '\r';
        *end++ = '\n';
        out.add_text({room.data(), static_cast<std::size_t>(end - room.data())});
    }
    out.add_text(piece);
    if (stream_->chunked) out.add_text("\r\n");
    if (!send(out)) co_await finish_sending();
    if (channel_.gone()) co_return client_gone();
    channel_.wait_in(Life::streaming, Channel::Time::max());
    co_return base::Result<void>();
}

bool ResponseWriter::wanted() const {
    return !channel_.gone() && !channel_.hangup() && !worker_.draining();
}

}  // namespace http
