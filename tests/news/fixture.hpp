#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "news/instance.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

namespace news {

/// One news type on real files, with a clock that the test moves.
class Fixture {
public:
    Fixture() { open(); }
    ~Fixture() { close(); }

    void open() {
        config.schedule_interval_ms = std::chrono::milliseconds(10);
        config.view_wait_ms = std::chrono::seconds(10);
        host::Environment environment{folder.path(), clock, metrics, background.get_executor()};
        auto opened = Instance::open("sports", config, environment);
        REQUIRE(opened);
        instance = std::move(*opened);
        instance->start();
        background.restart();
        thread = std::thread([this] { background.run(); });
    }
    void close() {
        if (!instance) return;
        base::run(instance->stop({}));
        thread.join();
        instance.reset();
    }

    Command command(std::optional<Version> expected = std::nullopt) {
        Command command;
        command.context.actor = {7, base::Role::author};
        command.context.request_id = "test";
        if (expected) command.expected = Expected{{*expected}};
        return command;
    }
    base::Context editor() {
        base::Context context;
        context.actor.role = base::Role::editor;
        return context;
    }
    Article create(std::string title = "Title", std::vector<std::string> tags = {}) {
        NewArticle article{std::move(title), "", "Content", "Ann", std::move(tags)};
        auto created = base::run(instance->commands().create(article, command()));
        REQUIRE(created);
        return *created;
    }
    std::vector<std::string> titles(std::int64_t page, std::int64_t limit) {
        auto listed = base::run(instance->queries().page(page, limit, {}));
        REQUIRE(listed);
        std::vector<std::string> all;
        for (const auto& article : *listed) all.push_back(article.title);
        return all;
    }
    /// Until the scheduler has come round; bounded.
    bool becomes_published(ArticleId id) {
        for (int i = 0; i < 1000; ++i) {
            auto article = base::run(instance->queries().article(id, {}));
            if (article) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    base::Loop background;
    Config config;
    std::unique_ptr<Instance> instance;
    std::thread thread;
};

}  // namespace news
