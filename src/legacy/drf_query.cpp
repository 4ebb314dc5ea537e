#include "drf_query.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace legacy {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                      hex_value(text[i + 2]) >= 0;
        if (escape) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

void append_escaped(std::string& out, std::string_view text) {
    for (char c : text) {
        if (c == ' ') {
            out += '+';
        } else {
            base::append_percent_encoded(out, {&c, 1});
        }
    }
}

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

DrfQuery::DrfQuery(std::string_view query) {
    while (!query.empty()) {
        auto end = query.find('&');
        auto pair = query.substr(0, end);
        auto equals = pair.find('=');
        if (!pair.empty()) {
            auto value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
            pairs_.emplace_back(unescaped(pair.substr(0, equals)), unescaped(value));
        }
        query.remove_prefix(end == query.npos ? query.size() : end + 1);
    }
}

std::optional<std::string> DrfQuery::get(std::string_view name) const {
    for (auto pair = pairs_.rbegin(); pair != pairs_.rend(); ++pair) {
        if (pair->first == name) return pair->second;
    }
    return std::nullopt;
}

void DrfQuery::put(Pairs& pairs, const std::string& name, const std::optional<std::string>& value) {
    std::erase_if(pairs, [&](const auto& pair) { return pair.first == name; });
    if (value) pairs.emplace_back(name, *value);
}

std::string DrfQuery::url_of(std::string_view url, Pairs pairs) {
    // Values of one name keep their order.
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string out(url);
    char separator = '?';
    for (const auto& [name, value] : pairs) {
        out += std::exchange(separator, '&');
        append_escaped(out, name);
        out += '=';
        append_escaped(out, value);
    }
    return out;
}

std::string DrfQuery::with(std::string_view url, const std::string& name,
                           const std::string& value) const {
    auto pairs = pairs_;
    put(pairs, name, value);
    return url_of(url, std::move(pairs));
}

std::string DrfQuery::without(std::string_view url, const std::string& name) const {
    auto pairs = pairs_;
    put(pairs, name, std::nullopt);
    return url_of(url, std::move(pairs));
}

std::string DrfQuery::with(std::string_view url, const std::string& name, const std::string& value,
                           const std::string& second_name,
                           const std::optional<std::string>& second_value) const {
    auto pairs = pairs_;
    put(pairs, name, value);
    put(pairs, second_name, second_value);
    return url_of(url, std::move(pairs));
}

std::optional<std::int64_t> parse_python_int(std::string_view text) {
    constexpr std::int64_t most = std::int64_t{1} << 53;
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    bool after_digit = false;
    for (char c : text) {
        if (c == '_' && after_digit) {
            after_digit = false;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        number = std::min(number * 10 + (c - '0'), most);
        after_digit = true;
    }
    if (!after_digit) return std::nullopt;
    return negative ? -number : number;
}

}  // namespace legacy
