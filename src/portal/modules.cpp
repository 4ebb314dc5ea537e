#include "modules.hpp"

#include "gateway/module.hpp"
#include "identity/module.hpp"
#include "news/host_module.hpp"
#include "orchestrator/module.hpp"
#include "recommendation/module.hpp"
#include "users/module.hpp"

namespace portal {

base::Result<PublicSide> open_modules(const Settings& settings, host::Host& host) {
    const auto& environment = host.environment();

    auto opened_identity = identity::Module::open(settings.identity, environment);
    if (!opened_identity) return opened_identity.error();
    auto& identity = host.add(std::move(*opened_identity));

    auto opened_users = users::Module::open(settings.users, environment, identity.accounts());
    if (!opened_users) return opened_users.error();
    auto& users = host.add(std::move(*opened_users));

    auto opened_news = news::Module::open(settings.news, environment);
    if (!opened_news) return opened_news.error();
    auto& news = host.add(std::move(*opened_news));

    auto opened_recommendation = recommendation::Module::open(
        settings.recommendation, environment, {news.visits(), users.log(), users.users()});
    if (!opened_recommendation) return opened_recommendation.error();
    host.add(std::move(*opened_recommendation));

    auto& orchestrator = host.add(std::make_unique<orchestrator::Module>(
        settings.orchestrator, environment,
        orchestrator::Module::Neighbours{news.types(), news.visits()}));

    PublicSide side;
    side.interceptors = gateway::pipeline(
        environment.open_mode ? gateway::for_open_mode(settings.gateway) : settings.gateway,
        host.metrics());
    side.shortcut = orchestrator.shortcut();
    if (environment.open_mode) {
        side.authenticator = std::make_shared<http::OpenAuthenticator>();
    } else {
        side.authenticator = {std::shared_ptr<const http::Authenticator>(),
                              &identity.authenticator()};
    }
    return side;
}

}  // namespace portal
