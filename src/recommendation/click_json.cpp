#include "click_json.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/problems.hpp"
#include "config/strict_json.hpp"
#include "interest.hpp"

namespace recommendation {

namespace {

using nlohmann::json;

constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t labels_max = 100;
constexpr std::size_t shown_max = 1000;
constexpr double seconds_max = 1e11;

base::Error malformed_click(const std::string& what) {
    return base::malformed("malformed_click", what);
}

/// A name that is text or a whole number; nothing for anything else.
std::optional<std::string> name_in(const json& value) {
    if (value.is_number_integer()) return value.dump();
    if (!value.is_string()) return std::nullopt;
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty() || text.size() > name_bytes_max) return std::nullopt;
    return text;
}

base::Result<std::vector<std::string>> names_in(const json& body, const char* member,
                                                std::size_t most) {
    std::vector<std::string> names;
    auto found = body.find(member);
    if (found == body.end()) return names;
    bool fits = found->is_array() && found->size() <= most;
    for (std::size_t i = 0; fits && i < found->size(); ++i) {
        auto name = name_in((*found)[i]);
        fits = name.has_value();
        if (fits) names.push_back(std::move(*name));
    }
    if (fits) return names;
    return malformed_click(std::string(member) + " must be a list of at most " +
                           std::to_string(most) + " names.");
}

std::optional<base::Time> time_in(const json& value) {
    if (value.is_string()) return base::parse_rfc3339(value.get_ref<const std::string&>());
    if (!value.is_number()) return std::nullopt;
    auto seconds = value.get<double>();
    if (seconds < 0 || seconds > seconds_max) return std::nullopt;
    return base::from_micros(std::llround(seconds * 1e6));
}

}  // namespace

base::Result<Click> click_from_json(std::string_view line) {
    auto body = config::parse_strict_json(line, {});
    if (!body) return malformed_click(body.error().message);
    if (!body->is_object()) return malformed_click("a click is an object of JSON.");
    Click click;
    auto session = body->find("session");
    auto user = body->find("user");
    if ((session == body->end()) == (user == body->end())) {
        return malformed_click("a click has a session or a user.");
    }
    bool is_session = session != body->end();
    auto reader = name_in(is_session ? *session : *user);
    if (!reader) return malformed_click("session and user are names of up to 200 bytes.");
    click.reader = (is_session ? "s" : "u") + *reader;
    auto item = body->find("item");
    auto name = item != body->end() ? name_in(*item) : std::nullopt;
    if (!name) return malformed_click("item is a name of up to 200 bytes.");
    click.item = std::move(*name);
    auto at = body->find("at");
    auto time = at != body->end() ? time_in(*at) : std::nullopt;
    if (!time) return malformed_click("at is a time in RFC 3339, or in seconds since 1970.");
    click.at = *time;
    auto labels = names_in(*body, "labels", labels_max);
    if (!labels) return labels.error();
    click.labels = labels_of(*labels);
    auto shown = names_in(*body, "shown", shown_max);
    if (!shown) return shown.error();
    click.shown = std::move(*shown);
    bool was_shown = click.shown.empty() || std::find(click.shown.begin(), click.shown.end(),
                                                      click.item) != click.shown.end();
    if (!was_shown) return malformed_click("item is not among what was shown.");
    return click;
}

}  // namespace recommendation
