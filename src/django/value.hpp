#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace django {

/// What a field of a row holds, in whatever form its source had it. Numbers keep their digits,
/// which a double would lose. Whoever makes one bounds its depth, since it is walked by recursion.
struct Value {
    enum class Kind : std::uint8_t { null, boolean, number, text, list, object };

    Kind kind = Kind::null;
    std::string text{};                ///< of a number its digits, of a boolean `true` or `false`
    std::vector<std::string> names{};  ///< of an object, in the order of the source
    std::vector<Value> items{};        ///< elements; of an object the values, as its names

    Value() = default;
    Value(std::string content) : kind(Kind::text), text(std::move(content)) {}
    Value(const char* content) : Value(std::string(content)) {}

    static Value number(std::string digits) { return of(Kind::number, std::move(digits)); }
    static Value number(std::int64_t value) { return number(std::to_string(value)); }
    static Value boolean(bool truth) { return of(Kind::boolean, truth ? "true" : "false"); }
    static Value list(std::vector<Value> elements) {
        Value value = of(Kind::list, "");
        value.items = std::move(elements);
        return value;
    }
    static Value object() { return of(Kind::object, ""); }

    bool is_null() const { return kind == Kind::null; }
    bool is_text() const { return kind == Kind::text; }
    bool is_number() const { return kind == Kind::number; }
    bool is_list() const { return kind == Kind::list; }
    bool is_object() const { return kind == Kind::object; }
    bool is_scalar() const { return !is_list() && !is_object(); }
    /// Null, an empty text, or a list of nothing.
    bool is_empty() const {
        return is_null() || (is_text() && text.empty()) ||
               ((is_list() || is_object()) && items.empty());
    }
    bool is_true() const {
        return kind == Kind::boolean ? text == "true" : is_number() && text != "0";
    }

    /// The member of that name; null: there is none, or this is no object.
    const Value* find(std::string_view name) const {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == name) return &items[i];
        }
        return nullptr;
    }
    void set(std::string name, Value value) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == name) {
                items[i] = std::move(value);
                return;
            }
        }
        names.push_back(std::move(name));
        items.push_back(std::move(value));
    }

    bool operator==(const Value&) const = default;

private:
    static Value of(Kind kind, std::string text) {
        Value value;
        value.kind = kind;
        value.text = std::move(text);
        return value;
    }
};

/// Written as JSON.
std::string to_json(const Value& value);

/// How much memory it takes with all that is in it, in bytes, roughly.
std::size_t memory_of(const Value& value);

/// As a person would compare them: 1 is "1" and also true, since each source writes its own.
inline bool same(const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    if (!a.is_scalar() || !b.is_scalar()) return a == b;
    if (a.kind == Value::Kind::boolean || b.kind == Value::Kind::boolean) {
        auto word = [](const Value& value) {
            if (value.kind == Value::Kind::boolean) return value.text;
            if (value.text == "1" || value.text == "True") return std::string("true");
            if (value.text == "0" || value.text == "False") return std::string("false");
            return value.text;
        };
        return word(a) == word(b);
    }
    return a.text == b.text;
}

}  // namespace django
