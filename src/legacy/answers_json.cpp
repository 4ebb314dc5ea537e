#include "answers_json.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "html_text.hpp"
#include "redaction.hpp"
#include "value_json.hpp"

namespace legacy {

namespace {

using Answer = http::PlainResponse;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

/// All lines of that name as one, as HTTP has it.
std::string field_of(const Answer& answer, const std::string& name) {
    std::string all;
    for (const auto& [field, value] : answer.fields) {
        if (!http::equals_any_case(field, name)) continue;
        if (!all.empty()) all += ", ";
        all += value;
    }
    return all;
}

/// A content type without what only its spelling says.
std::string normal_type(const Answer& answer) {
    auto type = lower(field_of(answer, "content-type"));
    std::erase_if(type, [](char c) { return c == ' ' || c == '"'; });
    return type;
}

enum class Medium { json, html, other };

Medium medium_of(const Answer& answer) {
    auto type = normal_type(answer);
    type.resize(std::min(type.find(';'), type.size()));
    if (type == "application/json" || type.ends_with("+json")) return Medium::json;
    if (type == "text/html" || type == "application/xhtml+xml") return Medium::html;
    return Medium::other;
}

/// A 304 and a 206 depend on what their client has already.
bool is_whole(const Answer& answer, const AnswerLimits& limits) {
    bool depends = answer.status == 304 || answer.status == 206;
    auto coding = lower(field_of(answer, "content-encoding"));
    return answer.complete && !depends && (coding.empty() || coding == "identity") &&
           answer.body.size() <= limits.body_bytes_max;
}

void compare_headers(const CompareRules& rules, const Answer& legacy, const Answer& native,
                     Differences& found) {
    for (const auto& name : rules.headers) {
        auto its_name = lower(name);
        bool is_type = its_name == "content-type";
        auto theirs = is_type ? normal_type(legacy) : field_of(legacy, its_name);
        auto ours = is_type ? normal_type(native) : field_of(native, its_name);
        compare_texts(rules, "header " + its_name, theirs, ours, found);
    }
}

/// False: it is not known whether they differ.
bool compare_json(const RouteRules& rules, const Answer& legacy, const Answer& native,
                  Differences& found) {
    auto theirs = value_from_json(legacy.body);
    auto ours = value_from_json(native.body);
    auto is_too_large = [](const auto& read) {
        const auto* why = std::get_if<Unreadable>(&read);
        return why && *why == Unreadable::too_large;
    };
    if (is_too_large(theirs) || is_too_large(ours)) return false;
    const auto* left = std::get_if<Value>(&theirs);
    const auto* right = std::get_if<Value>(&ours);
    if (left && right) {
        compare_values(rules, *left, *right, found);
    } else {
        compare_bytes("malformed", legacy.body, native.body, found);
    }
    return true;
}

/// False: they were not compared.
bool compare_bodies(const RouteRules& rules, const Answer& legacy, const Answer& native,
                    Differences& found) {
    auto medium = medium_of(legacy);
    if (legacy.body == native.body) return true;
    if (medium != medium_of(native)) {
        if (found.is_new("body", "type"))
            found.add({"body", "type", redacted_text(normal_type(legacy), found.text_bytes_max()),
                       redacted_text(normal_type(native), found.text_bytes_max())});
        return true;
    }
    if (medium == Medium::json) return compare_json(rules, legacy, native, found);
    if (rules.rules.html == "skip") return false;
    if (medium == Medium::html && rules.rules.html == "text") {
        compare_bytes("text", html_text(legacy.body), html_text(native.body), found);
    } else {
        compare_bytes("bytes", legacy.body, native.body, found);
    }
    return true;
}

}  // namespace

Outcome compare_answers(const RouteRules& rules, const Answer& legacy, const Answer& native,
                        const AnswerLimits& limits) {
    Differences found(limits.text_bytes_max);
    Outcome outcome;
    bool is_known = is_whole(legacy, limits) && is_whole(native, limits);
    bool depends = legacy.status == 304 || native.status == 304 || legacy.status == 206 ||
                   native.status == 206;
    if (depends) {
        outcome.skipped = true;
    } else if (legacy.status != native.status) {
        if (found.is_new("status", "value"))
            found.add(
                {"status", "value", std::to_string(legacy.status), std::to_string(native.status)});
    } else {
        compare_headers(rules.rules, legacy, native, found);
        outcome.skipped = !is_known || !compare_bodies(rules, legacy, native, found);
    }
    outcome.differences = found.take();
    return outcome;
}

std::optional<std::vector<std::string>> noise_between(const RouteRules& rules_for_noise,
                                                      const Answer& first, const Answer& second,
                                                      const AnswerLimits& limits) {
    auto outcome = compare_answers(rules_for_noise, first, second, limits);
    if (outcome.skipped || first.status != second.status) return std::nullopt;
    std::vector<std::string> noise;
    for (const auto& difference : outcome.differences) {
        const auto& pointer = difference.pointer;
        if (pointer.starts_with('/') || pointer.starts_with("header ")) noise.push_back(pointer);
    }
    std::sort(noise.begin(), noise.end());
    noise.erase(std::unique(noise.begin(), noise.end()), noise.end());
    return noise;
}

}  // namespace legacy
