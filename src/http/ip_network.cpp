#include "http/ip_network.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.hpp"
#include "characters.hpp"

namespace http {

namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned client_bytes_v6 = 8;

/// `:4711`, or nothing at all.
bool is_port_or_empty(std::string_view text) {
    return text.empty() ||
           (text.front() == ':' && base::parse_number(text.substr(1), 65535).has_value());
}

/// Without brackets and port; empty if these are not well formed.
std::string_view without_port(std::string_view text) {
    if (text.starts_with('[')) {
        auto end = text.find(']');
        if (end == text.npos || !is_port_or_empty(text.substr(end + 1))) return {};
        auto inside = text.substr(1, end - 1);
        return inside.find(':') == inside.npos ? std::string_view() : inside;  // only IPv6
    }
    auto colon = text.find(':');
    bool one_colon = colon != text.npos && text.find(':', colon + 1) == text.npos;
    if (!one_colon) return text;
    return is_port_or_empty(text.substr(colon)) ? text.substr(0, colon) : std::string_view();
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    auto plain = without_port(trim_blanks(text));
    // inet_pton wants an end that it can see, and would stop at one inside.
    std::array<char, INET6_ADDRSTRLEN> host{};
    if (plain.size() >= host.size() || plain.find('\0') != plain.npos) return std::nullopt;
    std::copy(plain.begin(), plain.end(), host.begin());
    IpAddress address;
    in_addr v4{};
    if (inet_pton(AF_INET, host.data(), &v4) == 1) {
        std::copy(v4_prefix.begin(), v4_prefix.end(), address.bytes_.begin());
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(&v4);
        std::copy(bytes, bytes + 4, address.bytes_.begin() + v4_prefix.size());
        return address;
    }
    if (inet_pton(AF_INET6, host.data(), address.bytes_.data()) == 1) return address;
    return std::nullopt;
}

bool IpAddress::is_v4() const {
    return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes_.begin());
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    bool v4 = is_v4();
    inet_ntop(v4 ? AF_INET : AF_INET6, bytes_.data() + (v4 ? v4_prefix.size() : 0), text.data(),
              text.size());
    return text.data();
}

std::string IpAddress::client() const {
    return is_v4() ? text() : client_network().text() + "/64";
}

IpAddress IpAddress::client_network() const {
    IpAddress network = *this;
    if (is_v4()) return network;
    std::fill(network.bytes_.begin() + client_bytes_v6, network.bytes_.end(), std::uint8_t{0});
    return network;
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    auto slash = text.find('/');
    auto host = text.substr(0, slash);
    auto address = IpAddress::parse(host);
    // A port has no place here.
    if (!address || without_port(host) != host) return std::nullopt;
    unsigned width = address->is_v4() ? 32 : 128;
    IpNetwork network;
    network.address_ = *address;
    network.bits_ = 128;
    if (slash == text.npos) return network;
    auto bits = base::parse_number(text.substr(slash + 1), width);
    if (!bits) return std::nullopt;
    network.bits_ = 128 - width + static_cast<unsigned>(*bits);
    return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
    const auto& ours = address_.bytes();
    const auto& theirs = address.bytes();
    unsigned whole = bits_ / 8;
    if (!std::equal(ours.begin(), ours.begin() + whole, theirs.begin())) return false;
    unsigned rest = bits_ % 8;
    if (rest == 0) return true;
    auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    return ((ours[whole] ^ theirs[whole]) & mask) == 0;
}

std::string client_of(std::string_view peer) {
    auto address = IpAddress::parse(peer);
    return address ? address->client() : std::string();
}

}  // namespace http
