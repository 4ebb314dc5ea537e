// Session cookies, CSRF tokens and simplejwt's tokens as Django has made them, and as somebody
// hostile would like to make them.
#include "django_logins.hpp"

#include <sys/stat.h>

#include <fstream>

#include "base/hmac.hpp"
#include "base/text.hpp"
#include "django_csrf.hpp"
#include "public_keys_json.hpp"
#include "secret_keys.hpp"
#include "session_json.hpp"
#include "simple_jwt_json.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using legacy::SecretKeys;
using tests::DjangoLogins;
using tests::read_token;

namespace {

constexpr std::chrono::seconds two_weeks{14 * 24 * 3600};

/// As simplejwt would sign it.
std::string signed_token(const std::string& header, const std::string& claims,
                         const std::string& key) {
    auto content = base::to_base64url(header) + "." + base::to_base64url(claims);
    return content + "." + base::to_base64url(base::hmac_sha256(key, content));
}

}  // namespace

TEST_CASE("a signed session cookie says who has logged in", "[legacy]") {
    const DjangoLogins django;
    for (const char* name : {"plain", "packed"}) {
        CAPTURE(name);
        auto claim = legacy::read_session_cookie(django.cookie(name), {django.key()}, django.now(),
                                                 two_weeks);

        REQUIRE(claim);
        CHECK(claim->user == "7");
        CHECK(claim->backend == "django.contrib.auth.backends.ModelBackend");
        CHECK(legacy::is_of_password(claim->hash, django.password(), {django.key()}));
        CHECK_FALSE(legacy::is_of_password(claim->hash, django.password() + "x", {django.key()}));
        CHECK_FALSE(legacy::is_of_password(claim->hash, "", {django.key()}));
        CHECK_FALSE(legacy::is_of_password(claim->hash, django.password(), {django.other_key()}));
    }
}

TEST_CASE("a cookie of a key that was in use before counts, too", "[legacy]") {
    const DjangoLogins django;
    const SecretKeys keys{django.other_key(), django.key()};

    auto claim = legacy::read_session_cookie(django.cookie("plain"), keys, django.now(), two_weeks);

    REQUIRE(claim);
    CHECK(legacy::is_of_password(claim->hash, django.password(), keys));
}

TEST_CASE("a session cookie that is not as it was made is nobody's", "[legacy]") {
    const DjangoLogins django;
    auto good = django.cookie("plain");
    auto other_bit = good;
    other_bit[10] = other_bit[10] == 'A' ? 'B' : 'A';
    auto colon = good.rfind(':');
    const std::vector<std::pair<std::string, std::string>> cookies{
        {"empty", ""},
        {"colons alone", "::"},
        {"cut", good.substr(0, good.size() - 1)},
        {"without signature", good.substr(0, colon)},
        {"an empty signature", good.substr(0, colon + 1)},
        {"another content", other_bit},
        {"packed, it says", "." + good},
        {"more after it", good + "="},
        {"longer than a browser's", std::string(5000, 'a') + good},
        {"of another key", django.cookie("of_another_key")},
        {"of another salt", django.cookie("of_another_salt")},
        {"a pickle", django.cookie("pickled")},
        {"a bomb", django.cookie("bomb")},
        {"nobody's", django.cookie("nobodys")}};
    for (const auto& [what, cookie] : cookies) {
        CAPTURE(what);
        CHECK_FALSE(legacy::read_session_cookie(cookie, {django.key()}, django.now(), two_weeks));
    }
}

TEST_CASE("a session cookie counts to its last second", "[legacy]") {
    const DjangoLogins django;
    auto read = [&](std::int64_t now) {
        return legacy::read_session_cookie(django.cookie("plain"), {django.key()}, now, two_weeks);
    };

    CHECK(read(django.now() + two_weeks.count()));
    CHECK_FALSE(read(django.now() + two_weeks.count() + 1));
}

TEST_CASE("no more of a packed text is unpacked than may be in it", "[legacy]") {
    const DjangoLogins django;
    auto unpacked = [&](std::size_t bytes_max) {
        return legacy::unsigned_content(django.cookie("bomb"),
                                        "django.contrib.sessions.backends.signed_cookies",
                                        {django.key()}, django.now(), two_weeks, bytes_max);
    };

    CHECK_FALSE(unpacked(64 * 1024));
    auto whole = unpacked(2900008);
    REQUIRE(whole);
    CHECK(whole->size() == 2900008);
    CHECK_FALSE(unpacked(2900007));
}

TEST_CASE("the site's answer says which row a cookie's user is", "[legacy]") {
    using legacy::source_from_whoami;
    CHECK(source_from_whoami(R"({"model": "auth.user", "pk": 7})") == "auth.user:7");
    CHECK(source_from_whoami(R"({"model": "people.person", "pk": "a-b", "x": []})") ==
          "people.person:a-b");
    for (const char* wrong :
         {"", "7", "[]", "{}", R"({"pk": 7})", R"({"model": "auth.user"})",
          R"({"model": "auth.user", "pk": null})", R"({"model": "auth.user", "pk": -7})",
          R"({"model": "auth.user", "pk": 7.5})", R"({"model": 1, "pk": 7})", "<html>"}) {
        CAPTURE(wrong);
        CHECK_FALSE(source_from_whoami(wrong));
    }
}

TEST_CASE("a CSRF token is the same in each of its forms", "[legacy]") {
    const DjangoLogins django;
    auto secret = django.csrf(0);
    auto other = secret;
    other[31] = 'x';
    for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t b = 0; b < 3; ++b) {
            CAPTURE(a, b);
            CHECK(legacy::is_same_csrf_secret(django.csrf(a), django.csrf(b)));
        }
        CHECK_FALSE(legacy::is_same_csrf_secret(django.csrf(a), other));
        CHECK_FALSE(legacy::is_same_csrf_secret(django.csrf(a), ""));
    }
    CHECK_FALSE(legacy::is_same_csrf_secret("", ""));
    CHECK_FALSE(legacy::is_same_csrf_secret("short", "short"));
    auto strange = secret;
    strange[0] = '-';
    CHECK_FALSE(legacy::is_same_csrf_secret(strange, strange));
}

TEST_CASE("a change with the site's cookie has to hold to Django's rule", "[legacy]") {
    const DjangoLogins django;
    const auto cookie = django.csrf(1), token = django.csrf(2), other = std::string(32, 'x');
    constexpr std::string_view host = "news.example:8443";
    constexpr auto unsaid = std::nullopt;
    struct Case {
        const char* what;
        legacy::DjangoChange change;
        const char* code;
    };
    const std::vector<Case> cases{
        {"all there", {false, cookie, token, host}, ""},
        {"no token", {false, cookie, unsaid, host}, "csrf_token_missing"},
        {"an empty one", {false, cookie, "", host}, "csrf_token_missing"},
        {"no cookie", {false, unsaid, token, host}, "csrf_token_missing"},
        {"both empty", {false, "", "", host}, "csrf_token_missing"},
        {"another's", {false, cookie, other, host}, "csrf_token_wrong"},
        {"its own page", {false, cookie, token, host, "http://news.example:8443"}, ""},
        {"another scheme",
         {false, cookie, token, host, "https://news.example:8443"},
         "csrf_origin_wrong"},
        {"another port", {false, cookie, token, host, "http://news.example"}, "csrf_origin_wrong"},
        {"no page", {false, cookie, token, host, "null"}, "csrf_origin_wrong"},
        {"https, which page is not said", {true, cookie, token, host}, "csrf_origin_wrong"},
        {"https, by Referer",
         {true, cookie, token, host, unsaid, "https://news.example:8443/a"},
         ""},
        {"https, from plain http",
         {true, cookie, token, host, unsaid, "http://news.example:8443/a"},
         "csrf_origin_wrong"},
        {"a name that begins like ours",
         {true, cookie, token, host, unsaid, "https://news.example:8443.other.example/"},
         "csrf_origin_wrong"},
        {"Origin counts more than Referer",
         {true, cookie, token, host, "https://other.example", "https://news.example:8443/a"},
         "csrf_origin_wrong"},
        {"no host", {false, cookie, token}, "csrf_origin_wrong"}};
    for (const auto& one : cases) {
        CAPTURE(one.what);

        auto may = legacy::check_django_csrf(one.change, "csrftoken");

        CHECK((may ? "" : may.error().code) == one.code);
    }
}

TEST_CASE("an access token of simplejwt says whose it is, until it runs out", "[legacy]") {
    const DjangoLogins django;
    const legacy::TokenKeys keys{{django.other_key(), django.key()}, {}};
    auto read = [&](const std::string& token, std::int64_t later) {
        return read_token(token, keys, django.now() + later);
    };

    CHECK(read(django.token("access"), 0) == "good: 7");
    CHECK(read(django.token("access"), 299) == "good: 7");
    CHECK(read(django.token("access"), 300) == "token_expired");
    CHECK(read(django.token("refresh"), 0) == "invalid_token");
}

TEST_CASE("an RS256 token of simplejwt says whose it is, too", "[legacy]") {
    const DjangoLogins django;
    auto publics = legacy::public_keys_from_json(django.token("jwks"));
    REQUIRE(publics);

    CHECK(read_token(django.token("rs256"), {{}, *publics}, django.now()) == "good: 7");
    CHECK(read_token(django.token("rs256"), {{django.key()}, {}}, django.now()) == "not its");
}

TEST_CASE("a token that simplejwt would not take is refused", "[legacy]") {
    const DjangoLogins django;
    const std::string header = R"({"alg":"HS256","typ":"JWT"})";
    const std::string claims = R"({"token_type":"access","exp":2000000000,"user_id":"7"})";
    auto good = signed_token(header, claims, django.key());
    auto with = [&](const std::string& other) { return signed_token(header, other, django.key()); };
    const std::vector<std::pair<std::string, std::string>> tokens{
        {"empty", ""},
        {"no dots", "abc"},
        {"cut", good.substr(0, good.size() - 1)},
        {"unsigned", good.substr(0, good.rfind('.') + 1)},
        {"one part more", good + ".e30"},
        {"of another key", signed_token(header, claims, django.other_key())},
        {"alg none", signed_token(R"({"alg":"none","typ":"JWT"})", claims, django.key())},
        {"alg RS256", signed_token(R"({"alg":"RS256","typ":"JWT"})", claims, django.key())},
        {"alg HS512", signed_token(R"({"alg":"HS512","typ":"JWT"})", claims, django.key())},
        {"alg twice", signed_token(R"({"alg":"none","alg":"HS256"})", claims, django.key())},
        {"crit", signed_token(R"({"alg":"HS256","crit":["x"]})", claims, django.key())},
        {"no type", with(R"({"exp":2000000000,"user_id":"7"})")},
        {"a refresh token", with(R"({"token_type":"refresh","exp":2000000000,"user_id":"7"})")},
        {"no end", with(R"({"token_type":"access","user_id":"7"})")},
        {"an end in text", with(R"({"token_type":"access","exp":"2000000000","user_id":"7"})")},
        {"an end beyond reason", with(R"({"token_type":"access","exp":1e300,"user_id":"7"})")},
        {"not begun",
         with(R"({"token_type":"access","exp":2000000000,"nbf":1900000000,"user_id":"7"})")},
        {"nobody's", with(R"({"token_type":"access","exp":2000000000})")},
        {"a user that is a list",
         with(R"({"token_type":"access","exp":2000000000,"user_id":[7]})")},
        {"no object", with("[]")}};
    const legacy::TokenKeys keys{{django.key()}, {}};
    auto read = [&](const std::string& token) { return read_token(token, keys, django.now()); };
    CHECK(read(good) == "good: 7");
    CHECK(read(with(R"({"token_type":"access","exp":2000000000,"user_id":7})")) == "good: 7");
    for (const auto& [what, token] : tokens) {
        CAPTURE(what);
        // What is not the site's is looked at as ours, and refused there.
        auto said = read(token);
        CHECK((said == "invalid_token" || said == "not its"));
    }
}

TEST_CASE("only a bearer token that names an algorithm with keys is looked at as simplejwt's",
          "[legacy]") {
    const DjangoLogins django;
    const legacy::TokenKeys keys{{django.key()}, {}};
    auto token = django.token("access");
    auto of = [&](const std::string& line) {
        auto its = legacy::signed_bearer(line, keys);
        return its ? std::string(its->text) : "";
    };

    CHECK(of("Bearer " + token) == token);
    CHECK(of("bearer " + token) == token);
    CHECK(of("Basic " + token).empty());
    CHECK(of("Bearer").empty());
    CHECK(of("Bearer pk_abc").empty());
    CHECK(of("Bearer " + std::string(5000, 'a')).empty());
    auto header = [&](const char* text) { return signed_token(text, "{}", django.key()); };
    CHECK(of("Bearer " + header(R"({"alg":"EdDSA","typ":"at+jwt","kid":"k"})")).empty());
    CHECK(of("Bearer " + header(R"({"alg":"RS256"})")).empty());
    CHECK(of("Bearer " + header(R"({"alg":"HS256","kid":7})")).empty());
    CHECK_FALSE(legacy::signed_bearer("Bearer " + token, {}));
}

TEST_CASE("secret keys are read from a file that is its owner's alone", "[legacy]") {
    support::TemporaryFolder folder;
    auto file = folder / "secret";
    auto write = [&](const std::string& content, mode_t mode = 0600) {
        std::ofstream(file) << content;
        ::chmod(file.c_str(), mode);
        return legacy::read_secret_keys(file, 16);
    };

    auto keys = write("the first, of 20 characters\r\n\n  the second, of 20 characters");
    REQUIRE(keys);
    CHECK(*keys == SecretKeys{"the first, of 20 characters", "the second, of 20 characters"});
    CHECK(write("").error().code == "secret_file_unusable");
    CHECK(write("short").error().code == "secret_file_unusable");
    CHECK(write(std::string(70000, 'k')).error().code == "secret_file_unusable");
    CHECK(write("-----BEGIN PUBLIC KEY-----\n").error().code == "secret_file_unusable");
    auto open = write("the first, of 20 characters", 0640);
    REQUIRE_FALSE(open);
    CHECK(open.error().message.find("the first") == std::string::npos);
    CHECK(open.error().message.find("0600") != std::string::npos);
    CHECK(legacy::read_secret_keys(folder / "none", 16).error().code == "secret_file_unusable");
    CHECK(legacy::read_secret_keys(folder.path(), 16).error().code == "secret_file_unusable");
}
