#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace recommendation {

// What is kept in memory, in a file and back. Each type lists its members once, in
// `template <class File> void keep(File& file)`, for both directions:
//
//     file(reads, labels, last);
//
// The file is this machine's own and derived from the log: bytes as they lie in memory, with a
// checksum over all of them. Throws StateFileFailure; what was read until then is to be thrown
// away.

struct StateFileFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What goes as its bytes.
template <class T>
concept PlainState = std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>;

/// Texts and vectors.
template <class T>
concept StateList = requires(T& list) {
    typename T::value_type;
    list.resize(list.size());
};

/// The sum of what went through so far (after FNV-1a, by words of eight bytes, wherever it was
/// cut).
class StateSum {
public:
    void add(const char* bytes, std::size_t size);
    std::uint64_t value() const;

private:
    void add(std::uint64_t word);

    std::uint64_t sum_ = 14695981039346656037ULL;
    std::array<char, sizeof(std::uint64_t)> begun_{};  ///< a word that is not whole
    std::size_t begun_size_ = 0;
};

class StateWriter {
public:
    static constexpr bool reads = false;

    /// Begins a new file of that name.
    explicit StateWriter(const std::string& path);
    template <class... Values>
    void operator()(Values&... values) {
        (keep(values), ...);
    }
    /// Everything is in the file, and on the disk.
    void finish();

private:
    void write(const void* bytes, std::size_t size);

    template <class T>
    void keep(T& value) {
        if constexpr (PlainState<T>) {
            write(&value, sizeof value);
        } else if constexpr (StateList<T>) {
            auto size = value.size();
            keep(size);
            if constexpr (PlainState<typename T::value_type>) {
                write(value.data(), size * sizeof(typename T::value_type));
            } else {
                for (auto& one : value) keep(one);
            }
        } else {
            value.keep(*this);
        }
    }

    const std::string path_;
    std::ofstream file_;
    StateSum sum_;
};

class StateReader {
public:
    static constexpr bool reads = true;

    /// Reads all of it once, to see that it is what was written.
    explicit StateReader(const std::string& path);
    template <class... Values>
    void operator()(Values&... values) {
        (keep(values), ...);
    }
    /// That was everything.
    void finish();

private:
    void read(void* bytes, std::size_t size);
    /// So many of that size, if the file can have as many.
    std::size_t count(std::size_t bytes_each);

    template <class T>
    void keep(T& value) {
        if constexpr (PlainState<T>) {
            read(&value, sizeof value);
        } else if constexpr (StateList<T>) {
            constexpr bool is_plain = PlainState<typename T::value_type>;
            auto size = count(is_plain ? sizeof(typename T::value_type) : 1);
            if constexpr (is_plain) {
                value.resize(size);
                read(value.data(), size * sizeof(typename T::value_type));
            } else {
                value.clear();
                for (std::size_t i = 0; i < size; ++i) keep(value.emplace_back());
            }
        } else {
            value.keep(*this);
        }
    }

    std::ifstream file_;
    std::uint64_t left_ = 0;  ///< bytes, without the checksum
};

}  // namespace recommendation
