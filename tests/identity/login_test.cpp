// Logins, over HTTP: who gets in, how soon, and what is told.
#include <fstream>
#include <sstream>
#include <thread>

#include "login_service.hpp"
#include "site.hpp"
#include "support/sqlite_file.hpp"
#include "telemetry/log.hpp"

namespace tests {

namespace {

using namespace std::chrono_literals;

constexpr const char* ann = "ann@example.org";

/// The body of a failure without what differs from request to request.
json told(const support::Answer& answer) {
    auto body = answer.json();
    body.erase("request_id");
    body["http"] = answer.status;
    return body;
}

/// The fastest of a few: what a machine that does other things too cannot make longer.
template <class Work>
std::chrono::microseconds fastest(Work work) {
    auto best = std::chrono::microseconds::max();
    for (int i = 0; i < 3; ++i) {
        auto started = std::chrono::steady_clock::now();
        work();
        auto taken = std::chrono::steady_clock::now() - started;
        best = std::min(best, std::chrono::duration_cast<std::chrono::microseconds>(taken));
    }
    return best;
}

}  // namespace

TEST_CASE("whoever has the password gets tokens", "[identity]") {
    Site site;
    site.open();
    auto id = site.add("Ann@Example.org", good_password, base::Role::author);
    auto answer = site.log_in("aNN@example.ORG", good_password);
    REQUIRE(answer.status == 200);
    CHECK(answer.field("Cache-Control") == "no-store");
    auto tokens = answer.json();
    CHECK(tokens.size() == 4);
    CHECK(tokens["token_type"] == "Bearer");
    CHECK(tokens["expires_in"] == 600);
    CHECK(tokens["refresh_token"].get<std::string>().size() == 43);

    auto me = site.ask("GET", "/v1/auth/me", nullptr, Site::bearer(tokens["access_token"]));
    CHECK(me.status == 200);
    CHECK(me.json() == json{{"id", id}, {"email", "Ann@Example.org"}, {"role", "author"}});
    CHECK(site.ask("GET", "/v1/auth/me").status == 401);
}

TEST_CASE("all that is wrong with a body is told at once", "[identity]") {
    Site site;
    site.open();
    auto missing = site.ask("POST", "/v1/auth/token", json::object());
    CHECK(missing.status == 422);
    CHECK(missing.json()["error"] == "invalid_request");
    CHECK(missing.json()["details"].size() == 2);
    auto wrong = site.ask("POST", "/v1/auth/token", {{"email", 1}});
    CHECK(wrong.status == 400);
    CHECK(wrong.json()["error"] == "malformed_request");
    CHECK(wrong.json()["details"].size() == 2);
    CHECK(site.ask("POST", "/v1/auth/token", json::array()).status == 400);
    CHECK(site.ask("POST", "/v1/auth/refresh", {{"refresh_token", nullptr}}).status == 400);
    CHECK(site.ask("POST", "/v1/auth/logout", json::object()).status == 422);
    CHECK(site.ask("POST", "/v1/auth/session", json::object()).status == 422);
    CHECK(site.ask("POST", "/v1/auth/token").status == 415);
}

TEST_CASE("unknown, wrong, pending and disabled are told alike, and in the same time",
          "[identity]") {
    Site site;
    site.config.failures_free = 1000;
    site.open();
    site.add(ann, good_password);
    auto disabled = site.add("off@example.org", good_password);
    site.add("admin@example.org", good_password, base::Role::admin);
    std::string admin = site.tokens("admin@example.org", good_password)["access_token"];
    REQUIRE(site.ask("PUT", "/v1/auth/users/" + std::to_string(disabled) + "/status",
                     {{"status", "disabled"}}, Site::bearer(admin))
                .status == 200);
    identity::NewAccount pending{"pending@example.org", good_password};
    REQUIRE(base::run(site.module->accounts().reserve(pending, {})));

    auto wrong = told(site.log_in(ann, "not the right one"));
    CHECK(wrong["http"] == 401);
    CHECK(wrong["error"] == "wrong_credentials");
    CHECK(told(site.log_in("nobody@example.org", good_password)) == wrong);
    CHECK(told(site.log_in("no address", good_password)) == wrong);
    CHECK(told(site.log_in("", "")) == wrong);
    CHECK(told(site.log_in("off@example.org", good_password)) == wrong);
    CHECK(told(site.log_in("pending@example.org", good_password)) == wrong);

    auto time_wrong = fastest([&] { site.log_in(ann, "not the right one"); });
    auto time_unknown = fastest([&] { site.log_in("nobody@example.org", "not the right one"); });
    CHECK(time_unknown.count() > time_wrong.count() / 3);
    CHECK(time_wrong.count() > time_unknown.count() / 3);
}

TEST_CASE("failed logins slow down the next, for unknown addresses too", "[identity]") {
    Site site;
    site.config.failures_free = 2;
    site.open();
    site.add(ann, good_password);
    for (const char* email : {ann, "nobody@example.org"}) {
        CAPTURE(email);
        for (int i = 0; i < 3; ++i) CHECK(site.log_in(email, "wrong wrong").status == 401);
        auto delayed = site.log_in(email, "wrong wrong");
        CHECK(delayed.status == 429);
        CHECK(delayed.json()["error"] == "login_delayed");
        CHECK(delayed.field("Retry-After") == "1");
        CHECK(site.log_in(email, good_password).status == 429);
        site.clock.advance(1s);
        CHECK(site.log_in(email, "wrong wrong").status == 401);
        CHECK(site.log_in(email, "wrong wrong").field("Retry-After") == "2");
    }
    site.clock.advance(2s);
    CHECK(site.log_in(ann, good_password).status == 200);
    // Success makes the account's count new.
    CHECK(site.log_in(ann, "wrong wrong").status == 401);
    CHECK(site.log_in(ann, good_password).status == 200);
    CHECK_THAT(site.metrics.text(),
               Catch::Contains("portal_identity_logins_total{outcome=\"delayed\"} 6\n"));
}

TEST_CASE("failed logins of many accounts slow down their client", "[identity]") {
    Site site;
    site.config.failures_free = 1;
    site.open();
    site.add(ann, good_password);
    for (int i = 0; i < 11; ++i) {
        CHECK(site.log_in("u" + std::to_string(i) + "@example.org", "wrong wrong").status == 401);
    }
    CHECK(site.log_in(ann, good_password).status == 429);
    site.clock.advance(1s);
    CHECK(site.log_in(ann, good_password).status == 200);
}

TEST_CASE("a client is an IPv4 address or an IPv6 network", "[identity]") {
    using identity::client_key_of;
    CHECK(client_key_of("192.0.2.1") == "192.0.2.1");
    CHECK(client_key_of("::ffff:192.0.2.1") == "192.0.2.1");
    CHECK(client_key_of("2001:db8:1:2::1") == client_key_of("2001:db8:1:2:ffff::9"));
    CHECK(client_key_of("2001:db8:1:2::1") != client_key_of("2001:db8:1:3::1"));
    CHECK(client_key_of("").empty());
}

TEST_CASE("many may log in at the same time", "[identity]") {
    Site site;
    site.config.failures_free = 1;
    site.open();
    site.add(ann, good_password);
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            support::HttpClient client(site.address());
            json body{{"email", ann}, {"password", good_password}};
            auto answer = client.request("POST", "/v1/auth/token", body.dump(),
                                         {{"Content-Type", "application/json"}});
            if (answer.status == 200) ++good;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(good == 16);
}

TEST_CASE("once it has to wait, one of many attempts at the same time is tried", "[identity]") {
    Site site;
    site.config.failures_free = 1;
    site.open();
    site.add(ann, good_password);
    for (int i = 0; i < 2; ++i) CHECK(site.log_in(ann, "wrong wrong").status == 401);
    site.clock.advance(1s);
    std::atomic<int> tried{0};
    std::atomic<int> delayed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            support::HttpClient client(site.address());
            json body{{"email", ann}, {"password", "wrong wrong"}};
            auto answer = client.request("POST", "/v1/auth/token", body.dump(),
                                         {{"Content-Type", "application/json"}});
            if (answer.status == 401) ++tried;
            if (answer.status == 429) ++delayed;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(tried == 1);
    CHECK(delayed == 15);
}

TEST_CASE("the log and the metrics know logins, but no secret and no address", "[identity]") {
    support::TemporaryFolder folder;
    telemetry::LogTarget target;
    target.level = telemetry::Level::debug;
    target.console = false;
    target.file = folder / "test.log";
    telemetry::start_log(target);
    std::vector<std::string> secrets = {
        ann, "ann@", good_password, "wrong wrong", "another long one", "nobody@"};
    std::string measured;
    {
        Site site;
        site.open();
        auto id = site.add(ann, good_password, base::Role::admin);
        site.log_in(ann, "wrong wrong");
        site.log_in("nobody@example.org", "wrong wrong");
        auto tokens = site.tokens(ann, good_password);
        auto session =
            site.ask("POST", "/v1/auth/session", {{"email", ann}, {"password", good_password}});
        site.me("x" + tokens["access_token"].get<std::string>());
        refresh(site, tokens);
        refresh(site, tokens, "another");
        identity::AccountChange change;
        change.password = "another long one";
        REQUIRE(site.change(id, change));
        REQUIRE(base::run(site.module->accounts().erase(id, {})));
        for (const char* name : {"access_token", "refresh_token"}) secrets.push_back(tokens[name]);
        secrets.push_back(session.json()["csrf_token"]);
        secrets.push_back(cookie_of(session));
        measured = site.metrics.text();
    }
    telemetry::stop_log();
    std::ifstream file(folder / "test.log");
    std::ostringstream text;
    text << file.rdbuf();
    auto log = text.str();
    for (const auto& secret : secrets) {
        CAPTURE(secret);
        CHECK(log.find(secret) == std::string::npos);
        CHECK(measured.find(secret) == std::string::npos);
    }
    CHECK_THAT(log, Catch::Contains("a login has succeeded"));
    CHECK_THAT(log, Catch::Contains("a login has failed"));
    CHECK_THAT(log, Catch::Contains("a refresh token was used twice"));
    CHECK_THAT(log, Catch::Contains("\"request_id\""));
}

TEST_CASE("a Django hash logs in and is replaced", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    site.close();
    support::change_database(site.folder / "identity.db",
                             "update accounts set password = "
                             "'pbkdf2_sha256$1000$abcDEF123456$G0WyLDhhtgUf0jKnJ0aGEDlRHfzbQJ6/"
                             "O740OTJLBy8='");
    bool by_session = GENERATE(false, true);
    site.open();
    CHECK(site.log_in(ann, good_password).status == 401);
    const char* target = by_session ? "/v1/auth/session" : "/v1/auth/token";
    CHECK(site.ask("POST", target, {{"email", ann}, {"password", "portal-test"}}).status == 200);
    site.close();
    CHECK(support::number_from_database(site.folder / "identity.db",
                                        "select password like '$argon2id$%' from accounts") == 1);
    site.open();
    CHECK(site.log_in(ann, "portal-test").status == 200);
}

}  // namespace tests
