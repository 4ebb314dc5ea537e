// Logins over the life of the built server: made by command, rotated, ended, and kept by a restart.
#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::failure_faults;
using support::Fields;
using support::new_item;
using support::PortalProcess;
using tests::ask_refresh;
using tests::ask_token;
using tests::role_of;

namespace {

Fields bearer(const std::string& access) {
    return {{"Authorization", "Bearer " + access}};
}

support::Answer set_status(const PortalProcess& portal, const tests::Login& admin,
                           const tests::Person& person, const std::string& status) {
    return portal.put("/v1/auth/users/" + std::to_string(person.id) + "/status",
                      {{"status", status}}, admin.bearer());
}

}  // namespace

TEST_CASE("the first admin is made by command, with the server stopped or running", "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    for (const char* guess : {"admin", "password", "portal", "change me"}) {
        auto refused = ask_token(portal, "admin@example.org", guess);
        CHECK(failure_faults(refused, 401, "wrong_credentials") == "");
    }
    auto running = tests::create_person(portal, "admin", "While Running");
    CHECK(role_of(portal, tests::log_in(portal, running).bearer()) == "admin");
    CHECK(tests::create_by_command(portal, "editor", running).code == 2);
    CHECK(portal.stop() == 0);

    auto stopped = tests::create_person(portal, "admin", "While Stopped");
    auto editor = tests::create_person(portal, "editor", "Eve Editor");
    CHECK(tests::create_by_command(portal, "admin", editor).code == 2);
    auto refused = [&](const std::string& role, const tests::Person& person) {
        auto finished = tests::create_by_command(portal, role, person);
        INFO(finished.errors);
        CHECK(finished.code == 2);
        CHECK(finished.output.empty());
        CHECK_FALSE(finished.errors.empty());
    };
    auto nobody = tests::stranger("Nobody");
    refused("owner", nobody);
    for (const char* weak : {"", "short", "password123"}) {
        INFO(weak);
        nobody.password = weak;
        refused("admin", nobody);
    }
    nobody = tests::stranger("Nobody");
    nobody.email = "no address";
    refused("admin", nobody);
    auto silent = portal.command({"user", "create", "--role", "admin", "--email", "x@example.org"});
    CHECK(silent.code == 2);

    portal.start();
    auto admins = tests::log_in(portal, stopped);
    CHECK(role_of(portal, admins.bearer()) == "admin");
    CHECK(role_of(portal, tests::log_in(portal, running).bearer()) == "admin");
    CHECK(role_of(portal, tests::log_in(portal, editor).bearer()) == "editor");
    CHECK(tests::ids_in(portal.get("/v1/users/all", admins.bearer())).size() == 3);
    CHECK(tests::user_faults(portal.get(editor.path(), admins.bearer()).json(), editor) == "");
    CHECK(portal.stop() == 0);
}

TEST_CASE("the address of somebody made by command without a name is not taken for the name",
          "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    auto admin = tests::stranger("Ada Admin");
    auto made = portal.command({"user", "create", "--role", "admin", "--email", admin.email},
                               std::chrono::seconds(60), admin.password + "\n");
    REQUIRE(made.code == 0);

    auto users = portal.get("/v1/users/all", tests::log_in(portal, admin).bearer()).json();

    REQUIRE(users.size() == 1);
    // Names are shown to editors and may stand in files where no address may.
    CHECK(users[0]["name"].get<std::string>().find('@') == std::string::npos);
    CHECK(users[0]["email"] == admin.email);
    CHECK(portal.stop() == 0);
}

TEST_CASE("somebody without an address is made by command and logs in by name", "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    auto make = [&](const std::vector<std::string>& names) {
        std::vector<std::string> arguments{"user", "create", "--role", "admin"};
        arguments.insert(arguments.end(), names.begin(), names.end());
        return portal.command(arguments, std::chrono::seconds(60), "rowing on the lake\n");
    };
    CHECK(make({"--login", "ada.admin"}).code == 0);
    CHECK(make({"--login", "ada.admin"}).code == 2);
    CHECK(make({"--login", "no name"}).code == 2);
    CHECK(make({}).code == 2);

    auto answer =
        portal.post("/v1/auth/token", {{"login", "ada.admin"}, {"password", "rowing on the lake"}});
    REQUIRE(answer.status == 200);
    auto bearer = tests::login_of(answer).bearer();
    CHECK(portal.get("/v1/auth/me", bearer).json()["login"] == "ada.admin");
    auto users = portal.get("/v1/users/all", bearer).json();
    REQUIRE(users.size() == 1);
    CHECK(users[0]["email"].is_null());
    CHECK(users[0]["name"] == "admin");
    CHECK(portal.stop() == 0);
}

TEST_CASE("a refresh token is good for once, used twice, it ends its login and no other",
          "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    auto person = tests::register_person(portal, "Rita Reader");
    auto first = tests::log_in(portal, person);
    auto other = tests::log_in(portal, person);

    auto answer = ask_refresh(portal, first.refresh);
    CHECK(answer.status == 200);
    CHECK(answer.json().size() == 4);
    auto second = tests::login_of(answer);
    CHECK(second.refresh != first.refresh);
    CHECK(second.access != first.access);
    CHECK(role_of(portal, second.bearer()) == "reader");
    // The access token from before is only replaced, not ended.
    CHECK(role_of(portal, first.bearer()) == "reader");
    auto third = tests::login_of(ask_refresh(portal, second.refresh));
    CHECK(role_of(portal, third.bearer()) == "reader");

    CHECK(failure_faults(ask_refresh(portal, first.refresh), 401, "invalid_refresh_token") == "");

    for (const auto& login : {first, second, third}) {
        CHECK(role_of(portal, login.bearer()) == "");
        CHECK(ask_refresh(portal, login.refresh).status == 401);
    }
    CHECK(role_of(portal, other.bearer()) == "reader");
    CHECK(ask_refresh(portal, other.refresh).status == 200);
    // Neither kind is taken for the other.
    CHECK(role_of(portal, bearer(tests::log_in(portal, person).refresh)) == "");
    CHECK(ask_refresh(portal, other.access).status == 401);
    CHECK(portal.stop() == 0);
}

TEST_CASE("a logout ends one login at once", "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    auto person = tests::register_person(portal, "Rita Reader");
    auto login = tests::log_in(portal, person);
    auto other = tests::log_in(portal, person);
    CHECK(role_of(portal, login.bearer()) == "reader");

    auto ended = portal.post("/v1/auth/logout", {{"refresh_token", login.refresh}});

    CHECK(ended.status == 204);
    CHECK(role_of(portal, login.bearer()) == "");
    CHECK(failure_faults(ask_refresh(portal, login.refresh), 401, "invalid_refresh_token") == "");
    CHECK(role_of(portal, other.bearer()) == "reader");
    CHECK(portal.post("/v1/auth/logout", {{"refresh_token", login.refresh}}).status == 204);
    CHECK(portal.post("/v1/auth/logout", {{"refresh_token", "unknown"}}).status == 204);
    CHECK(portal.stop() == 0);
}

TEST_CASE("a browser reads with its cookie, and changes things only with its CSRF token",
          "[system]") {
    PortalProcess portal(tests::enforced());
    auto author = tests::create_person(portal, "author", "Rosa Writer");
    portal.start();
    auto session = tests::start_session(portal, author);
    auto other = tests::start_session(portal, author);
    auto item = new_item("By cookie", {{"tags", {"cookies"}}});
    CHECK(role_of(portal, session.reading()) == "author");

    auto refused = [&](const std::string& csrf, const char* code) {
        Fields fields = session.reading();
        if (!csrf.empty()) fields.emplace_back("X-CSRF-Token", csrf);
        auto post = portal.post("/v1/news/sports", item, fields);
        CHECK(failure_faults(post, 403, code) == "");
        auto put = portal.put(author.path(), {{"name", "Someone"}}, fields);
        CHECK(failure_faults(put, 403, code) == "");
        CHECK(failure_faults(portal.ask("DELETE", author.path(), "", fields), 403, code) == "");
    };
    refused("", "csrf_token_missing");
    refused("wrong", "csrf_token_wrong");
    refused(other.csrf, "csrf_token_wrong");
    // A page that has lost it is told it again.
    auto again = portal.get("/v1/auth/session", session.reading());
    CHECK(again.status == 200);
    CHECK(again.json()["csrf_token"] == session.csrf);
    auto made = tests::create_as(portal, session.changing(), "sports", item);
    CHECK(portal.get(tests::path_of(made), session.reading()).status == 200);
    // A token in the one place does not work in the other.
    auto value = session.cookie.substr(session.cookie.find('=') + 1);
    CHECK(role_of(portal, bearer(value)) == "");
    auto login = tests::log_in(portal, author);
    CHECK(role_of(portal, {{"Cookie", "__Host-portal=" + login.access}}) == "");

    auto ended = portal.ask("DELETE", "/v1/auth/session", "", session.reading());

    CHECK(ended.status == 204);
    CHECK(ended.field("Set-Cookie").starts_with("__Host-portal=;"));
    CHECK(ended.field("Set-Cookie").find("Max-Age=0") != std::string::npos);
    CHECK(role_of(portal, session.reading()) == "");
    CHECK(portal.post("/v1/news/sports", item, session.changing()).status == 401);
    // The dead cookie, and what a front asks for, hinder nobody who reads what anyone may read.
    auto front = session.reading();
    front.emplace_back("Authorization", "Basic c3RhZ2luZzpwdw==");
    CHECK(portal.get("/v1/news/sports", front).status == 200);
    CHECK(portal.get(tests::path_of(made), front).status == 200);
    CHECK(role_of(portal, other.reading()) == "author");
    CHECK(role_of(portal, login.bearer()) == "author");
    CHECK(portal.stop() == 0);
}

TEST_CASE("a disabled account is cut off on the very next request, however it is logged in",
          "[system]") {
    PortalProcess portal(tests::enforced());
    auto admin = tests::create_person(portal, "admin", "Ada Admin");
    portal.start();
    auto admins = tests::log_in(portal, admin);
    auto person = tests::register_person(portal, "Rita Reader");
    auto login = tests::log_in(portal, person);
    auto session = tests::start_session(portal, person);
    CHECK(role_of(portal, login.bearer()) == "reader");
    CHECK(role_of(portal, session.reading()) == "reader");

    CHECK(set_status(portal, admins, person, "disabled").status == 200);

    CHECK(role_of(portal, login.bearer()) == "");
    CHECK(role_of(portal, session.reading()) == "");
    CHECK(failure_faults(ask_refresh(portal, login.refresh), 401, "invalid_refresh_token") == "");
    auto right = ask_token(portal, person.email, person.password);
    auto wrong = ask_token(portal, person.email, "not " + person.password);
    CHECK(failure_faults(right, 401, "wrong_credentials") == "");
    CHECK(right.json().value("message", "") == wrong.json().value("message", "-"));
    CHECK(tests::user_faults(portal.get(person.path(), admins.bearer()).json(), person) == "");

    CHECK(set_status(portal, admins, person, "active").status == 200);
    CHECK(role_of(portal, login.bearer()) == "");
    CHECK(ask_refresh(portal, login.refresh).status == 401);
    CHECK(role_of(portal, tests::log_in(portal, person).bearer()) == "reader");
    auto last = set_status(portal, admins, admin, "disabled");
    CHECK(failure_faults(last, 409, "last_admin") == "");
    auto erased = portal.ask("DELETE", admin.path(), "", admins.bearer());
    CHECK(failure_faults(erased, 409, "last_admin") == "");
    CHECK(role_of(portal, admins.bearer()) == "admin");
    CHECK(portal.stop() == 0);
}

TEST_CASE("a new password ends every login, a new address ends none", "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    auto person = tests::register_person(portal, "Rita Reader");
    auto before = person;
    auto login = tests::log_in(portal, person);
    auto session = tests::start_session(portal, person);

    person.email = "rita.moved@example.org";
    auto moved = portal.put(person.path(), {{"email", person.email}}, login.bearer());
    CHECK(moved.status == 200);
    CHECK(tests::user_faults(moved.json(), person) == "");
    CHECK(role_of(portal, login.bearer()) == "reader");
    CHECK(ask_token(portal, before.email, before.password).status == 401);

    person.password = "quite another long word";
    auto changed = portal.put(person.path(), {{"password", person.password}}, login.bearer());
    CHECK(changed.status == 200);
    CHECK(changed.body.find(person.password) == std::string::npos);
    CHECK(role_of(portal, login.bearer()) == "");
    CHECK(role_of(portal, session.reading()) == "");
    CHECK(ask_refresh(portal, login.refresh).status == 401);
    CHECK(ask_token(portal, person.email, before.password).status == 401);
    CHECK(role_of(portal, tests::log_in(portal, person).bearer()) == "reader");
    // The address that was left is free again.
    CHECK(tests::register_person(portal, "Rita Reader").id != person.id);
    CHECK(portal.stop() == 0);
}

TEST_CASE("logins outlive a restart and a kill, what was ended before stays ended", "[system]") {
    PortalProcess portal(tests::enforced());
    auto admin = tests::create_person(portal, "admin", "Ada Admin");
    portal.start();
    auto admins = tests::log_in(portal, admin);
    auto person = tests::register_person(portal, "Rita Reader");
    auto promoted = tests::register_person(portal, "Rosa Writer");
    auto old = tests::log_in(portal, promoted);
    tests::give_role(portal, admins, promoted, "author");
    auto kept = tests::log_in(portal, person);
    auto session = tests::start_session(portal, person);
    auto ended_session = tests::start_session(portal, person);
    CHECK(portal.ask("DELETE", "/v1/auth/session", "", ended_session.changing()).status == 204);
    auto logged_out = tests::log_in(portal, person);
    CHECK(portal.post("/v1/auth/logout", {{"refresh_token", logged_out.refresh}}).status == 204);
    auto used = tests::log_in(portal, person);
    auto rotated = tests::login_of(ask_refresh(portal, used.refresh));
    auto keys = portal.get("/.well-known/jwks.json").body;

    auto check = [&] {
        CHECK(role_of(portal, admins.bearer()) == "admin");
        CHECK(role_of(portal, kept.bearer()) == "reader");
        CHECK(role_of(portal, rotated.bearer()) == "reader");
        CHECK(role_of(portal, session.reading()) == "reader");
        CHECK(portal.put(person.path(), {{"name", person.name}}, session.changing()).status == 200);
        CHECK(role_of(portal, old.bearer()) == "");
        CHECK(role_of(portal, logged_out.bearer()) == "");
        CHECK(role_of(portal, ended_session.reading()) == "");
        CHECK(ask_refresh(portal, old.refresh).status == 401);
        CHECK(ask_refresh(portal, logged_out.refresh).status == 401);
        CHECK(portal.get("/.well-known/jwks.json").body == keys);
    };
    check();
    CHECK(portal.stop() == 0);
    portal.start();
    check();
    portal.kill();
    portal.start();
    check();

    auto next = tests::login_of(ask_refresh(portal, kept.refresh));
    CHECK(role_of(portal, next.bearer()) == "reader");
    // Also that a token was used is remembered: to see it again ends its login.
    CHECK(ask_refresh(portal, used.refresh).status == 401);
    CHECK(role_of(portal, rotated.bearer()) == "");
    CHECK(set_status(portal, admins, person, "disabled").status == 200);
    portal.kill();
    portal.start();
    CHECK(role_of(portal, next.bearer()) == "");
    CHECK(role_of(portal, rotated.bearer()) == "");
    CHECK(ask_refresh(portal, next.refresh).status == 401);
    CHECK(ask_token(portal, person.email, person.password).status == 401);
    CHECK(portal.stop() == 0);
}
