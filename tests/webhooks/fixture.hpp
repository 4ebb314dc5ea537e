#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_feed.hpp"
#include "support/fake_queries.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"
#include "webhooks/module.hpp"

namespace webhooks {

/// Targets in memory, which do as the test says.
class FakeTargets final : public http::Client {
public:
    struct Sent {
        std::string target;  ///< path of the URL
        std::string id;
        std::string timestamp;
        std::string signature;
        nlohmann::json body;
        std::string text;

        std::string word() const { return body.at("type").get<std::string>(); }
    };
    static constexpr int hangs = 0;

    /// What a message is answered with, or `hangs`; a status below 0 is no connection.
    std::function<int(const Sent&)> answer = [](const Sent&) { return 200; };
    std::string retry_after{};
    std::vector<Sent> sent;
    std::int64_t released = 0;  ///< by release()
    int answer_late = 200;      ///< what whoever hung answers then

    /// Whoever hangs answers.
    void release() { released_.advance(++released); }
    /// The types of what was sent to that path, each with its article, with a space between them.
    std::string words(const std::string& target) const;

    explicit FakeTargets(const base::Clock& clock) : clock_(clock) {}
    base::Task<http::ClientResponse> send(http::ClientRequest request,
                                          base::Deadline deadline) override;

private:
    const base::Clock& clock_;
    base::Watermark released_;
};

/// The module at work on a real store, beside the logs of two news types, which are faked.
class Fixture {
public:
    Fixture();
    ~Fixture();
    void open();
    void close();

    /// What happens to an article; the view knows it before it is heard.
    void happens(std::int64_t article, const std::string& event, nlohmann::json body = {},
                 const std::string& type = "sports");
    void publish(std::int64_t article, const std::string& type = "sports");
    void update(std::int64_t article);
    void settle() { loop_->settle(); }
    /// Time passes, in steps that each let the module work.
    void wait(std::chrono::milliseconds span);

    http::Response ask(http::Method method, const std::string& target, const std::string& body = "",
                       const std::string& key = "", const std::string& if_match = "");
    nlohmann::json get(const std::string& target);
    nlohmann::json post(const std::string& target, const std::string& body, int status = 200);
    /// A webhook to https://example.org/<path>; gives it with its secret.
    nlohmann::json make(const std::string& path, const std::string& more = "");

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    Config config;
    support::FakeFeed sports{"news-sports"};
    support::FakeFeed politics{"news-politics"};
    support::FakeQueries sports_queries;
    support::FakeQueries politics_queries;
    std::shared_ptr<FakeTargets> targets = std::make_shared<FakeTargets>(clock);
    std::unique_ptr<Module> module;
    std::unique_ptr<http::Router> router;

private:
    std::unique_ptr<support::SteppedLoop> loop_;
};

}  // namespace webhooks
