#include "operations/verdict.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace operations {

namespace {

constexpr double mebi = 1024.0 * 1024.0;
constexpr double seconds_per_day = 24 * 3600;

std::string_view word_of(Severity severity) {
    switch (severity) {
        case Severity::ok:
            return "OK";
        case Severity::warning:
            return "WARNING";
        case Severity::critical:
            return "CRITICAL";
        case Severity::unknown:
            break;
    }
    return "UNKNOWN";
}

/// A plugin's text is one line, and `|` begins its numbers.
std::string one_line(std::string text) {
    for (auto& c : text) {
        if (c == '\n' || c == '\r') c = ' ';
        if (c == '|') c = '/';
    }
    return text;
}

Verdict verdict(Severity severity, const std::string& text, const std::string& numbers = "") {
    auto line = "PORTAL " + std::string(word_of(severity)) + " - " + one_line(text);
    if (!numbers.empty()) line += " | " + numbers;
    return {severity, std::move(line)};
}

std::string written(double number) {
    char text[32];
    std::snprintf(text, sizeof text, number == std::floor(number) ? "%.0f" : "%.1f", number);
    return text;
}

/// The number at the end of a sample's line.
std::optional<double> number_of(std::string_view line) {
    auto space = line.rfind(' ');
    if (space == line.npos) return std::nullopt;
    double number = 0;
    auto text = line.substr(space + 1);
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Of all samples of that metric, whatever their labels.
std::vector<double> samples_of(std::string_view name, std::string_view metrics) {
    std::vector<double> found;
    while (!metrics.empty()) {
        auto end = metrics.find('\n');
        auto line = metrics.substr(0, end);
        metrics.remove_prefix(end == metrics.npos ? metrics.size() : end + 1);
        if (!line.starts_with(name) || line.size() == name.size()) continue;
        if (line[name.size()] != ' ' && line[name.size()] != '{') continue;
        if (auto number = number_of(line)) found.push_back(*number);
    }
    return found;
}

double taken(const std::vector<double>& numbers, Measure::Take take) {
    if (take == Measure::Take::most) return *std::max_element(numbers.begin(), numbers.end());
    if (take == Measure::Take::least) return *std::min_element(numbers.begin(), numbers.end());
    double sum = 0;
    for (auto number : numbers) sum += number;
    return sum;
}

std::optional<double> value_of(const Measure& measure, std::string_view metrics, base::Time now) {
    std::vector<double> all;
    for (auto name : measure.metrics) {
        for (auto number : samples_of(name, metrics)) all.push_back(number);
    }
    if (all.empty()) return std::nullopt;
    auto number = taken(all, measure.take);
    if (measure.name == "disk") {
        auto size = samples_of("portal_disk_size_bytes", metrics);
        if (size.empty() || size.front() <= 0) return std::nullopt;
        return 100 * number / size.front();
    }
    if (measure.name == "certificate") {
        return (number - static_cast<double>(base::to_micros(now)) / 1e6) / seconds_per_day;
    }
    return number;
}

}  // namespace

const std::vector<Measure>& measures() {
    using Take = Measure::Take;
    static const std::vector<Measure> all = {
        {"backlog",
         "events that a view or subscriber has not heard yet, the most of any",
         {"portal_news_view_backlog_events", "portal_recommendation_users_backlog_events",
          "portal_recommendation_visits_backlog", "portal_django_feed_backlog_events"},
         Take::most,
         100,
         1000,
         false,
         "",
         "events behind"},
        {"certificate",
         "days until the TLS certificate ends",
         {"portal_tls_certificate_not_after_seconds"},
         Take::least,
         14,
         3,
         true,
         "",
         "days left"},
        {"disk",
         "room on the data folder's disk, in percent",
         {"portal_disk_free_bytes"},
         Take::least,
         20,
         10,
         true,
         "%",
         "% free"},
        {"parked",
         "streams and rows that were put aside, since they could not be applied",
         {"portal_news_parked_streams", "portal_users_queue_parked_rows",
          "portal_recommendation_parked_streams"},
         Take::sum,
         1,
         100,
         false,
         "",
         "parked"},
        {"queue",
         "what waits in the queue of the users or for the writer of a store, the most of any",
         {"portal_users_queue_rows", "portal_database_write_queue"},
         Take::most,
         1000,
         10000,
         false,
         "",
         "waiting"},
        {"wal",
         "bytes of a store's write-ahead log, the most of any",
         {"portal_database_wal_bytes"},
         Take::most,
         64 * mebi,
         256 * mebi,
         false,
         "B",
         "bytes of write-ahead log"},
    };
    return all;
}

Verdict judge(const Measure& measure, std::string_view metrics, const Thresholds& thresholds,
              base::Time now) {
    auto value = value_of(measure, metrics, now);
    if (!value) return nobody_answers(measure.name, "the server does not tell it");
    auto warning = thresholds.warning.value_or(measure.warning);
    auto critical = thresholds.critical.value_or(measure.critical);
    auto passes = [&](double limit) {
        return measure.low_is_bad ? *value < limit : *value >= limit;
    };
    auto severity = passes(critical)  ? Severity::critical
                    : passes(warning) ? Severity::warning
                                      : Severity::ok;
    // `20:` warns below 20.
    std::string from = measure.low_is_bad ? ":" : "";
    std::string name(measure.name);
    auto numbers = name + '=' + written(*value) + std::string(measure.unit) + ';' +
                   written(warning) + from + ';' + written(critical) + from + ";0";
    auto space = measure.wording.starts_with('%') ? "" : " ";
    return verdict(severity, name + ": " + written(*value) + space + std::string(measure.wording),
                   numbers);
}

Verdict judge_ready(int status, const std::string& body) {
    auto told = nlohmann::json::parse(body, nullptr, false);
    if (told.is_discarded() || !told.is_object()) {
        return nobody_answers("ready", "the answer to /readyz is none of portal's");
    }
    std::string wrong;
    std::string warnings;
    auto add = [](std::string& list, const std::string& name, const nlohmann::json& sentence) {
        auto said = sentence.is_string() ? sentence.get<std::string>() : sentence.dump();
        list += (list.empty() ? "" : "; ") + name + ": " + said;
    };
    auto checks = told.value("checks", nlohmann::json::object());
    for (const auto& [name, sentence] : checks.items()) {
        if (sentence != "ok") add(wrong, name, sentence);
    }
    auto warned = told.value("warnings", nlohmann::json::object());
    for (const auto& [name, sentence] : warned.items()) {
        add(warnings, name, sentence);
    }
    if (status != 200) return verdict(Severity::critical, "not ready; " + wrong, "ready=0");
    if (!warnings.empty()) return verdict(Severity::warning, "ready; " + warnings, "ready=1");
    return verdict(Severity::ok, "ready", "ready=1");
}

Verdict nobody_answers(std::string_view what, const std::string& sentence) {
    auto severity = what == "ready" ? Severity::critical : Severity::unknown;
    return verdict(severity, std::string(what) + ": " + sentence);
}

}  // namespace operations
