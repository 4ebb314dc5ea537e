#include "rules.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/problems.hpp"
#include "base/text.hpp"

namespace media {

namespace {

using base::Error;
using base::Problem;
using base::Reason;

void check_text(const char* field, std::string_view text, std::size_t most,
                std::vector<Problem>& problems) {
    auto length = base::count_code_points(text);
    if (!length) {
        problems.push_back({field, "must be UTF-8"});
    } else if (*length > most) {
        problems.push_back(
            {field, "must not have more than " + std::to_string(most) + " characters"});
    } else if (std::any_of(text.begin(), text.end(), [](char c) {
                   return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t';
               })) {
        problems.push_back({field, "must not have control characters"});
    }
}

bool is_share(double value) {
    return std::isfinite(value) && value >= 0 && value <= 1;
}

bool reads_all(std::string_view text, double& value) {
    auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

bool names(const base::Expected& expected, std::int64_t version) {
    const auto& versions = expected.versions;
    return std::find(versions.begin(), versions.end(), version) != versions.end();
}

}  // namespace

base::Result<Description> checked(const Description& description, const Focus& focus) {
    Description trimmed{std::string(base::trim(description.alt)),
                        std::string(base::trim(description.credit))};
    std::vector<Problem> problems;
    check_text("alt", trimmed.alt, alt_max, problems);
    check_text("credit", trimmed.credit, credit_max, problems);
    if (!is_share(focus.x)) problems.push_back({"focus.x", "must be a number from 0 to 1"});
    if (!is_share(focus.y)) problems.push_back({"focus.y", "must be a number from 0 to 1"});
    if (problems.empty()) return trimmed;
    return base::invalid_input("invalid_media", "This cannot be stored: ", std::move(problems));
}

std::optional<Focus> parse_focus(std::string_view text) {
    auto comma = text.find(',');
    if (comma == text.npos) return std::nullopt;
    Focus focus;
    bool good = reads_all(base::trim(text.substr(0, comma)), focus.x) &&
                reads_all(base::trim(text.substr(comma + 1)), focus.y);
    return good ? std::optional(focus) : std::nullopt;
}

bool may_see(const Item& item, const base::Actor& actor) {
    return item.is_public || actor.role >= base::Role::author;
}

base::Result<void> may_change(const Item& item, const base::Actor& actor) {
    bool is_own = item.owner && item.owner == actor.subject();
    if (is_own || actor.role >= base::Role::editor) return {};
    return Error{Reason::forbidden, "forbidden",
                 "Only who brought this, or an editor, can change what is said of it."};
}

base::Result<void> expect(std::int64_t version, const std::optional<base::Expected>& expected,
                          bool is_required) {
    if (!expected && is_required) {
        return Error{Reason::precondition, "precondition_required",
                     "Say which version this change is based on: `version` in the body or "
                     "If-Match."};
    }
    if (!expected || expected->any || names(*expected, version)) return {};
    const char* message = "This has changed since. Read it again, and change what is there now.";
    if (expected->from_header) return Error{Reason::precondition, "precondition_failed", message};
    return Error{Reason::conflict, "version_conflict", message, {}, version};
}

Error item_not_found() {
    return {Reason::not_found, "media_not_found", "There is no such file."};
}

Error bytes_unreadable() {
    return {Reason::unavailable, "media_unreadable", "The bytes of this file cannot be read now."};
}

Error store_full() {
    return {Reason::unavailable, "media_store_full",
            "There is no room to keep this now. Try again later."};
}

Error store_unavailable() {
    return {Reason::unavailable, "media_store_unavailable",
            "Where files are kept cannot be asked now. Try again in a moment."};
}

}  // namespace media
