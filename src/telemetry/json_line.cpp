#include "json_line.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace telemetry {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::string_view level_name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
        case Level::critical:
            return "critical";
    }
    return "info";
}

void append_escape(std::string& out, unsigned code) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += "\\u00";
    out += hex[code >> 4];
    out += hex[code & 15u];
}

/// How many bytes the UTF-8 sequence at the start of `text` has; 0 if it is none.
std::size_t sequence_length(std::string_view text) {
    auto first = static_cast<unsigned char>(text[0]);
    std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (length > text.size()) return 0;
    return base::count_code_points(text.substr(0, length)) == 1u ? length : 0;
}

/// The first byte at or after `at` that does not stand for itself in a JSON string.
std::size_t skip_plain(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\') break;
        ++at;
    }
    return at;
}

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits{};
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

struct AppendValue {
    std::string& out;

    void operator()(std::string_view text) const { append_json_string(out, text); }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(std::int64_t number) const { append_number(out, number); }
    // JSON has no word for infinity or for what is no number.
    void operator()(double number) const {
        if (std::isfinite(number)) {
            append_number(out, number);
        } else {
            out += "null";
        }
    }
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t at = 0;
    while (at < text.size()) {
        auto plain_end = skip_plain(text, at);
        out += text.substr(at, plain_end - at);
        at = plain_end;
        if (at == text.size()) break;
        auto byte = static_cast<unsigned char>(text[at]);
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text[at++];
        } else if (byte == '\n') {
            out += "\\n";
            ++at;
        } else if (byte < 0x80) {
            append_escape(out, byte);
            ++at;
        } else if (auto length = sequence_length(text.substr(at)); length == 0) {
            out += replacement;
            ++at;
        } else if (byte == 0xc2 && static_cast<unsigned char>(text[at + 1]) < 0xa0) {
            append_escape(out, static_cast<unsigned char>(text[at + 1]));
            at += length;
        } else {
            out += text.substr(at, length);
            at += length;
        }
    }
    out += '"';
}

std::string open_line(base::Time time, Level level, std::string_view module,
                      std::string_view message, std::initializer_list<Field> fields,
                      std::string_view request_id, std::string_view trace_id) {
    std::string out;
    out.reserve(128 + message.size() + fields.size() * 32);
    out += "{\"time\":\"";
    out += base::to_rfc3339(time);
    out += "\",\"level\":\"";
    out += level_name(level);
    out += "\",\"module\":";
    append_json_string(out, module);
    out += ",\"message\":";
    append_json_string(out, message);
    if (!request_id.empty()) {
        out += ",\"request_id\":";
        append_json_string(out, request_id);
    }
    if (!trace_id.empty()) {
        out += ",\"trace_id\":";
        append_json_string(out, trace_id);
    }
    for (const auto& field : fields) {
        out += ',';
        append_json_string(out, field.name);
        out += ':';
        std::visit(AppendValue{out}, field.value);
    }
    return out;
}

}  // namespace telemetry
