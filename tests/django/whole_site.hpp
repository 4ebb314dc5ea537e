#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "bus/log.hpp"
#include "database/database.hpp"
#include "django/export.hpp"
#include "identity/module.hpp"
#include "news/module.hpp"
#include "receiver_service.hpp"
#include "site/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"
#include "users/module.hpp"

namespace migrations {
database::MigrationSet django();
}

namespace django {

/// All modules that an import writes into, on real files.
class WholeSite {
public:
    WholeSite() {
        news_config.types = {"sports", "politics"};
        host::Environment environment{folder.path(), clock, metrics, background_.get_executor()};
        identity = opened(identity::Module::open(identity_config, environment));
        users = opened(users::Module::open(users_config, environment, identity->accounts(),
                                           identity->imports()));
        news = opened(news::Module::open(news_config, environment));
        site = opened(site::Module::open(site_config, environment, news->types()));
        for (const auto& [type, instance] : news->instances()) instance->start();
        thread_ = std::thread([this] { background_.run(); });
    }
    ~WholeSite() {
        for (const auto& [type, instance] : news->instances()) base::run(instance->stop({}));
        thread_.join();
        site.reset();
        news.reset();
        users.reset();
        identity.reset();
    }

    ImportReport run(const std::string& dump, const std::string& mapping, bool theirs = false,
                     bool unpublish_vanished = false) {
        auto report = carry_out(dump, mapping, {theirs}, unpublish_vanished);
        auto shown = news::wait_for_views(
            news->instances(), std::chrono::seconds(10), clock, [](const auto&, auto) {}, stop);
        REQUIRE(shown);
        return report;
    }
    /// What would come of it.
    ImportReport rehearse(const std::string& dump, const std::string& mapping) {
        return carry_out(dump, mapping, {false, true}, false);
    }

    /// The module's own, made if it is not there.
    std::unique_ptr<database::Database> open_store() {
        database::Options options;
        options.name = "django";
        options.file = folder / "django.db";
        options.migrations = {bus::log_schema(), migrations::django()};
        auto store = database::Database::open(std::move(options));
        REQUIRE(store);
        return std::move(*store);
    }

    Neighbours neighbours() {
        return {identity->imports(), users->imports(), news->instances(), site->redirects(),
                news_config.embeds};
    }

    Exported goes_back() {
        return {identity->exports(), users->users(), news->instances(), news_config.embeds};
    }

    /// What an editor sees, or a reader; empty: nothing.
    std::optional<news::Article> article(const std::string& type, news::ArticleId id,
                                         base::Role role = base::Role::editor) {
        auto found = base::run(news->types().at(type).queries->article(id, as(role)));
        return found ? std::optional(*found) : std::nullopt;
    }
    static base::Context as(base::Role role) {
        base::Context context;
        context.actor.role = role;
        context.request_id = "test";
        return context;
    }
    std::string leads_to(const std::string& path) {
        auto found = base::run(site->redirects().resolve(path, {}));
        return found ? found->to.value_or("gone") : found.error().code;
    }
    std::optional<site::Resolution> redirect(const std::string& path) {
        auto found = base::run(site->redirects().resolve(path, {}));
        return found ? std::optional(*found) : std::nullopt;
    }
    std::int64_t user(const std::string& source) {
        auto found = base::run(identity->imports().known(source, {}));
        REQUIRE(found);
        return *found ? (*found)->id : 0;
    }
    /// Whose token of REST framework that is; 0: nobody's.
    std::int64_t owner_of_token(const std::string& token) {
        auto found = base::run(identity->imports().known_by_token(token, {}));
        REQUIRE(found);
        return *found ? (*found)->id : 0;
    }
    void change_address(const std::string& source, const std::string& email) {
        auto id = user(source);
        auto token =
            base::run(identity->accounts().prepare_change(id, {email}, as(base::Role::admin)));
        REQUIRE(token);
        REQUIRE(base::run(identity->accounts().finish_change(id, *token, as(base::Role::admin))));
    }
    bool is_active(const std::string& source) {
        auto found = base::run(identity->imports().known(source, {}));
        REQUIRE(found);
        REQUIRE(*found);
        return (*found)->active;
    }
    base::Role role(const std::string& source) {
        auto found = base::run(identity->imports().known(source, {}));
        REQUIRE(found);
        REQUIRE(*found);
        return (*found)->role;
    }
    void retitle(const std::string& type, news::ArticleId id, const std::string& title) {
        news::Revision revision;
        revision.title = title;
        news::Command command{as(base::Role::editor)};
        command.context.actor.id = 99;
        command.expected = news::Expected{{}, true};
        REQUIRE(base::run(news->types().at(type).commands->revise(id, revision, command)));
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    Config config;
    identity::Config identity_config;
    users::Config users_config;
    news::Config news_config;
    site::Config site_config;
    std::atomic<bool> stop{false};
    std::unique_ptr<identity::Module> identity;
    std::unique_ptr<users::Module> users;
    std::unique_ptr<news::Module> news;
    std::unique_ptr<site::Module> site;

private:
    template <class T>
    static T opened(base::Result<T> result) {
        REQUIRE(result);
        return std::move(*result);
    }

    ImportReport carry_out(const std::string& dump, const std::string& mapping,
                           const WriteRules& rules, bool unpublish_vanished) {
        std::ofstream(folder / "dump.json") << dump;
        std::ofstream(folder / "mapping.json") << mapping;
        ImportRequest request{folder / "dump.json", folder / "mapping.json"};
        SiteWriter writer(neighbours(), config, clock, rules);
        WritingReceiver receiver(writer, news->instances(), unpublish_vanished);
        auto report = import_site(
            request, config, clock, receiver, [](const auto&, auto, auto) {}, stop);
        REQUIRE(report);
        return *report;
    }

    base::Loop background_;
    std::thread thread_;
};

inline const char* const story_mapping = R"({
    "source": {"time_zone": "UTC"},
    "relations": {"a.story.writer": "auth.user", "a.story.writers": "auth.user", "a.oldstory.by": "auth.user"},
    "users": {"model": "auth.user", "login": "username", "email": "email", "name": ["first", "last"],
              "password": "password", "active": "is_active", "registered": "date_joined",
              "role": [{"if": {"is_staff": true}, "then": "editor"}, {"then": "author"}]},
    "news": {"model": "a.story", "type": "section", "title": "title", "content": {"html": "body"},
             "published": {"if": {"live": true}}, "published_at": "at", "author": "byline",
             "owner": "writer", "authors": "writers", "slug": "slug", "created_at": "made",
             "updated_at": "changed", "url": "/{at:%Y}/{slug}/", "tags": {"path": "tags", "split": ","},
             "language": "language", "extra": ["kicker"],
             "history": {"each": "a.oldstory[story] by at", "at": "at", "user": "by"}},
    "redirects": {"model": "redirects.redirect", "from": "old_path", "to": "new_path"}})";

}  // namespace django
