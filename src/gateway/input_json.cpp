#include "input_json.hpp"

#include <string>
#include <vector>

namespace gateway {

namespace {

using base::Error;
using base::Problem;
using base::Reason;
using nlohmann::json;

constexpr const char* modes = "must be proxied, shadow, canary, native or native_or_legacy";

Error refusal(const char* code, std::vector<Problem> problems) {
    auto message =
        "The mode cannot be set: " + problems.front().field + " " + problems.front().message + ".";
    return {Reason::invalid, code, std::move(message), std::move(problems)};
}

/// Nothing if it is missing; whether it is from 0 to 100 is the rules' business.
std::optional<std::int64_t> share_in(const json& body, const char* member,
                                     std::vector<Problem>& types) {
    if (!body.contains(member)) return std::nullopt;
    const auto& value = body.at(member);
    if (!value.is_number_integer()) {
        types.push_back({member, "must be a whole number"});
        return std::nullopt;
    }
    // One that has no place here is too large in any case.
    constexpr std::uint64_t most = 1000000;
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > most) return most;
    return value.get<std::int64_t>();
}

}  // namespace

base::Result<ModeChange> mode_change_from_json(const json& body) {
    if (!body.is_object()) {
        return Error{Reason::invalid, "malformed_mode", "The body must be an object."};
    }
    std::vector<Problem> types;
    std::vector<Problem> rules;
    ModeChange change;
    if (!body.contains("mode")) {
        rules.push_back({"mode", "is missing"});
    } else if (!body.at("mode").is_string()) {
        types.push_back({"mode", "must be text"});
    } else if (auto mode = parse_mode(body.at("mode").get<std::string>())) {
        change.mode = *mode;
    } else {
        rules.push_back({"mode", modes});
    }
    change.percent = share_in(body, "percent", types);
    change.compare_percent = share_in(body, "compare_percent", types);
    if (!types.empty()) return refusal("malformed_mode", std::move(types));
    if (!rules.empty()) return refusal("invalid_mode", std::move(rules));
    return change;
}

}  // namespace gateway
