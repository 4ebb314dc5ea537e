#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/client.hpp"
#include "http/ip_network.hpp"

namespace http {

/// Whether it is an address of the public internet: of one machine there, in no range that RFC 6890
/// and its registries keep for something else, and not that of a cloud's own services. What embeds
/// an IPv4 address is judged by that where networks translate it (`::ffff:0:0/96`,
/// `64:ff9b::/96`), and is not public in all other forms. Pure.
bool is_public(const IpAddress& address);

/// Where something is sent: a server, and what follows it.
struct OutboundUrl {
    UpstreamAddress server{};
    std::string target = "/";
};

/// Decides what may be asked when it is not the configuration that says whom, so that nobody has
/// this server ask its own network (server-side request forgery). https on port 443, or one from
/// 1024 on, of public addresses; of those in `allowed` also http, and any port. Immutable.
class OutboundGuard {
public:
    explicit OutboundGuard(std::vector<IpNetwork> allowed) : allowed_(std::move(allowed)) {}

    /// Reads `https://host[:port][/path][?query]`, at most 2,048 bytes of visible ASCII, without
    /// user name and fragment. Refused with `forbidden_url` (invalid) and what is wrong: also where
    /// it can be told that no connection will be admitted.
    base::Result<OutboundUrl> read(const std::string& url) const;
    /// Whether a connection may be made for that server to that address, which its name has led
    /// to.
    bool admits(const UpstreamAddress& server, const IpAddress& address) const;

private:
    std::vector<IpNetwork> allowed_;
};

}  // namespace http
