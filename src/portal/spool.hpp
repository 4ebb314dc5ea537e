#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace portal {

/// Standard input as a file, since the server that owns the data folder may be the one to read it;
/// gone with this object.
class Spool {
public:
    /// `data`: whoever owns this folder can read the file.
    explicit Spool(const std::filesystem::path& data);
    ~Spool();
    Spool(const Spool&) = delete;

    /// Empty if standard input could not be kept.
    std::string file() const { return complete_ ? file_ : ""; }

private:
    static bool write_all(int file, const char* bytes, std::size_t count);

    std::string file_;
    bool complete_ = true;
};

}  // namespace portal
