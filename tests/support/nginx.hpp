#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "support/process.hpp"

namespace support {

/// A real nginx on a free port of 127.0.0.1, with all that it writes in a folder of its own. It
/// ends with this object.
class Nginx {
public:
    /// Nothing works without it; a test that has none skips itself.
    static bool is_installed();

    /// `lines` stand in its `http` block, and have one `server` that says no port. Returns when it
    /// listens; throws, with what it said, if it does not.
    Nginx(const std::filesystem::path& folder, std::string lines);

    const std::string& address() const { return address_; }

private:
    std::string address_;
    std::unique_ptr<Process> process_;
};

}  // namespace support
