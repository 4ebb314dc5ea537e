#include "outgoing.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "sealed_file.hpp"

namespace http {

namespace {

char* append(char* at, std::string_view text) {
    // memcpy wants an address even for nothing.
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

}  // namespace

void Outgoing::add_piece(const char* data, std::size_t size, File file) {
    if (size == 0) return;
    files_[count_] = file;
    if (file.descriptor >= 0) ++with_file_;
    // sendmsg only reads; iovec has no const form.
    pieces_[count_++] = {const_cast<char*>(data), size};
    bytes_ += size;
}

void Outgoing::add(std::shared_ptr<const PreparedResponse> answer, Form form, const Lines& lines,
                   std::int64_t sealed_files_max) {
    const auto& head = form == Form::not_modified ? answer->head_304 : answer->head;
    char* start = lines_[answers_].data();
    char* at = append(start, lines.date);
    at = append(at, "X-Request-Id: ");
    at = append(at, lines.request_id);
    at = append(at, "\r\n");
    at = append(at, lines.connection);
    at = append(at, lines.more);
    at = append(at, "\r\n");
    add_piece(head.data(), head.size());
    add_piece(start, static_cast<std::size_t>(at - start));
    if (form == Form::full) {
        bool may_file = sealed_files_max > 0 && answer->sealed;
        int file = may_file ? answer->sealed->descriptor(answer->body, sealed_files_max) : -1;
        add_piece(answer->body.data(), answer->body.size(), {file, answer->body.size()});
    }
    held_[answers_++] = std::move(answer);
}

void Outgoing::add_text(std::string_view text) {
    add_piece(text.data(), text.size());
    ++answers_;
}

void Outgoing::add_file(const FileBody& file, std::uint64_t from, std::uint64_t size) {
    add_piece(nullptr, static_cast<std::size_t>(size), {file.descriptor(), from + size});
    held_files_[answers_ - 1] = file;
}

/// Copying a small answer together costs less than what the kernel does for a list of pieces.
ssize_t Outgoing::send_once(int socket) {
    int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    if (with_file_ == 0 && bytes_ <= together_.size() && first_ == 0) {
        char* at = together_.data();
        for (std::size_t i = 0; i < count_; ++i) {
            at = append(at, {static_cast<const char*>(pieces_[i].iov_base), pieces_[i].iov_len});
        }
        return ::send(socket, together_.data(), static_cast<std::size_t>(at - together_.data()),
                      flags);
    }
    msghdr message{};
    message.msg_iov = pieces_.data() + first_;
    message.msg_iovlen = count_ - first_;
    if (with_file_ > 0) {
        if (files_[first_].descriptor >= 0) return send_file(socket);
        auto end = first_;
        while (end < count_ && files_[end].descriptor < 0) ++end;
        message.msg_iovlen = end - first_;
        if (end < count_) flags |= MSG_MORE;  // the head waits for its body
    }
    return sendmsg(socket, &message, flags);
}

/// The pages go as they are. The socket does not block; a file's pages may have to be read.
ssize_t Outgoing::send_file(int socket) {
    auto left = pieces_[first_].iov_len;
    auto at = static_cast<off_t>(files_[first_].end - left);
    return sendfile(socket, files_[first_].descriptor, &at, left);
}

Outgoing::Sent Outgoing::send(int socket) {
    while (first_ < count_) {
        auto sent = send_once(socket);
        if (sent <= 0) {
            if (sent == 0) errno = EIO;  // a file that is shorter than it was
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK) return Sent::blocked;
            clear();
            return Sent::broken;
        }
        advance(static_cast<std::size_t>(sent));
    }
    clear();
    return Sent::all;
}

void Outgoing::advance(std::size_t count) {
    bytes_sent_ += count;
    while (count > 0) {
        auto& piece = pieces_[first_];
        auto part = std::min(count, piece.iov_len);
        if (piece.iov_base) piece.iov_base = static_cast<char*>(piece.iov_base) + part;
        piece.iov_len -= part;
        count -= part;
        if (piece.iov_len == 0) ++first_;
    }
}

std::string_view Outgoing::next(std::span<char> room) const {
    auto text = [](const iovec& piece) {
        return std::string_view(static_cast<const char*>(piece.iov_base), piece.iov_len);
    };
    auto whole = text(pieces_[first_]);
    if (first_ + 1 == count_ || whole.size() >= room.size()) return whole;
    std::size_t filled = 0;
    for (auto i = first_; i < count_ && filled < room.size(); ++i) {
        auto part = text(pieces_[i]).substr(0, room.size() - filled);
        append(room.data() + filled, part);
        filled += part.size();
    }
    return {room.data(), filled};
}

void Outgoing::consume(std::size_t count) {
    advance(count);
    if (first_ == count_) clear();
}

void Outgoing::clear() {
    for (std::size_t i = 0; i < answers_; ++i) {
        held_[i].reset();
        held_files_[i].reset();
    }
    first_ = count_ = answers_ = bytes_ = bytes_sent_ = with_file_ = 0;
}

}  // namespace http
