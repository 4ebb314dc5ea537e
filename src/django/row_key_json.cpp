#include "row_key_json.hpp"

#include <algorithm>

#include "value_json.hpp"

namespace django {

namespace {

std::string padded(const std::string& digits) {
    return digits.size() < 20 ? std::string(20 - digits.size(), '0') + digits : digits;
}

/// A natural key may have others within.
void flatten(const Value& value, std::vector<Value>& out) {
    if (value.is_list()) {
        for (const auto& item : value.items) flatten(item, out);
    } else {
        out.emplace_back(value.text);
    }
}

}  // namespace

std::string sorted_key(const Value& key) {
    if (key.is_list()) return "2" + natural_text(key);
    bool digits = key.is_number() && !key.text.empty() && key.text.size() <= 20 &&
                  key.text.find_first_not_of("0123456789") == std::string::npos;
    return digits ? "0" + padded(key.text) : "1" + key.text;
}

std::string sorted_key(const Value& key, const std::string& natural) {
    if (!key.is_null()) return sorted_key(key);
    return natural.empty() ? "" : "2" + natural;
}

Value key_from_sorted(std::string_view sorted) {
    auto text = std::string(sorted.substr(std::min<std::size_t>(1, sorted.size())));
    if (sorted.starts_with('0')) {
        text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
        return Value::number(std::move(text));
    }
    if (sorted.starts_with('1')) return Value(std::move(text));
    auto natural = value_from_json(text);
    return natural ? std::move(*natural) : Value();
}

std::string sorted_other_form(const Value& key) {
    return sorted_key(key.is_number() ? Value(key.text) : Value::number(key.text));
}

std::string natural_text(const Value& key) {
    std::vector<Value> parts;
    flatten(key, parts);
    return to_json(Value::list(std::move(parts)));
}

std::string key_text(const Value& key) {
    return key.is_list() ? natural_text(key) : key.text;
}

}  // namespace django
