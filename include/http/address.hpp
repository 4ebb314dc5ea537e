#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace http {

/// Where a listener stands, as the configuration writes it.
struct Address {
    std::string host{};      ///< an IPv4 or IPv6 address, without brackets; empty for a unix socket
    std::uint16_t port = 0;  ///< 0: any free one
    std::string path{};      ///< of a unix socket; empty for TCP
    bool both_families = false;  ///< localhost: besides 127.0.0.1 also ::1, where there is one
    bool tls = false;            ///< what is spoken there goes through TLS; never on a unix socket
    std::string inherited{};     ///< the name of sockets that systemd has opened; where they are is
                                 ///< known, and stands above, once they are taken

    bool is_unix() const { return !path.empty(); }
    /// Somebody else opened it, and keeps it open when this server ends.
    bool is_inherited() const { return !inherited.empty(); }
    /// Only this machine can reach it: 127.0.0.0/8, ::1, or a unix socket; of inherited sockets
    /// that is not known before they are taken.
    bool is_loopback() const;
    /// In the form that parse_address reads.
    std::string text() const;
};

/// Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (both families), one of these after
/// `tls:`, `unix:/path`, or `systemd:NAME` (also after `tls:`) for sockets that a socket unit of
/// systemd listens on. Names other than localhost are refused, since a listener must not
/// depend on who answers for a name. Refused with a sentence that says what is expected.
base::Result<Address> parse_address(const std::string& text);

}  // namespace http
