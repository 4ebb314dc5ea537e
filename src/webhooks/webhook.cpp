#include "webhook.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace webhooks {

namespace {

constexpr std::size_t description_max = 200;
constexpr std::size_t types_max = 100;

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        auto end = text.find(' ');
        if (end != 0) words.emplace_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return words;
}

void append(std::string& text, std::string_view word) {
    if (!text.empty()) text += ' ';
    text += word;
}

}  // namespace

Settings changed(Settings settings, SettingsChange change) {
    if (change.url) settings.url = std::move(*change.url);
    if (change.events) settings.events = std::move(*change.events);
    if (change.types) settings.types = std::move(*change.types);
    if (change.description) settings.description = std::move(*change.description);
    if (change.enabled) settings.enabled = *change.enabled;
    return settings;
}

std::vector<base::Problem> problems_of(const Settings& settings, const NewsTypes& types) {
    std::vector<base::Problem> problems;
    auto characters = base::count_code_points(settings.description);
    if (!characters || *characters > description_max) {
        problems.push_back({"description", "must not have more than 200 characters"});
    }
    if (settings.types.size() > types_max) {
        problems.push_back({"types", "must not have more than 100 entries"});
        return problems;
    }
    for (std::size_t i = 0; i < settings.types.size(); ++i) {
        if (types.contains(settings.types[i])) continue;
        problems.push_back(
            {"types[" + std::to_string(i) + "]", "is no news type of this site, and not *"});
    }
    return problems;
}

bool wants_type(const Settings& settings, const std::string& news_type) {
    const auto& types = settings.types;
    return types.empty() || std::find(types.begin(), types.end(), news_type) != types.end();
}

bool wants(const Settings& settings, news::PublicChange change, const std::string& news_type) {
    const auto& events = settings.events;
    bool its_event =
        events.empty() || std::find(events.begin(), events.end(), change) != events.end();
    return its_event && wants_type(settings, news_type);
}

std::string text_of(const std::vector<news::PublicChange>& events) {
    std::string text;
    for (auto event : events) append(text, news::name_of(event));
    return text;
}

std::vector<news::PublicChange> events_of(std::string_view text) {
    std::vector<news::PublicChange> events;
    for (const auto& word : words_of(text)) {
        if (auto event = news::parse_public_change(word)) events.push_back(*event);
    }
    return events;
}

std::string text_of(const std::vector<std::string>& types) {
    std::string text;
    for (const auto& type : types) append(text, type);
    return text;
}

std::vector<std::string> types_of(std::string_view text) {
    return words_of(text);
}

base::Result<void> may_change(std::int64_t version, const std::optional<base::Expected>& expected) {
    if (!expected || expected->any) return {};
    const auto& versions = expected->versions;
    if (std::find(versions.begin(), versions.end(), version) != versions.end()) return {};
    auto now = "It is at version " + std::to_string(version) +
               " now; read it again and repeat the change on that.";
    if (expected->from_header) {
        return base::Error{base::Reason::precondition,
                           "precondition_failed",
                           "The webhook is not the one that If-Match names. " + now,
                           {},
                           version};
    }
    return base::Error{base::Reason::conflict,
                       "version_conflict",
                       "Somebody else has changed this webhook. " + now,
                       {},
                       version};
}

base::Error webhook_not_found() {
    return {base::Reason::not_found, "webhook_not_found", "There is no such webhook."};
}

base::Error delivery_not_found() {
    return {base::Reason::not_found, "delivery_not_found",
            "There is no such delivery of this webhook, or it is not kept any more. A replay sends "
            "what is older."};
}

base::Error too_many_webhooks(std::int64_t most) {
    return {base::Reason::conflict, "too_many_webhooks",
            "There are " + std::to_string(most) +
                " webhooks, and no more may be (webhooks.webhooks_max). Remove one that nobody "
                "needs."};
}

}  // namespace webhooks
