#include <sys/un.h>

#include "base/text.hpp"
#include "characters.hpp"
#include "host_guard.hpp"
#include "http/client.hpp"

namespace http {

namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view http_prefix = "http://";
constexpr std::string_view https_prefix = "https://";

base::Error bad_upstream(const std::string& text, const std::string& why) {
    return {base::Reason::invalid, "invalid_upstream",
            "`" + text + "` is no address of an upstream: " + why};
}

std::uint16_t usual_port(bool tls) {
    return tls ? 443 : 80;
}

}  // namespace

std::string UpstreamAddress::authority() const {
    if (is_unix()) return "localhost";
    auto name = host.find(':') == host.npos ? host : "[" + host + "]";
    return port == usual_port(tls) ? name : name + ":" + std::to_string(port);
}

std::string UpstreamAddress::text() const {
    if (is_unix()) return std::string(unix_prefix) + path;
    return std::string(tls ? https_prefix : http_prefix) + authority();
}

base::Result<UpstreamAddress> parse_upstream(const std::string& text) {
    UpstreamAddress address;
    if (text.find('\0') != text.npos) return bad_upstream(text, "it has a NUL.");
    if (text.starts_with(unix_prefix)) {
        address.path = text.substr(unix_prefix.size());
        if (address.path.empty()) return bad_upstream(text, "the path is missing.");
        if (address.path.size() >= sizeof(sockaddr_un::sun_path)) {
            return bad_upstream(text, "the path is too long for a unix socket (107 bytes).");
        }
        return address;
    }
    address.tls = text.starts_with(https_prefix);
    if (!address.tls && !text.starts_with(http_prefix)) {
        return bad_upstream(text,
                            "expected `http://host:port`, `https://host:port` or `unix:/path`.");
    }
    auto authority = text.substr(address.tls ? https_prefix.size() : http_prefix.size());
    HostGuard guard;
    std::size_t taken = guard.take_name(authority.data(), authority.size());
    bool good = true;
    for (char c : authority.substr(taken)) good = good && guard.take(c);
    if (!good || !guard.complete(authority)) {
        return bad_upstream(text, "expected a host, perhaps a port, and nothing after it.");
    }
    auto colon = authority.rfind(':');
    bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
    address.port = usual_port(address.tls);
    address.host = authority.substr(0, has_port ? colon : authority.npos);
    if (address.host.starts_with('[')) {
        address.host = address.host.substr(1, address.host.size() - 2);
    }
    if (has_port) {
        auto port = base::parse_number(std::string_view(authority).substr(colon + 1), 65535);
        if (!port || *port == 0) return bad_upstream(text, "the port is a number up to 65535.");
        address.port = static_cast<std::uint16_t>(*port);
    }
    return address;
}

}  // namespace http
