#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "search/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_feed.hpp"
#include "support/fake_queries.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"

namespace search {

/// The module at work on a real store, beside the logs of two news types, which are faked.
class Fixture {
public:
    Fixture();
    ~Fixture();
    void open();
    void close();

    struct Article {
        std::int64_t id = 0;
        std::string title{};
        std::string content = "Some text.";
        std::string published_at = "2026-05-04T10:20:30.123Z";  ///< empty: a draft
        std::vector<std::string> tags{};
        std::string author = "Ann";
        std::string description{};
        std::int64_t owner = 7;
        std::string type = "sports";
    };
    /// Written and heard.
    void write(const Article& article);
    /// Something else that happens to it.
    void happens(std::int64_t article, const std::string& event, const nlohmann::json& body = {});
    void settle() { loop_->settle(); }

    http::Response ask(const std::string& target);
    nlohmann::json search(const std::string& query);
    /// The ids of what is found, with a space between them.
    std::string ids(const std::string& query);
    Found find(Question question, base::Actor actor);
    /// The file and its log, as they are on the disk after the module was shut.
    std::string bytes_of_store() const;

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    bool has_politics = true;  ///< whether that type is configured
    Config config;
    support::FakeFeed sports{"news-sports"};
    support::FakeFeed politics{"news-politics"};
    support::FakeQueries sports_queries;
    support::FakeQueries politics_queries;
    std::unique_ptr<Module> module;
    std::unique_ptr<http::Router> router;

private:
    std::unique_ptr<support::SteppedLoop> loop_;
};

}  // namespace search
