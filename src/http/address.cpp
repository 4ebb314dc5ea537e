#include "http/address.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>

#include "base/text.hpp"

namespace http {

namespace {

constexpr std::string_view tls_prefix = "tls:";
constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view inherited_prefix = "systemd:";
/// As systemd has it for FileDescriptorName=.
constexpr std::size_t name_length_max = 255;

base::Error bad_address(const std::string& text, const std::string& why) {
    return {base::Reason::invalid, "invalid_address",
            "`" + text + "` is no address to listen on: " + why};
}

bool is_socket_name(std::string_view text) {
    auto may = [](unsigned char c) { return c > ' ' && c < 0x7f && c != ':'; };
    return !text.empty() && text.size() <= name_length_max &&
           std::all_of(text.begin(), text.end(), may);
}

/// Without `tls:`.
base::Result<Address> parse_plain(const std::string& text) {
    Address address;
    if (text.starts_with(unix_prefix)) {
        address.path = text.substr(unix_prefix.size());
        if (address.path.empty()) return bad_address(text, "the path is missing.");
        if (address.path.size() >= sizeof(sockaddr_un::sun_path)) {
            return bad_address(text, "the path is too long for a unix socket (107 bytes).");
        }
        return address;
    }
    if (text.starts_with(inherited_prefix)) {
        address.inherited = text.substr(inherited_prefix.size());
        if (is_socket_name(address.inherited)) return address;
        return bad_address(text,
                           "after `systemd:` stands the name of a socket (FileDescriptorName= of "
                           "its unit), of visible ASCII characters without a colon.");
    }
    auto colon = text.rfind(':');
    if (colon == std::string::npos) {
        return bad_address(text,
                           "expected `address:port`, `tls:address:port`, `unix:/path` or "
                           "`systemd:name`.");
    }
    auto port = base::parse_number(std::string_view(text).substr(colon + 1), 65535);
    if (!port) return bad_address(text, "the port is a number from 0 to 65535.");
    address.port = static_cast<std::uint16_t>(*port);
    address.host = text.substr(0, colon);
    address.both_families = address.host == "localhost";
    if (address.both_families) address.host = "127.0.0.1";
    bool bracketed =
        address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']';
    in6_addr ignored;
    if (bracketed) address.host = address.host.substr(1, address.host.size() - 2);
    if (inet_pton(bracketed ? AF_INET6 : AF_INET, address.host.c_str(), &ignored) != 1) {
        return bad_address(text,
                           "expected an IPv4 address, an IPv6 address in brackets, or localhost.");
    }
    return address;
}

}  // namespace

bool Address::is_loopback() const {
    return is_unix() || host == "::1" || host.rfind("127.", 0) == 0;
}

std::string Address::text() const {
    if (is_unix()) return "unix:" + path;
    if (host.empty() && is_inherited())
        return (tls ? "tls:" : "") + std::string(inherited_prefix) + inherited;
    bool v6 = host.find(':') != std::string::npos;
    return (tls ? "tls:" : "") + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Result<Address> parse_address(const std::string& text) {
    if (text.find('\0') != text.npos) return bad_address(text, "it has a NUL.");
    if (!text.starts_with(tls_prefix)) return parse_plain(text);
    auto rest = text.substr(tls_prefix.size());
    if (rest.starts_with(tls_prefix) || rest.starts_with(unix_prefix)) {
        return bad_address(text, "`tls:` stands before an `address:port`.");
    }
    auto address = parse_plain(rest);
    if (address) address->tls = true;
    return address;
}

}  // namespace http
