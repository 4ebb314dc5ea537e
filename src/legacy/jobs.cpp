#include "jobs.hpp"

#include <nlohmann/json.hpp>

#include "base/loop.hpp"
#include "doctor_service.hpp"

namespace legacy {

namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds patience{60};

const char* name_of(Diagnosis::Level level) {
    switch (level) {
        case Diagnosis::Level::good:
            return "good";
        case Diagnosis::Level::advice:
            return "advice";
        case Diagnosis::Level::wrong:
            return "wrong";
    }
    return "";
}

base::Result<Json> doctor(const Config& config, telemetry::Metrics& metrics,
                          const Json& arguments) {
    DoctorOptions options;
    options.host = arguments.value("host", options.host);
    options.login_path = arguments.value("login_path", options.login_path);
    auto client = http::make_client(config.limits.client, metrics);
    if (!client) return client.error();
    auto upstreams = Json::array();
    for (const auto& upstream : upstreams_of(config)) {
        auto address = http::parse_upstream(upstream.url);
        if (!address) return address.error();
        auto symptoms =
            base::run(examine(**client, *address, options, base::Deadline::in(patience)));
        if (!symptoms) return symptoms.error();
        auto found = Json::array();
        for (const auto& one : diagnose(*symptoms, options)) {
            found.push_back(
                {{"level", name_of(one.level)}, {"text", one.text}, {"settings", one.settings}});
        }
        upstreams.push_back(
            {{"name", upstream.name}, {"url", upstream.url}, {"found", std::move(found)}});
    }
    return {boost::system::in_place_value, Json{{"upstreams", std::move(upstreams)}}};
}

}  // namespace

operations::NamedJob doctor_job(const Config& config, telemetry::Metrics& metrics) {
    return {"doctor_upstream", [&](const Json& arguments, operations::Progress&) {
                return doctor(config, metrics, arguments);
            }};
}

}  // namespace legacy
