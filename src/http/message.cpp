#include "http/message.hpp"

#include "characters.hpp"
#include "http/target.hpp"

namespace http {

std::string_view name_of(Method method) {
    for (const auto& [known, name] : methods) {
        if (known == method) return name;
    }
    return "";
}

bool equals_any_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (const auto& field : fields) {
        if (equals_any_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::vector<std::string_view> Request::header_lines(std::string_view name) const {
    std::vector<std::string_view> lines;
    for (const auto& field : fields) {
        if (equals_any_case(field.name, name)) lines.push_back(field.value);
    }
    return lines;
}

bool Request::asks_for(std::string_view protocol) const {
    if (protocol.empty() || protocol.size() > Upgrade::protocol_bytes_max) return false;
    bool found = false;
    for_each_element(upgrade, [&found, protocol](std::string_view asked) {
        found = found || equals_any_case(asked, protocol);
    });
    return found;
}

std::string_view Request::parameter(std::string_view name) const {
    for (const auto& [known, value] : parameters) {
        if (known == name) return value;
    }
    return {};
}

std::optional<std::string> Request::query_parameter(std::string_view name) const {
    std::optional<std::string> found;
    auto rest = query;
    while (!rest.empty()) {
        auto end = rest.find('&');
        auto pair = rest.substr(0, end);
        auto equals = pair.find('=');
        if (percent_decode(pair.substr(0, equals), true) == name) {
            found = equals == std::string_view::npos
                        ? std::string()
                        : percent_decode(pair.substr(equals + 1), true);
        }
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return found;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    for (const auto& field : fields) {
        if (!equals_lower(field.name, "cookie")) continue;
        auto rest = field.value;
        while (!rest.empty()) {
            auto end = rest.find(';');
            auto pair = trim_blanks(rest.substr(0, end));
            auto equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
                return pair.substr(equals + 1);
            }
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
    }
    return std::nullopt;
}

}  // namespace http
