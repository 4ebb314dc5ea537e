// What comes after a login, over HTTP: exchanged tokens, logouts, a browser's session.
#include <mutex>
#include <set>
#include <thread>

#include "login_service.hpp"
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

    // A later use says that somebody has a copy: all that came of the login ends.
    site.clock.advance(11s);
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

TEST_CASE("two tabs that refresh at once get the same pair", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    auto first = site.tokens(ann, good_password);
    auto one = refresh(site, first);
    site.clock.advance(10s);
    auto other = refresh(site, first);
    REQUIRE(one.status == 200);
    REQUIRE(other.status == 200);
    CHECK(one.json() == other.json());
    auto pair = other.json();
    CHECK(site.me(pair["access_token"]) == 200);
    CHECK(refresh(site, pair).status == 200);
    CHECK_THAT(site.metrics.text(), Catch::Contains("portal_identity_refresh_reused_total 0\n"));
}

TEST_CASE("any other second use of a refresh token ends its login", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    auto first = site.tokens(ann, good_password);
    auto second = refresh(site, first).json();
    SECTION("from another program") {
        CHECK(refresh(site, first, "another").status == 401);
    }
    SECTION("later") {
        site.clock.advance(11s);
        CHECK(refresh(site, first).status == 401);
    }
    SECTION("by a clock that was set back") {
        site.clock.advance(-1s);
        CHECK(refresh(site, first).status == 401);
    }
    SECTION("once the pair was used") {
        CHECK(refresh(site, second).status == 200);
        CHECK(refresh(site, first).status == 401);
    }
    SECTION("after a restart, which forgets the pair") {
        site.reopen();
        CHECK(refresh(site, first).status == 401);
    }
    CHECK(refresh(site, second).status == 401);
    CHECK(site.me(second["access_token"]) == 401);
}

TEST_CASE("clients are told apart by address and User-Agent, and not without an address",
          "[identity]") {
    using identity::client_trace_of;
    CHECK(client_trace_of("192.0.2.1", "a") == client_trace_of("192.0.2.1", "a"));
    CHECK(client_trace_of("192.0.2.1", "a") != client_trace_of("192.0.2.2", "a"));
    CHECK(client_trace_of("192.0.2.1", "a") != client_trace_of("192.0.2.1", "b"));
    CHECK(client_trace_of("", "a").empty());
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

TEST_CASE(
    "of 100 exchanges of one token at the same time all give one client one pair, and no two "
    "clients a pair",
    "[identity]") {
    bool one_client = GENERATE(true, false);
    Site site;
    site.open();
    site.add(ann, good_password);
    auto tokens = site.tokens(ann, good_password);
    std::mutex mutex;
    std::set<std::string> pairs;
    int refused = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&, i] {
            support::HttpClient client(site.address());
            json body{{"refresh_token", tokens["refresh_token"]}};
            for (int n = 0; n < 5; ++n) {
                auto agent = one_client ? "one" : std::to_string(i) + "." + std::to_string(n);
                auto answer =
                    client.request("POST", "/v1/auth/refresh", body.dump(),
                                   {{"Content-Type", "application/json"}, {"User-Agent", agent}});
                std::lock_guard lock(mutex);
                if (answer.status == 401) ++refused;
                if (answer.status == 200) pairs.insert(answer.body);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    REQUIRE(pairs.size() == 1);
    CHECK(refused == (one_client ? 0 : 99));
    auto last = json::parse(*pairs.begin());
    int then = one_client ? 200 : 401;
    CHECK(site.me(last["access_token"]) == then);
    CHECK(site.me(tokens["access_token"]) == then);
    CHECK(refresh(site, last).status == then);
    CHECK_THAT(site.metrics.text(), Catch::Contains("portal_identity_refresh_reused_total " +
                                                    std::string(one_client ? "0" : "1") + "\n"));
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

    // To log out needs none.
    auto ended = site.ask("DELETE", "/v1/auth/session", nullptr, cookie);
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
    // It is as none.
    CHECK(expired.json()["error"] == "unauthenticated");
    CHECK(site.ask("GET", "/.well-known/jwks.json", nullptr, cookie).status == 200);
    CHECK(site.ask("GET", "/v1/auth/session", nullptr, cookie).status == 401);
    CHECK(site.ask("POST", "/v1/auth/session", credentials, cookie).status == 200);
    CHECK(site.ask("DELETE", "/v1/auth/session", nullptr, cookie).status == 204);
}

TEST_CASE("a page that was loaded anew is told its session again, with the CSRF token",
          "[identity]") {
    Site site;
    site.open();
    auto id = site.add(ann, good_password, base::Role::editor);
    json credentials{{"email", ann}, {"password", good_password}};
    auto started = site.ask("POST", "/v1/auth/session", credentials);
    support::Fields cookie{{"Cookie", cookie_of(started)}};
    site.clock.advance(1h);

    auto again = site.ask("GET", "/v1/auth/session", nullptr, cookie);

    REQUIRE(again.status == 200);
    CHECK(again.field("Cache-Control") == "no-store");
    auto expected = started.json();
    expected["expires_in"] = 11 * 3600;
    CHECK(again.json() == expected);
    CHECK(again.json()["id"] == id);
    // The cookie does not say it: it is made with a key that the server has.
    auto value = cookie_of(started).substr(std::string("__Host-portal=").size());
    auto parts = identity::split_token(value);
    REQUIRE(parts);
    CHECK(parts->payload.find(expected["csrf_token"].get<std::string>()) == std::string::npos);
    auto other = site.ask("POST", "/v1/auth/session", credentials);
    CHECK(other.json()["csrf_token"] != expected["csrf_token"]);
    site.reopen();
    CHECK(site.ask("GET", "/v1/auth/session", nullptr, cookie).json() == expected);

    CHECK(site.ask("GET", "/v1/auth/session").status == 401);
    std::string access = site.tokens(ann, good_password)["access_token"];
    CHECK(site.ask("GET", "/v1/auth/session", nullptr, Site::bearer(access)).status == 401);
    CHECK(site.ask("DELETE", "/v1/auth/session", nullptr, cookie).status == 204);
    CHECK(site.ask("GET", "/v1/auth/session", nullptr, cookie).status == 401);
}

TEST_CASE("credentials of somebody else's scheme do not hide the session cookie", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    auto started =
        site.ask("POST", "/v1/auth/session", {{"email", ann}, {"password", good_password}});
    support::Fields fields{{"Cookie", cookie_of(started)}, {"Authorization", "Basic eDp5"}};
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, fields).status == 200);
    fields[1].second = "Bearer x";
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, fields).status == 401);
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

TEST_CASE("an admin sees where somebody is logged in, and logs them out everywhere", "[identity]") {
    Site site;
    site.open();
    site.add("admin@example.org", good_password, base::Role::admin);
    auto ann = site.add("ann@example.org", good_password);
    auto chief = Site::bearer(site.tokens("admin@example.org", good_password)["access_token"]);
    auto path = "/v1/auth/users/" + std::to_string(ann) + "/sessions";
    auto asked = [&] { return site.ask("GET", path, nullptr, chief).json()["sessions"]; };
    CHECK(asked() == json::array());

    auto older = site.tokens("ann@example.org", good_password);
    site.clock.advance(std::chrono::minutes(1));
    auto newer = site.tokens("ann@example.org", good_password);
    auto before = asked();
    REQUIRE(before.size() == 2);
    CHECK(before[0]["since"] == before[0]["last_used"]);
    CHECK(before[0]["since"] > before[1]["since"]);
    site.clock.advance(std::chrono::minutes(1));
    REQUIRE(refresh(site, older).status == 200);
    auto after = asked();
    CHECK(after[0]["id"] == before[1]["id"]);
    CHECK(after[0]["since"] == before[1]["since"]);
    CHECK(after[0]["last_used"] > before[0]["last_used"]);
    CHECK(after[0]["expires_at"] == before[1]["expires_at"]);

    CHECK(site.me(newer["access_token"]) == 200);
    CHECK(site.ask("DELETE", path, nullptr, chief).status == 204);
    CHECK(asked() == json::array());
    CHECK(site.me(newer["access_token"]) == 401);
    CHECK(refresh(site, newer).status == 401);
    CHECK(site.log_in("ann@example.org", good_password).status == 200);
    auto history =
        site.ask("GET", "/v1/auth/users/" + std::to_string(ann) + "/history", nullptr, chief);
    CHECK(history.json()["events"][0]["type"] == "all_logins_ended.v1");
    CHECK(site.ask("GET", "/v1/auth/users/4711/sessions", nullptr, chief).status == 404);
    CHECK(site.ask("DELETE", "/v1/auth/users/4711/sessions", nullptr, chief).status == 404);
}

}  // namespace tests
