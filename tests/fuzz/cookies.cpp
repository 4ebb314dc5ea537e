// Cookies: each is found by its whole name and no other, and has its own value.
#include <map>
#include <optional>

#include "fuzz/check.hpp"
#include "http/characters.hpp"
#include "http/message.hpp"

namespace {

using fuzz::require;

void check(const http::Request& request, std::string_view name,
           std::optional<std::string_view> expected) {
    auto found = request.cookie(name);
    require(found.has_value() == expected.has_value(), "a cookie is there if it was sent");
    if (!found) return;
    require(*found == *expected, "the first of a name counts");
    require(found->data() == expected->data(), "a value is the bytes that were sent");
    require(found->find(';') == found->npos, "a value ends where its cookie ends");
}

}  // namespace

/// The input: a Cookie field's value per line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    auto rest = fuzz::text_of(bytes, size);
    http::Request request;
    request.fields.push_back({"X-Cookie", "user_id=not this one"});
    std::map<std::string, std::string_view> sent;
    while (!rest.empty()) {
        auto value = http::trim_blanks(fuzz::take_until(rest, '\n'));
        request.fields.push_back({request.fields.size() % 2 == 0 ? "Cookie" : "cOOKIE", value});
        while (!value.empty()) {
            auto pair = http::trim_blanks(fuzz::take_until(value, ';'));
            auto equals = pair.find('=');
            if (equals == pair.npos) continue;
            sent.emplace(pair.substr(0, equals), pair.substr(equals + 1));
        }
    }
    for (const auto& [name, value] : sent) {
        check(request, name, value);
        if (sent.count(name + "x") == 0) check(request, name + "x", std::nullopt);
        auto shorter = name.substr(0, name.size() / 2);
        if (sent.count(shorter) == 0) check(request, shorter, std::nullopt);
    }
    if (sent.count("user_id") == 0) check(request, "user_id", std::nullopt);
    return 0;
}
