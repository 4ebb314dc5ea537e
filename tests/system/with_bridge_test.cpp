// A real Django with the bridge behind a real portal: one login serves both, and so does a logout.
#include <fstream>

#include "support/catch.hpp"
#include "support/newsroom_checks.hpp"
#include "support/portal_process.hpp"
#include "support/skip.hpp"

using nlohmann::json;
using support::Answer;
using support::Browser;
using support::DjangoSite;
using support::Fields;
using support::PortalProcess;

namespace {

DjangoSite::Options newsroom() {
    DjangoSite::Options options;
    options.stack = DjangoSite::Stack::debian;
    options.articles = 1;
    // portal has to know where it is before it can be told where portal is.
    options.unix_socket = true;
    options.environment = {{"PORTAL_BRIDGE_KEY", "pk_" + std::string(43, 'a')}};
    return options;
}

/// Both sides, with the people of the newsroom here too.
class BothSides {
public:
    BothSides() : django(newsroom()) {
        json sessions{{"engine", "whoami"},
                      {"logout", "/admin/logout/"},
                      {"drf_tokens", true},
                      {"tokens_until", "2090-01-01"}};
        portal.configure({{"security", {{"mode", "enforced"}}},
                          {"legacy", {{"upstream", django.address()}, {"sessions", sessions}}}});
        portal.start();
        std::ofstream(django.data() / "portal_bridge.json")
            << json{{"url", "http://" + portal.address()},
                    {"models", json::array({"auth.User"})},
                    {"related", {{"auth.User", json::array({"auth_token"})}}},
                    {"users_by", json::array({"legacy_id"})}};
        must(django.manage({"migrate", "portal_bridge", "--verbosity", "0"}));
        token = must(django.manage({"shell", "-c",
                                    "from django.contrib.auth.models import User\n"
                                    "from rest_framework.authtoken.models import Token\n"
                                    "user = User.objects.get(username='admin')\n"
                                    "print(Token.objects.get_or_create(user=user)[0].key)"}));
        token.resize(40);
        django.start();
        auto mapping = portal.folder() / "mapping.json";
        std::ofstream(mapping) << R"({"users": {"model": "auth.user", "login": "username",
            "password": "password", "active": "is_active", "role": {"text": "admin"},
            "tokens": {"each": "authtoken.token[user]", "as": "pk"}}})";
        must(portal.command({"import", "django", "--mapping", mapping, django.database()}));
    }

    /// What is answered at portal's address, which passes on what is not its own.
    Answer ask(const std::string& method, const std::string& target,
               const std::string& cookies = "", Fields fields = {}) {
        if (!cookies.empty()) fields.emplace_back("Cookie", cookies);
        return portal.ask(method, target, "", fields);
    }
    /// Who that is to Django: the status of its page for whoever is logged in.
    int at_django(const std::string& cookies) {
        return ask("GET", "/portal/whoami/", cookies).status;
    }
    /// The same here.
    int here(const std::string& cookies) { return ask("GET", "/v1/auth/me", cookies).status; }
    /// The cookie of a session of portal's.
    std::string log_in_here() {
        auto answer = portal.post("/v1/auth/session", {{"login", DjangoSite::admin},
                                                       {"password", DjangoSite::admin_password}});
        REQUIRE(answer.status == 200);
        auto cookie = answer.field("Set-Cookie");
        return cookie.substr(0, cookie.find(';'));
    }
    Browser browser() { return Browser(support::NewsroomFront(django, portal.address())); }

    DjangoSite django;
    PortalProcess portal;
    std::string token;

private:
    static std::string must(const support::Finished& finished) {
        INFO(finished.output << finished.errors);
        REQUIRE(finished.code == 0);
        return finished.output;
    }
};

}  // namespace

TEST_CASE("one login serves portal and Django, and a logout of either ends both", "[system]") {
    auto missing = DjangoSite::missing(DjangoSite::Stack::debian);
    if (!missing.empty()) return support::skip(missing);
    BothSides both;

    // Django's login, ended here.
    auto browser = both.browser();
    REQUIRE(browser.log_in("/admin/login/").status == 302);
    auto theirs = browser.cookies();
    auto me = both.ask("GET", "/v1/auth/me", theirs);
    REQUIRE(me.status == 200);
    CHECK(me.json()["legacy_id"].get<std::string>().starts_with("auth.user:"));
    CHECK(both.at_django(theirs) == 200);
    CHECK(both.ask("DELETE", "/v1/auth/session", theirs).status == 204);
    CHECK(both.here(theirs) == 401);
    CHECK(both.at_django(theirs) == 401);

    // Ours, found there by its legacy_id, and ended there.
    auto ours = both.log_in_here();
    CHECK(both.at_django(ours) == 200);
    auto second = both.browser();
    second.log_in("/admin/login/");
    auto all = second.cookies() + "; " + ours;
    auto at = second.cookies().find("csrftoken=") + 10;
    auto csrf = second.cookies().substr(at, second.cookies().find(';', at) - at);
    CHECK(both.ask("POST", "/admin/logout/", all, {{"X-CSRFToken", csrf}}).status < 400);
    CHECK(both.here(ours) == 401);
    CHECK(both.at_django(all) == 401);

    // Both at once, ended here.
    auto third = both.browser();
    third.log_in("/admin/login/");
    ours = both.log_in_here();
    theirs = third.cookies();
    CHECK(both.ask("DELETE", "/v1/auth/session", theirs + "; " + ours).status == 204);
    CHECK(both.here(ours) == 401);
    CHECK(both.at_django(theirs) == 401);

    Fields with_token{{"Authorization", "Token " + both.token}};
    CHECK(both.ask("GET", "/v1/auth/me", "", with_token).json()["id"] == me.json()["id"]);
}
