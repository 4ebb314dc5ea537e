#include "origin.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gateway {

namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
bool is_host(std::string_view host) {
    if (host.empty()) return false;
    bool literal = host.front() == '[';
    if (literal != (host.back() == ']')) return false;
    if (literal) host = host.substr(1, host.size() - 2);
    auto good = [literal](char c) {
        return is_letter_or_digit(c) || c == '.' || (literal ? c == ':' : c == '-' || c == '_');
    };
    return !host.empty() && std::all_of(host.begin(), host.end(), good);
}

}  // namespace

std::optional<std::string> normal_origin(std::string_view text) {
    if (text == "*") return "*";
    if (text.size() > 200) return std::nullopt;
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
    bool tls = lower.starts_with("https://");
    if (!tls && !lower.starts_with("http://")) return std::nullopt;
    std::string scheme = tls ? "https://" : "http://";
    auto rest = std::string_view(lower).substr(scheme.size());
    auto colon = rest.rfind(':');
    // Those of an IPv6 address stand inside its brackets.
    if (colon != rest.npos && rest.find(']', colon) != rest.npos) colon = rest.npos;
    auto host = rest.substr(0, colon);
    if (!is_host(host)) return std::nullopt;
    auto origin = scheme + std::string(host);
    if (colon == rest.npos) return origin;
    auto port = base::parse_number(rest.substr(colon + 1), 65535);
    if (!port || *port == 0) return std::nullopt;
    if (*port != (tls ? 443 : 80)) origin += ':' + std::to_string(*port);
    return origin;
}

bool is_field_name(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter_or_digit(c) || others.find(c) != others.npos;
    });
}

}  // namespace gateway
