// What needs no clock, no file and no thread.
#include "account_rules.hpp"
#include "common_passwords.hpp"
#include "config/reader.hpp"
#include "identity/module.hpp"
#include "keys.hpp"
#include "login_delay.hpp"
#include "login_service.hpp"
#include "revocations.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "token.hpp"

namespace identity {

using namespace std::chrono_literals;

TEST_CASE("what is an e-mail address", "[identity]") {
    for (const char* good : {"ann@example.org", "a@b", "A.B+c_d'e@sub-1.example.org",
                             "j\xc3\xb6rg@m\xc3\xbcller.example"}) {
        CAPTURE(good);
        CHECK(problems_of_email(good).empty());
    }
    for (const char* bad :
         {"", "ann", "@", "ann@", "@example.org", "a@b@c", "a b@example.org", "ann@example..org",
          "ann@.example.org", "ann@example.org.", "ann@-a.org", "ann@a-.org", "ann@exa_mple.org",
          "<ann@example.org>", "ann@example.org\n", "a\"b@example.org", "\xff@example.org"}) {
        CAPTURE(bad);
        CHECK(problems_of_email(bad).size() == 1);
    }
    auto domain =
        "@" + std::string(63, 'd') + "." + std::string(63, 'd') + "." + std::string(59, 'd') + ".d";
    CHECK(problems_of_email(std::string(64, 'a') + domain).empty());
    CHECK(problems_of_email(std::string(64, 'a') + domain + "d").size() == 1);
    CHECK(problems_of_email(std::string(65, 'a') + "@example.org").size() == 1);
    CHECK(problems_of_email("a@" + std::string(64, 'd')).size() == 1);
    CHECK(email_key_of("Ann@Example.ORG") == "ann@example.org");
}

TEST_CASE("what is a password", "[identity]") {
    CHECK(problems_of_password("1234567").size() == 1);
    CHECK(problems_of_password("\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6").size() == 1);
    CHECK(problems_of_password("zebra 42").empty());
    CHECK(problems_of_password("        ").empty());
    CHECK(problems_of_password(std::string(1024, 'a') + "").empty());
    CHECK(problems_of_password(std::string(1025, 'a')).size() == 1);
    CHECK(problems_of_password("bad \xff byte").size() == 1);
    for (const char* common : {"password", "PassWord1", "12345678", "qwertyuiop", "iloveyou"}) {
        CAPTURE(common);
        CHECK(problems_of_password(common).size() == 1);
    }
    CHECK(problems_of_pair("Ann.Lee@example.org", "", "ann.lee@EXAMPLE.org").size() == 1);
    CHECK(problems_of_pair("Ann.Lee.1@example.org", "", "ANN.lee.1").size() == 1);
    CHECK(problems_of_pair("ann@example.org", "", "ann@example.com").empty());
    CHECK(problems_of_pair("ann@example.org", "Ann.Lee.1", "ANN.lee.1").size() == 1);
    CHECK(problems_of_pair("", "Ann.Lee@home", "ANN.lee").size() == 1);
    CHECK(problems_of_pair("ann.lee@example.org", "ann.lee", "ann.lee").size() == 1);
    CHECK(problems_of_pair("", "ann", "ann.lee").empty());
}

TEST_CASE("what failed logins are counted by is short, however long the name grows", "[identity]") {
    std::string name;
    // One character of three bytes that is eighteen in form NFKC.
    while (name.size() < 1000) name += "\xef\xb7\xba";
    auto login = delay_key_of({name, "", Credentials::By::login});
    CHECK(login.size() <= 32);
    CHECK(delay_key_of({name, "", Credentials::By::email}).size() <= 32);
    CHECK(login != delay_key_of({name, "", Credentials::By::email}));
    CHECK(login != delay_key_of({name + "a", "", Credentials::By::login}));
    CHECK(delay_key_of({"Ann@Example.org", "x"}) == delay_key_of({"ann@example.org", "y"}));
}

TEST_CASE("the common passwords can be searched", "[identity]") {
    CHECK(common_password_count() >= 300);
    CHECK(common_passwords_are_sorted());
    CHECK_FALSE(is_common_password(""));
    CHECK_FALSE(is_common_password("zzzzzzzzzzzz"));
}

TEST_CASE("roles and statuses have words", "[identity]") {
    for (const char* word : {"reader", "author", "editor", "admin"}) {
        CHECK(name_of(role_of(word).value()) == word);
    }
    CHECK_FALSE(role_of("anonymous"));
    CHECK_FALSE(role_of("Admin"));
    CHECK(parse_status("disabled") == Status::disabled);
    CHECK_FALSE(parse_status(""));
}

TEST_CASE("each failure after the free ones doubles the wait, up to the most", "[identity]") {
    DelayRule rule{5, 900s};
    CHECK(wait_after(0, rule) == 0s);
    CHECK(wait_after(5, rule) == 0s);
    CHECK(wait_after(6, rule) == 1s);
    CHECK(wait_after(7, rule) == 2s);
    CHECK(wait_after(15, rule) == 512s);
    CHECK(wait_after(16, rule) == 900s);
    CHECK(wait_after(1000000, rule) == 900s);
}

TEST_CASE("who fails waits longer each time, and who succeeds starts anew", "[identity]") {
    support::FakeClock clock;
    LoginDelay delay({2, 60s}, 100);
    for (int i = 0; i < 3; ++i) {
        auto attempt = delay.begin("a", clock.now());
        REQUIRE(attempt.wait() == 0s);
        attempt.failed();
    }
    CHECK(delay.begin("a", clock.now()).wait() == 1s);
    CHECK(delay.begin("b", clock.now()).wait() == 0s);
    clock.advance(1s);
    {
        auto attempt = delay.begin("a", clock.now());
        REQUIRE(attempt.wait() == 0s);
        // Counted from its beginning: of many at the same time one goes through.
        CHECK(delay.begin("a", clock.now()).wait() == 2s);
        attempt.failed();
    }
    CHECK(delay.begin("a", clock.now()).wait() == 2s);
    clock.advance(2s);
    {
        // Without an outcome it is taken back.
        auto attempt = delay.begin("a", clock.now());
        REQUIRE(attempt.wait() == 0s);
    }
    {
        auto attempt = delay.begin("a", clock.now());
        REQUIRE(attempt.wait() == 0s);
        attempt.forgive();
    }
    for (int i = 0; i < 2; ++i) {
        auto attempt = delay.begin("a", clock.now());
        REQUIRE(attempt.wait() == 0s);
        attempt.failed();
    }
    CHECK(delay.begin("a", clock.now()).wait() == 0s);
}

TEST_CASE("failures are forgotten a longest wait after the last wait has ended", "[identity]") {
    support::FakeClock clock;
    LoginDelay delay({1, 60s}, 100);
    for (int i = 0; i < 12; ++i) {
        auto attempt = delay.begin("a", clock.now());
        REQUIRE(attempt.wait() == 0s);
        attempt.failed();
        clock.advance(60s);
    }
    CHECK(delay.begin("a", clock.now() - 1s).wait() == 1s);
    clock.advance(61s);
    for (int i = 0; i < 2; ++i) {
        auto attempt = delay.begin("a", clock.now());
        REQUIRE(attempt.wait() == 0s);
        attempt.failed();
    }
    CHECK(delay.begin("a", clock.now()).wait() == 1s);
}

TEST_CASE("the table of failures is bounded", "[identity]") {
    support::FakeClock clock;
    LoginDelay delay({1, 60s}, 16);
    for (int i = 0; i < 1000; ++i) {
        auto attempt = delay.begin(std::to_string(i), clock.now());
        CHECK(attempt.wait() == 0s);
        attempt.failed();
    }
}

TEST_CASE("a token is taken apart only in its one form", "[identity]") {
    auto parts = split_token("YQ.Yg.Yw");
    REQUIRE(parts);
    CHECK(parts->header == "a");
    CHECK(parts->payload == "b");
    CHECK(parts->signature == "c");
    CHECK(parts->signed_part == "YQ.Yg");
    for (const char* bad :
         {"", "YQ", "YQ.Yg", "YQ.Yg.", ".Yg.Yw", "YQ..Yw", "YQ.Yg.Yw.", "YQ.Yg.Yw.YQ", "YQ==.Yg.Yw",
          "YQ.Yg.Yx", " YQ.Yg.Yw", "YQ.Yg.Yw\n", "YQ.Y+.Yw"}) {
        CAPTURE(bad);
        CHECK_FALSE(split_token(bad));
    }
    CHECK(split_token("YQ.Yg." + std::string(4088, 'A')));
    CHECK_FALSE(split_token("YQ.Yg." + std::string(4092, 'A')));
}

TEST_CASE("only the Bearer scheme is heard, in any case", "[identity]") {
    CHECK(bearer_of("Bearer abc") == "abc");
    CHECK(bearer_of("bEARER abc") == "abc");
    // Ours, and no good.
    CHECK(bearer_of("Bearer") == "");
    CHECK(bearer_of("bearer ") == "");
    for (const char* bad : {"", "Basic abc", "Bearerabc", "Beare", "abc", "Digest x, Bearer y"}) {
        CAPTURE(bad);
        CHECK_FALSE(bearer_of(bad));
    }
}

TEST_CASE("claims are judged", "[identity]") {
    support::FakeClock clock;
    auto now = base::to_micros(clock.now()) / 1000000;
    Expected expected{"portal", "readers", 600s, 30s};
    Claims good{"portal", "readers", 7, now + 600, now, {}, "id", base::Role::reader, 1, 2, {}};
    auto verdict = [&](auto change, TokenKind kind = TokenKind::access) {
        auto claims = good;
        change(claims);
        return judge(claims, kind, expected, clock.now());
    };
    CHECK(verdict([](Claims&) {}) == Verdict::good);
    CHECK(verdict([](Claims& c) { c.csrf = "x"; }, TokenKind::session) == Verdict::good);
    CHECK(verdict([&](Claims& c) { c.not_before = now + 30; }) == Verdict::good);
    CHECK(verdict([&](Claims& c) { c.issued = now + 30; }) == Verdict::good);
    CHECK(verdict([&](Claims& c) { c.expires = now; }) == Verdict::expired);
    CHECK(verdict([](Claims& c) { c.csrf = "x"; }) == Verdict::bad);
    CHECK(verdict([](Claims&) {}, TokenKind::session) == Verdict::bad);
    CHECK(verdict([](Claims& c) { c.issuer = "Portal"; }) == Verdict::bad);
    CHECK(verdict([](Claims& c) { c.audience = ""; }) == Verdict::bad);
    CHECK(verdict([](Claims& c) { c.user = 0; }) == Verdict::bad);
    CHECK(verdict([](Claims& c) { c.id = ""; }) == Verdict::bad);
    CHECK(verdict([](Claims& c) { c.family = 0; }) == Verdict::bad);
    CHECK(verdict([](Claims& c) { c.role = base::Role::anonymous; }) == Verdict::bad);
    CHECK(verdict([&](Claims& c) { c.not_before = now + 31; }) == Verdict::bad);
    CHECK(verdict([&](Claims& c) { c.issued = now + 31; }) == Verdict::bad);
    CHECK(verdict([&](Claims& c) { c.expires = now + 601; }) == Verdict::bad);
}

TEST_CASE("a key has a successor in time, and goes when nothing of it is alive", "[identity]") {
    support::FakeClock clock;
    auto key = [&](const char* id, base::Time signs_from) {
        SigningKey made;
        made.id = id;
        made.created_at = clock.now();
        made.signs_from = signs_from;
        return made;
    };
    KeySet keys{key("a", clock.now())};
    CHECK_FALSE(needs_successor(keys, clock.now() + 24h, 24h));
    CHECK(needs_successor(keys, clock.now() + 24h + 1s, 24h));
    keys.push_back(key("b", clock.now() + key_notice));
    CHECK(signing_key(keys, clock.now() + key_notice - 1s).id == "a");
    CHECK(signing_key(keys, clock.now() + key_notice).id == "b");
    CHECK(find_key(keys, "b"));
    CHECK_FALSE(find_key(keys, "c"));
    CHECK(without_spent(keys, clock.now() + key_notice + 12h, 12h).size() == 2);
    CHECK(without_spent(keys, clock.now() + key_notice + 12h + 1s, 12h).front().id == "b");
}

TEST_CASE("settings that would weaken passwords or tokens are refused", "[identity]") {
    auto describe_all = [](config::Section& root) {
        Config config;
        describe(root, config);
    };
    CHECK(config::read({}, describe_all).empty());
    for (const char* bad :
         {"password_memory_kib=19455", "password_passes=1", "access_life_s=901",
          "issuer=", "audience=", "failures_free=0", "key_life_s=60", "session_life_s=10000000"}) {
        CAPTURE(bad);
        config::Sources sources;
        sources.overrides = {bad};
        CHECK(config::read(sources, describe_all).size() == 1);
    }
}

TEST_CASE("what is revoked is refused until it is forgotten", "[identity]") {
    support::FakeClock clock;
    Revocations revocations;
    CHECK(revocations.admit(1, 1, 100));
    revocations.add({Revocation::Kind::user, 1, 5, clock.now() + 1h});
    revocations.add({Revocation::Kind::user, 1, 4, clock.now() + 2h});
    revocations.add({Revocation::Kind::family, 100, no_epoch, clock.now() + 3h});
    CHECK_FALSE(revocations.admit(1, 4, 99));
    CHECK(revocations.admit(1, 5, 99));
    CHECK_FALSE(revocations.admit(2, 9, 100));
    CHECK(revocations.admit(65, 0, 164));
    CHECK(revocations.admit(100, 1, 1));
    CHECK(revocations.size() == 2);
    revocations.forget(clock.now() + 2h);
    CHECK_FALSE(revocations.admit(1, 4, 99));
    revocations.forget(clock.now() + 2h + 1s);
    CHECK(revocations.admit(1, 4, 99));
    CHECK_FALSE(revocations.admit(2, 9, 100));
    revocations.add_all({{Revocation::Kind::user, 3, no_epoch, clock.now() + 1h},
                         {Revocation::Kind::user, 67, 2, clock.now() + 1h}});
    CHECK_FALSE(revocations.admit(3, 1000000, 1));
    CHECK_FALSE(revocations.admit(67, 1, 1));
}

}  // namespace identity
