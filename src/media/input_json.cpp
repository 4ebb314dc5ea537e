#include "input_json.hpp"

#include "base/problems.hpp"

namespace media {

namespace {

using base::Error;
using base::Problem;
using base::Reason;
using nlohmann::json;

constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;

std::optional<std::string> text_in(const json& body, const char* member,
                                   std::vector<Problem>& problems) {
    if (!body.contains(member)) return std::nullopt;
    const auto& value = body.at(member);
    if (value.is_string()) return value.get<std::string>();
    problems.push_back({member, "must be text"});
    return std::nullopt;
}

std::optional<Focus> focus_in(const json& body, std::vector<Problem>& problems) {
    if (!body.contains("focus")) return std::nullopt;
    const auto& value = body.at("focus");
    bool good = value.is_object() && value.contains("x") && value.at("x").is_number() &&
                value.contains("y") && value.at("y").is_number();
    if (good) return Focus{value.at("x").get<double>(), value.at("y").get<double>()};
    problems.push_back({"focus", "must be an object with the numbers x and y"});
    return std::nullopt;
}

std::optional<std::int64_t> version_in(const json& body, std::vector<Problem>& problems) {
    if (!body.contains("version")) return std::nullopt;
    const auto& value = body.at("version");
    bool good = value.is_number_unsigned() &&
                value.get<std::uint64_t>() <= static_cast<std::uint64_t>(number_max);
    if (good) return value.get<std::int64_t>();
    problems.push_back({"version", "must be a whole number from 0 to 2^53 - 1"});
    return std::nullopt;
}

}  // namespace

base::Result<ChangeInput> change_from_json(const json& body) {
    if (!body.is_object()) {
        return Error{Reason::invalid, "malformed_media", "The body must be an object."};
    }
    std::vector<Problem> problems;
    ChangeInput input;
    input.change.alt = text_in(body, "alt", problems);
    input.change.credit = text_in(body, "credit", problems);
    input.change.focus = focus_in(body, problems);
    input.version = version_in(body, problems);
    if (problems.empty()) return input;
    return base::invalid_input("malformed_media", "This cannot be read: ", std::move(problems));
}

}  // namespace media
