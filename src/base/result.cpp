#include "base/result.hpp"

#include <array>

namespace base {

namespace {

constexpr std::array<std::pair<Reason, std::string_view>, 9> reasons = {
    {{Reason::invalid, "invalid"},
     {Reason::unauthenticated, "unauthenticated"},
     {Reason::forbidden, "forbidden"},
     {Reason::not_found, "not_found"},
     {Reason::conflict, "conflict"},
     {Reason::precondition, "precondition"},
     {Reason::too_many, "too_many"},
     {Reason::unavailable, "unavailable"},
     {Reason::deadline, "deadline"}}};

}  // namespace

std::string_view name_of(Reason reason) {
    for (const auto& [known, name] : reasons) {
        if (known == reason) return name;
    }
    return "";
}

std::optional<Reason> parse_reason(std::string_view name) {
    for (const auto& [reason, known] : reasons) {
        if (known == name) return reason;
    }
    return std::nullopt;
}

}  // namespace base
