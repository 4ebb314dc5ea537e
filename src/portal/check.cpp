// portal check: how the running server is, in the manner of a Nagios plugin.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "http/blocking_client.hpp"

namespace portal {

namespace {

using operations::Verdict;

int tell(const Verdict& verdict) {
    std::cout << verdict.line << std::endl;
    return static_cast<int>(verdict.severity);
}

/// Where the server that works on the folder says how it is; empty: no server says that it runs.
std::string operations_address(const std::filesystem::path& folder) {
    std::ifstream file(operations::DataFolder::addresses_file(folder));
    auto addresses = nlohmann::json::parse(file, nullptr, false);
    if (!addresses.is_object()) return {};
    auto found = addresses.find("operations");
    if (found == addresses.end() || !found->is_string()) return {};
    return found->get<std::string>();
}

std::vector<std::string> checkable() {
    std::vector<std::string> names{"ready"};
    for (const auto& measure : operations::measures()) names.emplace_back(measure.name);
    return names;
}

/// What a person should read of it.
std::string check_help() {
    std::string text =
        "How the running server is, in the manner of a Nagios plugin: one line, with numbers "
        "behind the bar, and an exit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. It asks the "
        "server's operations listener, and finds it by portal.addresses.json in the data folder.\n"
        "\n"
        "  portal check --config F                      as a container's health check\n"
        "  portal check disk --warning 30 --critical 15\n"
        "\n"
        "WHAT is one of\n"
        "  ready        /readyz: 503, or no server, is CRITICAL; its warnings are WARNING\n";
    for (const auto& measure : operations::measures()) {
        std::string name(measure.name);
        name.resize(13, ' ');
        char limits[64];
        std::snprintf(limits, sizeof limits, " (%s %.0f, %.0f)",
                      measure.low_is_bad ? "below" : "from", measure.warning, measure.critical);
        text += "  " + name + std::string(measure.meaning) + limits + "\n";
    }
    return text;
}

}  // namespace

CLI::App* add_check(CLI::App& app, Checked& checked) {
    auto* command = app.add_subcommand("check", check_help());
    command->fallthrough();
    command->add_option("what", checked.what, "What to look at; if missing, ready")
        ->check(CLI::IsMember(checkable()));
    command->add_option("--warning", checked.thresholds.warning, "From where on it is WARNING");
    command->add_option("--critical", checked.thresholds.critical, "From where on it is CRITICAL");
    command->add_option("--timeout-ms", checked.timeout_ms, "How long the answer may take")
        ->check(CLI::Range(1, 600000))
        ->capture_default_str();
    return command;
}

int check(const Settings& settings, const Checked& wanted) {
    auto no = [&](const std::string& sentence) {
        return tell(operations::nobody_answers(wanted.what, sentence));
    };
    auto address = operations_address(settings.data.folder);
    if (address.empty()) return no("no server works on " + settings.data.folder);
    if (address.starts_with("tls:")) {
        return no("the operations listener speaks TLS, which this command does not");
    }
    bool ready = wanted.what == "ready";
    auto answer = http::request(address, "GET", ready ? "/readyz" : "/metrics", "",
                                std::chrono::milliseconds(wanted.timeout_ms));
    if (!answer) return no(address + ": " + answer.error().message);
    if (ready) return tell(operations::judge_ready(answer->status, answer->body));
    if (answer->status != 200) return no("/metrics answers " + std::to_string(answer->status));
    base::SystemClock clock;
    for (const auto& measure : operations::measures()) {
        if (measure.name != wanted.what) continue;
        return tell(operations::judge(measure, answer->body, wanted.thresholds, clock.now()));
    }
    return no("there is nothing of that name to check");
}

}  // namespace portal
