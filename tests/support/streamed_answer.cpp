#include "support/streamed_answer.hpp"

namespace support {

StreamedAnswer::StreamedAnswer(const std::string& address, const std::string& target,
                               const Fields& fields)
    : client_(address) {
    client_.send(head_of("GET", target, fields));
    head_ = client_.receive_head();
    chunked_ = head_.field("Transfer-Encoding") == "chunked";
    auto length = head_.field("Content-Length");
    if (!length.empty()) length_ = std::stoul(length);
    bool bare = head_.status == 204 || head_.status == 304;
    complete_ = bare || (!chunked_ && length_ == 0U);
}

const std::string& StreamedAnswer::until(std::string_view text) {
    while (content_.find(text) == std::string::npos && read_more()) {
    }
    return content_;
}

const std::string& StreamedAnswer::rest() {
    while (read_more()) {
    }
    return content_;
}

bool StreamedAnswer::read_more() {
    if (complete_) return false;
    auto bytes = client_.receive_some();
    if (bytes.empty()) {
        complete_ = !chunked_ && !length_;
        return false;
    }
    take(std::move(bytes));
    return true;
}

void StreamedAnswer::take(std::string bytes) {
    if (chunked_) {
        undecoded_ += bytes;
        take_chunks();
        return;
    }
    content_ += bytes;
    complete_ = length_ && content_.size() >= *length_;
}

void StreamedAnswer::take_chunks() {
    for (;;) {
        auto line_end = undecoded_.find("\r\n");
        if (line_end == std::string::npos) return;
        auto size = std::stoul(undecoded_, nullptr, 16);
        auto end = line_end + 2 + size;
        if (undecoded_.size() < end + 2) return;
        content_.append(undecoded_, line_end + 2, size);
        undecoded_.erase(0, end + 2);
        if (size == 0) {
            complete_ = true;
            return;
        }
    }
}

}  // namespace support
