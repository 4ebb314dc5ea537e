#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace http {

/// An IPv4 or IPv6 address in one form: 16 bytes, IPv4 as `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2), so
/// that a client is the same whichever family its socket has. Pure value.
class IpAddress {
public:
    /// Reads `192.0.2.1`, `2001:db8::1`, and both with a port as proxies write them
    /// (`192.0.2.1:4711`, `[2001:db8::1]:4711`). Nothing if it is neither.
    static std::optional<IpAddress> parse(std::string_view text);

    bool is_v4() const;
    /// The shortest usual form, without port.
    std::string text() const;
    /// Whom to count as one client: an IPv4 address, or an IPv6 network of 64 bits, since that is
    /// what one customer of a provider gets.
    std::string client() const;
    /// The same as an address: of IPv6 the first of that network.
    IpAddress client_network() const;

    const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

private:
    std::array<std::uint8_t, 16> bytes_{};
};

/// client() of a request's `peer`; empty on a unix socket whose front does not say for whom it
/// asks.
std::string client_of(std::string_view peer);

/// `10.0.0.0/8`, `2001:db8::/32`, or one address.
class IpNetwork {
public:
    static std::optional<IpNetwork> parse(std::string_view text);
    bool contains(const IpAddress& address) const;

private:
    IpAddress address_;
    unsigned bits_ = 0;
};

}  // namespace http
