// People who come from another site: their accounts, and how they log in.
#include <algorithm>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "account_store.hpp"
#include "database/store_file.hpp"
#include "site.hpp"
#include "support/sqlite_file.hpp"
#include "telemetry/log.hpp"

namespace tests {

namespace {

using namespace std::chrono_literals;
using identity::ImportedAccount;
using identity::ImportedAs;
using identity::ImportRule;
using Outcome = ImportedAs::Outcome;

constexpr const char* ann_address = "ann@example.org";

/// Made by Django for `django_password`; quick.
const std::string django_password = "portal-test";
const std::string django_text =
    "pbkdf2_sha256$1000$abcDEF123456$G0WyLDhhtgUf0jKnJ0aGEDlRHfzbQJ6/O740OTJLBy8=";
/// unsalted_md5 of "rowing on the lake"
const std::string weak_text = "1a2c2c90c7385530313d496d040cbf8c";
const std::string weak_password = "rowing on the lake";

ImportedAccount account_of(const std::string& number, const std::string& login,
                           const std::string& email = "") {
    ImportedAccount account;
    account.source = "auth.user:" + number;
    account.login = login;
    account.email = email;
    account.registered_at = base::from_micros(1'000'000'000'000'000);
    account.password = django_text;
    return account;
}

/// Imports and settles them.
std::vector<ImportedAs> import(Site& site, std::vector<ImportedAccount> accounts,
                               ImportRule rule = ImportRule::ours) {
    base::Context context;
    context.request_id = "import";
    auto made = base::run(site.module->imports().import(std::move(accounts), rule, context));
    REQUIRE(made);
    std::vector<identity::UserId> ids;
    for (const auto& one : *made) {
        if (one.id != 0) ids.push_back(one.id);
    }
    REQUIRE(base::run(site.module->imports().activate(ids, context)));
    return *made;
}

ImportedAs import_one(Site& site, const ImportedAccount& account,
                      ImportRule rule = ImportRule::ours) {
    return import(site, {account}, rule).front();
}

/// The members of which something was told.
std::string told_of(const ImportedAs& made) {
    std::string fields;
    for (const auto& problem : made.problems) fields += problem.field + " ";
    return fields;
}

support::Answer by_login(Site& site, const std::string& login, const std::string& password) {
    return site.ask("POST", "/v1/auth/token", {{"login", login}, {"password", password}});
}

std::string stored(Site& site, const std::string& column, const std::string& source) {
    site.close();
    auto rows = support::rows_from_database(
        site.folder / "identity.db",
        "select coalesce(" + column + ", 'null') from accounts where source = '" + source + "'");
    site.open();
    REQUIRE(rows.size() == 1);
    return rows.front();
}

/// The body of a failure without what differs from request to request.
json told(const support::Answer& answer) {
    auto body = answer.json();
    body.erase("request_id");
    body["http"] = answer.status;
    return body;
}

std::string log_of(Site& site, const std::function<void()>& work) {
    auto file = site.folder / "test.log";
    telemetry::LogTarget target;
    target.level = telemetry::Level::debug;
    target.console = false;
    target.file = file;
    telemetry::start_log(target);
    work();
    telemetry::stop_log();
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Of each the fastest of three, in microseconds. They take turns, so that whatever else the
/// machine has to do meets all of them.
std::vector<std::int64_t> fastest_of_three(const std::vector<std::function<void()>>& works) {
    std::vector<std::int64_t> best(works.size(), std::numeric_limits<std::int64_t>::max());
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < works.size(); ++i) {
            auto started = std::chrono::steady_clock::now();
            works[i]();
            auto took = std::chrono::duration_cast<std::chrono::microseconds>(
                std::chrono::steady_clock::now() - started);
            best[i] = std::min(best[i], std::int64_t{took.count()});
        }
    }
    return best;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("a password that was set in open mode goes back to Django as one that opens nothing",
          "[identity]") {
    Site site;
    site.open(true, identity::PasswordRules::any);
    auto imported = import_one(site, account_of("17", "ann", ann_address));
    identity::AccountChange change;
    change.password = "123456";
    auto password = [&] {
        auto all = base::run(site.module->exports().accounts(0, 10, {}));
        REQUIRE(all);
        REQUIRE(all->size() == 1);
        return all->front().password;
    };
    CHECK(password() == django_text);
    REQUIRE(site.change(imported.id, change));
    CHECK(password().starts_with("!"));
    // That alone would leave the password as Django has it.
    CHECK(password() != "!");

    site.close();
    site.open();
    CHECK(password().starts_with("!"));
    change.password = good_password;
    REQUIRE(site.change(imported.id, change));
    CHECK(password().starts_with("argon2$argon2id$"));
}

TEST_CASE("who comes from Django logs in with the old password, and gets a hash of ours beside it",
          "[identity]") {
    Site site;
    site.open();
    auto made = import_one(site, account_of("17", "ann", ann_address));
    REQUIRE(made.outcome == Outcome::added);
    CHECK(told_of(made).empty());
    CHECK(by_login(site, "ann", "not the password").status == 401);
    CHECK(stored(site, "password", "auth.user:17") == django_text);

    auto answer = by_login(site, "ann", django_password);
    REQUIRE(answer.status == 200);
    CHECK(site.log_in(ann_address, django_password).status == 200);
    auto me = site.ask("GET", "/v1/auth/me", nullptr, Site::bearer(answer.json()["access_token"]));
    CHECK(me.json() == json{{"id", made.id},
                            {"email", ann_address},
                            {"login", "ann"},
                            {"role", "reader"},
                            {"legacy_id", "auth.user:17"}});
    CHECK_THAT(stored(site, "password", "auth.user:17"), Catch::StartsWith("$argon2id$"));
    CHECK(stored(site, "django_password", "auth.user:17") == django_text);
    CHECK(base::run(site.module->imports().known("auth.user:17", {}))->value().django_password ==
          django_text);

    // A password of this side is no password of Django's.
    REQUIRE(site.change(made.id, {{}, good_password}));
    CHECK(stored(site, "django_password", "auth.user:17") == "null");
    CHECK(base::run(site.module->imports().known("auth.user:17", {}))->value().django_password ==
          std::nullopt);
    CHECK(by_login(site, "ann", django_password).status == 401);
    CHECK(by_login(site, "ann", good_password).status == 200);
}

TEST_CASE("a browser's login also leaves a hash of ours", "[identity]") {
    Site site;
    site.open();
    import_one(site, account_of("17", "ann"));
    auto session =
        site.ask("POST", "/v1/auth/session", {{"login", "ann"}, {"password", django_password}});
    REQUIRE(session.status == 200);
    CHECK_THAT(stored(site, "password", "auth.user:17"), Catch::StartsWith("$argon2id$"));
    CHECK(stored(site, "django_password", "auth.user:17") == django_text);
}

TEST_CASE("the source's passwords are forgotten when it is left, and who never came still can",
          "[identity]") {
    Site site;
    site.open();
    import(site, {account_of("1", "ann"), account_of("2", "bob"), account_of("3", "cai")});
    auto& imports = site.module->imports();
    CHECK(*base::run(imports.forget_django_passwords(2, {})) == 2);
    CHECK(*base::run(imports.forget_django_passwords(2, {})) == 1);
    CHECK(*base::run(imports.forget_django_passwords(2, {})) == 0);
    CHECK(base::run(imports.known("auth.user:2", {}))->value().django_password == std::nullopt);
    CHECK(by_login(site, "bob", django_password).status == 200);
}

TEST_CASE("a token that came along is its account's as long as the source has it", "[identity]") {
    Site site;
    site.open();
    const std::string first(40, 'a'), second(40, 'b');
    auto whose = [&](const std::string& token) {
        auto known = base::run(site.module->imports().known_by_token(token, {}));
        REQUIRE(known);
        return *known ? (*known)->id : 0;
    };
    auto ann = account_of("1", "ann");
    ann.tokens = {first};
    auto id = import_one(site, ann).id;
    CHECK(whose(first) == id);
    CHECK(whose(second) == 0);
    CHECK(whose("") == 0);
    CHECK(import_one(site, ann).outcome == Outcome::unchanged);

    // A source that says nothing of them leaves them; one that has others has these only.
    ann.tokens = std::nullopt;
    CHECK(import_one(site, ann).outcome == Outcome::unchanged);
    site.close();
    site.open();
    CHECK(whose(first) == id);
    ann.tokens = {second};
    CHECK(import_one(site, ann).outcome == Outcome::updated);
    CHECK(whose(first) == 0);
    CHECK(whose(second) == id);
    ann.tokens.emplace();
    import_one(site, ann);
    CHECK(whose(second) == 0);
}

TEST_CASE("a token that came along ends with what its account had there", "[identity]") {
    Site site;
    site.open();
    const std::string token(40, 'a'), short_one = "abc";
    auto whose = [&] {
        auto known = base::run(site.module->imports().known_by_token(token, {}));
        REQUIRE(known);
        return known->has_value();
    };
    auto ann = account_of("1", "ann");
    ann.tokens = {short_one, token};
    auto made = import_one(site, ann);
    REQUIRE(whose());
    CHECK(told_of(made) == "tokens ");
    CHECK_FALSE(base::run(site.module->imports().known_by_token(short_one, {}))->has_value());

    SECTION("since the password is another here") {
        REQUIRE(site.change(made.id, {{}, good_password}));
        CHECK_FALSE(whose());
        import_one(site, ann);
    }
    SECTION("since they are erased") {
        REQUIRE(base::run(site.module->accounts().erase(made.id, {})));
    }
    SECTION("since the source is left") {
        REQUIRE(base::run(site.module->imports().forget_django_passwords(10, {})));
    }

    CHECK_FALSE(whose());
    site.close();
    auto rows = support::rows_from_database(site.folder / "identity.db",
                                            "select count(*) from imported_tokens");
    CHECK(rows.front() == "0");
}

TEST_CASE("an account without an address logs in by its name, and nothing tells which names exist",
          "[identity]") {
    Site site;
    site.config.failures_free = 1000;
    site.open();
    auto added =
        import(site, {account_of("1", "ann"), account_of("2", "off"), account_of("3", "pending")});
    auto off = account_of("2", "off");
    off.active = false;
    CHECK(import_one(site, off).outcome == Outcome::updated);

    auto wrong = told(by_login(site, "ann", "not the right one"));
    CHECK(wrong["http"] == 401);
    CHECK(wrong["error"] == "wrong_credentials");
    CHECK(wrong["message"] == "Login name or password is wrong.");
    for (const char* name : {"nobody", "off", "ANN", "", "ann ", "NONE 1"}) {
        CAPTURE(name);
        CHECK(told(by_login(site, name, django_password)) == wrong);
    }
    // What stands for an address where there is none is no address.
    auto none = "NONE " + std::to_string(added[0].id);
    CHECK(site.log_in(none, django_password).status == 401);
    CHECK(site.log_in("", django_password).status == 401);
    CHECK(site.log_in("ann", django_password).status == 401);
    auto tokens = by_login(site, "ann", django_password).json();
    auto me = site.ask("GET", "/v1/auth/me", nullptr, Site::bearer(tokens["access_token"]));
    CHECK(me.json() == json{{"id", added[0].id},
                            {"email", nullptr},
                            {"login", "ann"},
                            {"role", "reader"},
                            {"legacy_id", "auth.user:1"}});
    // With both, it is the address that counts, as ever.
    site.add("bob@example.org", good_password);
    CHECK(site.ask("POST", "/v1/auth/token",
                   {{"email", "bob@example.org"}, {"login", "ann"}, {"password", good_password}})
              .status == 200);
    auto missing = site.ask("POST", "/v1/auth/token", {{"login", "ann"}});
    CHECK(missing.status == 422);
    CHECK(missing.json()["details"].size() == 1);
    CHECK(site.ask("POST", "/v1/auth/token", {{"login", 1}, {"password", "x"}}).status == 400);
}

TEST_CASE("a wrong password takes as long for who never logged in here as for anybody",
          "[identity]") {
    Site site;
    site.config.failures_free = 1000;
    site.open();
    auto slow = account_of("1", "ann");
    slow.password = "pbkdf2_sha256$1000000$" + slow.password.substr(19);
    import(site, {slow, account_of("2", "bob")});
    site.add(ann_address, good_password);
    // Only one of Django's hashes is left, so it is the one that the others are compared with.
    REQUIRE(by_login(site, "bob", django_password).status == 200);
    auto fastest =
        fastest_of_three({[&] { CHECK(by_login(site, "ann", "wrong wrong").status == 401); },
                          [&] { CHECK(by_login(site, "bob", "wrong wrong").status == 401); },
                          [&] { CHECK(by_login(site, "nobody", "wrong wrong").status == 401); },
                          [&] { CHECK(site.log_in(ann_address, "wrong wrong").status == 401); }});
    auto never_came = fastest.front();
    for (auto other : fastest) {
        CHECK(other > never_came / 2);
        CHECK(never_came > other / 2);
    }
}

TEST_CASE("the right password of who may not log in takes as long as a wrong one", "[identity]") {
    Site site;
    site.config.failures_free = 1000;
    site.open();
    auto slow = account_of("1", "ann");
    slow.password = "pbkdf2_sha256$1000000$" + slow.password.substr(19);
    import_one(site, slow);
    identity::NewAccount pending{ann_address, good_password};
    REQUIRE(base::run(site.module->accounts().reserve(pending, {})));
    auto fastest =
        fastest_of_three({[&] { CHECK(site.log_in(ann_address, good_password).status == 401); },
                          [&] { CHECK(site.log_in(ann_address, "wrong wrong").status == 401); }});
    CHECK(fastest[0] > fastest[1] / 2);
    CHECK(fastest[1] > fastest[0] / 2);
}

TEST_CASE("a wrong password is checked against a hash of the source's that can be checked",
          "[identity]") {
    Site site;
    site.open();
    import(site, {account_of("1", "ann"), account_of("2", "bob"), account_of("3", "cai")});
    site.close();
    auto decoy = [&](identity::DjangoLimits limits) {
        database::StoreReader reader(
            identity::Module::stores(site.config, site.folder.path()).front());
        return identity::some_django_hash(reader.refresh(), limits);
    };
    auto make_weak = [&](const std::string& which) {
        support::change_database(site.folder / "identity.db",
                                 "update accounts set password = '" + weak_text + "'" + which);
    };
    make_weak(" where id = (select min(id) from accounts)");
    CHECK(decoy({}) == django_text);
    identity::DjangoLimits weak_too;
    weak_too.weak = true;
    CHECK(decoy(weak_too) == weak_text);
    make_weak("");
    CHECK(decoy({}).empty());
}

TEST_CASE("failed logins slow down the next of the same login name, known or not", "[identity]") {
    Site site;
    site.config.failures_free = 2;
    site.open();
    import_one(site, account_of("1", "ann"));
    for (const char* name : {"ann", "nobody"}) {
        CAPTURE(name);
        for (int i = 0; i < 3; ++i) CHECK(by_login(site, name, "wrong wrong").status == 401);
        auto delayed = by_login(site, name, django_password);
        CHECK(delayed.status == 429);
        CHECK(delayed.field("Retry-After") == "1");
    }
    site.clock.advance(1s);
    CHECK(by_login(site, "ann", django_password).status == 200);
}

TEST_CASE("a hash that protects nobody is refused as a wrong password, and that is logged once",
          "[identity]") {
    Site site;
    site.config.failures_free = 1000;
    site.open();
    auto weak = account_of("1", "ann", ann_address);
    weak.password = weak_text;
    auto log = log_of(site, [&] {
        auto made = import_one(site, weak);
        CHECK(made.outcome == Outcome::added);
        CHECK(told_of(made) == "password ");
        auto wrong = told(by_login(site, "nobody", "wrong wrong"));
        for (int i = 0; i < 3; ++i) CHECK(told(by_login(site, "ann", weak_password)) == wrong);
    });
    CHECK(count(log, "protects nobody") == 1);
    CHECK(log.find("\"ann") == std::string::npos);
    CHECK(log.find(ann_address) == std::string::npos);
    CHECK(log.find(weak_text) == std::string::npos);

    site.close();
    site.config.weak_legacy_hashes = true;
    site.open();
    CHECK(by_login(site, "ann", "wrong wrong").status == 401);
    CHECK(by_login(site, "ann", weak_password).status == 200);
    CHECK_THAT(stored(site, "password", "auth.user:1"), Catch::StartsWith("$argon2id$"));
}

TEST_CASE("a text that is no good is told, and opens nothing", "[identity]") {
    Site site;
    site.open();
    struct Case {
        std::string text;
        std::string told;
    };
    int number = 0;
    for (const auto& [text, problems] : std::vector<Case>{
             {"!abcdefghijklmnopqrstuvwxyz0123456789abcd", ""},
             {"", ""},
             {"pbkdf2_sha256$1000$abc", "password "},
             {"pbkdf2_sha256$2000001$" + django_text.substr(19), "password "},
             {std::string(5000, 'x'), "password "},
             // One of ours would be believed whatever it asks for.
             {"$argon2id$v=19$m=4194304,t=9,p=1$c2FsdHNhbHRzYWx0$" + std::string(43, 'A'),
              "password "}}) {
        CAPTURE(text);
        auto nth = std::to_string(++number);
        auto account = account_of(nth, "user" + nth);
        account.password = text;
        auto made = import_one(site, account);
        CHECK(made.outcome == Outcome::added);
        CHECK(told_of(made) == problems);
        CHECK(by_login(site, account.login, text).status == 401);
        CHECK(by_login(site, account.login, django_password).status == 401);
        CHECK(import_one(site, account).outcome == Outcome::unchanged);
    }
}

TEST_CASE("what is imported again changes only what has changed there", "[identity]") {
    Site site;
    site.open();
    auto account = account_of("17", "ann", ann_address);
    auto first = import_one(site, account);
    CHECK(stored(site, "created_at", "auth.user:17") == "1000000000000000");
    auto again = import_one(site, account);
    CHECK(again.outcome == Outcome::unchanged);
    CHECK(again.id == first.id);

    auto tokens = by_login(site, "ann", django_password).json();
    CHECK(site.me(tokens["access_token"]) == 200);
    // The hash is ours now, which is no change there.
    CHECK(import_one(site, account).outcome == Outcome::unchanged);
    CHECK(site.me(tokens["access_token"]) == 200);

    account.email = "ann.lee@example.org";
    account.login = "ann.lee";
    CHECK(import_one(site, account).outcome == Outcome::updated);
    CHECK(site.me(tokens["access_token"]) == 200);
    CHECK(site.log_in(ann_address, django_password).status == 401);
    CHECK(site.log_in(account.email, django_password).status == 200);
    CHECK(by_login(site, "ann.lee", django_password).status == 200);

    account.role = base::Role::editor;
    CHECK(import_one(site, account).outcome == Outcome::updated);
    CHECK(site.me(tokens["access_token"]) == 401);
    account.active = false;
    CHECK(import_one(site, account).outcome == Outcome::updated);
    CHECK(by_login(site, "ann.lee", django_password).status == 401);
    account.active = true;
    account.password = "!gone";
    CHECK(import_one(site, account).outcome == Outcome::updated);
    CHECK(by_login(site, "ann.lee", django_password).status == 401);
    CHECK(import_one(site, account).outcome == Outcome::unchanged);
}

TEST_CASE("an address or a login name that is taken is told, and the person comes all the same",
          "[identity]") {
    Site site;
    site.open();
    auto owner = site.add(ann_address, good_password);
    auto account = account_of("17", "ann", "Ann@Example.org");
    auto made = import_one(site, account);
    CHECK(made.outcome == Outcome::added);
    CHECK(told_of(made) == "email ");
    CHECK(by_login(site, "ann", django_password).status == 200);
    CHECK(site.log_in(ann_address, good_password).status == 200);
    auto again = import_one(site, account);
    CHECK(again.outcome == Outcome::unchanged);
    CHECK(told_of(again) == "email ");

    // The same in full-width letters is the same name; in capitals it is another, as in Django.
    auto twin = import_one(site, account_of("18", "\xef\xbd\x81\xef\xbd\x8e\xef\xbd\x8e", "t@b"));
    CHECK(twin.outcome == Outcome::added);
    CHECK(told_of(twin) == "login ");
    CHECK(import_one(site, account_of("19", "ANN")).outcome == Outcome::added);
    auto nobody = import_one(site, account_of("20", "ann", "no address"));
    CHECK(nobody.outcome == Outcome::rejected);
    CHECK(nobody.id == 0);
    CHECK(told_of(nobody) == "email login login ");
    CHECK(import_one(site, account_of("21", "", "")).outcome == Outcome::rejected);
    auto nowhere = account_of("", "bob");
    nowhere.source.clear();
    CHECK(import_one(site, nowhere).outcome == Outcome::rejected);

    // Free again, it is taken over after all.
    base::Context context;
    REQUIRE(base::run(site.module->accounts().prepare_erasure(owner, context)));
    REQUIRE(base::run(site.module->accounts().erase(owner, context)));
    CHECK(import_one(site, account).outcome == Outcome::updated);
    CHECK(site.log_in(ann_address, django_password).status == 200);
}

TEST_CASE("who loses both names there keeps them here, and the rest is taken over", "[identity]") {
    Site site;
    site.open();
    auto account = account_of("17", "ann", ann_address);
    auto first = import_one(site, account);
    auto bare = account_of("17", "");
    bare.role = base::Role::editor;
    bare.password = weak_text;
    auto kept = import_one(site, bare);
    CHECK(kept.outcome == Outcome::updated);
    CHECK(kept.id == first.id);
    CHECK(told_of(kept) == "login password ");
    CHECK(by_login(site, "ann", django_password).status == 401);
    CHECK(stored(site, "role || ' ' || email || ' ' || login", "auth.user:17") ==
          "editor ann@example.org ann");
    // Who is disabled there cannot stay in by having no name there.
    bare.active = false;
    bare.password = django_text;
    CHECK(told_of(import_one(site, bare)) == "login ");
    CHECK(stored(site, "status", "auth.user:17") == "disabled");
    auto again = import_one(site, bare);
    CHECK(again.outcome == Outcome::unchanged);
    CHECK(told_of(again) == "login ");

    account.active = true;
    account.email = "ann.lee@example.org";
    CHECK(told_of(import_one(site, account)).empty());
    CHECK(site.log_in(account.email, django_password).status == 200);
    CHECK(by_login(site, "ann", django_password).status == 200);
}

TEST_CASE("the same change here and there is no conflict", "[identity]") {
    Site site;
    site.open();
    auto account = account_of("17", "ann", ann_address);
    auto id = import_one(site, account).id;
    site.add("admin@example.org", good_password, base::Role::admin);
    std::string admin = site.tokens("admin@example.org", good_password)["access_token"];
    auto path = "/v1/auth/users/" + std::to_string(id);
    REQUIRE(site.change(id, {{"new@example.org"}, {}}));
    REQUIRE(site.ask("PUT", path + "/role", {{"role", "editor"}}, Site::bearer(admin)).status ==
            200);
    REQUIRE(
        site.ask("PUT", path + "/status", {{"status", "disabled"}}, Site::bearer(admin)).status ==
        200);
    account.email = "new@example.org";
    account.role = base::Role::editor;
    account.active = false;
    CHECK(told_of(import_one(site, account)).empty());
    CHECK(import_one(site, account).outcome == Outcome::unchanged);
    // From then on what changes there alone is taken over again.
    account.email = ann_address;
    account.active = true;
    CHECK(told_of(import_one(site, account)).empty());
    CHECK(site.log_in(ann_address, django_password).status == 200);
}

TEST_CASE("who was erased here stays so at the next import, unless theirs shall count",
          "[identity]") {
    Site site;
    site.open();
    auto& accounts = site.module->accounts();
    auto account = account_of("17", "ann", ann_address);
    auto erase = [&](identity::UserId id) {
        REQUIRE(base::run(accounts.prepare_erasure(id, {})));
        REQUIRE(base::run(accounts.erase(id, {})));
    };
    auto first = import_one(site, account).id;
    erase(first);
    for (int i = 0; i < 2; ++i) {
        auto made = import_one(site, account);
        CHECK(made.outcome == Outcome::rejected);
        CHECK(made.id == 0);
        CHECK(told_of(made) == "source ");
        CHECK(by_login(site, "ann", django_password).status == 401);
    }
    // Nor does one whom theirs cannot bring back either.
    CHECK(import_one(site, account_of("17", ""), ImportRule::theirs).outcome == Outcome::rejected);
    CHECK(told_of(import_one(site, account)) == "source ");
    auto theirs = import_one(site, account, ImportRule::theirs);
    CHECK(theirs.outcome == Outcome::added);
    CHECK(theirs.id != first);
    CHECK(by_login(site, "ann", django_password).status == 200);
    CHECK(import_one(site, account).outcome == Outcome::unchanged);
    erase(theirs.id);
    CHECK(import_one(site, account).outcome == Outcome::rejected);
    // Nothing but the source is left of a person.
    site.close();
    auto rows =
        support::rows_from_database(site.folder / "identity.db", "select * from erased_sources");
    CHECK(rows == std::vector<std::string>{"auth.user:17"});
    site.open();

    // Who is undone before anybody was here was never removed; nor is one who was not imported.
    auto& imports = site.module->imports();
    auto pending = account_of("18", "bob");
    auto added = base::run(imports.import({pending}, ImportRule::ours, {}));
    REQUIRE(added);
    REQUIRE(base::run(site.module->accounts().discard(added->front().id, {})));
    CHECK(import_one(site, pending).outcome == Outcome::added);
    auto own = site.add("own@example.org", good_password);
    REQUIRE(base::run(site.module->accounts().erase(own, {})));
}

TEST_CASE("what was changed here is kept at the next import, unless theirs shall count",
          "[identity]") {
    Site site;
    site.open();
    auto account = account_of("17", "ann", ann_address);
    auto id = import_one(site, account).id;
    REQUIRE(site.change(id, {{"mine@example.org"}, good_password}));
    CHECK(import_one(site, account).outcome == Outcome::unchanged);
    CHECK(site.log_in("mine@example.org", good_password).status == 200);

    account.email = "theirs@example.org";
    account.password = "!gone";
    for (int i = 0; i < 2; ++i) {
        auto kept = import_one(site, account);
        CHECK(kept.outcome == Outcome::unchanged);
        CHECK(told_of(kept) == "email ");
    }
    CHECK(site.log_in("mine@example.org", good_password).status == 200);

    account.password = django_text;
    auto taken = import_one(site, account, ImportRule::theirs);
    CHECK(taken.outcome == Outcome::updated);
    CHECK(told_of(taken).empty());
    CHECK(site.log_in("mine@example.org", good_password).status == 401);
    CHECK(site.log_in("theirs@example.org", django_password).status == 200);
    CHECK(import_one(site, account, ImportRule::theirs).outcome == Outcome::unchanged);
}

TEST_CASE("who is gone there is disabled here, and may come back", "[identity]") {
    Site site;
    site.open();
    import(site, {account_of("7", "ann"), account_of("70", "bob"), account_of("8", "cy")});
    auto& imports = site.module->imports();
    CHECK(*base::run(imports.imported_of("auth.user:", "", 2, {})) ==
          std::vector<std::string>{"auth.user:7", "auth.user:70"});
    CHECK(*base::run(imports.imported_of("auth.user:", "auth.user:70", 9, {})) ==
          std::vector<std::string>{"auth.user:8"});
    CHECK(base::run(imports.imported_of("auth.use:", "", 9, {}))->empty());

    auto withdraw = [&](const char* source, ImportRule rule = ImportRule::ours) {
        base::Context context;
        context.request_id = "import";
        return *base::run(site.module->imports().withdraw(source, rule, context));
    };
    CHECK(withdraw("auth.user:7") == identity::Withdrawn::disabled);
    CHECK(by_login(site, "ann", django_password).status == 401);
    CHECK(withdraw("auth.user:7") == identity::Withdrawn::unchanged);
    CHECK(withdraw("auth.user:99") == identity::Withdrawn::unchanged);
    CHECK(by_login(site, "bob", django_password).status == 200);

    CHECK(import_one(site, account_of("7", "ann")).outcome == Outcome::updated);
    CHECK(by_login(site, "ann", django_password).status == 200);
}

TEST_CASE("who is gone there and was changed here stays, unless theirs shall count", "[identity]") {
    Site site;
    site.open();
    auto bob = import_one(site, account_of("8", "bob", ann_address));
    REQUIRE(site.change(bob.id, {{"mine@example.org"}, good_password}));
    auto withdraw = [&](ImportRule rule) {
        base::Context context;
        context.request_id = "import";
        return *base::run(site.module->imports().withdraw("auth.user:8", rule, context));
    };
    CHECK(withdraw(ImportRule::ours) == identity::Withdrawn::changed_here);
    CHECK(by_login(site, "bob", good_password).status == 200);
    CHECK(withdraw(ImportRule::theirs) == identity::Withdrawn::disabled);
    CHECK(by_login(site, "bob", good_password).status == 401);
}

TEST_CASE("the last admin stays one who can log in, also where the source has them no more",
          "[identity]") {
    Site site;
    site.open();
    auto ann = account_of("7", "ann");
    ann.role = base::Role::admin;
    import_one(site, ann);
    auto withdrawn =
        base::run(site.module->imports().withdraw("auth.user:7", ImportRule::theirs, {}));
    REQUIRE(withdrawn);
    CHECK(*withdrawn == identity::Withdrawn::last_admin);
    CHECK(by_login(site, "ann", django_password).status == 200);
}

TEST_CASE("no import takes the last admin away", "[identity]") {
    Site site;
    site.open();
    auto account = account_of("1", "chief");
    account.role = base::Role::admin;
    import_one(site, account);
    account.role = base::Role::reader;
    account.active = false;
    auto kept = import_one(site, account);
    CHECK(kept.outcome == Outcome::unchanged);
    CHECK(told_of(kept) == "role active ");
    auto second = account_of("2", "deputy");
    second.role = base::Role::admin;
    import_one(site, second);
    CHECK(import_one(site, account).outcome == Outcome::updated);
    CHECK(by_login(site, "chief", django_password).status == 401);
}

TEST_CASE("the last admin's password stays when the source takes it away", "[identity]") {
    Site site;
    site.open();
    auto account = account_of("1", "chief");
    account.role = base::Role::admin;
    auto chief = import_one(site, account).id;
    auto lost = account;
    lost.password = "!gone";
    for (auto rule : {ImportRule::ours, ImportRule::theirs}) {
        auto kept = import_one(site, lost, rule);
        CHECK(kept.outcome == Outcome::unchanged);
        CHECK(told_of(kept) == "password ");
        CHECK(stored(site, "password || ' ' || django_password", "auth.user:1") ==
              django_text + " " + django_text);
    }
    lost.role = base::Role::reader;
    CHECK(told_of(import_one(site, lost)) == "role password ");
    CHECK(by_login(site, "chief", django_password).status == 200);

    // Nor is one whose password no login would check.
    auto weak = account_of("3", "weak");
    weak.role = base::Role::admin;
    weak.password = weak_text;
    import_one(site, weak);
    CHECK(told_of(import_one(site, lost)) == "role password ");
    CHECK(base::run(site.module->accounts().prepare_erasure(chief, {})).error().code ==
          "last_admin");

    // An admin without a password is none that could be left.
    auto second = account_of("2", "deputy");
    second.role = base::Role::admin;
    second.password = "!never";
    import_one(site, second);
    lost.role = base::Role::admin;
    CHECK(told_of(import_one(site, lost)) == "password ");
    CHECK(base::run(site.module->accounts().prepare_erasure(chief, {})).error().code ==
          "last_admin");
    second.password = django_text;
    import_one(site, second);
    CHECK(told_of(import_one(site, lost)).empty());
    CHECK(by_login(site, "chief", django_password).status == 401);
    CHECK(by_login(site, "deputy", django_password).status == 200);
}

TEST_CASE("who is imported and not settled cannot log in, and is added again", "[identity]") {
    Site site;
    site.open();
    auto& imports = site.module->imports();
    auto account = account_of("1", "ann");
    account.active = false;
    auto first = base::run(imports.import({account}, ImportRule::ours, {}));
    REQUIRE(first);
    CHECK(by_login(site, "ann", django_password).status == 401);
    CHECK_FALSE(*base::run(imports.known("auth.user:1", {})));
    auto again = base::run(imports.import({account}, ImportRule::ours, {}));
    REQUIRE(again);
    CHECK(again->front().outcome == Outcome::added);
    CHECK(again->front().id == first->front().id);
    // As what finishes interrupted registrations does it: disabled there is disabled here.
    REQUIRE(base::run(site.module->accounts().activate(first->front().id, {})));
    CHECK(by_login(site, "ann", django_password).status == 401);
    CHECK_FALSE(base::run(imports.known("auth.user:1", {}))->value().active);
    auto many = std::vector<ImportedAccount>(1001, account);
    CHECK(base::run(imports.import(many, ImportRule::ours, {})).error().code ==
          "too_many_accounts");
    auto ids = std::vector<identity::UserId>(1001, first->front().id);
    auto refused = base::run(imports.activate(ids, {}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "too_many_accounts");
}

TEST_CASE("thousands of accounts are imported in seconds, since no password is hashed",
          "[identity]") {
    Site site;
    site.open();
    constexpr int batches = 5, size = 1000;
    auto started = std::chrono::steady_clock::now();
    for (int batch = 0; batch < batches; ++batch) {
        std::vector<ImportedAccount> accounts;
        for (int i = 0; i < size; ++i) {
            auto number = std::to_string(batch * size + i);
            accounts.push_back(account_of(number, "u" + number, "u" + number + "@example.org"));
        }
        auto made = import(site, accounts);
        CHECK(std::all_of(made.begin(), made.end(), [](const ImportedAs& one) {
            return one.outcome == Outcome::added && one.problems.empty();
        }));
        auto again = import(site, accounts);
        CHECK(std::all_of(again.begin(), again.end(),
                          [](const ImportedAs& one) { return one.outcome == Outcome::unchanged; }));
    }
    auto taken = std::chrono::steady_clock::now() - started;
    // Hashing them would take several minutes.
    CHECK(taken < 60s);
}

TEST_CASE("an account may have a login name beside its address, or instead of it", "[identity]") {
    Site site;
    site.open();
    auto open = [&](const std::string& email, const std::string& login) {
        identity::NewAccount account{email, good_password, base::Role::reader, login};
        auto id = base::run(site.module->accounts().reserve(account, {}));
        if (!id) return id.error().code;
        REQUIRE(base::run(site.module->accounts().activate(*id, {})));
        return std::string();
    };
    CHECK(open(ann_address, "ann") == "");
    CHECK(open("", "bob.b@home+1_2-3") == "");
    CHECK(by_login(site, "ann", good_password).status == 200);
    CHECK(site.log_in(ann_address, good_password).status == 200);
    CHECK(by_login(site, "bob.b@home+1_2-3", good_password).status == 200);
    CHECK(open("", "ann") == "login_taken");
    CHECK(open("", "\xef\xbd\x81nn") == "login_taken");
    CHECK(open("", "J\xc3\xb6rg") == "");
    CHECK(by_login(site, "Jo\xcc\x88rg", good_password).status == 200);
    for (const std::string& bad :
         std::vector<std::string>{"", "a b", "a/b", "a\n", "a\xe2\x80\x8b", std::string(151, 'a'),
                                  "\xff", good_password}) {
        CAPTURE(bad);
        CHECK(open("", bad) == "invalid_account");
    }
    CHECK(open("not an address", "cai") == "invalid_account");
}

TEST_CASE("who came is counted by model, and by what they can log in with", "[identity]") {
    Site site;
    site.open();
    std::vector<ImportedAccount> all;
    for (const char* number : {"1", "2", "3", "4", "5", "6"}) {
        all.push_back(account_of(number, std::string("p") + number));
    }
    all[0].email = ann_address;
    all[2].password = "!nothing";
    all[3].password = weak_text;
    all[4].password = "crypt$$x";
    all.push_back(account_of("1", "paul"));
    all.back().source = "members.member:1";
    auto made = import(site, all);
    REQUIRE(by_login(site, "p1", django_password).status == 200);
    auto count = [&] {
        std::map<std::string, identity::ImportedPeople> models;
        std::string after;
        for (;;) {
            auto page = base::run(site.module->imports().count(after, 2, {}));
            REQUIRE(page);
            for (const auto& [model, people] : page->models) {
                auto& sum = models[model];
                sum.here += people.here;
                sum.changed_here += people.changed_here;
                sum.own_hash += people.own_hash;
                sum.new_password += people.new_password;
                sum.django_hash += people.django_hash;
                sum.unusable += people.unusable;
                sum.without_email += people.without_email;
                sum.erased += people.erased;
                for (const auto& [code, some] : people.unchecked) sum.unchecked[code] += some;
            }
            if (page->last.empty()) return models;
            after = page->last;
        }
    };

    auto models = count();

    CHECK(models.size() == 2);
    CHECK(models["members.member"].here == 1);
    auto users = models["auth.user"];
    CHECK(users.here == 6);
    CHECK(users.own_hash == 1);
    CHECK(users.new_password == 0);
    CHECK(users.django_hash == 2);
    CHECK(users.unusable == 1);
    CHECK(users.unchecked == std::map<std::string, std::int64_t>{{"password_hasher_unknown", 1},
                                                                 {"password_weak", 1}});
    CHECK(users.without_email == 5);
    CHECK(users.changed_here == 0);
    CHECK(users.erased == 0);

    // When some of them are changed or erased here, and one is on the way.
    REQUIRE(site.change(made[1].id, {{}, good_password}));
    REQUIRE(site.change(made[2].id, {{"new@example.org"}, {}}));
    REQUIRE(base::run(site.module->accounts().erase(made[5].id, {})));
    base::Context context;
    context.request_id = "import";
    std::vector<ImportedAccount> pending{account_of("9", "p9")};
    REQUIRE(base::run(site.module->imports().import(pending, ImportRule::ours, context)));

    models = count();
    users = models["auth.user"];
    CHECK(users.here == 5);
    CHECK(users.own_hash == 2);
    CHECK(users.new_password == 1);
    CHECK(users.django_hash == 0);
    CHECK(users.without_email == 3);
    CHECK(users.changed_here == 1);
    CHECK(users.erased == 1);
}

}  // namespace tests
