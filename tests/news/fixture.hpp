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
        config.view_wait_ms = std::chrono::seconds(10);
        host::Environment environment{folder.path(), clock, metrics, background.get_executor()};
        environment.scheduled = scheduled;
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
    /// The scheduler has done what is due now, and waits.
    void come_round() { clock.until_waited_for(config.schedule_interval_ms); }
    /// Has time pass, and the scheduler look once more.
    void pass(std::chrono::milliseconds span) {
        come_round();
        clock.advance(span);
        come_round();
    }

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    base::Loop background;
    Config config;
    bool scheduled = true;  ///< what is due is done
    std::unique_ptr<Instance> instance;
    std::thread thread;
};

}  // namespace news
