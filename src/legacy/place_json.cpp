#include "place_json.hpp"

#include <algorithm>

namespace legacy {

std::string joined(const Names& names) {
    std::string text;
    for (auto name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

bool TypedJson::object(const JsonPlace& place, const Names& allowed) const {
    if (!object(place)) return false;
    for (const auto& [name, value] : place.value.items()) {
        if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
            problems_.add(place.at(name).path,
                          "is not known here; known are " + joined(allowed) + ".");
        }
    }
    return true;
}
bool TypedJson::object(const JsonPlace& place) const {
    if (place.value.is_object()) return true;
    return complain(place, "an object");
}
bool TypedJson::list(const JsonPlace& place) const {
    if (place.value.is_array()) return true;
    return complain(place, "a list");
}
std::optional<std::string> TypedJson::text(const JsonPlace& place) const {
    if (place.value.is_string()) return place.value.get<std::string>();
    complain(place, "a text");
    return std::nullopt;
}
std::optional<std::int64_t> TypedJson::number(const JsonPlace& place, std::int64_t least,
                                              std::int64_t most) const {
    if (place.value.is_number_integer()) {
        auto number = place.value.get<std::int64_t>();
        if (number >= least && number <= most) return number;
    }
    complain(place, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
}

bool TypedJson::complain(const JsonPlace& place, const std::string& wanted) const {
    problems_.add(place.path, "must be " + wanted + ".");
    return false;
}

}  // namespace legacy
