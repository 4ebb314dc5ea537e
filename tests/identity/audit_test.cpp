// What identity's log says of what happened to accounts.
#include "identity/events.hpp"
#include "site.hpp"

namespace tests {

namespace {

using identity::Event;

/// All events, oldest first.
std::vector<bus::Event> log_of(const Site& site) {
    auto events = base::run(site.module->feed().after(0, 1000, base::Deadline()));
    REQUIRE(events);
    return std::move(*events);
}

std::vector<std::string> types_of(const Site& site) {
    std::vector<std::string> types;
    for (const auto& event : log_of(site)) types.push_back(event.type);
    return types;
}

std::string route(identity::UserId id, const char* what) {
    return "/v1/auth/users/" + std::to_string(id) + "/" + what;
}

using Types = std::vector<std::string>;

}  // namespace

TEST_CASE("what admins and people do to accounts is in the log, with who did it", "[identity]") {
    Site site;
    site.open();
    auto admin = site.add("admin@example.org", good_password, base::Role::admin);
    auto ann = site.add("ann@example.org", good_password);
    auto access =
        site.tokens("admin@example.org", good_password)["access_token"].get<std::string>();
    CHECK(types_of(site).empty());

    auto put = [&](const char* what, const char* value) {
        auto fields = Site::bearer(access);
        fields.push_back({"X-Request-Id", std::string("request-") + value});
        REQUIRE(site.ask("PUT", route(ann, what), {{what, value}}, fields).status == 200);
    };
    put("role", "editor");
    put("role", "editor");
    put("status", "disabled");
    put("status", "active");
    base::Context self;
    self.actor = {ann, base::Role::editor};
    self.request_id = "request-self";
    identity::AccountChange change;
    change.password = "another long enough one";
    REQUIRE(site.change(ann, change, self));
    change = {};
    change.email = "new@example.org";
    REQUIRE(site.change(ann, change, self));
    REQUIRE(base::run(site.module->accounts().erase(ann, self)));

    auto log = log_of(site);
    CHECK(types_of(site) == Types{"role_changed.v1", "account_disabled.v1", "account_enabled.v1",
                                  "password_changed.v1", "account_erased.v1"});
    for (const auto& event : log) {
        CAPTURE(event.type, event.body);
        CHECK(event.stream == ann);
        // Ids, never an address or a secret.
        CHECK(event.body.find('@') == std::string::npos);
        CHECK(event.body.find("argon") == std::string::npos);
    }
    CHECK(log[0].actor == admin);
    CHECK(log[0].correlation_id == "request-editor");
    CHECK(log[3].actor == ann);
    CHECK(log[3].correlation_id == "request-self");

    auto role = std::get<identity::RoleChanged>(identity::account_event(log[0]));
    CHECK(role.id == ann);
    CHECK(role.role == base::Role::editor);
    CHECK(role.epoch == 2);
    CHECK(std::get<identity::AccountDisabled>(identity::account_event(log[1])).epoch == 3);
    CHECK(std::get<identity::AccountEnabled>(identity::account_event(log[2])).epoch == 4);
    CHECK(std::get<identity::PasswordChanged>(identity::account_event(log[3])).epoch == 5);
    CHECK(std::get<identity::AccountErased>(identity::account_event(log[4])).id == ann);
    auto stream = base::run(site.module->feed().stream(ann, base::Deadline()));
    CHECK(stream->size() == 5);
    CHECK(stream->back().version == 5);
}

TEST_CASE("an admin sees what happened to an account, without what it says", "[identity]") {
    Site site;
    site.open();
    auto admin = site.add("admin@example.org", good_password, base::Role::admin);
    auto ann = site.add("ann@example.org", good_password);
    auto chief = Site::bearer(site.tokens("admin@example.org", good_password)["access_token"]);
    auto history = [&](identity::UserId id, const std::string& query = "") {
        return site.ask("GET", route(id, "history") + query, nullptr, chief);
    };
    CHECK(history(ann).json() == json{{"events", json::array()}, {"next", nullptr}});
    CHECK(history(4711).status == 404);
    for (const char* role : {"author", "editor"}) {
        auto given = site.ask("PUT", route(ann, "role"), {{"role", role}}, chief);
        REQUIRE(given.status == 200);
    }
    auto first = history(ann, "?limit=1").json();
    REQUIRE(first["events"].size() == 1);
    const auto& newest = first["events"][0];
    CHECK(newest["log"] == "identity");
    CHECK(newest["type"] == "role_changed.v1");
    CHECK(newest["id"] == ann);
    CHECK(newest["version"] == 2);
    CHECK(newest["actor"] == admin);
    CHECK_FALSE(newest["request_id"].get<std::string>().empty());
    CHECK(newest.dump().find("editor") == std::string::npos);
    auto rest = history(ann, "?limit=1&after=" + first["next"].dump()).json();
    CHECK(rest["events"][0]["version"] == 1);
    CHECK(rest["next"] == nullptr);
    CHECK(history(ann, "?limit=0").status == 400);
    CHECK(history(ann, "?after=x").status == 400);
    // The log still knows of somebody who is gone.
    base::Context self;
    REQUIRE(base::run(site.module->accounts().erase(ann, self)));
    CHECK(history(ann).json()["events"][0]["type"] == "account_erased.v1");
}

TEST_CASE("a change that is refused is not in the log", "[identity]") {
    Site site;
    site.open();
    auto admin = site.add("admin@example.org", good_password, base::Role::admin);
    auto access =
        site.tokens("admin@example.org", good_password)["access_token"].get<std::string>();
    // The last admin.
    CHECK(
        site.ask("PUT", route(admin, "role"), {{"role", "reader"}}, Site::bearer(access)).status ==
        409);
    CHECK(types_of(site).empty());
}

TEST_CASE("a login that is ended is in the log, a login itself only if that is wanted",
          "[identity]") {
    for (bool log_logins : {false, true}) {
        CAPTURE(log_logins);
        Site site;
        site.config.log_logins = log_logins;
        site.open();
        auto ann = site.add("ann@example.org", good_password);
        auto tokens = site.tokens("ann@example.org", good_password);
        CHECK(site.log_in("ann@example.org", "a wrong one, I fear").status == 401);
        CHECK(site.log_in("nobody@example.org", "a wrong one, I fear").status == 401);
        REQUIRE(refresh(site, tokens).status == 200);
        // Used twice: somebody has a copy.
        REQUIRE(refresh(site, tokens, "another").status == 401);

        auto log = log_of(site);
        if (log_logins) {
            CHECK(types_of(site) ==
                  Types{"login_succeeded.v1", "login_failed.v1", "logins_ended.v1"});
        } else {
            CHECK(types_of(site) == Types{"logins_ended.v1"});
        }
        auto ended = std::get<identity::LoginsEnded>(identity::account_event(log.back()));
        CHECK(ended.id == ann);
        CHECK(ended.login > 0);
        for (const auto& event : log) CHECK(event.stream == ann);
    }
}

TEST_CASE("each event of an account that was ever stored is read for ever", "[identity]") {
    struct Sample {
        const char* type;
        const char* body;
        std::size_t index;
    };
    const Sample samples[] = {
        {"role_changed.v1", R"({"id":7,"role":"editor","epoch":2})", 0},
        {"account_disabled.v1", R"({"id":7,"epoch":3})", 1},
        {"account_enabled.v1", R"({"id":7,"epoch":4})", 2},
        {"password_changed.v1", R"({"id":7,"epoch":5})", 3},
        {"account_erased.v1", R"({"id":7})", 4},
        {"logins_ended.v1", R"({"id":7,"login":123456789012345678})", 5},
        {"login_succeeded.v1", R"({"id":7})", 6},
        {"login_failed.v1", R"({"id":7})", 7},
        {"all_logins_ended.v1", R"({"id":7,"epoch":8})", 8},
    };
    for (const auto& sample : samples) {
        CAPTURE(sample.type);
        bus::Event event;
        event.stream = 7;
        event.type = sample.type;
        event.body = sample.body;
        auto read = identity::account_event(event);
        CHECK(read.index() == sample.index);
        CHECK(identity::name_of(read) == sample.type);
    }
    bus::Event unknown;
    unknown.type = "role_changed.v9";
    unknown.body = "{}";
    CHECK_THROWS_AS(identity::account_event(unknown), std::runtime_error);
    unknown.type = "role_changed.v1";
    CHECK_THROWS_AS(identity::account_event(unknown), std::runtime_error);
}

}  // namespace tests
