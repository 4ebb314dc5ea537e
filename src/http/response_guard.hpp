#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunk_decoder.hpp"
#include "head_guard.hpp"
#include "refusal.hpp"

namespace http {

/// The one reader of answers' heads: a status line as it must be, then field lines by the rules and
/// the code of the head guard. Pure and resumable in the same way.
class ResponseGuard {
public:
    enum class Verdict { more, complete, refused };
    static constexpr std::size_t status_line_max = 1024;

    /// `limits` must outlive it.
    explicit ResponseGuard(const HeadLimits& limits) : fields_(limits) {}

    /// Ready for the next head.
    void reset();
    /// `received` holds all bytes since the end of the message before, in each call more of them.
    Verdict advance(std::string_view received);
    /// After `refused`.
    const Refusal& refusal() const { return refusal_; }

    // After `complete`:
    std::size_t size() const { return fields_.size(); }
    int status() const { return status_; }
    /// What the field lines say of framing, and where they stand.
    const HeadGuard& fields() const { return fields_; }

private:
    bool take(char c);
    Verdict refuse(std::string_view message);

    HeadGuard fields_;
    Refusal refusal_{};
    std::size_t at_ = 0;
    int status_ = 0;
    enum class State : std::uint8_t { line, reason, line_feed, fields } state_ = State::line;
    bool http_1_0_ = false;
};

/// How much of an answer is taken before its content.
struct AnswerLimits {
    HeadLimits head{};
    std::size_t interim_answers = 8;
};

/// What the request was, as far as its answer's end depends on it.
struct Asked {
    bool head = false;      ///< by HEAD
    std::string upgrade{};  ///< the protocol asked for; empty: none
};

/// Takes the bytes of one answer apart: interim answers (skipped), head, content. Pure and
/// resumable; the same whether they come at once or one by one.
///
///     head ──final head──▶ content ──its end──▶ complete
///       │                     │
///       └──────any doubt──────┴──▶ refused       (101 that was asked for: complete at once)
///
/// Bytes are kept until they are taken: while the head is read no more than its limits and one
/// call's bytes; afterwards what the last call of feed() brought.
class AnswerReader {
public:
    enum class State : std::uint8_t { head, content, complete, refused };

    /// `limits` must outlive it.
    AnswerReader(const AnswerLimits& limits, Asked asked)
        : limits_(limits), asked_(std::move(asked)), guard_(limits.head) {}

    State state() const { return state_; }
    /// The stream's next bytes. In `content`, take() first what came before.
    void feed(std::string_view bytes);
    /// The stream has ended: `complete` if that is how the content ends, else `refused`.
    void end();
    /// Appends the content that has come.
    void take(std::string& content);

    /// A byte has come.
    bool begun() const { return begun_; }
    /// In `refused`: the stream ended too early, and nothing else was wrong.
    bool cut() const { return cut_; }
    const Refusal& refusal() const { return refusal_; }

    // After `head`:
    int status() const { return status_; }
    const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
    std::vector<std::pair<std::string, std::string>> take_fields() { return std::move(fields_); }
    /// Complete, and there is no doubt where it ended and that another may follow.
    bool reusable() const { return state_ == State::complete && keep_ && input_.empty(); }
    /// What came after the end, once: the first bytes of another protocol after 101.
    std::string take_rest() { return std::exchange(input_, {}); }

private:
    enum class Framing : std::uint8_t { none, length, chunked, until_end };

    void read_heads();
    void use_head();
    void use_interim();
    void refuse(std::string_view message);
    std::string_view field(std::string_view lower_name) const;

    const AnswerLimits& limits_;
    Asked asked_;
    ResponseGuard guard_;
    ChunkDecoder chunks_{std::size_t(-1) >> 1};
    std::string input_;
    Refusal refusal_{};
    std::vector<std::pair<std::string, std::string>> fields_;
    std::uint64_t left_ = 0;
    std::size_t interim_ = 0;
    int status_ = 0;
    State state_ = State::head;
    Framing framing_ = Framing::none;
    bool begun_ = false;
    bool keep_ = false;
    bool cut_ = false;
};

}  // namespace http
