#include "modules.hpp"

#include "backup/module.hpp"
#include "django/module.hpp"
#include "editing/module.hpp"
#include "gateway/module.hpp"
#include "identity/module.hpp"
#include "legacy/module.hpp"
#include "live/module.hpp"
#include "media/module.hpp"
#include "news/module.hpp"
#include "orchestrator/module.hpp"
#include "recommendation/module.hpp"
#include "reporting/module.hpp"
#include "search/module.hpp"
#include "site/module.hpp"
#include "users/module.hpp"
#include "webhooks/module.hpp"

namespace portal {

// A module has three lines here: its settings, its declaration, and where it is opened, after those
// that it asks or hears.

struct ModuleSettings {
    reporting::Config reporting;
    identity::Config identity;
    users::Config users;
    news::Config news;
    recommendation::Config recommendation;
    site::Config site;
    media::Config media;
    editing::Config editing;
    search::Config search;
    webhooks::Config webhooks;
    live::Config live;
    orchestrator::Config orchestrator;
    legacy::Config legacy;
    django::Config django;
    gateway::Config gateway;
    backup::Config backup;
};

std::vector<host::Declaration> declarations(ModuleSettings& of) {
    using host::declare;
    return {
        declare<reporting::Module>("reporting", "What is told to collectors: traces, breakdowns.",
                                   of.reporting),
        declare<identity::Module>("identity", "Accounts, passwords and tokens.", of.identity),
        declare<users::Module>("users", "Profiles and their queue.", of.users),
        declare<news::Module>("news", "News types and their stores.", of.news),
        declare<recommendation::Module>("recommendation", "What each reader cares about.",
                                        of.recommendation),
        declare<orchestrator::Module>("orchestrator", "The public news API.", of.orchestrator),
        declare<site::Module>("site", "Redirects, curated lists, counts of the site.", of.site),
        declare<media::Module>("media", "Pictures and other files.", of.media),
        declare<search::Module>("search", "Finding articles by their words.", of.search),
        declare<editing::Module>("editing",
                                 "What editors have beside articles: unsaved work, notes, links.",
                                 of.editing),
        declare<webhooks::Module>("webhooks", "Other servers that are told of the news.",
                                  of.webhooks),
        declare<live::Module>("live", "Streams of what happens, for who listens.", of.live),
        declare<legacy::Module>("legacy", "The monolith that portal stands in front of.",
                                of.legacy),
        declare<django::Module>(
            "django", "How a Django site is read when it is imported, and followed.", of.django),
        declare<gateway::Module>("gateway", "What each request passes first, and who answers it.",
                                 of.gateway),
        declare<backup::Module>("backup", "Copies of everything, in another folder.", of.backup),
    };
}

/// Whoever holds our answers against the monolith's asks for them on a thread of its own.
std::size_t threads_that_ask(const ModuleSettings& of) {
    return legacy::upstreams_of(of.legacy).empty() ? 0 : 1;
}

base::Result<void> open_modules(ModuleSettings& of, host::Host& host, PublicSide& public_side) {
    const auto& environment = host.environment();
    base::Result<void> refused;
    // Nothing if the module cannot be opened: `refused` says why.
    auto add = [&](auto opened) {
        if (opened) return &host.add(std::move(*opened));
        refused = opened.error();
        return static_cast<decltype(opened->get())>(nullptr);
    };

    // Whatever the others break by is told.
    if (!add(reporting::Module::open(of.reporting, environment))) return refused;
    auto* identity = add(identity::Module::open(of.identity, environment));
    if (!identity) return refused;
    auto* users =
        add(users::Module::open(of.users, environment, identity->accounts(), identity->imports()));
    if (!users) return refused;
    auto* news = add(news::Module::open(of.news, environment));
    if (!news) return refused;
    media::NewsFeeds feeds;
    for (const auto& [type, instance] : news->instances()) feeds[type] = &instance->feed();
    auto* recommendation = add(recommendation::Module::open(
        of.recommendation, environment, {news->visits(), users->feed(), users->users(), feeds}));
    if (!recommendation) return refused;
    // Whoever else asks the types asks them as it does: so that none waits for one that hangs.
    auto& orchestrator = host.add(std::make_unique<orchestrator::Module>(
        of.orchestrator, environment,
        orchestrator::Module::Neighbours{news->types(), news->visits(), of.site.pages,
                                         &recommendation->rankings()}));
    auto types = orchestrator.types();
    auto* site = add(site::Module::open(of.site, environment, types));
    if (!site) return refused;
    if (!add(media::Module::open(of.media, environment, feeds))) return refused;
    auto* search = add(search::Module::open(of.search, environment, {feeds, types}));
    if (!search) return refused;
    auto* editing = add(editing::Module::open(of.editing, environment,
                                              {types, feeds, users->feed(), search->queries()}));
    if (!editing) return refused;
    if (!add(webhooks::Module::open(of.webhooks, environment, {feeds, types}))) return refused;
    live::Neighbours listened{{}, types, editing->presence_changes()};
    for (const auto& [type, instance] : news->instances()) {
        listened.logs[type] = {&instance->feed(), &instance->subscription().applied()};
    }
    if (!add(live::Module::open(of.live, environment, listened))) return refused;
    auto* legacy = add(legacy::Module::open(of.legacy, environment, std::move(types)));
    if (!legacy) return refused;
    django::Neighbours written{identity->imports(),
                               users->imports(),
                               news->instances(),
                               site->redirects(),
                               of.news.embeds,
                               &legacy->proxy(),
                               [legacy] { return legacy->logins_used(); }};
    django::Exported exported{identity->exports(), users->users(), news->instances(),
                              of.news.embeds};
    auto* django = add(django::Module::open(of.django, environment, written, exported));
    if (!django) return refused;
    if (environment.open_mode) {
        public_side.authenticator = std::make_shared<http::OpenAuthenticator>();
    } else {
        public_side.authenticator = {std::shared_ptr<const http::Authenticator>(),
                                     &identity->authenticator()};
    }
    std::shared_ptr<const legacy::Sessions> sessions;
    if (!environment.open_mode) {
        sessions = legacy->sessions(identity->imports(), public_side.authenticator);
        if (sessions) public_side.authenticator = sessions;
    }
    gateway::Neighbours neighbours;
    neighbours.proxy = &legacy->proxy();
    neighbours.comparer = legacy->comparer();
    neighbours.forwarded = legacy->route_limits();
    neighbours.authenticator = public_side.authenticator.get();
    neighbours.imports = &identity->imports();
    neighbours.owned_by_monolith = [django] { return django->left_to_django(); };
    auto* gateway = add(gateway::Module::open(of.gateway, environment, neighbours));
    if (!gateway) return refused;
    public_side.interceptors = gateway->interceptors();
    // Behind those of the gateway: whoever asks too often asks the site nothing.
    if (sessions) public_side.interceptors.push_back(sessions);
    public_side.chooser = gateway->chooser();
    public_side.observer = gateway->observer();
    public_side.add_operator_routes = [gateway](http::Router& router) {
        gateway->add_operator_routes(router);
    };
    if (!add(backup::Module::open(of.backup, environment, declarations(of)))) return refused;
    return {};
}

ModuleSettingsPointer default_module_settings() {
    return {new ModuleSettings, [](ModuleSettings* settings) { delete settings; }};
}

std::vector<database::StoreFile> stores_of(ModuleSettings& settings,
                                           const std::filesystem::path& folder) {
    std::vector<database::StoreFile> all;
    for (const auto& module : declarations(settings)) {
        auto stores = module.stores(folder);
        all.insert(all.end(), stores.begin(), stores.end());
    }
    return all;
}

}  // namespace portal
