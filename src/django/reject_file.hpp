#pragma once

#include <filesystem>
#include <fstream>

#include "source.hpp"

namespace django {

/// The rows that could not be taken, each a line of JSON with where it stands and why. Made with
/// the first of them.
class RejectFile {
public:
    /// One of an earlier run is gone: it would speak of rows that may be mended by now.
    explicit RejectFile(std::filesystem::path path);

    void add(const Reject& reject);
    const std::filesystem::path& path() const { return path_; }
    /// Whether all of it could be written.
    bool is_good() { return !file_.is_open() || file_.flush().good(); }

private:
    std::filesystem::path path_;
    std::ofstream file_;
};

}  // namespace django
