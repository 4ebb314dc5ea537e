#include <numeric>

#include "answer_json.hpp"
#include "delivery.hpp"
#include "event_json.hpp"
#include "input_json.hpp"
#include "message_json.hpp"
#include "schedule.hpp"
#include "signature_crypto.hpp"
#include "support/catch.hpp"

namespace webhooks {

using namespace std::chrono_literals;

TEST_CASE("all waits for retries together are the span, each longer than the one before") {
    for (const auto& retries : {Retries{}, Retries{3, 1s, 1h}, Retries{10, 5s, 60s},
                                Retries{1, 5s, 1h}, Retries{100, 10ms, 168h}}) {
        CAPTURE(retries.most, retries.first.count());
        std::chrono::milliseconds sum{0};
        std::chrono::milliseconds last{0};
        for (std::int64_t retry = 1; retry <= retries.most; ++retry) {
            auto wait = wait_before(retries, retry);
            CHECK(wait >= last);
            last = wait;
            sum += wait;
        }
        CHECK(std::abs((sum - retries.span).count()) <= retries.span.count() / 1000);
    }
    CHECK(wait_before({}, 1) == 5s);
}

TEST_CASE("a wait is up to a tenth longer or shorter, the same for the same delivery") {
    std::chrono::milliseconds least = 1h;
    std::chrono::milliseconds most = 0h;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        auto wait = with_jitter(1000s, seed);
        CHECK(wait == with_jitter(1000s, seed));
        least = std::min(least, wait);
        most = std::max(most, wait);
    }
    CHECK(least >= 900s);
    CHECK(least < 920s);
    CHECK(most <= 1100s);
    CHECK(most > 1080s);
}

TEST_CASE("a target is left alone no shorter than it wants, and a little longer") {
    std::chrono::milliseconds most = 0h;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        for (auto asked : {4800ms, 5000ms, 600000ms}) {
            auto wait = wait_after({}, 1, asked, seed);
            CHECK(wait >= asked);
            CHECK(wait <= std::max(asked, 5000ms) * 11 / 10);
            if (asked == 600000ms) most = std::max(most, wait);
        }
        CHECK(wait_after({}, 1, 0ms, seed) == with_jitter(5000ms, seed));
    }
    CHECK(most > 650s);
}

TEST_CASE("a Retry-After in seconds is taken, up to the longest") {
    const std::pair<const char*, std::chrono::milliseconds> cases[] = {
        {"0", 0s},
        {"7", 7s},
        {"007", 7s},
        {"3601", 3601s},
        {"7200", 2h},
        {"7201", 2h},
        {"604800", 2h},
        {"99999999999999999999999", 2h},
        {"", 0s},
        {"-1", 0s},
        {"1.5", 0s},
        {"soon", 0s},
        {"Fri, 27 Nov 2026 16:00:00 GMT", 0s}};
    for (const auto& [text, span] : cases) {
        CAPTURE(text);
        CHECK(asked_wait(text, 2h) == span);
    }
}

TEST_CASE("half of what may wait is kept for the types of a webhook, for each as much") {
    CHECK(room_for({{"a", 0}}, "a", 1000) == 1000);
    CHECK(room_for({{"a", 0}, {"b", 0}}, "a", 1000) == 750);
    CHECK(room_for({{"a", 750}, {"b", 0}}, "a", 1000) == 0);
    CHECK(room_for({{"a", 750}, {"b", 0}}, "b", 1000) == 250);
    CHECK(room_for({{"a", 600}, {"b", 300}}, "a", 1000) == 100);
    CHECK(room_for({{"a", 600}, {"b", 300}}, "b", 1000) == 100);
    CHECK(room_for({{"a", 2000}, {"b", 0}}, "b", 1000) == 0);
    CHECK(room_for({{"a", 0}, {"b", 0}}, "a", 3) == 3);
    CHECK(room_for({{"a", 0}, {"b", 0}}, "b", 1) == 1);
}

TEST_CASE("only what readers are to see waits for the view of its type") {
    Unready unready{{{"sports", 7}}, {}};
    Announcement what{"sports", 8, 1, news::PublicChange::updated, {}, 0};
    CHECK(is_ahead(unready, what));
    what.position = 7;
    CHECK_FALSE(is_ahead(unready, what));
    what = {"sports", 8, 1, news::PublicChange::killed, {}, 0};
    CHECK_FALSE(is_ahead(unready, what));
    what = {"politics", 8, 1, news::PublicChange::updated, {}, 0};
    CHECK_FALSE(is_ahead(unready, what));
}

TEST_CASE("a place is kept for each webhook that has none") {
    struct Case {
        std::size_t own, all, idle;
        bool has;
    };
    const Case cases[] = {
        {0, 0, 10, true}, {0, 9, 1, true},  {0, 10, 1, false}, {1, 1, 8, true}, {1, 1, 9, false},
        {3, 3, 6, true},  {3, 3, 7, false}, {4, 4, 0, false},  {1, 9, 0, true}, {1, 10, 0, false},
    };
    for (const auto& one : cases) {
        CAPTURE(one.own, one.all, one.idle);
        CHECK(has_place({4, 10}, one.own, one.all, one.idle) == one.has);
    }
}

TEST_CASE("the id of a message is read back, and other texts are none") {
    Announcement what{"news_of-2", 17, 42, news::PublicChange::updated, {}, 4294967295};
    auto id = message_id(7, what);
    CHECK(id == "msg_7_news_of-2_17_4294967295");
    auto name = parse_message_id(id);
    REQUIRE(name);
    CHECK(name->webhook == 7);
    CHECK(name->news_type == "news_of-2");
    CHECK(name->position == 17);
    CHECK(name->mark == 4294967295);
    for (const char* bad :
         {"", "msg_", "msg_7", "msg_7_sports", "msg_7_sports_17", "msg_7__17_1",
          "msg_x_sports_17_1", "msg_7_sports_17_x", "msg_07_sports_17_1", "evt_7_sports_17_1",
          "msg_7_ping_0190b1c2-0000-7000-8000-000000000000"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_message_id(bad));
    }
}

// The expected texts were computed by hmac and base64 of Python.
TEST_CASE("messages are signed as Standard Webhooks says") {
    CHECK(signature_of({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                       1614265330, R"({"test": 2432232314})") ==
          "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    auto secret = secret_of(std::string(64, '0'), 7, 1);
    CHECK(secret == "whsec_IfyoimgwDNgFSmOZhRbS+nvo/QNzgbFiG9otc2z8ju8=");
    auto other = secret_of(std::string(64, '0'), 7, 2);
    CHECK(other != secret);
    CHECK(secret_of(std::string(64, '0'), 8, 1) != secret);
    auto signed_by_both =
        signature_of({secret, other}, "msg_7_sports_1_2", 1700000000, "{\"a\":\"\u00e9\"}");
    CHECK(signed_by_both.starts_with("v1,SoE0uUcRuxI0D5PnL4UZNC4phyGV/QD9fJ2RdF/gN8M= v1,"));
}

TEST_CASE("what an admin says of a webhook is read, or refused with all that is wrong") {
    using nlohmann::json;
    auto good = settings_from_json(
        json::parse(R"({"url":"https://a.example","events":["published","killed"],"types":["*"],
                        "description":"d","enabled":false,"id":7,"secret":"mine"})"),
        true);
    REQUIRE(good);
    auto settings = changed(Settings(), *good);
    CHECK(settings.url == "https://a.example");
    CHECK(text_of(settings.events) == "published killed");
    CHECK(settings.types.empty());
    CHECK_FALSE(settings.enabled);
    CHECK(wants(settings, news::PublicChange::killed, "sports"));
    CHECK_FALSE(wants(settings, news::PublicChange::updated, "sports"));

    const std::pair<const char*, const char*> bad[] = {
        {"[]", "malformed_webhook"},
        {"{}", "invalid_webhook"},
        {R"({"url":7})", "malformed_webhook"},
        {R"({"url":"u","events":"*"})", "malformed_webhook"},
        {R"({"url":"u","events":[7]})", "malformed_webhook"},
        {R"({"url":"u","events":[]})", "invalid_webhook"},
        {R"({"url":"u","events":["created"]})", "invalid_webhook"},
        {R"({"url":"u","events":["*","published"]})", "invalid_webhook"},
        {R"({"url":"u","types":[]})", "invalid_webhook"},
        {R"({"url":"u","enabled":"yes"})", "malformed_webhook"},
        {R"({"url":"u","description":null})", "malformed_webhook"},
    };
    for (const auto& [text, code] : bad) {
        CAPTURE(text);
        auto refused = settings_from_json(json::parse(text), true);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == code);
    }
    CHECK(settings_from_json(json::parse("{}"), false));
    Settings wrong{"u", {}, {"sports", "cooking"}, std::string(201, 'a')};
    CHECK(problems_of(wrong, {"sports"}).size() == 2);
}

TEST_CASE("a replay is from a time or from positions") {
    using nlohmann::json;
    auto from = replay_from_json(json::parse(R"({"from":"2026-05-04T10:20:30Z"})"));
    REQUIRE(from);
    CHECK(from->from);
    auto positions = replay_from_json(json::parse(R"({"positions":{"sports":7}})"));
    REQUIRE(positions);
    CHECK(positions->positions.at("sports") == 7);
    for (const char* bad :
         {"[]", "{}", R"({"from":"yesterday"})", R"({"from":null})", R"({"positions":{}})",
          R"({"positions":{"sports":-1}})", R"({"positions":{"sports":"7"}})",
          R"({"from":"2026-05-04T10:20:30Z","positions":{"sports":7}})"}) {
        CAPTURE(bad);
        CHECK_FALSE(replay_from_json(json::parse(bad)));
    }
}

TEST_CASE("every stored version of an event of a webhook is read for ever") {
    const std::pair<const char*, const char*> stored[] = {
        {"webhook_created.v1",
         R"({"url":"https://a.example/","events":"published killed","types":"sports","description":"d","enabled":true})"},
        {"webhook_changed.v1",
         R"({"url":"https://a.example/","events":"","types":"","description":"","enabled":false})"},
        {"webhook_removed.v1", "{}"},
        {"webhook_disabled.v1", "{}"},
        {"webhook_secret_rotated.v1", "{}"},
        {"webhook_replayed.v1", R"({"positions":{"sports":7}})"},
    };
    for (const auto& [type, body] : stored) {
        CAPTURE(type);
        auto event = event_from_json(type, body);
        CHECK(name_of(event) == type);
        CHECK(to_json(event) == body);
    }
    CHECK_THROWS(event_from_json("webhook_created.v9", "{}"));
    CHECK_THROWS(event_from_json("webhook_created.v1", "{}"));
}

TEST_CASE("a message has the news item, or its type and id") {
    Announcement what{"sports",
                      17,
                      42,
                      news::PublicChange::removed,
                      *base::parse_rfc3339("2026-05-04T10:20:30.123Z"),
                      1};
    CHECK(message_body(what, std::nullopt) ==
          R"({"type":"news.removed","timestamp":"2026-05-04T10:20:30.123Z",)"
          R"("data":{"event":"removed","news":{"news_type":"sports","id":42}}})");
    news::Article article;
    article.id = 42;
    article.title = "The cup";
    article.news_type = "sports";
    what.change = news::PublicChange::published;
    auto body = nlohmann::json::parse(message_body(what, article));
    CHECK(body.at("type") == "news.published");
    CHECK(body.at("data").at("news").at("title") == "The cup");
}

}  // namespace webhooks
