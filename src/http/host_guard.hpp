#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// Reads `uri-host [":" port]` (RFC 9110, 7.2) byte by byte. Stricter than the grammar in what no
/// real host has: no percent-escape, no comma, a port of at most 65535, a bracket holds an IPv6
/// address. Pure.
class HostGuard {
public:
    void reset() { *this = HostGuard(); }
    /// False at the first byte that cannot belong to a host.
    bool take(char c);
    /// Takes as many bytes of a name as there are, quickly; says how many.
    std::size_t take_name(const char* data, std::size_t size);
    /// True if what was taken, which is `text`, is a whole host.
    bool complete(std::string_view text) const;

private:
    enum class State : std::uint8_t { start, name, bracket, after_bracket, port };
    State state_ = State::start;
    std::uint32_t port_ = 0;
};

/// Whether `host`, which passed the guard and may have a port, is one of these names in any case.
bool is_named(const std::vector<std::string>& names, std::string_view host);

}  // namespace http
