// Passwords, tokens and addresses are nowhere but where they must be: after a life full of good and
// bad requests, everything that the server wrote and said is searched for them.
#include "secrets.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"

using nlohmann::json;
using support::Fields;
using support::PortalProcess;
using tests::Login;
using tests::Person;
using tests::Secrets;
using tests::Witness;

namespace {

Person secretive(const std::string& word) {
    return {0, "Person " + word, "Mailbox-" + word + "@secret-host.example.org",
            "Keyword-of-" + word + "-is-long"};
}

std::string credentials(const std::string& email, const std::string& password) {
    return json({{"email", email}, {"password", password}}).dump();
}

std::string registration(const Person& person) {
    return json({{"name", person.name}, {"email", person.email}, {"password", person.password}})
        .dump();
}

/// Registrations and changes of a profile that are refused, each with something secret in it.
void refuse_registrations(Witness& witness, const Person& person, const Login& login) {
    auto good = registration(person);
    auto other = person;
    other.password = "Keyword-second-try-of-another";
    witness.refused(409, "POST", "/v1/users", registration(other));
    other.email = "Mailbox-overlong-" + std::string(2000, 'x') + "@secret-host.example.org";
    witness.refused(422, "POST", "/v1/users", registration(other));
    other.email = "Mailbox-without-at.secret-host.example.org";
    witness.refused(422, "POST", "/v1/users", registration(other));
    other.email = "Mailbox-fresh@secret-host.example.org";
    other.password = "Keyword-overlong-" + std::string(2000, 'y');
    witness.refused(422, "POST", "/v1/users", registration(other));
    other.password = other.email;
    witness.refused(422, "POST", "/v1/users", registration(other));
    other.password = "Keyword-with-bad-name";
    other.name = "Mailbox-as-name@secret-host.example.org\n";
    witness.refused(422, "POST", "/v1/users", registration(other));

    // Whatever is malformed about it.
    witness.refused(400, "POST", "/v1/users", good.substr(0, good.size() - 3));
    witness.refused(400, "POST", "/v1/users", good + good);
    witness.refused(400, "POST", "/v1/users", "{\"" + person.password + "\":1,}");
    witness.refused(422, "POST", "/v1/users", "{\"" + person.password + "\":1}");
    witness.refused(
        400, "POST", "/v1/users",
        R"({"name":"x","email":")" + person.email + R"(","email":")" + person.email + "\"}");
    witness.refused(400, "POST", "/v1/users", R"({"password":")" + person.password + "\xff\"}");
    witness.refused(400, "POST", "/v1/users",
                    R"({"email":[")" + person.email + R"("],"password":{")" + person.password +
                        R"(":1},"name":1})");
    witness.refused(400, "POST", "/v1/users", "[\"" + person.password + "\"]");
    witness.refused(400, "POST", "/v1/users", std::string(40, '[') + '"' + person.password + '"');
    witness.refused(413, "POST", "/v1/users",
                    "{\"password\":\"" + person.password + std::string(2 << 20, 'z') + "\"}");
    witness.refused(415, "POST", "/v1/users", good, {{"Content-Type", "text/plain"}});
    witness.refused(400, "POST", "/v1/users", good.substr(0, 60),
                    {{"Accept", "application/problem+json"}});

    witness.refused(404, "GET", "/v1/users/" + person.email, "", login.bearer());
    witness.refused(422, "PUT", person.path(), R"({"password":"Keyword"})", login.bearer());
    witness.refused(422, "PUT", person.path(), R"({"email":"Mailbox-bad@@secret-host"})",
                    login.bearer());
    witness.refused(412, "PUT", person.path(), R"({"password":"Keyword-of-a-stale-change"})",
                    {{"Authorization", "Bearer " + login.access}, {"If-Match", "\"77\""}});
}

/// Logins that fail until they are slowed down, and what is wrong with their form.
void refuse_logins(Witness& witness, const Person& person) {
    for (const char* path : {"/v1/auth/token", "/v1/auth/session"}) {
        std::string target = path;
        witness.refused(401, "POST", target,
                        credentials("Mailbox-unknown@secret-host.example.org", person.password));
        witness.refused(401, "POST", target,
                        credentials("Mailbox-" + std::string(3000, 'u'), person.password));
        auto good = credentials(person.email, person.password);
        witness.refused(400, "POST", target, good.substr(0, good.size() - 2));
        witness.refused(
            400, "POST", target,
            R"({"email":[")" + person.email + R"("],"password":[")" + person.password + "\"]}");
        witness.refused(422, "POST", target, R"({"password":")" + person.password + "\"}");
        witness.refused(415, "POST", target,
                        "email=" + person.email + "&password=" + person.password,
                        {{"Content-Type", "application/x-www-form-urlencoded"}});
    }
    auto slow = secretive("slowed-down");
    bool delayed = false;
    for (int i = 0; i < 20 && !delayed; ++i) {
        auto answer = witness.ask("POST", "/v1/auth/token",
                                  credentials(slow.email, "Keyword-guess-" + std::to_string(i)));
        delayed = answer.status == 429;
        CHECK((answer.status == 401 || delayed));
    }
    CHECK(delayed);
}

/// Tokens in wrong places, spoiled, and in requests that are no HTTP.
void refuse_tokens(Witness& witness, const Login& login, const tests::Session& session) {
    auto bearer = [](const std::string& text) {
        return Fields{{"Authorization", "Bearer " + text}};
    };
    auto spoiled = login.access;
    auto& middle = spoiled[spoiled.size() / 2];
    middle = middle == 'A' ? 'B' : 'A';
    auto signature_cut = login.access.substr(0, login.access.size() - 5);
    for (const auto& text : {spoiled, signature_cut, login.refresh, login.access + " x",
                             login.access + std::string(5000, 'x'), session.csrf}) {
        witness.refused(401, "GET", "/v1/auth/me", "", bearer(text));
    }
    witness.refused(401, "GET", "/v1/auth/me", "", {{"Authorization", "Basic " + login.access}});
    witness.refused(
        401, "GET", "/v1/auth/me", "",
        {{"Authorization", "Bearer " + login.access}, {"Authorization", "Bearer " + login.access}});
    witness.refused(401, "GET", "/v1/auth/me?access_token=" + login.access);
    witness.refused(401, "GET", "/v1/auth/me", "", {{"Cookie", session.cookie + "x"}});
    witness.refused(404, "GET", "/v1/nowhere", "", bearer(login.access));
    witness.refused(405, "PATCH", "/v1/auth/me", "", bearer(login.access));
    auto item = support::new_item("refused").dump();
    witness.refused(403, "POST", "/v1/news/sports", item, session.reading());
    witness.refused(403, "POST", "/v1/news/sports", item,
                    {{"Cookie", session.cookie}, {"X-CSRF-Token", login.refresh}});
    for (const auto& token : {login.access, session.csrf}) {
        witness.refused(401, "POST", "/v1/auth/refresh", json({{"refresh_token", token}}).dump());
    }
    witness.refused(400, "POST", "/v1/auth/refresh", "{\"refresh_token\":\"" + login.refresh);
    witness.refused(400, "POST", "/v1/auth/refresh",
                    json({{"refresh_token", {login.refresh}}}).dump());
    witness.refused(400, "POST", "/v1/auth/logout", "{\"" + login.refresh + "\"}");

    for (const std::string line : {"Bad Name: x", "Content-Length: 1, 1", "Transfer-Encoding: x"}) {
        auto head = support::head_of("POST", "/v1/auth/refresh",
                                     {{"Authorization", "Bearer " + login.access},
                                      {"Cookie", session.cookie},
                                      {"X-CSRF-Token", session.csrf}});
        auto answer = witness.send(head.substr(0, head.size() - 2) + line + "\r\n\r\n");
        INFO(line);
        CHECK(answer.status >= 400);
    }
    CHECK(witness.send("GET /v1/auth/me?" + login.access + "\x01 HTTP/1.1\r\n\r\n").status == 400);
}

}  // namespace

TEST_CASE("passwords, tokens and addresses are in no log, error, metric, event or file",
          "[system]") {
    auto settings = tests::enforced();
    settings["log"] = {{"level", "debug"}, {"console", true}};
    PortalProcess portal(settings);
    Witness witness(portal);
    Secrets secrets;
    secrets.password("keyword-");
    secrets.address("mailbox-");
    secrets.address("secret-host");
    const std::vector<std::string> nothing;
    auto command = [&](const Person& person) {
        auto finished =
            portal.command({"user", "create", "--role", "admin", "--email", person.email},
                           std::chrono::seconds(60), person.password + "\n");
        witness.said(finished.output + finished.errors);
        return finished.code;
    };

    // Given a life: people made by command and over HTTP, who log in, read, write and leave.
    auto admin = secretive("admin");
    CHECK(command(admin) == 0);
    portal.start();
    auto second_admin = secretive("second-admin");
    CHECK(command(second_admin) == 0);
    CHECK(command(second_admin) == 2);
    auto admins = tests::log_in(portal, admin);
    secrets.login(admins);

    auto person = secretive("reader");
    auto registered = witness.ask("POST", "/v1/users", registration(person),
                                  {{"Idempotency-Key", "registration-1"}});
    REQUIRE(registered.status == 201);
    person.id = registered.json()["id"];
    auto first = tests::log_in(portal, person);
    secrets.login(first);
    tests::give_role(portal, admins, person, "author");
    witness.refused(401, "GET", "/v1/auth/me", "", first.bearer());
    auto login = tests::log_in(portal, person);
    auto session = tests::start_session(portal, person);
    secrets.login(login);
    secrets.session(session);
    auto planted = support::new_item("Planted-headline", {{"tags", {"planted-label"}}});
    auto item = tests::create_as(portal, session.changing(), "sports", planted);
    CHECK(portal.get(tests::path_of(item), login.bearer()).status == 200);

    refuse_registrations(witness, person, login);
    refuse_logins(witness, person);
    refuse_tokens(witness, login, session);

    auto rotated = tests::login_of(tests::ask_refresh(portal, login.refresh));
    secrets.login(rotated);
    secrets.login(tests::login_of(tests::ask_refresh(portal, rotated.refresh)));
    witness.refused(401, "POST", "/v1/auth/refresh",
                    json({{"refresh_token", login.refresh}}).dump());
    witness.refused(401, "GET", "/v1/auth/me", "", rotated.bearer());
    auto moved = person;
    moved.email = "Mailbox-moved@secret-host.example.org";
    moved.password = "Keyword-of-the-mover";
    auto change = json({{"email", moved.email}, {"password", moved.password}}).dump();
    CHECK(witness.ask("PUT", person.path(), change, session.changing()).status == 200);
    witness.refused(401, "GET", "/v1/auth/me", "", session.reading());
    auto last = tests::log_in(portal, moved);
    secrets.login(last);
    auto out = json({{"refresh_token", last.refresh}}).dump();
    CHECK(witness.ask("POST", "/v1/auth/logout", out).status == 204);
    auto leaver = secretive("leaver");
    auto left = witness.ask("POST", "/v1/users", registration(leaver));
    REQUIRE(left.status == 201);
    leaver.id = left.json()["id"];
    auto leavers = tests::log_in(portal, leaver);
    secrets.login(leavers);
    CHECK(witness.ask("DELETE", leaver.path(), "", leavers.bearer()).status == 200);
    witness.refused(404, "GET", leaver.path(), "", admins.bearer());
    auto readers = portal.get("/v1/recommendation/label/planted-label", admins.bearer());
    CHECK(readers.status == 200);
    CHECK(secrets.token_count() >= 18);

    // When all that it wrote and said is searched, while it runs (so with the write-ahead logs) …
    support::HttpClient operations(portal.operations());
    auto metrics = operations.request("GET", "/metrics").body;
    auto health = operations.request("GET", "/readyz").body;
    CHECK(std::filesystem::file_size(portal.data() / "identity.db-wal") > 0);
    CHECK(secrets.found_in_files(portal.data()) == nothing);
    Secrets planted_ones;
    planted_ones.address("planted-headline");
    auto seen = planted_ones.found_in_files(portal.data());
    CHECK(std::count(seen.begin(), seen.end(), "news-sports.command.db-wal: planted-headline") ==
          1);

    // … and after it has ended.
    CHECK(portal.stop() == 0);
    CHECK(secrets.found_in_files(portal.data()) == nothing);
    witness.said(portal.process().output() + portal.process().errors());
    CHECK(secrets.found_in(metrics + health, "metrics") == nothing);
    CHECK(secrets.found_in(witness.failures(), "failures") == nothing);
    CHECK(secrets.found_in(witness.output(), "output") == nothing);
    auto log = tests::content_of(portal.data() / "logs" / "portal.log");
    CHECK(secrets.found_in(log, "log") == nothing);
    auto users = portal.data() / "users.db";
    for (const auto& file : {portal.command_file("sports"), portal.query_file("sports"), users,
                             portal.data() / "recommendation.db"}) {
        INFO(file);
        CHECK(secrets.found_in(tests::rows_of(file), "rows") == nothing);
    }

    // Then that is because they are not there: what is there is found in each of these places.
    auto events = tests::rows_of(portal.command_file("sports"));
    CHECK(planted_ones.found_in(events, "events").size() == 1);
    seen = planted_ones.found_in_files(portal.data());
    CHECK(std::count(seen.begin(), seen.end(), "news-sports.command.db: planted-headline") == 1);
    CHECK(tests::lowered(log).find("a login has failed") != std::string::npos);
    CHECK(witness.output().find("a login has failed") != std::string::npos);
    CHECK(witness.output().find("Created admin") != std::string::npos);
    CHECK(metrics.find("portal_identity_logins_total") != std::string::npos);
    for (const char* code : {"email_taken", "wrong_credentials", "login_delayed", "invalid_token",
                             "csrf_token_wrong", "invalid_refresh_token", "invalid_user"}) {
        INFO(code);
        CHECK(witness.failures().find(code) != std::string::npos);
    }
    CHECK(support::number_from_database(users, "select count(*) from events") >= 5);

    // The one place of addresses, and only of those who are still here.
    auto identity = portal.data() / "identity.db";
    auto accounts = tests::lowered(tests::rows_of(identity));
    CHECK(secrets.found_in(accounts, "identity", false) == nothing);
    CHECK(accounts.find("mailbox-moved@secret-host.example.org") != std::string::npos);
    CHECK(accounts.find("mailbox-second-admin") != std::string::npos);
    CHECK(accounts.find("mailbox-reader") == std::string::npos);
    CHECK(accounts.find("mailbox-leaver") == std::string::npos);
    // Nor is the address of who left, or moved, legible in a page that is free now.
    auto bytes = tests::lowered(tests::content_of(identity));
    CHECK(bytes.find("mailbox-moved") != std::string::npos);
    CHECK(bytes.find("mailbox-leaver") == std::string::npos);
    CHECK(bytes.find("mailbox-reader") == std::string::npos);
    CHECK(accounts.find("$argon2id$") != std::string::npos);
    CHECK(support::number_from_database(identity, "select count(*) from refresh_tokens") > 0);
}
