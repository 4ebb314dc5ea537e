#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>

namespace fuzz {

/// Ends the program unless `holds`: libFuzzer then keeps the input that broke it.
inline void require(bool holds, std::string_view what,
                    std::source_location where = std::source_location::current()) {
    if (holds) return;
    std::fprintf(stderr, "%s:%u: broken: %.*s\n", where.file_name(), where.line(),
                 static_cast<int>(what.size()), what.data());
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

/// Takes what stands before the next `separator` away from `text`, and the separator too.
inline std::string_view take_until(std::string_view& text, char separator) {
    auto end = text.find(separator);
    auto part = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return part;
}

/// Numbers that depend on the input alone, so that a finding can be repeated.
class Numbers {
public:
    explicit Numbers(std::string_view input) {
        for (char c : input) mix(static_cast<unsigned char>(c));
    }
    /// From 0 to `limit` - 1.
    std::size_t below(std::size_t limit) {
        mix(limit);
        return limit == 0 ? 0 : (state_ >> 33) % limit;
    }

private:
    void mix(std::uint64_t more) { state_ = (state_ ^ more) * 6364136223846793005u + 1442695u; }
    std::uint64_t state_ = 88172645463325252u;
};

/// A copy in memory of exactly its size, so that the sanitizer sees a byte read beyond it.
class Copy {
public:
    explicit Copy(std::string_view text)
        : bytes_(std::make_unique_for_overwrite<char[]>(text.size())), size_(text.size()) {
        text.copy(bytes_.get(), size_);
    }
    std::string_view view() const { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

/// Whether `part` lies inside `whole`, in memory.
inline bool lies_in(std::string_view part, std::string_view whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace fuzz
