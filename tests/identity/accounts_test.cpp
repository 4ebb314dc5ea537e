// Accounts as other modules and admins see them, and what a change does to tokens.
#include <fstream>
#include <thread>

#include "site.hpp"
#include "support/sqlite_file.hpp"
#include "telemetry/log.hpp"

namespace tests {

namespace {

using namespace std::chrono_literals;
using identity::AccountChange;
using identity::NewAccount;
using identity::UserId;

constexpr const char* ann = "ann@example.org";

std::string route(UserId id, const char* what) {
    return "/v1/auth/users/" + std::to_string(id) + "/" + what;
}

/// A site with one admin, whose token this is.
std::string with_admin(Site& site) {
    site.open();
    site.add("admin@example.org", good_password, base::Role::admin);
    return site.tokens("admin@example.org", good_password)["access_token"];
}

}  // namespace

TEST_CASE("a pending account holds its address and cannot log in", "[identity]") {
    Site site;
    site.open();
    auto& accounts = site.module->accounts();
    NewAccount account{"Ann@example.org", good_password};
    auto id = base::run(accounts.reserve(account, {}));
    REQUIRE(id);
    CHECK(*base::run(accounts.pending({})) == std::vector<UserId>{*id});
    CHECK_FALSE(base::run(accounts.account(*id, {}))->active);
    account.email = ann;
    CHECK(base::run(accounts.reserve(account, {})).error().code == "email_taken");
    CHECK(site.log_in(ann, good_password).status == 401);

    REQUIRE(base::run(accounts.activate(*id, {})));
    REQUIRE(base::run(accounts.activate(*id, {})));
    CHECK(base::run(accounts.pending({}))->empty());
    CHECK(site.log_in(ann, good_password).status == 200);
    // It is not pending any more, so this does nothing.
    REQUIRE(base::run(accounts.discard(*id, {})));
    CHECK(base::run(accounts.account(*id, {}))->active);
    CHECK(base::run(accounts.activate(1, {})).error().code == "account_not_found");
}

TEST_CASE("a discarded account is gone, and its address free", "[identity]") {
    Site site;
    site.open();
    auto& accounts = site.module->accounts();
    NewAccount account{ann, good_password};
    auto id = base::run(accounts.reserve(account, {}));
    REQUIRE(base::run(accounts.discard(*id, {})));
    REQUIRE(base::run(accounts.discard(*id, {})));
    CHECK(base::run(accounts.account(*id, {})).error().code == "account_not_found");
    CHECK(base::run(accounts.reserve(account, {})));
}

TEST_CASE("all that is wrong with an account is told at once", "[identity]") {
    Site site;
    site.open();
    auto& accounts = site.module->accounts();
    auto refused = base::run(accounts.reserve({"ann", "short"}, {}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_account");
    CHECK(refused.error().details.size() == 2);
    CHECK(base::run(accounts.reserve({ann, "ANN@example.org"}, {})).error().code ==
          "invalid_account");
    CHECK(base::run(accounts.reserve({ann, "iloveyou"}, {})).error().details.size() == 1);
}

TEST_CASE("of 100 registrations of one address at the same time one wins", "[identity]") {
    Site site;
    site.config.password_queue_max = 128;
    site.open();
    auto& accounts = site.module->accounts();
    std::atomic<int> won{0};
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 100; ++i) {
        threads.emplace_back([&, i] {
            NewAccount account{i % 2 == 0 ? "Ann@example.org" : ann, good_password};
            auto id = base::run(accounts.reserve(account, {}));
            if (id) ++won;
            if (!id && id.error().code == "email_taken") ++taken;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(won == 1);
    CHECK(taken == 99);
    CHECK(base::run(accounts.pending({}))->size() == 1);
}

TEST_CASE("an address can be changed to a free one", "[identity]") {
    Site site;
    site.open();
    auto& accounts = site.module->accounts();
    auto id = site.add(ann, good_password);
    auto other = site.add("ben@example.org", good_password);
    std::string access = site.tokens(ann, good_password)["access_token"];
    AccountChange change;
    change.email = "BEN@example.org";
    CHECK(site.change(id, change).error().code == "email_taken");
    change.email = "Ann@example.org";
    REQUIRE(site.change(id, change));
    change.email = "no address";
    change.password = "short";
    CHECK(site.change(id, change).error().details.size() == 2);
    CHECK(site.change(1, {}).error().code == "account_not_found");
    CHECK(site.me(access) == 200);
    auto emails = base::run(accounts.emails({id, other, 1}, {}));
    REQUIRE(emails);
    CHECK(*emails ==
          std::map<UserId, std::string>{{id, "Ann@example.org"}, {other, "ben@example.org"}});
}

TEST_CASE("a new password ends every login", "[identity]") {
    Site site;
    site.open();
    auto id = site.add(ann, good_password);
    auto tokens = site.tokens(ann, good_password);
    CHECK(site.me(tokens["access_token"]) == 200);
    AccountChange change;
    change.password = "another long one";
    REQUIRE(site.change(id, change));
    CHECK(site.me(tokens["access_token"]) == 401);
    CHECK(
        site.ask("POST", "/v1/auth/refresh", {{"refresh_token", tokens["refresh_token"]}}).status ==
        401);
    CHECK(site.log_in(ann, good_password).status == 401);
    CHECK(site.me(site.tokens(ann, "another long one")["access_token"]) == 200);
    change.password = "ann";
    CHECK_FALSE(site.change(id, change));
}

TEST_CASE("an erased account is gone with all its logins", "[identity]") {
    Site site;
    site.open();
    auto id = site.add(ann, good_password);
    auto tokens = site.tokens(ann, good_password);
    CHECK(site.me(tokens["access_token"]) == 200);
    REQUIRE(base::run(site.module->accounts().erase(id, {})));
    REQUIRE(base::run(site.module->accounts().erase(id, {})));
    CHECK(site.me(tokens["access_token"]) == 401);
    CHECK(
        site.ask("POST", "/v1/auth/refresh", {{"refresh_token", tokens["refresh_token"]}}).status ==
        401);
    CHECK(site.log_in(ann, good_password).status == 401);
    site.reopen();
    CHECK(site.me(tokens["access_token"]) == 401);
    site.close();
    auto file = site.folder / "identity.db";
    CHECK(support::number_from_database(file, "select count(*) from accounts") == 0);
    CHECK(support::number_from_database(file, "select count(*) from refresh_tokens") == 0);
    site.open();
    site.add(ann, good_password);
}

TEST_CASE("a role counts on the very next request, and after a restart", "[identity]") {
    Site site;
    auto admin = with_admin(site);
    auto id = site.add(ann, good_password, base::Role::admin);
    auto tokens = site.tokens(ann, good_password);
    std::string access = tokens["access_token"];
    CHECK(site.ask("PUT", route(id, "role"), {{"role", "admin"}}, Site::bearer(access)).status ==
          200);
    // The same role again changes nothing.
    CHECK(site.me(access) == 200);

    auto set = site.ask("PUT", route(id, "role"), {{"role", "editor"}}, Site::bearer(admin));
    REQUIRE(set.status == 200);
    CHECK(set.json() == json{{"id", id}, {"email", ann}, {"role", "editor"}, {"status", "active"}});
    CHECK(site.me(access) == 401);
    CHECK(
        site.ask("POST", "/v1/auth/refresh", {{"refresh_token", tokens["refresh_token"]}}).status ==
        401);
    site.reopen();
    CHECK(site.me(access) == 401);
    CHECK(site.me(admin) == 200);
    std::string next = site.tokens(ann, good_password)["access_token"];
    CHECK(site.ask("GET", "/v1/auth/me", nullptr, Site::bearer(next)).json()["role"] == "editor");
    CHECK(site.ask("PUT", route(id, "role"), {{"role", "admin"}}, Site::bearer(next)).status ==
          403);
}

TEST_CASE("a ban counts on the very next request, and can be lifted", "[identity]") {
    Site site;
    auto admin = with_admin(site);
    auto id = site.add(ann, good_password);
    std::string access = site.tokens(ann, good_password)["access_token"];
    CHECK(site.me(access) == 200);
    auto off = site.ask("PUT", route(id, "status"), {{"status", "disabled"}}, Site::bearer(admin));
    CHECK(off.status == 200);
    CHECK(off.json()["status"] == "disabled");
    CHECK(site.me(access) == 401);
    CHECK(site.log_in(ann, good_password).status == 401);
    CHECK(
        site.ask("PUT", route(id, "status"), {{"status", "active"}}, Site::bearer(admin)).status ==
        200);
    CHECK(site.me(access) == 401);
    CHECK(site.log_in(ann, good_password).status == 200);
}

TEST_CASE("roles and statuses are for admins, with words that exist, of users that exist",
          "[identity]") {
    Site site;
    auto admin = with_admin(site);
    auto id = site.add(ann, good_password, base::Role::editor);
    std::string access = site.tokens(ann, good_password)["access_token"];
    for (const char* what : {"role", "status"}) {
        CAPTURE(what);
        json good{{what, std::string(what) == "role" ? "reader" : "active"}};
        CHECK(site.ask("PUT", route(id, what), good).status == 401);
        CHECK(site.ask("PUT", route(id, what), good, Site::bearer(access)).status == 403);
        auto unknown = site.ask("PUT", route(7, what), good, Site::bearer(admin));
        CHECK(unknown.status == 404);
        CHECK(unknown.json()["error"] == "user_not_found");
        auto path = std::string("/v1/auth/users/x/") + what;
        CHECK(site.ask("PUT", path, good, Site::bearer(admin)).status == 404);
        CHECK(site.ask("PUT", route(id, what), {{what, 1}}, Site::bearer(admin)).status == 400);
        CHECK(site.ask("PUT", route(id, what), {{what, "pending"}}, Site::bearer(admin)).status ==
              422);
        auto missing = site.ask("PUT", route(id, what), json::object(), Site::bearer(admin));
        CHECK(missing.status == 422);
        CHECK(missing.json()["details"][0]["field"] == what);
    }
    auto pending = base::run(site.module->accounts().reserve({"p@example.org", good_password}, {}));
    CHECK(site.ask("PUT", route(*pending, "status"), {{"status", "active"}}, Site::bearer(admin))
              .status == 404);
}

TEST_CASE("the last active admin stays", "[identity]") {
    Site site;
    auto token = with_admin(site);
    auto me = site.ask("GET", "/v1/auth/me", nullptr, Site::bearer(token)).json();
    auto id = me["id"].get<UserId>();
    auto other = site.add("other@example.org", good_password, base::Role::admin);
    REQUIRE(site.ask("PUT", route(other, "status"), {{"status", "disabled"}}, Site::bearer(token))
                .status == 200);
    auto refused = site.ask("PUT", route(id, "role"), {{"role", "editor"}}, Site::bearer(token));
    CHECK(refused.status == 409);
    CHECK(refused.json()["error"] == "last_admin");
    CHECK(site.ask("PUT", route(id, "status"), {{"status", "disabled"}}, Site::bearer(token))
              .status == 409);
    CHECK(site.me(token) == 200);
    REQUIRE(site.ask("PUT", route(other, "status"), {{"status", "active"}}, Site::bearer(token))
                .status == 200);
    CHECK(site.ask("PUT", route(id, "role"), {{"role", "editor"}}, Site::bearer(token)).status ==
          200);
}

TEST_CASE("what has ended is deleted", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    auto tokens = site.tokens(ann, good_password);
    site.tokens(ann, good_password);
    REQUIRE(
        site.ask("POST", "/v1/auth/logout", {{"refresh_token", tokens["refresh_token"]}}).status ==
        204);
    auto rows = [&](const char* table) {
        site.close();
        auto count = support::number_from_database(site.folder / "identity.db",
                                                   std::string("select count(*) from ") + table);
        site.open();
        return count;
    };
    CHECK(rows("refresh_tokens") == 1);
    CHECK(rows("revocations") == 1);
    CHECK_THAT(site.metrics.text(), Catch::Contains("portal_identity_revocations 1\n"));
    site.clock.advance(12h);
    site.reopen();
    CHECK(rows("revocations") == 1);
    site.clock.advance(1min);
    site.reopen();
    CHECK(rows("revocations") == 0);
    CHECK_THAT(site.metrics.text(), Catch::Contains("portal_identity_revocations 0\n"));
    CHECK(rows("refresh_tokens") == 1);
    site.clock.advance(30 * 24h);
    site.reopen();
    CHECK(rows("refresh_tokens") == 0);
}

TEST_CASE("a full pool refuses logins and registrations", "[identity]") {
    Site site;
    site.config.password_threads = 1;
    site.config.password_queue_max = 1;
    site.open();
    std::atomic<int> full{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            NewAccount account{"u" + std::to_string(i) + "@example.org", good_password};
            auto id = base::run(site.module->accounts().reserve(account, {}));
            if (!id && id.error().code == "password_pool_full") ++full;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(full > 0);
    CHECK(full < 8);
}

TEST_CASE("an address has many spellings, and one account", "[identity]") {
    Site site;
    site.open();
    auto& accounts = site.module->accounts();
    const char* spellings[] = {"j\xc3\xb6rg@ex\xc3\xa4mple.de", "J\xc3\x96RG@EX\xc3\x84MPLE.DE",
                               "jo\xcc\x88rg@exa\xcc\x88mple.de", "J\xc3\xb6rg@xn--exmple-cua.de"};
    auto id = site.add(spellings[0], good_password);
    for (const char* spelling : spellings) {
        CAPTURE(spelling);
        CHECK(site.log_in(spelling, good_password).status == 200);
        auto taken = base::run(accounts.reserve({spelling, good_password}, {}));
        CHECK(taken.error().code == "email_taken");
        AccountChange change;
        change.email = spelling;
        CHECK(site.change(id, change));
    }
    // It is kept as given.
    CHECK(base::run(accounts.account(id, {}))->email == spellings[3]);
    CHECK(base::run(accounts.reserve({"jorg@ex\xc3\xa4mple.de", good_password}, {})));
    for (const char* hidden : {"a\xe2\x80\x8b"
                               "b@example.org",
                               "a\xc2\xa0"
                               "b@example.org",
                               "ab@exa\xc2\xadmple.org", "ab@example.org\xe3\x80\x80"}) {
        CAPTURE(hidden);
        auto refused = base::run(accounts.reserve({hidden, good_password}, {}));
        CHECK(refused.error().code == "invalid_account");
    }
}

TEST_CASE("accounts from before are known by the form of their address that holds now",
          "[identity]") {
    Site site;
    site.open();
    auto early = site.add("j\xc3\xb6rg@ex\xc3\xa4mple.de", good_password);
    auto late = site.add("second@example.org", "another long one");
    auto plain = site.add(ann, good_password);
    site.close();
    // As an earlier version has stored them: only ASCII letters small, so there could be two.
    auto file = site.folder / "identity.db";
    support::change_database(file,
                             "update accounts set key_form = 0, email_key = "
                             "'j\xc3\xb6rg@ex\xc3\xa4mple.de' where id = " +
                                 std::to_string(early));
    support::change_database(file,
                             "update accounts set key_form = 0, email = "
                             "'J\xc3\x96RG@EX\xc3\x84MPLE.DE', email_key = "
                             "'j\xc3\x96rg@ex\xc3\x84mple.de' where id = " +
                                 std::to_string(late));
    auto later_id = std::max(early, late);
    site.open();
    auto& accounts = site.module->accounts();
    // Nobody loses an account: each logs in with the spelling that it has.
    CHECK(site.log_in("j\xc3\xb6rg@ex\xc3\xa4mple.de", good_password).status == 200);
    CHECK(site.log_in("J\xc3\x96RG@EX\xc3\x84MPLE.DE", "another long one").status == 200);
    CHECK(base::run(accounts.reserve({"Jo\xcc\x88rg@ex\xc3\xa4mple.de", good_password}, {}))
              .error()
              .code == "email_taken");
    // Once one of them is gone the other has the address in every spelling, after the next start.
    REQUIRE(base::run(accounts.erase(std::min(early, late), {})));
    site.reopen();
    auto password = later_id == early ? good_password : std::string("another long one");
    CHECK(site.log_in("jo\xcc\x88rg@xn--exmple-cua.de", password).status == 200);
    CHECK(site.log_in(ann, good_password).status == 200);
    site.close();
    CHECK(support::number_from_database(file, "select count(*) from accounts where key_form = 0") ==
          0);
    static_cast<void>(plain);
}

TEST_CASE("a prepared change has no effect, holds its address, and is finished or abandoned",
          "[identity]") {
    Site site;
    site.open();
    auto id = site.add(ann, good_password);
    auto other = site.add("ben@example.org", good_password);
    auto tokens = site.tokens(ann, good_password);
    AccountChange change;
    change.email = "new@example.org";
    change.password = "another long one";
    auto token = base::run(site.module->accounts().prepare_change(id, change, {}));
    REQUIRE(token);
    CHECK(site.me(tokens["access_token"]) == 200);
    CHECK(site.log_in("new@example.org", "another long one").status == 401);
    auto taken = base::run(site.module->accounts().reserve({"NEW@example.org", good_password}, {}));
    CHECK(taken.error().code == "email_taken");
    AccountChange same;
    same.email = "new@example.org";
    CHECK(base::run(site.module->accounts().prepare_change(other, same, {})).error().code ==
          "email_taken");
    site.reopen();
    auto& accounts = site.module->accounts();
    auto prepared = base::run(accounts.prepared({}));
    REQUIRE(prepared->size() == 1);
    CHECK(prepared->front().token == *token);
    CHECK(prepared->front().id == id);
    CHECK_FALSE(prepared->front().erasure);
    bool finishes = GENERATE(true, false);
    if (finishes) {
        REQUIRE(base::run(accounts.finish_change(id, *token, {})));
        REQUIRE(base::run(accounts.finish_change(id, *token, {})));
        CHECK(site.me(tokens["access_token"]) == 401);
        CHECK(site.log_in("new@example.org", "another long one").status == 200);
    } else {
        REQUIRE(base::run(accounts.abandon(*token, {})));
        REQUIRE(base::run(accounts.finish_change(id, *token, {})));
        CHECK(site.me(tokens["access_token"]) == 200);
        CHECK(site.log_in(ann, good_password).status == 200);
        CHECK(base::run(accounts.reserve({"new@example.org", good_password}, {})));
    }
    CHECK(base::run(accounts.prepared({}))->empty());
}

TEST_CASE("of two admins who erase each other at the same time one is left", "[identity]") {
    Site site;
    site.open();
    auto& accounts = site.module->accounts();
    auto one = site.add("one@example.org", good_password, base::Role::admin);
    auto other = site.add("other@example.org", good_password, base::Role::admin);
    std::atomic<int> prepared{0};
    std::vector<std::thread> threads;
    for (auto id : {one, other}) {
        threads.emplace_back([&, id] {
            auto token = base::run(accounts.prepare_erasure(id, {}));
            if (token) ++prepared;
            if (!token) CHECK(token.error().code == "last_admin");
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(prepared == 1);
}

TEST_CASE("whose erasure is prepared is no admin that could be left as the last", "[identity]") {
    Site site;
    auto token = with_admin(site);
    auto& accounts = site.module->accounts();
    auto me = site.ask("GET", "/v1/auth/me", nullptr, Site::bearer(token)).json();
    auto id = me["id"].get<UserId>();
    auto other = site.add("other@example.org", good_password, base::Role::admin);
    auto erasure = base::run(accounts.prepare_erasure(other, {}));
    REQUIRE(erasure);
    for (const char* what : {"role", "status"}) {
        json body{{what, std::string(what) == "role" ? "editor" : "disabled"}};
        auto refused = site.ask("PUT", route(id, what), body, Site::bearer(token));
        CHECK(refused.status == 409);
        CHECK(refused.json()["error"] == "last_admin");
    }
    CHECK(base::run(accounts.prepare_erasure(id, {})).error().code == "last_admin");
    REQUIRE(base::run(accounts.abandon(*erasure, {})));
    CHECK(base::run(accounts.prepare_erasure(id, {})));
    CHECK(*base::run(accounts.prepare_erasure(7, {})) == 0);
}

TEST_CASE("a login name is no password, neither a first one nor a later one", "[identity]") {
    Site site;
    site.open();
    auto& accounts = site.module->accounts();
    NewAccount account{"", "Ann.Lee.77", base::Role::reader, "ann.lee.77"};
    CHECK(base::run(accounts.reserve(account, {})).error().code == "invalid_account");
    account.password = good_password;
    auto id = base::run(accounts.reserve(account, {}));
    REQUIRE(id);
    REQUIRE(base::run(accounts.activate(*id, {})));
    AccountChange change;
    change.password = "Ann.Lee.77";
    auto refused = site.change(*id, change);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_account");
    // With an address, too, which is compared first.
    change.email = "ann.lee.77@example.org";
    CHECK(site.change(*id, change).error().details.size() == 1);
    change.password = "another long one";
    CHECK(site.change(*id, change));
}

TEST_CASE("that a password was set in open mode is logged once for each account, whoever tries",
          "[identity]") {
    support::TemporaryFolder folder;
    telemetry::LogTarget target;
    target.console = false;
    target.file = folder / "test.log";
    Site site;
    site.open(true, identity::PasswordRules::any);
    site.add(ann, "123456");
    site.add("bob@example.org", "123456");
    site.close();
    telemetry::start_log(target);
    site.open();
    for (int i = 0; i < 2; ++i) {
        CHECK(site.log_in(ann, "123456").status == 401);
        CHECK(site.log_in(ann, "not the right one").status == 401);
        CHECK(site.log_in("bob@example.org", "not the right one").status == 401);
    }
    site.close();
    telemetry::stop_log();
    std::ifstream file(folder / "test.log");
    int told = 0, failed = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.find("set in open mode") != std::string::npos) ++told;
        if (line.find("a login has failed\"") != std::string::npos) ++failed;
    }
    CHECK(told == 2);
    CHECK(failed == 6);
}

TEST_CASE("under any rules a password only must not be empty, and under full ones it opens nothing",
          "[identity]") {
    using identity::PasswordRules;
    Site site;
    site.open(true, PasswordRules::any);
    auto id = site.add(ann, "123456", base::Role::admin);
    site.add("good@example.org", good_password);
    CHECK(base::run(site.module->accounts().reserve({"x@example.org", ""}, {})).error().code ==
          "invalid_account");
    CHECK(base::run(site.module->accounts().reserve({"x@example.org", "x@example.org"}, {})));
    auto tokens = site.tokens(ann, "123456");
    site.close();

    site.open();
    CHECK(site.log_in(ann, "123456").status == 401);
    CHECK(site.log_in("good@example.org", good_password).status == 401);
    CHECK(site.me(tokens["access_token"]) == 401);
    CHECK(refresh(site, tokens).status == 401);
    // Who cannot log in is no admin that could be left.
    auto admin = site.add("admin@example.org", good_password, base::Role::admin);
    CHECK(base::run(site.module->accounts().prepare_erasure(admin, {})).error().code ==
          "last_admin");
    AccountChange change;
    change.password = "123456";
    CHECK(site.change(id, change).error().code == "invalid_account");
    change.password = "a word of the rules";
    REQUIRE(site.change(id, change));
    CHECK(site.me(site.tokens(ann, "a word of the rules")["access_token"]) == 200);
    CHECK(base::run(site.module->accounts().prepare_erasure(admin, {})));
}

}  // namespace tests
