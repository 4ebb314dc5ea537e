#include "input_json.hpp"
#include "base/problems.hpp"

namespace editing {

using base::malformed;

namespace {

using Json = nlohmann::json;

constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;

const Json* member(const Json& body, const char* name) {
    auto found = body.is_object() ? body.find(name) : body.end();
    return body.is_object() && found != body.end() ? &*found : nullptr;
}

std::optional<std::int64_t> number(const Json* value) {
    bool whole = value && value->is_number_unsigned() &&
                 value->get<std::uint64_t>() <= static_cast<std::uint64_t>(number_max);
    if (!whole) return std::nullopt;
    return value->get<std::int64_t>();
}

}  // namespace

base::Result<WorkingCopy> working_copy_from_json(const Json& body, ArticleName article) {
    const auto* members = member(body, "members");
    auto version = number(member(body, "version"));
    if (!members || !members->is_object() || !version) {
        return malformed("malformed_working_copy",
                         "Send {\"version\": the version that you began on, \"members\": {…}}, "
                         "with the members that you would send to save it.");
    }
    return WorkingCopy{std::move(article), *version, {}, members->dump()};
}

base::Result<std::string> note_from_json(const Json& body) {
    const auto* text = member(body, "text");
    if (!text || !text->is_string()) {
        return malformed("malformed_note", "Send {\"text\": what there is to say}.");
    }
    return text->get<std::string>();
}

base::Result<std::optional<std::int64_t>> hours_from_json(const Json& body) {
    using Hours = std::optional<std::int64_t>;
    const auto* given = member(body, "hours");
    if (body.is_object() && !given) return Hours();
    auto hours = number(given);
    if (!hours) {
        return malformed("malformed_preview", "Send {\"hours\": how long the link is good}.");
    }
    return Hours(hours);
}

}  // namespace editing
