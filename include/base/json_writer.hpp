#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace base {

/// Appends JSON (RFC 8259) to a text as it is told it, without a tree in between: for what is
/// written with every request. Commas are put by it; that brackets and names come in an order that
/// makes sense is up to the caller. Text must be UTF-8 and is not looked at beyond escaping.
///
///     JsonWriter(out).open('{').member("id", 7).name("tags").value(tags).close('}');
class JsonWriter {
public:
    /// `out` must outlive the writer, and nobody else writes to it meanwhile.
    explicit JsonWriter(std::string& out) : out_(out), start_(out.size()) {}

    /// `{` or `[`.
    JsonWriter& open(char bracket);
    /// `}` or `]`.
    JsonWriter& close(char bracket);
    /// Names the value that follows.
    JsonWriter& name(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::vector<std::string>& texts);
    JsonWriter& value(std::nullptr_t);
    template <std::same_as<bool> Bool>
    JsonWriter& value(Bool truth) {
        return literal(truth ? "true" : "false");
    }
    template <std::signed_integral Number>
    JsonWriter& value(Number number) {
        return integer(number);
    }

    /// A value that is JSON already, and no empty text.
    JsonWriter& json(std::string_view text) { return literal(text); }

    template <class Value>
    JsonWriter& member(std::string_view its_name, const Value& its_value) {
        return name(its_name).value(its_value);
    }

private:
    void separate();
    void quote(std::string_view text);
    JsonWriter& integer(std::int64_t number);
    JsonWriter& literal(std::string_view text);

    std::string& out_;
    std::size_t start_;
};

}  // namespace base
