// Addresses: those of clients, of proxies, of networks, of listeners and of origins; and which
// address in X-Forwarded-For is the client's.
#include <arpa/inet.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "gateway/client_service.hpp"
#include "gateway/origin.hpp"
#include "http/address.hpp"
#include "http/characters.hpp"
#include "http/ip_network.hpp"
#include "telemetry/log.hpp"

// A proxy that is not trusted is told of; nobody reads that here.
void telemetry::log(Level, std::string_view, std::string_view, std::initializer_list<Field>,
                    std::string_view) {}

namespace {

using fuzz::require;
using http::IpAddress;
using http::IpNetwork;

bool is_host(int family, std::string_view text) {
    in6_addr ignored;
    return text.find('\0') == text.npos &&
           inet_pton(family, std::string(text).c_str(), &ignored) == 1;
}

bool is_port(std::string_view text) {
    return text.starts_with(':') && base::parse_number(text.substr(1), 65535).has_value();
}

/// The forms that are documented, tried one after the other.
bool is_address(std::string_view text) {
    text = http::trim_blanks(text);
    if (is_host(AF_INET, text) || is_host(AF_INET6, text)) return true;
    auto colon = text.rfind(':');
    if (colon != text.npos && is_host(AF_INET, text.substr(0, colon))) {
        return is_port(text.substr(colon));
    }
    auto end = text.find(']');
    if (!text.starts_with('[') || end == text.npos) return false;
    auto port = text.substr(end + 1);
    return is_host(AF_INET6, text.substr(1, end - 1)) && (port.empty() || is_port(port));
}

void check_address(std::string_view text) {
    auto address = IpAddress::parse(text);
    require(address.has_value() == is_address(text), "an address has one of the known forms");
    if (!address) return;
    auto again = IpAddress::parse(address->text());
    require(again && again->bytes() == address->bytes(), "an address is the same when read again");
    auto network = IpNetwork::parse(address->text());
    require(network && network->contains(*address), "an address is a network of one");
    auto client = IpNetwork::parse(address->client());
    require(client && client->contains(*address), "a client is the network of its address");
}

bool bit(const IpAddress& address, unsigned number) {
    return (address.bytes()[number / 8] >> (7 - number % 8) & 1) != 0;
}

void check_network(std::string_view text) {
    auto network = IpNetwork::parse(text);
    if (!network) return;
    auto slash = text.find('/');
    auto address = IpAddress::parse(text.substr(0, slash));
    require(address.has_value(), "a network begins with an address");
    require(network->contains(*address), "a network has the address that names it");
    unsigned bits = 128;
    if (slash != text.npos) {
        bits = static_cast<unsigned>(*base::parse_number(text.substr(slash + 1), 128));
        if (address->is_v4()) bits += 96;
    }
    for (const char* other : {"192.0.2.1", "10.1.2.3", "255.255.255.255", "::1", "2001:db8::1"}) {
        auto asked = *IpAddress::parse(other);
        bool same = true;
        for (unsigned i = 0; i < bits; ++i) same = same && bit(asked, i) == bit(*address, i);
        require(network->contains(asked) == same, "a network has those with the same first bits");
    }
}

void check_listener(std::string_view text) {
    auto address = http::parse_address(std::string(text));
    if (!address) return;
    auto again = http::parse_address(address->text());
    require(again.has_value(), "a listener's address can be read again");
    require(again->host == address->host && again->port == address->port &&
                again->path == address->path && again->tls == address->tls &&
                again->inherited == address->inherited,
            "a listener's address is the same when read again");
    require(address->is_unix() || address->is_inherited() || is_host(AF_INET, address->host) ||
                is_host(AF_INET6, address->host),
            "a listener's host is an address");
}

void check_origin(std::string_view text) {
    auto origin = gateway::normal_origin(text);
    if (!origin || *origin == "*") return;
    require(origin->starts_with("http://") || origin->starts_with("https://"),
            "an origin has a scheme");
    for (char c : *origin) require(c > ' ' && c < 0x7f, "an origin can stand in a field");
    require(gateway::normal_origin(*origin) == origin, "an origin has one form");
}

/// Only what the trusted proxies have added counts.
void check_forwarded(const std::vector<std::string>& proxies, const std::string& peer,
                     const std::vector<std::string_view>& lines) {
    std::vector<IpNetwork> trusted;
    for (const auto& proxy : proxies) {
        if (auto network = IpNetwork::parse(proxy)) trusted.push_back(*network);
    }
    auto trusts = [&trusted](const IpAddress& address) {
        return std::any_of(trusted.begin(), trusted.end(),
                           [&](const auto& network) { return network.contains(address); });
    };
    http::Request request;
    request.peer = peer;
    std::vector<std::string_view> elements;
    for (auto line : lines) {
        request.fields.push_back({"X-Forwarded-For", line});
        if (line.empty()) continue;
        auto rest = line;
        for (;;) {
            auto comma = rest.find(',');
            elements.push_back(rest.substr(0, comma));
            if (comma == rest.npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    gateway::ClientService service(proxies);
    require(!service.before(request), "nobody is refused for an address");
    if (request.peer == peer) return;

    auto first = IpAddress::parse(peer);
    require(peer.empty() || (first && trusts(*first)), "only trusted peers are believed");
    for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
        auto address = IpAddress::parse(*element);
        require(address.has_value(), "what comes before something else is not looked at");
        if (address->text() == request.peer) return;
        require(trusts(*address), "what comes before somebody unknown is not looked at");
    }
    require(false, "a client has an address that was named");
}

}  // namespace

/// The input: the peer, the trusted proxies with a comma between, then a field value per line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Copy input(fuzz::text_of(bytes, size));
    auto rest = input.view();
    std::vector<std::string_view> lines;
    std::vector<std::string> proxies;
    std::string peer(fuzz::take_until(rest, '\n'));
    auto list = fuzz::take_until(rest, '\n');
    while (!list.empty()) proxies.emplace_back(fuzz::take_until(list, ','));
    while (!rest.empty()) lines.push_back(http::trim_blanks(fuzz::take_until(rest, '\n')));
    check_forwarded(proxies, peer, lines);
    lines.push_back(peer);
    lines.insert(lines.end(), proxies.begin(), proxies.end());
    for (auto text : lines) {
        check_address(text);
        check_network(text);
        check_listener(text);
        check_origin(text);
    }
    return 0;
}
