#include "gateway/module.hpp"

#include "client_service.hpp"
#include "cors_service.hpp"
#include "throttle_service.hpp"

namespace gateway {

http::Interceptors pipeline(const Config& config, telemetry::Metrics& metrics) {
    return {
        std::make_shared<ClientService>(config.trusted_proxies),
        std::make_shared<CorsService>(config),
        std::make_shared<ThrottleService>(config, metrics),
    };
}

Module::Module(const Config& config, const host::Environment& environment)
    : interceptors_(
          pipeline(environment.open_mode ? for_open_mode(config) : config, environment.metrics)) {}

base::Task<void> Module::start() {
    co_return base::Result<void>();
}

base::Task<void> Module::stop(base::Deadline) {
    co_return base::Result<void>();
}

}  // namespace gateway
