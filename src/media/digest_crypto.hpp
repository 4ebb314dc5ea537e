#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace media {

/// SHA-256 of bytes that come in pieces.
class Digest {
public:
    Digest();
    ~Digest();
    Digest(const Digest&) = delete;

    void add(std::string_view bytes);
    /// In hexadecimal; nothing may be added after it.
    std::string finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// Of a text at once.
std::string digest_of(std::string_view text);
/// Of a file. Throws std::system_error if it cannot be read.
std::string digest_of_file(const std::filesystem::path& file);

}  // namespace media
