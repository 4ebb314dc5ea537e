// What comes after a login, over HTTP: exchanged tokens, logouts, a browser's session.
#include <thread>

#include "site.hpp"

namespace tests {

namespace {

using namespace std::chrono_literals;

constexpr const char* ann = "ann@example.org";

}  // namespace

TEST_CASE("a refresh token is good for one exchange", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    auto first = site.tokens(ann, good_password);
    auto answer = refresh(site, first);
    REQUIRE(answer.status == 200);
    CHECK(answer.field("Cache-Control") == "no-store");
    auto second = answer.json();
    CHECK(second["refresh_token"] != first["refresh_token"]);
    CHECK(site.me(second["access_token"]) == 200);
    CHECK(site.me(first["access_token"]) == 200);

    // The second use says that somebody has a copy: all that came of the login ends.
    auto other_login = site.tokens(ann, good_password);
    auto reused = refresh(site, first);
    CHECK(reused.status == 401);
    CHECK(reused.json()["error"] == "invalid_refresh_token");
    CHECK(refresh(site, second).status == 401);
    CHECK(site.me(second["access_token"]) == 401);
    CHECK(site.me(first["access_token"]) == 401);
    CHECK(site.me(other_login["access_token"]) == 200);
    site.reopen();
    CHECK(site.me(second["access_token"]) == 401);
    CHECK(site.me(other_login["access_token"]) == 200);
    CHECK(refresh(site, other_login).status == 200);
}

TEST_CASE("a login ends after its time, however often it was refreshed", "[identity]") {
    Site site;
    site.config.refresh_life_s = 3600s;
    site.open();
    site.add(ann, good_password);
    auto tokens = site.tokens(ann, good_password);
    site.clock.advance(3000s);
    auto answer = refresh(site, tokens);
    REQUIRE(answer.status == 200);
    tokens = answer.json();
    site.clock.advance(600s);
    CHECK(refresh(site, tokens).status == 401);
}

TEST_CASE("of 100 exchanges of one token at the same time one wins, and the login ends",
          "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    auto tokens = site.tokens(ann, good_password);
    std::atomic<int> won{0};
    std::atomic<int> refused{0};
    std::string winner;
    std::vector<std::thread> threads;
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&] {
            support::HttpClient client(site.address());
            json body{{"refresh_token", tokens["refresh_token"]}};
            for (int n = 0; n < 5; ++n) {
                auto answer = client.request("POST", "/v1/auth/refresh", body.dump(),
                                             {{"Content-Type", "application/json"}});
                if (answer.status == 401) ++refused;
                if (answer.status == 200 && ++won == 1) winner = answer.body;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(won == 1);
    CHECK(refused == 99);
    auto last = json::parse(winner);
    CHECK(refresh(site, last).status == 401);
    CHECK(site.me(last["access_token"]) == 401);
    CHECK(site.me(tokens["access_token"]) == 401);
    CHECK_THAT(site.metrics.text(), Catch::Contains("portal_identity_refresh_reused_total 1\n"));
}

TEST_CASE("a logout ends one login", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    auto one = site.tokens(ann, good_password);
    auto other = site.tokens(ann, good_password);
    CHECK(site.me(one["access_token"]) == 200);
    json body{{"refresh_token", one["refresh_token"]}};
    CHECK(site.ask("POST", "/v1/auth/logout", body).status == 204);
    CHECK(site.me(one["access_token"]) == 401);
    CHECK(refresh(site, one).status == 401);
    CHECK(site.ask("POST", "/v1/auth/logout", body).status == 204);
    CHECK(site.ask("POST", "/v1/auth/logout", {{"refresh_token", "unknown"}}).status == 204);
    CHECK(site.me(other["access_token"]) == 200);
    site.reopen();
    CHECK(site.me(one["access_token"]) == 401);
}

TEST_CASE("a browser's session is a cookie, and changes need its CSRF token", "[identity]") {
    Site site;
    site.open();
    auto admin = site.add("admin@example.org", good_password, base::Role::admin);
    auto id = site.add(ann, good_password);
    json credentials{{"email", "admin@example.org"}, {"password", good_password}};
    auto answer = site.ask("POST", "/v1/auth/session", credentials);
    REQUIRE(answer.status == 200);
    CHECK(answer.field("Cache-Control") == "no-store");
    auto field = answer.field("Set-Cookie");
    CHECK_THAT(field, Catch::StartsWith("__Host-portal=ey"));
    CHECK_THAT(field, Catch::EndsWith("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200"));
    auto session = answer.json();
    CHECK(session["id"] == admin);
    CHECK(session["role"] == "admin");
    CHECK(session["expires_in"] == 43200);

    std::string csrf = session["csrf_token"];
    support::Fields cookie{{"Cookie", "a=b; " + cookie_of(answer)}};
    auto with = [&](const std::string& token) {
        auto fields = cookie;
        fields.emplace_back("X-CSRF-Token", token);
        return fields;
    };
    auto target = "/v1/auth/users/" + std::to_string(id) + "/role";
    json body{{"role", "editor"}};
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, cookie).json()["id"] == admin);
    auto missing = site.ask("PUT", target, body, cookie);
    CHECK(missing.status == 403);
    CHECK(missing.json()["error"] == "csrf_token_missing");
    auto wrong = site.ask("PUT", target, body, with(std::string(csrf.size(), 'A')));
    CHECK(wrong.status == 403);
    CHECK(wrong.json()["error"] == "csrf_token_wrong");
    auto other = site.ask("POST", "/v1/auth/session", credentials);
    CHECK(site.ask("PUT", target, body, with(other.json()["csrf_token"])).status == 403);
    CHECK(site.ask("PUT", target, body, with(csrf)).status == 200);

    // A bearer token wins, good or bad.
    auto both = cookie;
    both.emplace_back("Authorization", "Bearer x");
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, both).status == 401);
    std::string access = site.tokens(ann, good_password)["access_token"];
    both.back().second = "Bearer " + access;
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, both).json()["id"] == id);

    CHECK(site.ask("DELETE", "/v1/auth/session", nullptr, cookie).status == 403);
    auto ended = site.ask("DELETE", "/v1/auth/session", nullptr, with(csrf));
    CHECK(ended.status == 204);
    CHECK(ended.field("Set-Cookie") ==
          "__Host-portal=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, cookie).status == 401);
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, {{"Cookie", cookie_of(other)}}).status == 200);
    site.reopen();
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, cookie).status == 401);
}

TEST_CASE("a browser with a dead cookie can log in again, and out", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    json credentials{{"email", ann}, {"password", good_password}};
    auto session = site.ask("POST", "/v1/auth/session", credentials);
    support::Fields cookie{{"Cookie", cookie_of(session)}};
    // Alive, but the page has lost its CSRF token.
    CHECK(site.ask("POST", "/v1/auth/session", credentials, cookie).status == 200);
    site.clock.advance(13h);
    auto expired = site.ask("GET", "/v1/auth/me", nullptr, cookie);
    CHECK(expired.status == 401);
    CHECK(expired.json()["error"] == "token_expired");
    CHECK(site.ask("POST", "/v1/auth/session", credentials, cookie).status == 200);
    CHECK(site.ask("DELETE", "/v1/auth/session", nullptr, cookie).status == 204);
}

TEST_CASE("in open mode the routes work, and nobody is me", "[identity]") {
    Site site;
    site.open(true);
    auto id = site.add(ann, good_password);
    CHECK(site.log_in(ann, good_password).status == 200);
    CHECK(site.ask("GET", "/v1/auth/me").status == 401);
    auto me =
        site.ask("GET", "/v1/auth/me", nullptr, {{"Cookie", "user_id=" + std::to_string(id)}});
    CHECK(me.json()["email"] == ann);
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, {{"Cookie", "user_id=7"}}).status == 404);
    CHECK(site.ask("PUT", "/v1/auth/users/" + std::to_string(id) + "/role", {{"role", "editor"}})
              .status == 200);
    CHECK(site.ask("DELETE", "/v1/auth/session").status == 204);
}

}  // namespace tests
