#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "support/http_client.hpp"

namespace support {

/// The answer to one GET, read while it comes: framed by its length, in chunks, or by the end of
/// the connection. Every wait ends (HttpClient::patience).
class StreamedAnswer {
public:
    /// Asks, on a connection of its own, and reads the head. Throws ConnectionLost.
    StreamedAnswer(const std::string& address, const std::string& target,
                   const Fields& fields = {});

    /// Status and fields; no body.
    const Answer& head() const { return head_; }
    /// Reads on until the content so far has `text`, or is all there. Gives the content so far.
    const std::string& until(std::string_view text);
    /// Reads everything. Gives the content.
    const std::string& rest();
    /// The content is all there, as far as its framing says: not cut off.
    bool complete() const { return complete_; }

private:
    bool read_more();
    void take(std::string bytes);
    void take_chunks();

    HttpClient client_;
    Answer head_;
    bool chunked_ = false;
    std::optional<std::size_t> length_{};
    std::string undecoded_;
    std::string content_;
    bool complete_ = false;
};

}  // namespace support
