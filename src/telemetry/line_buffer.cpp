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

/// Whether all of it stands for itself in a JSON string; eight bytes at a time, since nearly all
/// text does.
bool is_plain(std::string_view text) {
    constexpr std::uint64_t ones = 0x0101010101010101ULL;
    constexpr std::uint64_t tops = 0x8080808080808080ULL;
    // A byte of the result has its top bit set where that of `word` is 0 (and perhaps above it).
    auto has_zero = [](std::uint64_t word) { return (word - ones) & ~word & tops; };
    auto odd = [&](std::uint64_t word) {
        auto controls = (word - ones * 0x20) & ~word & tops;
        return controls | (word & tops) | has_zero(word ^ ones * 0x7f) |
               has_zero(word ^ ones * '"') | has_zero(word ^ ones * '\\');
    };
    std::uint64_t word = 0;
    for (; text.size() >= sizeof(word); text.remove_prefix(sizeof(word))) {
        std::memcpy(&word, text.data(), sizeof(word));
        if (odd(word) != 0) return false;
    }
    word = ones * 'a';
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(&word));
    return odd(word) == 0;
}

char* put(char* at, std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
}

char* put_name(char* at, std::string_view name) {
    *at++ = ',';
    *at++ = '"';
    at = put(at, name);
    *at++ = '"';
    *at++ = ':';
    return at;
}

/// What put_name() adds to a name, and quotes around a value.
constexpr std::size_t marks_max = 6;
constexpr std::size_t digits_max = 20;

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

/// Room for so much more of the line; null if there is none.
char* LineBuffer::room(std::size_t bytes) {
    // Two are kept for the end of the line.
    fits_ = fits_ && at_ - block_->size + bytes + 2 <= line_bytes_max;
    return fits_ ? block_->bytes.data() + at_ : nullptr;
}

void LineBuffer::go_on_at(const char* at) {
    at_ = static_cast<std::size_t>(at - block_->bytes.data());
}

void LineBuffer::add(std::string_view bytes) {
    if (auto* at = room(bytes.size())) go_on_at(put(at, bytes));
}

void LineBuffer::text(std::string_view name, std::string_view value, std::size_t bytes_max) {
    value = value.substr(0, bytes_max);
    std::string escaped;
    bool plain = is_plain(value);
    if (!plain) {
        append_json_string(escaped, value);
        value = escaped;
    }
    auto* at = room(name.size() + value.size() + marks_max);
    if (!at) return;
    at = put_name(at, name);
    if (plain) *at++ = '"';
    at = put(at, value);
    if (plain) *at++ = '"';
    go_on_at(at);
}

void LineBuffer::number(std::string_view name, std::int64_t value) {
    auto* at = room(name.size() + marks_max + digits_max);
    if (!at) return;
    at = put_name(at, name);
    go_on_at(std::to_chars(at, at + digits_max, value).ptr);
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
    std::string_view word = value ? "true" : "false";
    auto* at = room(name.size() + marks_max + word.size());
    if (at) go_on_at(put(put_name(at, name), word));
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
