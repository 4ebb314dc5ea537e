#pragma once

#include <filesystem>
#include <string>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace support {

/// A real Chromium without a window, on one page; it finds no other host than 127.0.0.1, and
/// remembers nothing. It ends with this object.
class Chromium {
public:
    /// Nothing works without it; a test that has none skips itself.
    static bool is_installed();

    explicit Chromium(const std::string& url);

    std::string errors() const { return process_.errors(); }

private:
    TemporaryFolder profile_;
    Process process_;
};

}  // namespace support
