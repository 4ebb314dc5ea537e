#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace django {

/// SHA-256 over texts, each with its length, so that their borders count.
class Checksum {
public:
    Checksum();
    ~Checksum();
    Checksum(Checksum&&) noexcept;

    void add(std::string_view text);
    /// In hexadecimal; ends it.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace django
