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

}  // namespace gateway
