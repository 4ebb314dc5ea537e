#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "answer.hpp"
#include "http/message.hpp"

namespace http {

/// Answers on their way out, in order, and how far sending got. Holds on to what it sends, copies
/// only the few field lines that differ per answer, and allocates nothing. One per thread; it
/// leaves its thread's hands for a connection's only while a slow client makes it wait.
class Outgoing {
public:
    enum class Sent { all, blocked, broken };

    bool empty() const { return first_ == count_; }
    /// No more room, or enough for one system call: send before adding.
    bool full() const { return answers_ == answers_max || bytes_ >= bytes_enough; }

    /// Not when full. `lines` are the field lines that differ, and the empty line.
    struct Lines {
        std::string_view date;        ///< a whole line
        std::string_view request_id;  ///< the value, at most 64 bytes
        std::string_view connection;  ///< a whole line, or empty
        std::string_view more;        ///< whole lines, at most Request::answer_lines_max bytes
    };
    /// `sealed_files_max`: see SealedFile; 0: the body is copied.
    void add(std::shared_ptr<const PreparedResponse> answer, Form form, const Lines& lines,
             std::int64_t sealed_files_max = 0);
    /// Bytes that live until they are sent or forgotten. Not when full.
    void add_text(std::string_view text);
    /// `size` bytes of a file from `from` on, after its answer's head: for send() alone.
    void add_file(const FileBody& file, std::uint64_t from, std::uint64_t size);

    /// Sends as much as the socket takes now.
    Sent send(int socket);

    // For whoever sends it another way.
    /// The next bytes at a stretch, where they are or copied together into `room`. Not when empty.
    std::string_view next(std::span<char> room) const;
    /// So many of them have gone out.
    void consume(std::size_t count);
    /// Forgets all.
    void clear();
    /// Since it was last empty.
    std::size_t bytes_sent() const { return bytes_sent_; }
    /// Calls `take` with each answer that is not sent completely.
    template <class Take>
    void for_each_answer(Take take) const {
        for (std::size_t i = 0; i < answers_; ++i) {
            if (held_[i]) take(held_[i]);
        }
    }

private:
    static constexpr std::size_t answers_max = 16;
    static constexpr std::size_t bytes_enough = 64 * 1024;
    static constexpr std::size_t lines_bytes_max = 240 + Request::answer_lines_max;

    /// The file that holds a piece's bytes, too or alone, and where they end in it.
    struct File {
        int descriptor = -1;
        std::uint64_t end = 0;
    };

    void add_piece(const char* data, std::size_t size) { add_piece(data, size, File()); }
    void add_piece(const char* data, std::size_t size, File file);
    ssize_t send_file(int socket);
    ssize_t send_once(int socket);
    void advance(std::size_t count);

    std::array<iovec, answers_max * 3> pieces_;
    std::array<File, answers_max * 3> files_;  ///< of the piece at the same place
    std::size_t with_file_ = 0;                ///< how many pieces have one
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::size_t answers_ = 0;
    std::size_t bytes_ = 0;
    std::size_t bytes_sent_ = 0;
    std::array<std::shared_ptr<const PreparedResponse>, answers_max> held_;
    std::array<std::optional<FileBody>, answers_max> held_files_;
    std::array<std::array<char, lines_bytes_max>, answers_max> lines_;
    std::array<char, 8192> together_;
};

}  // namespace http
