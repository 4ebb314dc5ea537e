#include <set>

#include "fixture.hpp"
#include "signature_crypto.hpp"
#include "support/sqlite_file.hpp"

namespace webhooks {

namespace {

using namespace std::chrono_literals;
using http::Method;

std::string path_of(const nlohmann::json& webhook) {
    return "/v1/webhooks/" + std::to_string(webhook.at("id").get<std::int64_t>());
}

std::string error_of(const http::Response& answer) {
    return nlohmann::json::parse(std::get<std::string>(answer.body)).value("error", "");
}

/// The states of a webhook's deliveries, newest first, with a space between them.
std::string states(Fixture& it, const nlohmann::json& webhook, const std::string& query = "") {
    std::string states;
    auto answer = it.get(path_of(webhook) + "/deliveries" + query);
    for (const auto& one : answer.at("deliveries")) {
        states += (states.empty() ? "" : " ") + one.at("state").get<std::string>();
    }
    return states;
}

}  // namespace

TEST_CASE("a webhook is made, shown, changed and removed, and its secret is told once") {
    Fixture it;
    auto made =
        it.make("a", R"(,"events":["published"],"types":["sports"],"description":"Agency")");
    auto secret = made.at("secret").get<std::string>();
    CHECK(secret.starts_with("whsec_"));
    CHECK(secret.size() == 6 + 44);
    auto shown = it.get(path_of(made)).at("webhook");
    CHECK_FALSE(shown.contains("secret"));
    CHECK(shown.at("url") == "https://example.org/a");
    CHECK(shown.at("events").dump() == R"(["published"])");
    CHECK(shown.at("types").dump() == R"(["sports"])");
    CHECK(shown.at("enabled") == true);
    CHECK(it.get("/v1/webhooks").at("webhooks").size() == 1);

    auto changed = it.ask(Method::put, path_of(made), R"({"events":["*"],"enabled":false})");
    CHECK(changed.status == 200);
    CHECK(changed.etag == "\"2\"");
    shown = it.get(path_of(made)).at("webhook");
    CHECK(shown.at("events").dump() == R"(["*"])");
    CHECK(shown.at("types").dump() == R"(["sports"])");
    CHECK(shown.at("enabled") == false);

    CHECK(it.ask(Method::del, path_of(made)).status == 204);
    for (const char* rest : {"", "/deliveries"}) {
        auto gone = it.ask(Method::get, path_of(made) + rest);
        CHECK(error_of(gone) == "webhook_not_found");
    }
    CHECK(it.get("/v1/webhooks").at("webhooks").empty());
}

TEST_CASE("a webhook that may not be is refused with all that is wrong") {
    Fixture it;
    it.config.webhooks_max = 2;
    it.close();
    it.open();
    auto refused =
        it.ask(Method::post, "/v1/webhooks", R"({"url":"https://10.0.0.1/","types":["cooking"]})");
    CHECK(refused.status == 422);
    auto details = nlohmann::json::parse(std::get<std::string>(refused.body)).at("details");
    REQUIRE(details.size() == 2);
    CHECK(details[0].at("field") == "url");
    CHECK(
        details[0].at("message").get<std::string>().starts_with("cannot be used: its host is no"));
    CHECK(details[1].at("field") == "types[0]");
    auto made = it.make("a");
    CHECK(it.ask(Method::put, path_of(made), R"({"url":"http://example.org/"})").status == 422);
    it.make("b");
    auto third = it.ask(Method::post, "/v1/webhooks", R"({"url":"https://example.org/"})");
    CHECK(third.status == 409);
    CHECK(error_of(third) == "too_many_webhooks");
}

TEST_CASE("the same call makes a webhook once, and tells its secret again") {
    Fixture it;
    std::string body = R"({"url":"https://example.org/a"})";
    auto first = it.ask(Method::post, "/v1/webhooks", body, "key-1");
    auto again = it.ask(Method::post, "/v1/webhooks", body, "key-1");
    CHECK(again.status == 201);
    CHECK(std::get<std::string>(again.body) == std::get<std::string>(first.body));
    CHECK(it.get("/v1/webhooks").at("webhooks").size() == 1);
}

TEST_CASE("a webhook is told what readers see, signed, and nothing else") {
    Fixture it;
    auto made = it.make("a");
    it.happens(1, "article_created.v1",
               {{"title", "Draft"},
                {"description", ""},
                {"content", "x"},
                {"author", "A"},
                {"tags", nlohmann::json::array()},
                {"status", "draft"}});
    it.update(1);
    CHECK(it.targets->sent.empty());
    it.publish(2);
    it.update(2);
    it.happens(2, "article_unpublished.v1");
    it.happens(2, "article_removed.v1");
    it.publish(3, "politics");
    CHECK(it.targets->words("/a") == "published:2 updated:2 unpublished:2 published:3");

    const auto& first = it.targets->sent.front();
    CHECK(first.id.starts_with("msg_" + std::to_string(made.at("id").get<std::int64_t>()) +
                               "_sports_3_"));
    CHECK(first.timestamp == std::to_string(base::to_micros(it.clock.now()) / 1000000));
    CHECK(first.signature == signature_of({made.at("secret").get<std::string>()}, first.id,
                                          std::stoll(first.timestamp), first.text));
    CHECK(first.body.at("data").at("event") == "published");
    CHECK(first.body.at("data").at("news").at("title") == "Title 2");
    CHECK(it.targets->sent[2].body.at("data").at("news").dump() ==
          R"({"id":2,"news_type":"sports"})");
}

TEST_CASE("a webhook is told only the events and types that it wants") {
    Fixture it;
    it.make("a", R"(,"events":["removed"])");
    it.make("b", R"(,"types":["politics"])");
    it.publish(1);
    it.publish(2, "politics");
    it.happens(1, "article_removed.v1");
    CHECK(it.targets->words("/a") == "removed:1");
    CHECK(it.targets->words("/b") == "published:2");
}

TEST_CASE("what was taken back meanwhile is told by type and id alone") {
    Fixture it;
    it.make("a");
    news::Article removed;
    removed.id = 5;
    removed.status = news::Status::removed;
    it.targets->answer = [&](const FakeTargets::Sent&) {
        it.sports_queries.put(removed);
        return 200;
    };
    it.publish(5);
    it.update(5);
    REQUIRE(it.targets->sent.size() == 2);
    CHECK(it.targets->sent[1].body.at("data").at("news").dump() ==
          R"({"id":5,"news_type":"sports"})");
}

TEST_CASE("nothing is sent before the view has it") {
    Fixture it;
    it.make("a");
    it.sports_queries.known.reset();
    it.publish(1);
    CHECK(it.targets->sent.empty());
    it.sports_queries.known = news::Generation{0, 0};
    it.wait(200ms);
    CHECK(it.targets->sent.empty());
    it.sports_queries.known = news::Generation{0, 1};
    it.wait(200ms);
    CHECK(it.targets->words("/a") == "published:1");
}

TEST_CASE("what a view that lags does not have yet holds back nothing else") {
    Fixture it;
    it.config.pending_max = 8;
    it.close();
    it.open();
    it.make("a");
    it.publish(30);
    it.sports_queries.known.reset();
    for (int i = 1; i <= 5; ++i) it.publish(i);
    it.happens(30, "article_killed.v1", {{"notice", "Wrong."}});
    for (int i = 6; i <= 20; ++i) it.publish(i);
    for (int i = 41; i <= 44; ++i) it.publish(i, "politics");
    CHECK(it.targets->words("/a") ==
          "published:30 killed:30 published:41 published:42 published:43 published:44");
    it.sports_queries.known = news::Generation{0, 1000000};
    it.wait(200ms);
    CHECK(it.targets->sent.size() == 26);
    CHECK(it.targets->words("/a").ends_with("published:18 published:19 published:20"));
}

TEST_CASE("articles that cannot be read hold back nothing else") {
    Fixture it;
    it.make("a");
    for (int i = 1; i <= 12; ++i) it.sports_queries.unreadable.insert(i);
    for (int i = 1; i <= 12; ++i) it.publish(i);
    it.publish(13);
    it.publish(14, "politics");
    CHECK(it.targets->words("/a") == "published:13 published:14");
    auto asked = it.sports_queries.asked;
    it.wait(3s);
    CHECK(it.sports_queries.asked - asked <= 3 * 12);
    it.sports_queries.unreadable.clear();
    it.wait(2s);
    CHECK(it.targets->sent.size() == 14);
}

TEST_CASE("what is tried again in its time goes before what is new") {
    Fixture it;
    it.config.in_flight_per_webhook = 1;
    it.close();
    it.open();
    auto made = it.make("a");
    it.targets->answer = [](const FakeTargets::Sent&) { return 400; };
    it.publish(1);
    it.targets->answer = [](const FakeTargets::Sent&) { return FakeTargets::hangs; };
    it.publish(2);
    it.wait(8s);
    it.publish(3);
    auto waiting = it.get(path_of(made) + "/deliveries?limit=1").at("deliveries")[0];
    CHECK(waiting.at("next_attempt_at") == base::to_rfc3339(it.clock.now()));
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.targets->release();
    it.settle();
    CHECK(it.targets->words("/a") == "published:1 published:2 published:1 published:3");
}

TEST_CASE("one delivery of an article is under way at a time, and others go on") {
    Fixture it;
    it.make("a");
    it.targets->answer = [](const FakeTargets::Sent& sent) {
        bool is_first = sent.body.at("data").at("news").at("id") == 1;
        return is_first && sent.word() == "news.published" ? FakeTargets::hangs : 200;
    };
    it.publish(1);
    it.update(1);
    it.publish(2);
    it.publish(3);
    CHECK(it.targets->words("/a") == "published:1 published:2 published:3");
    it.targets->release();
    it.settle();
    CHECK(it.targets->words("/a") == "published:1 published:2 published:3 updated:1");
}

TEST_CASE("a target that hangs holds back nobody else") {
    Fixture it;
    it.config.webhooks_max = 3;
    it.config.in_flight_max = 4;
    it.close();
    it.open();
    it.make("hangs");
    it.make("dead");
    it.make("good");
    it.targets->answer = [](const FakeTargets::Sent& sent) {
        return sent.target == "/hangs" ? FakeTargets::hangs : sent.target == "/dead" ? -1 : 200;
    };
    for (int i = 1; i <= 10; ++i) it.publish(i);
    it.wait(10s);
    CHECK(it.targets->words("/hangs") == "published:1 published:2");
    CHECK(it.targets->words("/good") ==
          "published:1 published:2 published:3 published:4 published:5 published:6 published:7 "
          "published:8 published:9 published:10");
}

TEST_CASE(
    "what is not taken is tried again later and later, then given up, and the next one goes") {
    Fixture it;
    it.config.retries_max = 3;
    it.config.retry_first = 10s;
    it.config.retry_span = 1h;
    it.close();
    it.open();
    auto made = it.make("a");
    it.targets->answer = [](const FakeTargets::Sent& sent) {
        return sent.word() == "news.published" ? 400 : 200;
    };
    it.publish(1);
    it.update(1);
    CHECK(it.targets->sent.size() == 1);
    it.wait(8s);
    CHECK(it.targets->sent.size() == 1);
    it.wait(4s);
    CHECK(it.targets->sent.size() == 2);
    CHECK(states(it, made, "?state=pending") == "pending pending");
    it.wait(70min);
    CHECK(it.targets->words("/a") == "published:1 published:1 published:1 published:1 updated:1");
    for (std::size_t i = 1; i < 4; ++i) CHECK(it.targets->sent[i].id == it.targets->sent[0].id);
    CHECK(states(it, made) == "delivered dead");
    auto dead = it.get(path_of(made) + "/deliveries?state=dead").at("deliveries")[0];
    CHECK(dead.at("attempts") == 4);
    CHECK(dead.at("last_status") == 400);
    CHECK(dead.at("last_error") == "not_taken");
    CHECK(dead.at("next_attempt_at").is_null());

    it.targets->answer = [](const FakeTargets::Sent&) { return 204; };
    auto again =
        it.post(path_of(made) + "/deliveries/" + it.targets->sent[0].id + "/redeliver", "");
    CHECK(again.at("delivery").at("attempts") == 0);
    CHECK(again.at("delivery").at("next_attempt_at") == base::to_rfc3339(it.clock.now()));
    CHECK(it.targets->sent.size() == 6);
    CHECK(states(it, made) == "delivered delivered");
    auto missing = it.ask(Method::post, path_of(made) + "/deliveries/msg_1_sports_1_1/redeliver");
    CHECK(error_of(missing) == "delivery_not_found");
}

TEST_CASE("a target is asked again no sooner than it wants") {
    Fixture it;
    it.make("a");
    it.targets->retry_after = "600";
    it.targets->answer = [](const FakeTargets::Sent&) { return 429; };
    it.publish(1);
    it.publish(2);
    CHECK(it.targets->sent.size() == 1);
    it.wait(500s);
    CHECK(it.targets->words("/a") == "published:1 published:2");
    it.wait(200s);
    CHECK(it.targets->words("/a").starts_with("published:1 published:2 published:1"));
}

TEST_CASE("of two rests that a target wants the longer one counts") {
    Fixture it;
    it.make("a");
    it.targets->answer = [](const FakeTargets::Sent& sent) {
        return sent.body.at("data").at("news").at("id") == 1 ? FakeTargets::hangs : 429;
    };
    it.publish(1);
    it.targets->retry_after = "60";
    it.publish(2);
    it.targets->retry_after = "1";
    it.targets->answer_late = 429;
    it.targets->release();
    it.settle();
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.publish(3);
    it.wait(55s);
    CHECK(it.targets->words("/a") == "published:1 published:2");
    it.wait(15s);
    CHECK(it.targets->sent.size() == 5);
}

TEST_CASE("a target that wants rest for days is asked again after the longest span of retries") {
    Fixture it;
    it.config.retry_span = 2h;
    it.close();
    it.open();
    it.make("a");
    it.targets->retry_after = "604800";
    it.targets->answer = [](const FakeTargets::Sent&) { return 503; };
    it.publish(1);
    it.wait(119min);
    CHECK(it.targets->sent.size() == 1);
    it.wait(14min);
    CHECK(it.targets->sent.size() == 2);
}

TEST_CASE("a target that fails over and over is given rest, which is no attempt") {
    Fixture it;
    auto made = it.make("a");
    it.targets->answer = [](const FakeTargets::Sent&) { return -1; };
    for (int i = 1; i <= 40; ++i) it.publish(i);
    CHECK(it.targets->sent.size() < 20);
    CHECK(it.module->checks().at(1).warn().find("1 webhooks") == 0);
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.wait(2min);
    CHECK(states(it, made, "?state=pending") == "");
    CHECK(it.get(path_of(made) + "/deliveries?state=delivered&limit=100").at("deliveries").size() ==
          40);
}

TEST_CASE("what was not delivered before a stop is delivered after it under the same id") {
    Fixture it;
    it.make("a");
    it.targets->answer = [](const FakeTargets::Sent& sent) {
        return sent.body.at("data").at("news").at("id") == 1 ? -1 : FakeTargets::hangs;
    };
    it.publish(1);
    it.publish(2);
    CHECK(it.targets->sent.size() == 2);
    it.close();
    // Published while nobody hears.
    it.sports.add(3,
                  R"({"title":"c","description":"","content":"x","author":"A","tags":[],)"
                  R"("status":"published","published_at":"2026-03-01T12:00:00Z"})",
                  "article_created.v1");
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.open();
    it.wait(10s);
    std::map<std::string, int> times;
    for (const auto& one : it.targets->sent) ++times[one.id];
    CHECK(times.size() == 3);
    CHECK(it.targets->words("/a") == "published:1 published:2 published:2 published:3 published:1");
}

TEST_CASE("a target that is gone is sent nothing more until it is enabled again") {
    Fixture it;
    auto made = it.make("a");
    it.targets->answer = [](const FakeTargets::Sent&) { return 410; };
    it.publish(1);
    auto shown = it.get(path_of(made)).at("webhook");
    CHECK(shown.at("enabled") == false);
    CHECK(shown.at("gone") == true);
    it.publish(2);
    it.wait(1min);
    CHECK(it.targets->sent.size() == 1);
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    CHECK(it.ask(Method::put, path_of(made), R"({"enabled":true})").status == 200);
    CHECK(it.get(path_of(made)).at("webhook").at("gone") == false);
    CHECK(it.targets->words("/a") == "published:1 published:1 published:2");
}

TEST_CASE("a target that is gone says nothing against the one in its place") {
    Fixture it;
    auto made = it.make("old");
    it.targets->answer = [](const FakeTargets::Sent&) { return FakeTargets::hangs; };
    it.publish(1);
    auto moved = it.ask(Method::put, path_of(made), R"({"url":"https://example.org/new"})");
    REQUIRE(moved.status == 200);
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.targets->answer_late = 410;
    it.targets->release();
    it.settle();
    CHECK(it.get(path_of(made)).at("webhook").at("enabled") == true);
    it.wait(10s);
    CHECK(it.targets->words("/new") == "published:1");
}

TEST_CASE("a webhook can be disabled though it may not be any more what it is") {
    Fixture it;
    it.config.allow = {"10.0.0.0/8"};
    it.close();
    it.open();
    auto made = it.post("/v1/webhooks", R"({"url":"http://10.0.0.1/a"})", 201).at("webhook");
    it.config.allow.clear();
    it.close();
    it.open();
    CHECK(it.ask(Method::put, path_of(made), R"({"description":"Mine"})").status == 422);
    auto both = it.ask(Method::put, path_of(made), R"({"enabled":false,"description":"Mine"})");
    CHECK(both.status == 422);
    CHECK(it.ask(Method::put, path_of(made), R"({"enabled":false})").status == 200);
    CHECK(it.get(path_of(made)).at("webhook").at("enabled") == false);
    CHECK(it.ask(Method::put, path_of(made), R"({"enabled":true})").status == 422);
}

TEST_CASE("a webhook is told what happens after it was made, whenever that is heard") {
    Fixture it;
    it.sports.refuse(true);
    it.publish(1);
    auto made = it.make("a");
    it.publish(2);
    it.sports.refuse(false);
    it.wait(10s);
    CHECK(it.targets->words("/a") == "published:2");
    it.sports.refuse(true);
    it.publish(3);
    auto skipped = it.post(path_of(made) + "/replay", R"({"from":"2030-01-01T00:00:00Z"})");
    CHECK(skipped.at("positions").at("sports") == 3);
    it.publish(4);
    it.sports.refuse(false);
    it.wait(10s);
    CHECK(it.targets->words("/a") == "published:2 published:4");
}

TEST_CASE("a secret is made once for the same call, and told again") {
    Fixture it;
    auto made = it.make("a");
    auto rotate = [&](const std::string& key) {
        auto answer = it.ask(Method::post, path_of(made) + "/rotate-secret", "", key);
        REQUIRE(answer.status == 200);
        return std::get<std::string>(answer.body);
    };
    auto first = rotate("key-1");
    it.clock.advance(1h);
    CHECK(rotate("key-1") == first);
    CHECK(it.get(path_of(made)).at("webhook").at("version") == 2);
    auto second = rotate("key-2");
    CHECK(second != first);
    CHECK(rotate("key-1") == first);
    CHECK(rotate("key-2") == second);
    CHECK(it.get(path_of(made)).at("webhook").at("version") == 3);
    auto other = it.ask(Method::post, path_of(made) + "/rotate-secret", "{}", "key-1");
    CHECK(error_of(other) == "idempotency_key_reused");
}

TEST_CASE("both secrets sign for a while after a rotation") {
    Fixture it;
    auto made = it.make("a");
    auto old = made.at("secret").get<std::string>();
    auto rotated = it.post(path_of(made) + "/rotate-secret", "");
    auto fresh = rotated.at("secret").get<std::string>();
    CHECK(fresh != old);
    it.publish(1);
    it.clock.advance(25h);
    it.publish(2);
    REQUIRE(it.targets->sent.size() == 2);
    auto signed_by = [&](std::size_t i, const std::vector<std::string>& secrets) {
        const auto& one = it.targets->sent[i];
        return signature_of(secrets, one.id, std::stoll(one.timestamp), one.text);
    };
    CHECK(it.targets->sent[0].signature == signed_by(0, {fresh, old}));
    CHECK(it.targets->sent[1].signature == signed_by(1, {fresh}));
}

TEST_CASE("a webhook is told again from a time, or from positions") {
    Fixture it;
    it.publish(1);
    auto made = it.make("a");
    CHECK(it.targets->sent.empty());
    auto from = it.post(path_of(made) + "/replay", R"({"from":"1970-01-01T00:00:00Z"})");
    CHECK(from.at("positions").dump() == R"({"politics":0,"sports":0})");
    CHECK(it.targets->words("/a") == "published:1");
    it.publish(2);
    it.post(path_of(made) + "/replay", R"({"positions":{"sports":1}})");
    REQUIRE(it.targets->words("/a") == "published:1 published:2 published:2");
    CHECK(it.targets->sent[1].id == it.targets->sent[2].id);
    auto later = it.post(path_of(made) + "/replay", R"({"from":"2030-01-01T00:00:00Z"})");
    CHECK(later.at("positions").dump() == R"({"politics":0,"sports":2})");
    CHECK(it.targets->sent.size() == 3);
    for (const char* bad : {R"({"positions":{"sports":3}})", R"({"positions":{"cooking":0}})"}) {
        CHECK(error_of(it.ask(Method::post, path_of(made) + "/replay", bad)) == "invalid_replay");
    }
}

TEST_CASE("a replay from a time begins before all that is of that time or later") {
    Fixture it;
    auto made = it.make("a");
    // The clock was ahead, and somebody has set it right.
    for (const char* at : {"2026-03-01T10:00:00Z", "2026-03-01T13:00:00Z", "2026-03-01T11:30:00Z",
                           "2026-03-01T11:45:00Z"}) {
        it.sports.set_time(*base::parse_rfc3339(at));
        it.publish(static_cast<std::int64_t>(it.targets->sent.size()) + 1);
    }
    it.targets->sent.clear();
    auto from = it.post(path_of(made) + "/replay", R"({"from":"2026-03-01T11:40:00Z"})");
    CHECK(from.at("positions").at("sports") == 1);
    CHECK(it.targets->words("/a") == "published:2 published:3 published:4");
}

TEST_CASE("a replay is only of the webhook that If-Match names") {
    Fixture it;
    auto made = it.make("a");
    it.publish(1);
    std::string from = R"({"from":"1970-01-01T00:00:00Z"})";
    auto stale = it.ask(Method::post, path_of(made) + "/replay", from, "", "\"7\"");
    CHECK(stale.status == 412);
    CHECK(error_of(stale) == "precondition_failed");
    CHECK(it.targets->sent.size() == 1);
    CHECK(it.ask(Method::post, path_of(made) + "/replay", from, "", "\"1\"").status == 200);
    CHECK(it.targets->words("/a") == "published:1 published:1");
}

TEST_CASE("more than may wait stays in the logs, in order, and nothing is lost") {
    Fixture it;
    it.config.pending_max = 3;
    it.close();
    it.open();
    auto made = it.make("a");
    it.targets->answer = [](const FakeTargets::Sent&) { return FakeTargets::hangs; };
    for (int i = 1; i <= 8; ++i) it.publish(i);
    CHECK(states(it, made) == "pending pending pending");
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.targets->release();
    it.settle();
    CHECK(it.targets->words("/a") ==
          "published:1 published:2 published:3 published:4 published:5 published:6 published:7 "
          "published:8");
}

TEST_CASE("types share what may wait, and take turns where there is no room for both") {
    Fixture it;
    auto most = GENERATE(4, 1);
    it.config.pending_max = most;
    it.close();
    it.open();
    auto made = it.make("a", R"(,"enabled":false)");
    for (int i = 1; i <= 6; ++i) it.publish(i);
    for (int i = 41; i <= 46; ++i) it.publish(i, "politics");
    it.targets->answer = [](const FakeTargets::Sent&) { return FakeTargets::hangs; };
    CHECK(it.ask(Method::put, path_of(made), R"({"enabled":true})").status == 200);
    std::multiset<std::string> types;
    for (const auto& one : it.targets->sent) {
        types.insert(one.body.at("data").at("news").at("news_type").get<std::string>());
    }
    CHECK(types.size() == static_cast<std::size_t>(most));
    if (most == 4) CHECK(types.count("sports") == 2);
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.targets->release();
    it.settle();
    REQUIRE(it.targets->sent.size() == 12);
    for (std::size_t i = 0; most == 1 && i < 12; ++i) {
        const auto& its = it.targets->sent[i].body.at("data").at("news").at("news_type");
        CHECK(its == it.targets->sent[i % 2].body.at("data").at("news").at("news_type"));
    }
    CHECK(it.targets->sent[0].id != it.targets->sent[1].id);
}

TEST_CASE("what a webhook that was removed was sent is forgotten by and by") {
    Fixture it;
    auto made = it.make("a");
    it.make("b");
    for (int i = 1; i <= 600; ++i) {
        it.sports.add(i,
                      R"({"title":"c","description":"","content":"x","author":"A","tags":[],)"
                      R"("status":"published","published_at":"2026-03-01T12:00:00Z"})",
                      "article_created.v1");
    }
    it.settle();
    REQUIRE(it.targets->sent.size() == 1200);
    auto all_of = [&](const char* which) {
        it.close();
        auto count = support::number_from_database(
            it.folder.path() / "webhooks.db",
            std::string("select count(*) from deliveries where webhook ") + which +
                std::to_string(made.at("id").get<std::int64_t>()));
        it.open();
        return count;
    };
    CHECK(it.ask(Method::del, path_of(made)).status == 204);
    CHECK(all_of("=") > 0);
    it.wait(2min);
    CHECK(all_of("=") == 0);
    CHECK(all_of("<>") == 600);
}

TEST_CASE("deliveries are listed in parts, and forgotten when they are old or too many") {
    Fixture it;
    it.config.deliveries_max = 5;
    it.close();
    it.open();
    auto made = it.make("a");
    for (int i = 1; i <= 8; ++i) it.publish(i);
    auto first = it.get(path_of(made) + "/deliveries?limit=3");
    CHECK(first.at("deliveries").size() == 3);
    CHECK(first.at("deliveries")[0].at("news_id") == 8);
    auto next = first.at("next").get<std::string>();
    auto second = it.get(path_of(made) + "/deliveries?limit=100&cursor=" + next);
    CHECK(second.at("deliveries")[0].at("news_id") == 5);
    CHECK(second.at("next").is_null());
    it.wait(2min);
    CHECK(it.get(path_of(made) + "/deliveries").at("deliveries").size() == 5);
    it.wait(8 * 24h);
    CHECK(states(it, made) == "");
    for (const char* bad : {"?limit=0", "?cursor=x", "?state=lost"}) {
        CHECK(it.ask(Method::get, path_of(made) + "/deliveries" + bad).status == 400);
    }
}

TEST_CASE("a log of another history is heard anew, and what was not delivered is told again") {
    Fixture it;
    it.make("a");
    it.publish(1);
    it.targets->answer = [](const FakeTargets::Sent&) { return -1; };
    it.publish(2);
    it.close();
    it.sports.change_history();
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.open();
    it.publish(3);
    it.wait(10s);
    CHECK(it.targets->words("/a") == "published:1 published:2 published:2 published:3");
    CHECK(it.targets->sent[1].id != it.targets->sent[2].id);
}

TEST_CASE("of a log of another history much is forgotten, and all is told again") {
    Fixture it;
    it.config.pending_max = 800;
    it.close();
    for (int i = 1; i <= 1100; ++i) {
        it.sports.add(i,
                      R"({"title":"c","description":"","content":"x","author":"A","tags":[],)"
                      R"("status":"published","published_at":"2026-03-01T12:00:00Z"})",
                      "article_created.v1");
    }
    it.open();
    auto made = it.make("a");
    it.targets->answer = [](const FakeTargets::Sent&) { return FakeTargets::hangs; };
    it.post(path_of(made) + "/replay", R"({"positions":{"sports":0}})");
    it.close();
    auto file = it.folder.path() / "webhooks.db";
    CHECK(support::number_from_database(file, "select count(*) from deliveries where state = 0") ==
          600);
    it.sports.change_history();
    it.targets->sent.clear();
    it.targets->answer = [](const FakeTargets::Sent&) { return 200; };
    it.open();
    it.wait(10s);
    // What was sent before it was forgotten is not told again, or under another id.
    std::set<std::string> ids;
    std::set<std::int64_t> articles;
    for (const auto& one : it.targets->sent) {
        ids.insert(one.id);
        articles.insert(one.body.at("data").at("news").at("id").get<std::int64_t>());
    }
    CHECK(articles.size() == 1100);
    CHECK(ids.size() == it.targets->sent.size());
}

TEST_CASE("what could not be heard for a while is told late, but told") {
    Fixture it;
    it.make("a");
    it.happens(1, "article_created.v1", "no object");
    it.publish(2);
    CHECK(it.targets->words("/a") == "published:2");
    CHECK(it.module->subscriptions().at(1).subscription->parked() == 1);
    it.make("later");
    it.sports.say(1, R"({"title":"c","description":"","content":"x","author":"A","tags":[],)"
                     R"("status":"published","published_at":"2026-03-01T12:00:00Z"})");
    it.wait(1s);
    CHECK(it.targets->words("/a") == "published:2 published:1");
    CHECK(it.targets->words("/later") == "");
}

TEST_CASE("a change of an article that came back from an archive is told") {
    Fixture it;
    it.close();
    it.sports.add(1,
                  R"({"title":"c","description":"","content":"x","author":"A","tags":[],)"
                  R"("status":"published","published_at":"2026-03-01T12:00:00Z"})",
                  "article_created.v1");
    it.sports.archive(1);
    it.open();
    it.make("a");
    it.sports.archive(1, false);
    it.update(1);
    CHECK(it.targets->words("/a") == "updated:1");
}

TEST_CASE("a message that only tries says what came of it") {
    Fixture it;
    auto made = it.make("a", R"(,"enabled":false)");
    auto good = it.post(path_of(made) + "/test", "");
    CHECK(good.at("delivered") == true);
    CHECK(good.at("response_status") == 200);
    REQUIRE(it.targets->sent.size() == 1);
    CHECK(it.targets->sent[0].word() == "webhook.ping");
    it.targets->answer = [](const FakeTargets::Sent&) { return 302; };
    auto moved = it.post(path_of(made) + "/test", "");
    CHECK(moved.at("delivered") == false);
    CHECK(moved.at("response_status") == 302);
    CHECK(moved.at("error") == "not_taken");
    it.targets->answer = [](const FakeTargets::Sent&) { return -1; };
    auto dead = it.post(path_of(made) + "/test", "");
    CHECK(dead.at("response_status").is_null());
    CHECK(dead.at("error") == "upstream_refused");
}

}  // namespace webhooks
