#include "legacy/module.hpp"

#include "proxy_service.hpp"

namespace legacy {

namespace {

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  std::unique_ptr<http::Client> client)
        : body_bytes_max_(config.body_bytes_max), proxy_(config, environment, std::move(client)) {}

    std::string name() const override { return "legacy"; }
    Proxy& proxy() override { return proxy_; }
    http::Limits route_limits() const override {
        return {body_bytes_max_, std::chrono::milliseconds(0)};
    }

    /// A monolith that does not answer is no reason to send nobody here: what is native works.
    std::vector<operations::Check> checks() override {
        std::vector<operations::Check> checks;
        for (const auto& upstream : proxy_.upstreams()) {
            checks.push_back({"upstream " + upstream->name(), [] { return std::string(); },
                              [its = upstream.get()] { return its->warning(); }});
        }
        return checks;
    }

    base::Task<void> start() override { co_return base::Result<void>(); }
    base::Task<void> stop(base::Deadline) override { co_return base::Result<void>(); }

private:
    const std::int64_t body_bytes_max_;
    ProxyService proxy_;
};

}  // namespace

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment) {
    auto client = http::make_client(config.limits.client, environment.metrics);
    if (!client) return client.error();
    return std::unique_ptr<Module>(
        std::make_unique<RunningModule>(config, environment, std::move(*client)));
}

}  // namespace legacy
