// portal doctor: what those that this server asks would have to change.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "run_job.hpp"

namespace portal {

namespace {

using nlohmann::json;

/// How many things are wrong.
int print_upstream(const json& upstream) {
    std::printf("%s, %s\n", upstream.at("name").get<std::string>().c_str(),
                upstream.at("url").get<std::string>().c_str());
    int wrong = 0;
    for (const auto& one : upstream.at("found")) {
        auto level = one.at("level").get<std::string>();
        if (level == "wrong") ++wrong;
        std::printf("  %-7s %s\n", level.c_str(), one.at("text").get<std::string>().c_str());
        for (const auto& line : one.at("settings")) {
            std::printf("          settings.py: %s\n", line.get<std::string>().c_str());
        }
    }
    return wrong;
}

}  // namespace

int doctor_upstream(Settings&& settings, const std::string& host, const std::string& login_path) {
    json arguments;
    if (host.empty() && !settings.http.hosts.empty())
        arguments["host"] = settings.http.hosts.front();
    if (!host.empty()) arguments["host"] = host;
    arguments["login_path"] = login_path;
    auto result = run_apart(std::move(settings), "doctor_upstream", arguments);
    if (!result) return complain(result.error().message, exit_code_of(result.error()));
    const auto& upstreams = result->at("upstreams");
    if (upstreams.empty()) {
        return complain(
            "legacy.upstream: there is none; set it to the address of the monolith, as "
            "http://127.0.0.1:8000.",
            wrong_use);
    }
    int wrong = 0;
    for (const auto& upstream : upstreams) wrong += print_upstream(upstream);
    return wrong == 0 ? done : failed;
}

}  // namespace portal
