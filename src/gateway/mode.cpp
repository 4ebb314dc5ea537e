#include "gateway/mode.hpp"

#include <array>
#include <utility>

namespace gateway {

namespace {

constexpr std::array<std::pair<Mode, std::string_view>, 5> names = {
    {{Mode::proxied, "proxied"},
     {Mode::shadow, "shadow"},
     {Mode::canary, "canary"},
     {Mode::native, "native"},
     {Mode::native_or_legacy, "native_or_legacy"}}};

}  // namespace

std::string_view name_of(Mode mode) {
    for (const auto& [known, name] : names) {
        if (known == mode) return name;
    }
    return "";
}

std::optional<Mode> parse_mode(std::string_view name) {
    for (const auto& [mode, known] : names) {
        if (known == name) return mode;
    }
    return std::nullopt;
}

std::string to_text(const RouteState& state) {
    std::string text(name_of(state.mode));
    if (state.mode == Mode::canary) text += " " + std::to_string(state.percent) + " %";
    bool compares = state.mode != Mode::proxied && state.mode != Mode::native_or_legacy;
    if (compares && state.compare_percent > 0) {
        text += ", " + std::to_string(state.compare_percent) + " % compared";
    }
    return text;
}

}  // namespace gateway
