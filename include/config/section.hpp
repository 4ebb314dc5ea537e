#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace config {

/// What is wrong with one key, or (`path` is empty) with a source as a whole.
struct Problem {
    std::string path;     ///< the JSON path, as `http.listen`
    std::string message;  ///< a plain sentence: `expected text, got 8080.`
};

/// The problem as one line for a person: `http.listen: expected text, got 8080.`
std::string to_text(const Problem& problem);

/// The closed range a number must lie in.
struct Range {
    std::int64_t least;
    std::int64_t most;
};

/// Walks over the keys of one configuration object. A module declares its keys once, in a function
/// `void describe(config::Section& section, ServerConfig& config)`, and the same walk reads a file,
/// overrides, and prints the defaults with their meaning.
/// Each call names a key, the member it fills (which holds the default), what is allowed, and what
/// it means. What is wrong is collected, never thrown; text with control characters always is. One
/// thread.
class Section {
public:
    virtual ~Section() = default;

    virtual void integer(const std::string& key, std::int64_t& value, Range allowed,
                         const std::string& meaning) = 0;
    virtual void boolean(const std::string& key, bool& value, const std::string& meaning) = 0;
    virtual void text(const std::string& key, std::string& value, const std::string& meaning) = 0;
    /// A file or folder. What the configuration file says, and a default beside it, is relative to
    /// that file's folder; what the environment or the command line says to the working folder.
    /// `value` is absolute then (empty stays empty). `in_file` gets the path as the file or the
    /// default has it, if that is what counts, else nothing.
    virtual void path(const std::string& key, std::string& value, const std::string& meaning,
                      std::string* in_file = nullptr) = 0;
    /// One of a few words.
    virtual void choice(const std::string& key, std::string& value,
                        const std::vector<std::string>& allowed, const std::string& meaning) = 0;
    virtual void list(const std::string& key, std::vector<std::string>& value,
                      const std::string& meaning) = 0;
    /// An object whose members are all text: names a person chooses, as an alias table.
    virtual void table(const std::string& key, std::map<std::string, std::string>& value,
                       const std::string& meaning) = 0;
    /// A list of objects, whose keys `describe(Section&, T&)` declares for each. In the environment
    /// and on the command line it is one JSON text.
    template <class T, class Describe>
    void objects(const std::string& key, std::vector<T>& value, const std::string& meaning,
                 const Describe& describe) {
        each_object(
            key, value.size(), meaning, [&](std::size_t count) { value.assign(count, T()); },
            [&](Section& section, std::size_t number) { describe(section, value[number]); });
    }
    /// The object below `key`. The reference lives until the next call on this section.
    virtual Section& section(const std::string& key, const std::string& meaning) = 0;
    /// A rule that one key's type and range cannot say. `path` is relative to this section.
    /// Call it after the keys; it is only heard while a file is read.
    virtual void refuse(const std::string& path, const std::string& message) = 0;

    /// See objects(). `resize`: there are so many, all as a new one is. `describe`: the one of that
    /// number.
    virtual void each_object(const std::string& key, std::size_t count, const std::string& meaning,
                             const std::function<void(std::size_t)>& resize,
                             const std::function<void(Section&, std::size_t)>& describe) = 0;

    /// A duration; the key ends in the unit: `_ms` or `_s`.
    template <class Rep, class Period>
    void duration(const std::string& key, std::chrono::duration<Rep, Period>& value, Range allowed,
                  const std::string& meaning) {
        std::int64_t count = value.count();
        integer(key, count, allowed, meaning);
        value = std::chrono::duration<Rep, Period>(count);
    }
};

}  // namespace config
