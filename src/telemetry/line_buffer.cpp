#include "telemetry/line_buffer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>

#include "json_line.hpp"
#include "line_writer.hpp"
#include "telemetry/log.hpp"

namespace telemetry {

namespace {

constexpr std::int64_t micros_per_second = 1000000;

bool stands_for_itself(char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

}  // namespace

LineBuffer::LineBuffer() : block_(new LineBlock), time_{} {}

LineBuffer::~LineBuffer() {
    hand_over();
}

void LineBuffer::begin(base::Time time, std::string_view module, std::string_view message) {
    if (LineBlock::bytes_max - block_->size < line_bytes_max) hand_over();
    at_ = block_->size;
    fits_ = true;
    add("{\"time\":\"");
    add_time(time);
    add("\",\"level\":\"info\"");
    text("module", module, module.size());
    text("message", message, message.size());
}

/// Most lines are of the second of the one before.
void LineBuffer::add_time(base::Time time) {
    auto micros = base::to_micros(time);
    auto second = micros / micros_per_second;
    if (second != second_) {
        auto whole = base::to_rfc3339(base::from_micros(second * micros_per_second));
        std::copy_n(whole.begin(), sizeof(time_), time_);
        second_ = second;
    }
    constexpr std::size_t millis_at = 20;
    auto millis = micros % micros_per_second / 1000;
    time_[millis_at] = static_cast<char>('0' + millis / 100);
    time_[millis_at + 1] = static_cast<char>('0' + millis / 10 % 10);
    time_[millis_at + 2] = static_cast<char>('0' + millis % 10);
    add({time_, sizeof(time_)});
}

void LineBuffer::add(std::string_view bytes) {
    // Two are kept for the end of the line.
    fits_ = fits_ && at_ - block_->size + bytes.size() + 2 <= line_bytes_max;
    if (!fits_ || bytes.empty()) return;
    std::memcpy(block_->bytes.data() + at_, bytes.data(), bytes.size());
    at_ += bytes.size();
}

void LineBuffer::add_name(std::string_view name) {
    add(",\"");
    add(name);
    add("\":");
}

void LineBuffer::text(std::string_view name, std::string_view value, std::size_t bytes_max) {
    value = value.substr(0, bytes_max);
    add_name(name);
    if (std::all_of(value.begin(), value.end(), stands_for_itself)) {
        add("\"");
        add(value);
        add("\"");
        return;
    }
    std::string escaped;
    append_json_string(escaped, value);
    add(escaped);
}

void LineBuffer::number(std::string_view name, std::int64_t value) {
    std::array<char, 24> digits;
    auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    add_name(name);
    add({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void LineBuffer::thousandths(std::string_view name, std::int64_t value) {
    value = std::max<std::int64_t>(value, 0);
    number(name, value / 1000);
    auto rest = value % 1000;
    std::array<char, 4> part{'.', static_cast<char>('0' + rest / 100),
                             static_cast<char>('0' + rest / 10 % 10),
                             static_cast<char>('0' + rest % 10)};
    add({part.data(), part.size()});
}

void LineBuffer::truth(std::string_view name, bool value) {
    add_name(name);
    add(value ? "true" : "false");
}

void LineBuffer::end() {
    if (!fits_) return;
    block_->bytes[at_++] = '}';
    block_->bytes[at_++] = '\n';
    block_->size = at_;
    ++block_->lines;
}

void LineBuffer::hand_over() {
    if (block_->lines > 0) line_writer().exchange(block_);
}

}  // namespace telemetry
