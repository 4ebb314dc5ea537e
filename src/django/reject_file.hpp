#pragma once

#include <filesystem>
#include <fstream>
#include <utility>

#include "base/result.hpp"
#include "source.hpp"

namespace django {

/// The rows that could not be taken, each a line of JSON with where it stands and why. Made with
/// the first of them, for its owner alone.
class RejectFile {
public:
    explicit RejectFile(std::filesystem::path path) : path_(std::move(path)) {}

    /// Takes away that of an earlier run, which speaks of rows that may be mended by now. Refused
    /// with `cannot_write`.
    base::Result<void> begin();
    /// Between begin() and the end.
    void add(const Reject& reject);
    const std::filesystem::path& path() const { return path_; }
    /// Whether all of it could be written.
    bool is_good() { return !failed_ && file_.flush().good(); }

private:
    std::filesystem::path path_;
    std::ofstream file_;
    bool failed_ = false;
};

}  // namespace django
