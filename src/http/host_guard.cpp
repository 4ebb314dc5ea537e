#include "host_guard.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "characters.hpp"

namespace http {

bool HostGuard::take(char c) {
    switch (state_) {
        case State::start:
            state_ = c == '[' ? State::bracket : State::name;
            return c == '[' || is(host_character, c);
        case State::name:
            if (c == ':') state_ = State::port;
            return c == ':' || is(host_character, c);
        case State::bracket:
            if (c == ']') state_ = State::after_bracket;
            return c == ']' || c == ':' || c == '.' || is(hex_character, c);
        case State::after_bracket:
            state_ = State::port;
            return c == ':';
        case State::port:
            if (!is(digit_character, c)) return false;
            port_ = port_ * 10 + static_cast<std::uint32_t>(c - '0');
            return port_ <= 65535;
    }
    return false;
}

std::size_t HostGuard::take_name(const char* data, std::size_t size) {
    if (state_ != State::start && state_ != State::name) return 0;
    std::size_t taken = 0;
    while (taken < size && is(host_character, data[taken])) ++taken;
    if (taken > 0) state_ = State::name;
    return taken;
}

bool HostGuard::complete(std::string_view text) const {
    if (state_ == State::start || state_ == State::bracket) return false;
    if (text.front() != '[') return true;
    in6_addr ignored;
    std::string inside(text.substr(1, text.find(']') - 1));
    return inet_pton(AF_INET6, inside.c_str(), &ignored) == 1;
}

bool is_named(const std::vector<std::string>& names, std::string_view host) {
    auto end = host.front() == '[' ? host.find(']') + 1 : host.find(':');
    host = host.substr(0, end);
    auto same = [](char a, char b) { return to_lower(a) == to_lower(b); };
    return std::any_of(names.begin(), names.end(), [&](const auto& name) {
        return std::equal(host.begin(), host.end(), name.begin(), name.end(), same);
    });
}

}  // namespace http
