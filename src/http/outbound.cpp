#include "http/outbound.hpp"

#include <algorithm>
#include <array>

namespace http {

namespace {

constexpr std::size_t url_bytes_max = 2048;
constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t first_free_port = 1024;

using Networks = std::vector<IpNetwork>;

template <std::size_t N>
Networks networks_of(const std::array<const char*, N>& texts) {
    Networks networks;
    for (const char* text : texts) networks.push_back(*IpNetwork::parse(text));
    return networks;
}

/// The registry of special-purpose IPv4 addresses, with what is no single machine's.
const Networks& kept_v4() {
    static const auto networks = networks_of(
        std::array{"0.0.0.0/8",      // this network
                   "10.0.0.0/8",     // private
                   "100.64.0.0/10",  // behind a provider's translation, and services of some clouds
                   "127.0.0.0/8",    // this machine
                   "169.254.0.0/16",      // this link, and the metadata of clouds
                   "172.16.0.0/12",       // private
                   "192.0.0.0/24",        // protocols, and services of some clouds
                   "192.0.2.0/24",        // documentation
                   "192.88.99.0/24",      // relays that there are no more
                   "192.168.0.0/16",      // private
                   "198.18.0.0/15",       // measurements
                   "198.51.100.0/24",     // documentation
                   "203.0.113.0/24",      // documentation
                   "224.0.0.0/4",         // groups
                   "240.0.0.0/4",         // reserved, and everybody
                   "168.63.129.16/32"});  // services of a cloud under a public address
    return networks;
}

/// What of the public part of IPv6 is kept for something else.
const Networks& kept_v6() {
    static const auto networks =
        networks_of(std::array{"2001::/23",      // protocols: Teredo, ORCHID, measurements …
                               "2001:db8::/32",  // documentation
                               "2002::/16",      // 6to4, which embeds an IPv4 address
                               "3fff::/20"});    // documentation
    return networks;
}

bool is_in(const Networks& networks, const IpAddress& address) {
    return std::any_of(networks.begin(), networks.end(),
                       [&](const IpNetwork& network) { return network.contains(address); });
}

/// The IPv4 address that a network translates it to.
IpAddress translated(const IpAddress& address) {
    static const auto nat64 = *IpNetwork::parse("64:ff9b::/96");
    if (!nat64.contains(address)) return address;
    const auto& bytes = address.bytes();
    std::string text;
    for (std::size_t i = 12; i < bytes.size(); ++i) {
        text += (text.empty() ? "" : ".") + std::to_string(bytes[i]);
    }
    return *IpAddress::parse(text);
}

bool is_path(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f' && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\';
    });
}

bool names_this_machine(std::string_view host) {
    std::string name(host);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (name.ends_with('.')) name.pop_back();
    return name == "localhost" || name.ends_with(".localhost");
}

base::Error forbidden(const std::string& why) {
    return {base::Reason::invalid, "forbidden_url", why};
}

}  // namespace

bool is_public(const IpAddress& address) {
    static const auto global = *IpNetwork::parse("2000::/3");
    auto meant = translated(address);
    if (meant.is_v4()) return !is_in(kept_v4(), meant);
    return global.contains(meant) && !is_in(kept_v6(), meant);
}

bool OutboundGuard::admits(const UpstreamAddress& server, const IpAddress& address) const {
    if (is_in(allowed_, address)) return true;
    bool is_good_port = server.port == https_port || server.port >= first_free_port;
    return server.tls && is_good_port && is_public(address);
}

base::Result<OutboundUrl> OutboundGuard::read(const std::string& url) const {
    if (url.size() > url_bytes_max) return forbidden("It is longer than 2,048 bytes.");
    auto scheme = url.find("://");
    bool is_http = url.starts_with("https://") || url.starts_with("http://");
    if (!is_http) return forbidden("It must begin with https://.");
    auto end = url.find_first_of("/?#\\", scheme + 3);
    auto authority = url.substr(scheme + 3, end == url.npos ? end : end - scheme - 3);
    if (authority.find('@') != authority.npos) {
        return forbidden("It has a user name or a password: put a secret into its path or query.");
    }
    auto server = parse_upstream(url.substr(0, scheme + 3) + authority);
    if (!server) return forbidden("Its host is none, or its port.");
    OutboundUrl read{*server};
    if (end != url.npos) {
        auto rest = url.substr(end);
        read.target = rest.starts_with('?') ? "/" + rest : rest;
    }
    if (!is_path(read.target)) {
        return forbidden("What follows its host has a fragment, or characters that no URL has.");
    }
    bool is_name = !IpAddress::parse(server->host);
    bool may_be_admitted =
        is_name ? !allowed_.empty() || (server->tls && !names_this_machine(server->host))
                : admits(*server, *IpAddress::parse(server->host));
    if (may_be_admitted) return read;
    if (!server->tls) {
        return forbidden(
            "It must begin with https://. Whoever runs the server can allow it: webhooks.allow of "
            "its configuration.");
    }
    return forbidden(
        "Its host is no public address, or its port is none from 1024 on but 443. Whoever runs "
        "the server can allow it: webhooks.allow of its configuration.");
}

}  // namespace http
