#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>

namespace base {

/// Reads a text line by line, none of which takes more than so many bytes of memory. One thread;
/// the text outlives it.
class LineReader {
public:
    LineReader(std::istream& input, std::size_t bytes_max) : input_(input), bytes_max_(bytes_max) {}

    /// Whether there is another line, which is then line().
    bool next();
    /// Without its end, `\n` or `\r\n`; its beginning if it is too_long().
    const std::string& line() const { return line_; }
    bool too_long() const { return too_long_; }
    /// So far, with the ends of lines.
    std::int64_t bytes_read() const { return bytes_read_; }

private:
    std::istream& input_;
    std::size_t bytes_max_;
    std::string line_;
    bool too_long_ = false;
    std::int64_t bytes_read_ = 0;
};

}  // namespace base
