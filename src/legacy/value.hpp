#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace legacy {

/// A JSON value as it was written: numbers keep their digits, which a double would lose. Whoever
/// makes one bounds its depth, since it is walked and destroyed by recursion.
struct Value {
    enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

    Kind kind = Kind::null;
    std::string text{};                ///< of a number its digits, of a boolean `true` or `false`
    std::vector<std::string> names{};  ///< of an object, sorted, each once
    std::vector<Value> items{};        ///< elements; of an object the values, as its names

    bool operator==(const Value&) const = default;
};

/// Neither an array nor an object.
inline bool is_scalar(const Value& value) {
    return value.kind != Value::Kind::array && value.kind != Value::Kind::object;
}

}  // namespace legacy
