#include "modules.hpp"

#include "gateway/module.hpp"
#include "identity/module.hpp"
#include "news/host_module.hpp"
#include "orchestrator/module.hpp"
#include "recommendation/module.hpp"
#include "site/module.hpp"
#include "telemetry/log.hpp"
#include "users/module.hpp"

namespace portal {

base::Result<void> Site::open_modules() {
    auto& host = *host_;
    const auto& environment = host.environment();

    auto opened_identity = identity::Module::open(settings_.identity, environment);
    if (!opened_identity) return opened_identity.error();
    auto& identity = host.add(std::move(*opened_identity));

    auto opened_users = users::Module::open(settings_.users, environment, identity.accounts());
    if (!opened_users) return opened_users.error();
    auto& users = host.add(std::move(*opened_users));

    auto opened_news = news::Module::open(settings_.news, environment);
    if (!opened_news) return opened_news.error();
    auto& news = host.add(std::move(*opened_news));

    site::NewsFeeds feeds;
    for (const auto& [type, instance] : news.instances()) feeds[type] = &instance->feed();
    auto opened_site = site::Module::open(settings_.site, environment, feeds);
    if (!opened_site) return opened_site.error();
    host.add(std::move(*opened_site));

    auto opened_recommendation = recommendation::Module::open(
        settings_.recommendation, environment, {news.visits(), users.feed(), users.users()});
    if (!opened_recommendation) return opened_recommendation.error();
    host.add(std::move(*opened_recommendation));

    host.add(std::make_unique<orchestrator::Module>(
        settings_.orchestrator, environment,
        orchestrator::Module::Neighbours{news.types(), news.visits()}));

    auto gateway =
        environment.open_mode ? gateway::for_open_mode(settings_.gateway) : settings_.gateway;
    public_side_.interceptors = gateway::pipeline(gateway, host.metrics());
    if (environment.open_mode) {
        public_side_.authenticator = std::make_shared<http::OpenAuthenticator>();
    } else {
        public_side_.authenticator = {std::shared_ptr<const http::Authenticator>(),
                                      &identity.authenticator()};
    }
    return {};
}

std::vector<database::Member> stores_of(const Settings& settings) {
    std::filesystem::path folder = settings.data.folder;
    std::vector<database::Member> members;
    for (const char* name : {"identity", "users", "recommendation"}) {
        members.push_back({name, folder / (std::string(name) + ".db"), "people", false});
    }
    members.push_back({"site", folder / "site.db", "site", false});
    for (const auto& type : settings.news.types) {
        auto name = "news-" + type;
        members.push_back({name + ".command", folder / (name + ".command.db"), name, false});
        members.push_back({name + ".query", folder / (name + ".query.db"), name, true});
    }
    return members;
}

base::Result<std::unique_ptr<Site>> Site::open(const Settings& settings, std::size_t io_threads,
                                               bool scheduled) {
    std::unique_ptr<Site> site(new Site(settings));
    auto lineage = database::Lineage::open(settings.data.folder, stores_of(settings),
                                           settings.data.accept_older);
    if (!lineage) return lineage.error();
    site->lineage_ = std::move(*lineage);
    host::Host::Options options;
    options.folder = settings.data.folder;
    options.io_threads = io_threads;
    options.scheduled = scheduled;
    options.accept_older_data = settings.data.accept_older;
    options.open_mode = settings.security.mode == "open";
    site->host_ = std::make_unique<host::Host>(std::move(options), site->clock_);
    auto opened = site->open_modules();
    if (!opened) return opened.error();
    try {
        site->lineage_->started();
    } catch (const std::exception& failure) {
        return base::Error{base::Reason::unavailable, "cannot_open",
                           std::string("The start cannot be noted: ") + failure.what() + "."};
    }
    return site;
}

Site::~Site() {
    host_.reset();
    if (!lineage_) return;
    try {
        lineage_->stopping();
    } catch (const std::exception& failure) {
        telemetry::log(telemetry::Level::warning, "main", "the end of this run is not noted",
                       {{"error", failure.what()}});
    }
}

}  // namespace portal
