// Keys with which programs ask, over HTTP.
#include "api_keys.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "site.hpp"
#include "support/sqlite_file.hpp"
#include "token_crypto.hpp"

namespace tests {

namespace {

using namespace std::chrono_literals;

constexpr const char* path = "/v1/auth/api-keys";

/// The access token of an admin.
std::string admin_of(Site& site) {
    site.open();
    site.add("admin@example.org", good_password, base::Role::admin);
    return site.tokens("admin@example.org", good_password)["access_token"];
}

json make_key(Site& site, const std::string& admin, const json& wanted) {
    auto answer = site.ask("POST", path, wanted, Site::bearer(admin));
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    CHECK(answer.field("Cache-Control") == "no-store");
    return answer.json();
}

base::Result<base::Actor> actor_of(Site& site, const json& key) {
    return site.authenticate("Bearer " + key["key"].get<std::string>());
}

}  // namespace

TEST_CASE("an API key has its role, and is no user", "[identity]") {
    Site site;
    auto admin = admin_of(site);
    auto me = site.ask("GET", "/v1/auth/me", nullptr, Site::bearer(admin)).json()["id"];
    for (const char* role : {"reader", "author", "editor", "admin"}) {
        CAPTURE(role);
        auto key = make_key(site, admin, {{"name", "agency feed"}, {"role", role}, {"id", 7}});
        CHECK(key.size() == 7);
        CHECK(key["name"] == "agency feed");
        CHECK(key["role"] == role);
        CHECK(key["id"] != 7);
        CHECK(key["created_by"] == me);
        CHECK(key["created_at"] == "2026-03-01T12:00:00.000Z");
        CHECK(key["expires_at"].is_null());
        std::string secret = key["key"];
        REQUIRE(secret.starts_with("pk_"));
        CHECK(base::from_base64url(secret.substr(3)).value_or("").size() == 32);
        auto actor = actor_of(site, key);
        REQUIRE(actor);
        CHECK_FALSE(actor->id);
        CHECK(actor->api_key == key["id"].get<std::int64_t>());
        CHECK(actor->subject() == actor->api_key);
        CHECK(actor->role == identity::role_of(role));
        auto status = std::string(role) == "admin" ? 200 : 403;
        CHECK(site.ask("GET", path, nullptr, Site::bearer(secret)).status == status);
        auto nobody = site.ask("GET", "/v1/auth/me", nullptr, Site::bearer(secret));
        CHECK(nobody.status == 404);
        CHECK(nobody.json()["error"] == "user_not_found");
    }
}

TEST_CASE("the secret of an API key is told once, and kept as a hash", "[identity]") {
    Site site;
    auto admin = admin_of(site);
    auto key = make_key(site, admin, {{"name", "one"}, {"role", "author"}});
    std::string secret = key["key"];
    auto listed = site.ask("GET", path, nullptr, Site::bearer(admin));
    REQUIRE(listed.status == 200);
    REQUIRE(listed.json()["api_keys"].size() == 1);
    CHECK(listed.body.find(secret) == std::string::npos);
    key.erase("key");
    CHECK(listed.json()["api_keys"][0] == key);
    site.close();
    CHECK(support::number_from_database(
              site.folder / "identity.db",
              "select count(*) from api_keys where hex(secret_hash) = upper('" +
                  base::to_hex(identity::sha256(secret).data(), 32) + "')") == 1);
}

TEST_CASE("a revoked API key counts no more on the very next request, nor after a restart",
          "[identity]") {
    Site site;
    auto admin = admin_of(site);
    auto kept = make_key(site, admin, {{"name", "kept"}, {"role", "editor"}});
    auto gone = make_key(site, admin, {{"name", "gone"}, {"role", "editor"}});
    CHECK(actor_of(site, gone));
    auto target = std::string(path) + "/" + gone["id"].dump();
    CHECK(site.ask("DELETE", target, nullptr, Site::bearer(admin)).status == 204);
    auto refused = actor_of(site, gone);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_token");
    CHECK(refused.error().reason == base::Reason::unauthenticated);
    auto again = site.ask("DELETE", target, nullptr, Site::bearer(admin));
    CHECK(again.status == 404);
    CHECK(again.json()["error"] == "api_key_not_found");
    CHECK(site.ask("DELETE", std::string(path) + "/x", nullptr, Site::bearer(admin)).status == 404);
    site.reopen();
    CHECK_FALSE(actor_of(site, gone));
    CHECK(actor_of(site, kept));
}

TEST_CASE("an API key ends at its time", "[identity]") {
    Site site;
    auto admin = admin_of(site);
    auto key = make_key(
        site, admin,
        {{"name", "brief"}, {"role", "reader"}, {"expires_at", "2026-03-01T13:00:00+00:30"}});
    CHECK(key["expires_at"] == "2026-03-01T12:30:00.000Z");
    site.clock.advance(30min - 1us);
    CHECK(actor_of(site, key));
    site.clock.advance(1us);
    CHECK_FALSE(actor_of(site, key));
    site.reopen();
    CHECK_FALSE(actor_of(site, key));
}

TEST_CASE("only admins make, see and revoke API keys, with members that mean something",
          "[identity]") {
    Site site;
    auto admin = admin_of(site);
    site.add("eve@example.org", good_password, base::Role::editor);
    std::string editor = site.tokens("eve@example.org", good_password)["access_token"];
    json good{{"name", "a"}, {"role", "reader"}};
    CHECK(site.ask("POST", path, good).status == 401);
    CHECK(site.ask("POST", path, good, Site::bearer(editor)).status == 403);
    CHECK(site.ask("GET", path, nullptr, Site::bearer(editor)).status == 403);
    CHECK(site.ask("DELETE", std::string(path) + "/1", nullptr, Site::bearer(editor)).status ==
          403);

    struct Case {
        json body;
        int status;
        std::string field;
    };
    const Case bad[] = {
        {json::array(), 400, ""},
        {{{"name", 1}, {"role", "reader"}}, 400, "name"},
        {{{"name", "a"}, {"role", "reader"}, {"expires_at", 1}}, 400, "expires_at"},
        {{{"role", "reader"}}, 422, "name"},
        {{{"name", "a"}}, 422, "role"},
        {{{"name", ""}, {"role", "reader"}}, 422, "name"},
        {{{"name", "a\xe2\x80\x8b"}, {"role", "reader"}}, 422, "name"},
        {{{"name", "a"}, {"role", "owner"}}, 422, "role"},
        {{{"name", "a"}, {"role", "anonymous"}}, 422, "role"},
        {{{"name", "a"}, {"role", "reader"}, {"expires_at", "tomorrow"}}, 422, "expires_at"},
        {{{"name", "a"}, {"role", "reader"}, {"expires_at", "2026-03-01T12:00:00Z"}},
         422,
         "expires_at"}};
    for (const auto& one : bad) {
        CAPTURE(one.body.dump());
        auto refused = site.ask("POST", path, one.body, Site::bearer(admin));
        CHECK(refused.status == one.status);
        if (!one.field.empty()) CHECK(refused.json()["details"][0]["field"] == one.field);
    }
    CHECK(site.ask("GET", path, nullptr, Site::bearer(admin)).json()["api_keys"].empty());
    CHECK(site.ask("POST", path, {{"name", "a"}, {"role", "reader"}, {"expires_at", nullptr}},
                   Site::bearer(admin))
              .status == 201);
}

TEST_CASE("there are not more API keys than the configuration allows", "[identity]") {
    Site site;
    site.config.api_keys_max = 2;
    auto admin = admin_of(site);
    json good{{"name", "a"}, {"role", "reader"}};
    auto first = make_key(site, admin, good);
    make_key(site, admin, good);
    auto refused = site.ask("POST", path, good, Site::bearer(admin));
    CHECK(refused.status == 409);
    CHECK(refused.json()["error"] == "too_many_api_keys");
    auto target = std::string(path) + "/" + first["id"].dump();
    CHECK(site.ask("DELETE", target, nullptr, Site::bearer(admin)).status == 204);
    make_key(site, admin, good);
}

TEST_CASE("no text that is not the secret of an API key is taken for one", "[identity]") {
    Site site;
    auto admin = admin_of(site);
    std::string secret = make_key(site, admin, {{"name", "a"}, {"role", "admin"}})["key"];
    for (const auto& bad : {std::string("pk_"), secret.substr(0, secret.size() - 1), secret + "A",
                            secret + " ", "PK_" + secret.substr(3), secret.substr(3),
                            "pk_" + std::string(43, 'A'), "pk_" + std::string(10000, 'A')}) {
        CAPTURE(bad);
        CHECK_FALSE(site.authenticate("Bearer " + bad));
    }
    CHECK(site.authenticate("bearer " + secret));
    // A key is for the field Authorization.
    CHECK(site.ask("GET", path, nullptr, {{"Cookie", "__Host-portal=" + secret}}).status == 401);
}

}  // namespace tests
