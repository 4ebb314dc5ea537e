#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/timer.hpp"
#include "http/router.hpp"
#include "live/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_feed.hpp"
#include "support/fake_items.hpp"
#include "support/fake_queries.hpp"
#include "support/stepped_loop.hpp"

namespace live {

/// Where a stream of events is written: by a client that takes all, or nothing for a while.
class FakeWriter final : public http::BodyWriter {
public:
    base::Task<void> write(std::string_view piece) override;
    bool wanted() const override { return is_wanted; }
    /// What was not taken so far is.
    void take();

    std::string text{};
    bool is_wanted = true;
    bool takes = true;
    bool takes_first = false;  ///< and then no more
    bool breaks = false;

private:
    std::shared_ptr<base::Wait> wait_;
};

/// One event as a browser would have it.
struct Told {
    std::string id;
    std::string event;
    nlohmann::json data;
};

/// A stream at work; it ends with its fixture, or when nobody wants it.
class Listener {
public:
    FakeWriter writer;
    std::optional<base::Result<void>> outcome;
    http::Response head;

    /// All that came so far, and then it is forgotten.
    std::vector<Told> events();
    /// Those as words: `published sports 7`.
    std::string words();
    /// As a browser would send it: also from a heartbeat.
    std::string last_id;
};

/// The module at work beside the logs of two types, which are faked.
class Fixture {
public:
    Fixture();
    ~Fixture();
    void open();
    void close();

    /// An article at a new version, and its event.
    void happens(const std::string& type, std::int64_t id, const std::string& event,
                 nlohmann::json body, news::Status status, std::vector<std::string> tags = {});
    void publish(const std::string& type, std::int64_t id, std::vector<std::string> tags = {});
    void revise(const std::string& type, std::int64_t id, std::vector<std::string> tags = {});
    void settle();
    void pass(std::chrono::milliseconds span);

    http::Response ask(const std::string& query, const std::string& last_event_id = {});
    /// Good as long as the fixture.
    Listener& listen(const std::string& query = {}, const std::string& last_event_id = {});
    /// One that breaks down with the first that it is told.
    void listen_and_break();
    /// One that takes nothing until it is told to, but for the first lines.
    Listener& listen_slowly(const std::string& query);
    /// From here on that is asked, by that one.
    std::string path = "/v1/live";
    base::Actor actor;
    std::string peer;
    /// The status, and the code of the refusal.
    std::string refusal(const std::string& query);

    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    Config config;
    support::FakeFeed sports{"news-sports"};
    support::FakeFeed politics{"news-politics"};
    support::FakeQueries sports_queries;
    support::FakeQueries politics_queries;
    support::FakeItems sports_items;
    support::FakeItems politics_items;
    std::unique_ptr<bus::Topic<editing::PresenceChanged>> presence;
    std::unique_ptr<Module> module;
    std::unique_ptr<http::Router> router;

private:
    void begin(Listener& listener);

    std::vector<std::unique_ptr<Listener>> listeners_;
    std::unique_ptr<support::SteppedLoop> loop_;
};

}  // namespace live
