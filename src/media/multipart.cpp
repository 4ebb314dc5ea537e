#include "multipart.hpp"

#include <algorithm>

namespace media {

namespace {

constexpr std::size_t head_bytes_max = 4096;
constexpr std::size_t boundary_bytes_max = 70;
constexpr int parts_max = 20;

base::Error malformed(std::string message) {
    return {base::Reason::invalid, "malformed_form", std::move(message)};
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string_view trimmed(std::string_view text) {
    auto from = text.find_first_not_of(" \t");
    if (from == text.npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// A parameter of a field, `; name=value` or `; name="value"`.
std::optional<std::string> parameter(std::string_view field, std::string_view wanted) {
    auto at = field.find(';');
    while (at < field.size()) {
        ++at;
        auto equals = field.find('=', at);
        if (equals == field.npos) return std::nullopt;
        auto name = lowered(trimmed(field.substr(at, equals - at)));
        std::string value;
        at = equals + 1;
        if (at < field.size() && field[at] == '"') {
            for (++at; at < field.size() && field[at] != '"'; ++at) {
                if (field[at] == '\\' && at + 1 < field.size()) ++at;
                value += field[at];
            }
            if (at == field.size()) return std::nullopt;
            at = field.find(';', at);
        } else {
            auto end = std::min(field.find(';', at), field.size());
            value = trimmed(field.substr(at, end - at));
            at = end;
        }
        if (name == wanted) return value;
    }
    return std::nullopt;
}

/// `bcharsnospace` of RFC 2046, 5.1.1, and a space, but not at the end.
bool is_boundary(std::string_view text) {
    auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= boundary_bytes_max && text.back() != ' ' &&
           std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

std::optional<std::string> boundary_of(std::string_view content_type) {
    auto type = lowered(trimmed(content_type.substr(0, content_type.find(';'))));
    if (type != "multipart/form-data") return std::nullopt;
    auto boundary = parameter(content_type, "boundary");
    return boundary && is_boundary(*boundary) ? boundary : std::nullopt;
}

FormReader::FormReader(const std::string& boundary, FormListener& listener)
    : delimiter_("\r\n--" + boundary), listener_(listener) {
    // The first boundary needs no line break before it.
    held_ = "\r\n";
}

base::Result<void> FormReader::take(std::string_view piece) {
    held_ += piece;
    for (;;) {
        auto goes_on = step();
        if (!goes_on) return goes_on.error();
        if (!*goes_on) return {};
    }
}

base::Result<void> FormReader::end() const {
    if (state_ == State::done) return {};
    return malformed("The form ends before its last boundary.");
}

/// True: something was read, and there may be more to read.
base::Result<bool> FormReader::step() {
    switch (state_) {
        case State::before_first:
            return find_first();
        case State::after_boundary:
            return read_after_boundary();
        case State::in_head:
            return read_head();
        case State::in_data:
            return read_data();
        case State::done:
            break;
    }
    held_.clear();
    return false;
}

base::Result<bool> FormReader::find_first() {
    auto at = held_.find(delimiter_);
    if (at == held_.npos) {
        if (held_.size() > head_bytes_max) {
            return malformed("The form does not begin with the boundary that Content-Type names.");
        }
        return false;
    }
    held_.erase(0, at + delimiter_.size());
    state_ = State::after_boundary;
    return true;
}

base::Result<bool> FormReader::read_after_boundary() {
    auto from = std::min(held_.find_first_not_of(" \t"), held_.size());
    if (from > head_bytes_max) return malformed("A boundary is followed by too many spaces.");
    if (held_.size() - from < 2) return false;
    auto next = std::string_view(held_).substr(from, 2);
    if (next == "--") {
        state_ = State::done;
        return true;
    }
    if (next != "\r\n") return malformed("A boundary is not followed by a line break.");
    if (++parts_ > parts_max) {
        return malformed("The form has more than " + std::to_string(parts_max) + " parts.");
    }
    // The line break stays, so that a part without any field has an empty line, too.
    held_.erase(0, from);
    state_ = State::in_head;
    return true;
}

base::Result<bool> FormReader::read_head() {
    constexpr std::string_view empty_line = "\r\n\r\n";
    auto end = held_.find(empty_line);
    if (std::min(end, held_.size()) > head_bytes_max) {
        return malformed("The head of a part is too long.");
    }
    if (end == held_.npos) return false;
    std::optional<std::string> name;
    bool is_file = false;
    std::string_view head = std::string_view(held_).substr(0, end);
    while (!head.empty()) {
        head.remove_prefix(2);
        auto line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(line.size());
        auto colon = line.find(':');
        if (colon == line.npos) return malformed("The head of a part has a line without a colon.");
        if (lowered(line.substr(0, colon)) != "content-disposition") continue;
        name = parameter(line, "name");
        is_file = parameter(line, "filename") || parameter(line, "filename*");
    }
    if (!name) return malformed("A part of the form has no name.");
    held_.erase(0, end + empty_line.size());
    auto begun = listener_.begin_part(*name, is_file);
    if (!begun) return begun.error();
    state_ = State::in_data;
    return true;
}

base::Result<bool> FormReader::read_data() {
    auto at = held_.find(delimiter_);
    auto bytes = at;
    if (at == held_.npos) {
        // What could be the beginning of a boundary waits for the rest.
        auto keeps = delimiter_.size() - 1;
        bytes = held_.size() > keeps ? held_.size() - keeps : 0;
    }
    if (bytes > 0) {
        auto heard = listener_.data(std::string_view(held_).substr(0, bytes));
        if (!heard) return heard.error();
    }
    if (at == held_.npos) {
        held_.erase(0, bytes);
        return false;
    }
    held_.erase(0, at + delimiter_.size());
    auto ended = listener_.end_part();
    if (!ended) return ended.error();
    state_ = State::after_boundary;
    return true;
}

}  // namespace media
