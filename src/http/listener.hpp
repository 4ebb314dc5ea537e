#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/address.hpp"

namespace http {

/// A file descriptor that is closed with its owner.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { close(); }

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    int release();
    void close();

private:
    int number_ = -1;
};

/// Sockets that listen on one address, one per thread that accepts from it; of localhost, whose two
/// addresses are one here, as many again.
struct Bound {
    Address address{};  ///< with the real port
    std::vector<Descriptor> sockets{};
};

/// Sockets that whoever started this process listens on already, by their names; see inherited.hpp.
using InheritedSockets = std::map<std::string, std::vector<int>>;

/// Binds `count` sockets to `listen`. A TCP port is probed without SO_REUSEPORT first, since two
/// servers of one user would otherwise share it silently. A unix socket that nobody answers on is
/// replaced; a new one is open to nobody but `unix_mode` from its first moment. `systemd:NAME` is
/// taken from `inherited`. Refused with `unavailable` and one sentence that names the address.
base::Result<Bound> bind_listener(const std::string& listen, std::size_t count, int queued_max,
                                  unsigned unix_mode = 0600,
                                  const InheritedSockets& inherited = {});

}  // namespace http
