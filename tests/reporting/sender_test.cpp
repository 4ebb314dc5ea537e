// What becomes of what waits to be told, whatever the collector does.
#include "sender_service.hpp"

#include <deque>

#include "support/catch.hpp"
#include "support/fake_client.hpp"
#include "support/fake_clock.hpp"
#include "support/stepped_loop.hpp"

namespace {

using namespace std::chrono_literals;
using reporting::Message;
using support::FakeClient;

/// A sender whose steps a test takes, to a collector in memory.
class Telling {
public:
    Telling() {
        config_.interval = 1s;
        config_.attempts_max = 3;
        config_.retry_wait = 100ms;
        reporting::Subject subject;
        subject.name = "spans";
        subject.destination = {{"collector", 4318, "", false}, "/v1/traces"};
        subject.fields = {{"Content-Type", "application/json"}};
        subject.next = [this]() -> std::optional<Message> {
            if (waiting.empty()) return std::nullopt;
            auto next = waiting.front();
            waiting.pop_front();
            return next;
        };
        subject.dropped = [this] { return dropped; };
        subject.rejected = [](std::string_view answer) { return answer == "two not" ? 2u : 0u; };
        sender_ = std::make_unique<reporting::SenderService>(std::move(subject), config_, client,
                                                             environment_);
        loop_.spawn(sender_->run(), end_);
        loop_.settle();
    }
    ~Telling() {
        client->answer("/v1/traces", {});
        sender_->stop();
        for (int i = 0; i < 10 && !end_; ++i) pass(60s);
        CHECK(end_);
    }

    void pass(std::chrono::milliseconds span) {
        clock_.advance(span);
        loop_.settle();
    }
    void stop() {
        sender_->stop();
        loop_.settle();
    }
    bool ended() const { return end_.has_value(); }
    bool shows(const std::string& line) {
        return metrics_.text().find("\n" + line + "\n") != std::string::npos;
    }
    bool lost(const std::string& why, int count) {
        return shows("portal_reporting_dropped_total{what=\"spans\",why=\"" + why + "\"} " +
                     std::to_string(count));
    }

    std::deque<Message> waiting;
    std::uint64_t dropped = 0;
    std::shared_ptr<FakeClient> client = std::make_shared<FakeClient>();

private:
    support::FakeClock clock_{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics_;
    support::SteppedLoop loop_;
    host::Environment environment_{"", clock_, metrics_, loop_.executor()};
    reporting::SendConfig config_;
    std::unique_ptr<reporting::SenderService> sender_;
    std::optional<base::Result<void>> end_;
};

FakeClient::Answer with_status(int status, std::vector<std::string> pieces = {}) {
    FakeClient::Answer answer;
    answer.status = status;
    answer.pieces = std::move(pieces);
    return answer;
}

}  // namespace

TEST_CASE("what waits is sent one message after the other", "[reporting]") {
    Telling telling;
    telling.client->answer("/v1/traces", {});
    int taken = 0;
    telling.waiting = {{"first", 3, [&taken] { ++taken; }}, {"second", 4}};
    telling.dropped = 5;
    telling.pass(1s);
    CHECK(taken == 1);

    auto seen = telling.client->seen();
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].content == "first");
    CHECK(seen[1].content == "second");
    CHECK(seen[0].request.method == http::Method::post);
    CHECK(seen[0].request.target == "/v1/traces");
    CHECK(seen[0].request.upstream.host == "collector");
    using Fields = std::vector<std::pair<std::string, std::string>>;
    CHECK(seen[0].request.fields == Fields{{"Content-Type", "application/json"}});
    CHECK(telling.shows("portal_reporting_sent_total{what=\"spans\"} 7"));
    CHECK(telling.lost("queue_full", 5));
    CHECK(telling.lost("unreachable", 0));
}

TEST_CASE("who asks for patience is sent the same later, when he says", "[reporting]") {
    Telling telling;
    auto later = with_status(429);
    later.fields = {{"Retry-After", "7"}};
    telling.client->answer("/v1/traces", later);
    telling.waiting = {{"first", 3}};
    telling.pass(1s);
    CHECK(telling.client->seen().size() == 1);
    telling.pass(6s);
    CHECK(telling.client->seen().size() == 1);
    telling.client->answer("/v1/traces", {});
    telling.pass(1s);

    REQUIRE(telling.client->seen().size() == 2);
    CHECK(telling.client->seen()[1].content == "first");
    CHECK(telling.shows("portal_reporting_sent_total{what=\"spans\"} 3"));
}

TEST_CASE("what is refused is counted, and not sent again", "[reporting]") {
    Telling telling;
    telling.client->answer("/v1/traces", with_status(400));
    telling.waiting = {{"first", 3}};
    telling.pass(1s);
    telling.pass(60s);
    CHECK(telling.client->seen().size() == 1);
    CHECK(telling.lost("refused", 3));

    telling.client->answer("/v1/traces", with_status(200, {"two not"}));
    telling.waiting = {{"second", 5}};
    telling.pass(1s);
    CHECK(telling.lost("refused", 5));
    CHECK(telling.shows("portal_reporting_sent_total{what=\"spans\"} 3"));
}

TEST_CASE("what nobody takes is given up after some attempts", "[reporting]") {
    bool taken = false;
    Telling telling;  // nobody is there
    telling.waiting = {{"first", 3, [&taken] { taken = true; }}};
    telling.pass(1s);
    CHECK(telling.client->seen().size() == 1);
    telling.pass(99ms);
    CHECK(telling.client->seen().size() == 1);
    telling.pass(1ms);
    CHECK(telling.client->seen().size() == 2);
    CHECK(telling.lost("unreachable", 0));
    telling.pass(200ms);
    CHECK(telling.client->seen().size() == 3);
    CHECK(telling.lost("unreachable", 3));
    CHECK_FALSE(taken);
}

TEST_CASE("a collector that is down for long is given rest, and what waits is not lost by that",
          "[reporting]") {
    Telling telling;
    for (int i = 0; i < 40; ++i) {
        telling.waiting.push_back({std::to_string(i), 1});
        telling.pass(1s);
    }
    auto asked = telling.client->seen().size();
    CHECK(asked < 40);
    REQUIRE_FALSE(telling.waiting.empty());
    telling.client->answer("/v1/traces", {});
    for (int i = 0; i < 4; ++i) telling.pass(60s);

    CHECK(telling.waiting.empty());
    CHECK(telling.client->seen().back().content == "39");
}

TEST_CASE("what waits when the server stops is told, if that is quick", "[reporting]") {
    Telling telling;
    telling.client->answer("/v1/traces", {});
    telling.waiting = {{"last", 1}};
    telling.stop();
    CHECK(telling.ended());
    CHECK(telling.client->seen().size() == 1);
}
