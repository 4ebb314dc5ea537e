#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "refusal.hpp"

namespace http {

/// Takes a body that is `chunked` apart (RFC 9112, 7.1; docs/framing.md, S3). Pure and resumable,
/// as the head guard. Extensions and trailers are checked, counted and thrown away.
class ChunkDecoder {
public:
    enum class Verdict { more, complete, refused };

    /// `body_bytes_max`: a longer body is refused with 413 as soon as a chunk's size says so.
    explicit ChunkDecoder(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

    /// Reads on in `received`, appends content to `body`, which may be emptied between. consumed()
    /// bytes of `received` belonged to the body; all of them unless the verdict is `complete`.
    Verdict advance(std::string_view received, std::string& body);
    std::size_t consumed() const { return consumed_; }
    const Refusal& refusal() const { return refusal_; }

private:
    enum class State : std::uint8_t {
        size_first,
        size,
        extension_name_first,
        extension_name,
        extension_value_first,
        extension_word,
        extension_quoted,
        extension_escaped,
        extension_end,
        size_lf,
        content,
        content_cr,
        content_lf,
        trailer_start,
        trailer_name,
        trailer_value,
        trailer_lf,
        last_lf,
        complete,
        refused
    };

    bool take(char c);
    bool take_size(char c);
    bool take_extension(char c);
    bool end_extension(char c);
    bool take_trailer(char c);
    bool bad(std::string_view message);
    bool expect(char expected, char c, State next);

    std::size_t body_bytes_max_;
    std::size_t consumed_ = 0;
    std::size_t taken_ = 0;   ///< bytes of content so far
    std::uint64_t left_ = 0;  ///< of the chunk's size while it is read, then of its content
    std::size_t extension_line_ = 0;
    std::size_t extension_all_ = 0;
    std::size_t trailer_bytes_ = 0;
    int size_digits_ = 0;
    State state_ = State::size_first;
    Refusal refusal_{};
};

}  // namespace http
