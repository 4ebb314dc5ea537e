#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace config {

/// What a walk over all keys has seen: the shape that sources are held against, and that print()
/// writes down.
struct Key {
    enum class Kind { section, integer, boolean, text, choice, list, table };

    Key(Kind k, std::string n, std::string m)
        : kind(k), name(std::move(n)), meaning(std::move(m)) {}

    const Key* find(const std::string& member) const;
    /// The section of that name, made on first use; several modules may add to one.
    Key& section(const std::string& member, const std::string& member_meaning);
    Key& add(Kind member_kind, const std::string& member, const std::string& member_meaning);

    Kind kind;
    std::string name;
    std::string meaning;
    std::string allowed{};  ///< `0 to 64`, `open | enforced`; empty if anything of its kind is
    std::string value{};    ///< as JSON, what it holds before any source is asked
    std::vector<std::unique_ptr<Key>> keys{};  ///< of a section, as declared
};

/// The whole tree as a configuration file.
std::string to_file(const Key& root);

}  // namespace config
