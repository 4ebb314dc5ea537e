#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "host_guard.hpp"
#include "http/message.hpp"
#include "refusal.hpp"

namespace http {

/// How much of a head is taken (docs/framing.md, S4 and S6).
struct HeadLimits {
    std::size_t target_bytes = 8192;
    std::size_t field_bytes = 16384;  ///< all field lines together
    std::size_t field_lines = 100;
};

/// How far the reading of one head has come, and what was seen: all that a new head starts without.
struct HeadProgress {
    enum class State : std::uint8_t {
        start,
        leading_lf,
        method,
        target_first,
        scheme,
        authority,
        target,
        escape_high,
        escape_low,
        utf8_next,
        after_asterisk,
        version,
        request_lf,
        line_start,
        name,
        before_value,
        value,
        single_value,
        value_lf,
        last_lf,
        complete,
        refused
    };
    enum class Known : std::uint8_t {
        other,
        host,
        connection,
        content_length,
        transfer_encoding,
        expect,
        conditional,
        request_id,
        accept_encoding
    };
    struct Span {
        std::uint16_t at = 0;
        std::uint16_t size = 0;
        std::string_view in(const char* base) const { return std::string_view(base + at, size); }
    };
    struct Line {
        Span name;
        Span value;
    };

    Refusal refusal_{};
    std::uint64_t content_length_ = 0;
    std::size_t at_ = 0;
    std::size_t fields_at_ = 0;  ///< where the first field line starts
    std::size_t target_at_ = 0;  ///< where the target starts, as sent
    std::size_t token_at_ = 0;   ///< where the method, field name or value being read starts
    std::size_t query_at_ = 0;   ///< after the `?`; 0: no query
    Span target_{};
    Span query_{};
    Span host_{};
    Span request_id_{};
    Line line_{};
    HostGuard host_guard_{};
    State state_ = State::start;
    Known known_ = Known::other;
    Method method_ = Method::get;
    std::uint8_t matched_ = 0;        ///< bytes of a fixed word that have been seen
    std::uint8_t version_ = 0;        ///< its two digits
    std::uint8_t escape_ = 0;         ///< the first digit of a percent-escape
    std::uint8_t utf8_missing_ = 0;   ///< bytes that an escaped character still needs
    std::uint8_t utf8_least_ = 0x80;  ///< the next of them lies between these two
    std::uint8_t utf8_most_ = 0xbf;
    bool space_seen_ = false;
    bool absolute_ = false;
    bool asterisk_ = false;
    bool http_1_0_ = false;
    bool has_host_ = false;
    bool has_length_ = false;
    bool chunked_ = false;
    bool close_ = false;
    bool keep_alive_ = false;
    bool expects_continue_ = false;
    bool upgrade_ = false;
    bool conditional_ = false;
    bool accepts_codings_ = false;
    bool answer_ = false;  ///< the field lines are of an answer
};

/// The one reader of request heads: it says no at the first byte that is wrong, without waiting for
/// the rest, and afterwards knows where everything stands. Pure and resumable: no I/O, and the same
/// verdict whether a head comes at once or byte by byte. One per connection, reused.
///
/// It stores positions, not pointers, so the buffer may move between two calls.
class HeadGuard : private HeadProgress {
public:
    enum class Verdict { more, complete, refused };

    explicit HeadGuard(const HeadLimits& limits) : limits_(&limits) {}

    /// Ready for the next head.
    void reset();
    /// Ready for the field lines of an answer, whose status line ends at `at`: the same rules, but
    /// for the fields that mean something in requests only.
    void reset_for_answer(std::size_t at, bool http_1_0);

    /// `received` holds all bytes since the end of the message before, in each call more of them.
    Verdict advance(std::string_view received);

    /// `complete` was the last verdict.
    bool taken() const { return state_ == State::complete; }
    /// After `refused`.
    const Refusal& refusal() const { return refusal_; }

    // After `complete`:
    /// How long the head is, with the empty line.
    std::size_t size() const { return at_; }
    Method method() const { return method_; }
    bool http_1_0() const { return http_1_0_; }
    bool keep_alive() const { return !close_ && (!http_1_0_ || keep_alive_); }
    bool chunked() const { return chunked_; }
    std::uint64_t content_length() const { return content_length_; }
    bool has_length() const { return has_length_; }
    bool has_body() const { return chunked_ || content_length_ > 0; }
    /// The client waits for 100 before it sends the body. Never on HTTP/1.0 (RFC 9110, 10.1.1).
    bool expects_continue() const { return expects_continue_ && !http_1_0_ && has_body(); }
    /// If-Match or If-None-Match is there.
    bool conditional() const { return conditional_; }
    /// Accept-Encoding is there.
    bool accepts_codings() const { return accepts_codings_; }
    bool asterisk() const { return asterisk_; }
    /// Connection has the option `upgrade`, and HTTP/1.1 is spoken (RFC 9110, 7.8).
    bool upgrade() const { return upgrade_ && !http_1_0_; }
    /// The target names its host.
    bool absolute() const { return absolute_; }
    /// The host that is asked for, with its port: that of an absolute target, else the Host field.
    std::string_view host(const char* base) const { return host_.in(base); }
    /// The client's X-Request-Id, or empty.
    std::string_view request_id(const char* base) const { return request_id_.in(base); }
    /// Sets method, target, query and fields, as views into `base` (the first byte received). After
    /// a refusal it gives the field lines that were complete by then. A target starts with `?`
    /// where an absolute form has a query and no path.
    void fill(const char* base, Request& request) const;
    void fill_fields(const char* base, std::vector<Request::Field>& fields) const;

private:
    bool refuse(int status, std::string_view code, std::string_view message);
    bool bad(std::string_view message) { return refuse(400, "malformed_request", message); }

    // Each takes bytes from at_ on, up to `end`; false: refused.
    bool request_line(const char* data, std::size_t end);
    bool take_method(const char* data, std::size_t end);
    bool know_method(std::string_view name);
    bool take_target_first(char c);
    bool take_scheme(char c);
    bool take_authority(const char* data, char c);
    bool take_target(const char* data, std::size_t end);
    bool take_escape(char c);
    bool take_escaped_byte(unsigned byte);
    void end_target();
    bool take_version(char c);
    bool field_line(const char* data, std::size_t end);
    bool take_name(const char* data, std::size_t end);
    bool know_name(std::string_view name);
    bool take_value(const char* data, std::size_t end);
    bool take_single_value(const char* data, std::size_t end);
    bool check_single(char c);
    bool end_value(const char* data);
    bool use_value(std::string_view value);
    bool end_single(std::string_view value);
    bool read_connection(std::string_view value);
    bool read_codings(std::string_view value);
    bool end_head();

    const HeadLimits* limits_;
    std::vector<Line> lines_;
};

}  // namespace http
