// simplejwt's tokens of RS256, and the public keys that check them.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/hmac.hpp"
#include "base/text.hpp"
#include "django_logins.hpp"
#include "public_keys_json.hpp"
#include "public_keys_service.hpp"
#include "sessions_service.hpp"
#include "simple_jwt_json.hpp"
#include "support/catch.hpp"
#include "support/fake_accounts.hpp"
#include "support/fake_client.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_proxy.hpp"
#include "support/temporary_folder.hpp"

using Json = nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t now = 1767225600;
const char* const claims = R"({"token_type":"access","exp":2000000000,"user_id":"7"})";

/// An RSA key of a site.
class SiteKey {
public:
    explicit SiteKey(unsigned bits = 2048) : key_(EVP_RSA_gen(bits)) { REQUIRE(key_); }
    ~SiteKey() { EVP_PKEY_free(key_); }
    SiteKey(const SiteKey&) = delete;

    Json public_key(const std::string& id = "") const {
        Json key{{"kty", "RSA"},
                 {"n", number(OSSL_PKEY_PARAM_RSA_N)},
                 {"e", number(OSSL_PKEY_PARAM_RSA_E)}};
        if (!id.empty()) key["kid"] = id;
        return key;
    }
    std::string token(const std::string& header, const std::string& payload = claims) const {
        auto content = base::to_base64url(header) + "." + base::to_base64url(payload);
        return content + "." + base::to_base64url(signature(content));
    }

private:
    std::string number(const char* name) const {
        BIGNUM* value = nullptr;
        REQUIRE(EVP_PKEY_get_bn_param(key_, name, &value) == 1);
        std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
        BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
        BN_free(value);
        return base::to_base64url(bytes);
    }
    std::string signature(const std::string& content) const {
        std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
        REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_) == 1);
        std::string made(1024, '\0');
        auto size = made.size();
        REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(made.data()), &size,
                               reinterpret_cast<const unsigned char*>(content.data()),
                               content.size()) == 1);
        made.resize(size);
        return made;
    }

    EVP_PKEY* key_;
};

std::string jwks(const std::vector<Json>& keys) {
    return Json{{"keys", keys}}.dump();
}

std::string read(const std::string& token, const legacy::TokenKeys& keys) {
    return tests::read_token(token, keys, now);
}

}  // namespace

TEST_CASE("an RS256 token is its user's if the key that it names has signed it", "[legacy]") {
    const SiteKey first, second, other;
    auto publics = legacy::public_keys_from_json(
        jwks({first.public_key("first"), second.public_key("second"), {{"kty", "EC"}}}));
    REQUIRE(publics);
    const legacy::TokenKeys keys{{}, *publics};
    const std::string plain = R"({"alg":"RS256","typ":"JWT"})";
    const std::string of_second = R"({"alg":"RS256","typ":"JWT","kid":"second"})";
    const std::string of_third = R"({"alg":"RS256","typ":"JWT","kid":"third"})";

    CHECK(read(first.token(plain), keys) == "good: 7");
    CHECK(read(second.token(plain), keys) == "good: 7");
    CHECK(read(second.token(of_second), keys) == "good: 7");
    CHECK(read(first.token(of_second), keys) == "invalid_token");
    CHECK(read(first.token(of_third), keys) == "invalid_token");
    CHECK(read(other.token(plain), keys) == "invalid_token");
    CHECK(read(first.token(plain, R"({"token_type":"refresh","exp":2000000000,"user_id":"7"})"),
               keys) == "invalid_token");
    CHECK(read(first.token(plain, R"({"token_type":"access","exp":1767225600,"user_id":"7"})"),
               keys) == "token_expired");
    auto cut = first.token(plain);
    cut.resize(cut.size() - 4);
    CHECK(read(cut, keys) == "invalid_token");
}

TEST_CASE("no key checks another algorithm than its own", "[legacy]") {
    const SiteKey key;
    const std::string secret(40, 's');
    const auto set = jwks({key.public_key("first")});
    auto publics = legacy::public_keys_from_json(set);
    REQUIRE(publics);
    const legacy::TokenKeys both{{secret}, *publics}, only_public{{}, *publics};
    auto by_hmac = [](const std::string& header, const std::string& with) {
        auto content = base::to_base64url(header) + "." + base::to_base64url(claims);
        return content + "." + base::to_base64url(base::hmac_sha256(with, content));
    };
    const std::string hs256 = R"({"alg":"HS256","typ":"JWT","kid":"first"})";

    REQUIRE(read(by_hmac(hs256, secret), both) == "good: 7");
    // What everybody can read is no secret to sign with.
    auto modulus = *base::from_base64url(key.public_key()["n"].get<std::string>());
    for (const auto& known : {set, key.public_key("first").dump(), modulus, std::string()}) {
        CHECK(read(by_hmac(hs256, known), both) == "invalid_token");
        CHECK(read(by_hmac(hs256, known), only_public) == "not its");
        CHECK(read(by_hmac(R"({"alg":"RS256","typ":"JWT"})", known), both) == "invalid_token");
    }
    for (const char* header : {R"({"alg":"none"})", R"({"alg":"rs256"})", R"({"alg":"RS512"})",
                               R"({"alg":"PS256"})", R"({"alg":["RS256"]})", R"({"typ":"JWT"})",
                               R"({"alg":"RS256","crit":["exp"]})", R"({"alg":"RS256","kid":1})"}) {
        CAPTURE(header);
        CHECK(read(key.token(header), both) == "not its");
    }
}

TEST_CASE("a set of keys that would not do is refused, and why is said", "[legacy]") {
    const SiteKey key;
    auto why = [](const std::string& text) {
        auto keys = legacy::public_keys_from_json(text);
        return keys ? "good" : keys.error().message;
    };
    auto with = [&](const char* name, const Json& value) {
        auto entry = key.public_key("first");
        entry[name] = value;
        return why(jwks({entry}));
    };

    CHECK(why("{}").find("no JWKS") != std::string::npos);
    CHECK(why("[]").find("no JWKS") != std::string::npos);
    CHECK(why("not JSON").find("no JWKS") != std::string::npos);
    CHECK(why(jwks({})).find("no key") != std::string::npos);
    CHECK(why(jwks({Json("text")})).find("no object") != std::string::npos);
    CHECK(with("d", "AQAB").find("secret") != std::string::npos);
    CHECK(why(jwks({{{"kty", "oct"}, {"k", "c2VjcmV0"}}})).find("secret") != std::string::npos);
    CHECK(with("use", "enc").find("no key") != std::string::npos);
    CHECK(with("alg", "RS512").find("no key") != std::string::npos);
    CHECK(with("alg", "RS256") == "good");
    CHECK(with("n", "AQAB").find("bits") != std::string::npos);
    CHECK(with("n", "not base64url!").find("cannot be read") != std::string::npos);
    CHECK(with("n", std::string(2000, 'A')).find("too large") != std::string::npos);
    CHECK(with("e", "AQ").find("no key has") != std::string::npos);
    CHECK(with("e", "Ag").find("no key has") != std::string::npos);
    CHECK(why(jwks({SiteKey(1024).public_key()})).find("bits") != std::string::npos);
    CHECK(why(jwks({key.public_key("a"), key.public_key("a")})).find("`kid`") != std::string::npos);
    CHECK(why(jwks(std::vector<Json>(17, key.public_key()))).find("16") != std::string::npos);
}

TEST_CASE("a set of keys is read from a file that only its owner can change", "[legacy]") {
    support::TemporaryFolder folder;
    auto file = folder / "jwks.json";
    auto read_from = [](const std::filesystem::path& named) -> std::string {
        legacy::SessionConfig config;
        config.tokens_jwks_file = named;
        auto keys = legacy::read_session_keys(config);
        return keys ? std::to_string(keys->tokens.publics.size()) : keys.error().code;
    };
    auto write = [&](const std::string& content, mode_t mode) {
        std::ofstream(file) << content;
        ::chmod(file.c_str(), mode);
        return read_from(file);
    };
    auto good = jwks({SiteKey().public_key()});

    CHECK(write(good, 0644) == "1");
    CHECK(write(good, 0664) == "secret_file_unusable");
    CHECK(write("{}", 0644) == "secret_file_unusable");
    CHECK(read_from(folder / "none") == "secret_file_unusable");
}

namespace {

/// A site that tells its keys at an address.
class KeySite {
public:
    KeySite() {
        config.tokens_jwks_url = "https://www.example.org/auth/jwks.json?v=1";
        config.tokens_jwks_interval_s = 60s;
        config.tokens_jwks_kept_s = 1h;
    }

    void tells(const std::string& content, int status = 200) {
        support::FakeClient::Answer answer;
        answer.status = status;
        answer.pieces = {content};
        client.answer("/auth/jwks.json?v=1", answer);
    }
    /// The ids of the keys that are known when a token names that one, or the code of the refusal.
    std::string known_for(const std::string& id) {
        auto keys = base::run(service().keys_for(id));
        if (!keys) return keys.error().code;
        std::string ids;
        for (const auto& key : **keys) ids += key.id() + " ";
        return ids;
    }
    std::size_t questions() const { return client.seen().size(); }
    legacy::PublicKeysService& service() {
        if (!service_) service_.emplace(client, config, clock);
        return *service_;
    }

    support::FakeClient client;
    support::FakeClock clock{"2026-01-01T00:00:00Z", support::FakeClock::Steady::by_hand};
    legacy::SessionConfig config;

private:
    std::optional<legacy::PublicKeysService> service_;
};

}  // namespace

TEST_CASE(
    "keys of an address are asked for when they are old or one is missing, and not more often",
    "[legacy]") {
    const SiteKey first, second;
    KeySite site;
    site.tells(jwks({first.public_key("first")}));

    CHECK(site.known_for("first") == "first ");
    auto asked = site.client.seen().front().request;
    CHECK(asked.upstream.text() == "https://www.example.org");
    CHECK(asked.target == "/auth/jwks.json?v=1");
    CHECK(site.known_for("first") == "first ");
    CHECK(site.known_for("") == "first ");
    site.tells(jwks({first.public_key("first"), second.public_key("second")}));
    CHECK(site.known_for("second") == "first ");
    CHECK(site.questions() == 1);

    site.clock.advance(60s);
    CHECK(site.known_for("first") == "first ");
    CHECK(site.questions() == 1);
    CHECK(site.known_for("second") == "first second ");
    CHECK(site.questions() == 2);
    site.tells(jwks({second.public_key("second")}));
    site.clock.advance(1h);
    CHECK(site.known_for("second") == "second ");
    CHECK(site.questions() == 3);
}

TEST_CASE("the last good keys stay while their address does not answer, or says what are none",
          "[legacy]") {
    const SiteKey key;
    const auto good = jwks({key.public_key("first")});
    KeySite site;
    CHECK(site.known_for("first") == "login_unknown");
    site.tells(good);
    // It is left alone for a while.
    CHECK(site.known_for("first") == "login_unknown");
    site.clock.advance(60s);
    REQUIRE(site.known_for("first") == "first ");

    auto secret = Json::parse(good);
    secret["keys"][0]["d"] = "AQAB";
    const std::vector<std::pair<std::string, int>> answers{
        {good, 500},
        {good, 302},
        {"<html>", 200},
        {jwks({}), 200},
        {secret.dump(), 200},
        {jwks({SiteKey(1024).public_key("first")}), 200},
        {good + std::string(64 * 1024, ' '), 200}};
    for (const auto& [content, status] : answers) {
        CAPTURE(status, content.substr(0, 60));
        site.tells(content, status);
        site.clock.advance(2h);
        auto before = site.questions();
        CHECK(site.known_for("first") == "first ");
        CHECK(site.known_for("second") == "login_unknown");
        CHECK(site.questions() == before + 1);
    }
    site.tells(good);
    site.clock.advance(60s);
    CHECK(site.known_for("second") == "first ");
}

namespace {

/// Ann came from the site.
class OnlyAnn final : public support::NoImports {
public:
    base::Task<std::optional<identity::KnownSource>> known(std::string source,
                                                           base::Context) const override {
        std::optional<identity::KnownSource> ann;
        if (source == "auth.user:7") ann = {107, base::Role::editor, true, "hash"};
        co_return ann;
    }
};

class NobodysOwn final : public http::Authenticator {
public:
    base::Result<base::Actor> authenticate(const http::Request&) const override {
        return base::Actor();
    }
};

}  // namespace

TEST_CASE("a token counts by the keys that the site tells at its address", "[legacy]") {
    const SiteKey key, other;
    KeySite site;
    site.config.tokens_until = "2030-01-31";
    auto keys = legacy::read_session_keys(site.config);
    REQUIRE(keys);
    support::FakeProxy proxy;
    OnlyAnn people;
    telemetry::Metrics metrics;
    legacy::LoginTraffic traffic(site.clock);
    legacy::SessionsService sessions({proxy, people, site.clock, metrics, traffic, &site.service()},
                                     site.config, *keys, std::make_shared<NobodysOwn>());
    auto whose = [&](const SiteKey& signer) {
        const auto line = "Bearer " + signer.token(R"({"alg":"RS256","kid":"first"})");
        http::Request request;
        request.fields = {{"Authorization", line}};
        REQUIRE(sessions.must_wait(request));
        auto passed = base::run(sessions.before_waiting(request));
        if (!passed) return passed.error().code;
        auto actor = sessions.authenticate(request);
        return std::to_string(actor->id.value_or(0));
    };

    CHECK(whose(key) == "login_unknown");
    site.tells(jwks({key.public_key("first")}));
    site.clock.advance(60s);
    CHECK(whose(key) == "107");
    CHECK(whose(other) == "invalid_token");
    CHECK(site.questions() == 2);
}
