// Somebody logs in at a real Django, and asks us with that cookie.
#include <sys/stat.h>

#include <fstream>

#include "http/test_server.hpp"
#include "identity/module.hpp"
#include "legacy/module.hpp"
#include "support/catch.hpp"
#include "support/django_site.hpp"
#include "support/newsroom_checks.hpp"
#include "support/skip.hpp"
#include "support/tls.hpp"

using support::Browser;
using support::DjangoSite;
using support::Fields;

namespace {

DjangoSite::Options options_of(const char* engine) {
    DjangoSite::Options options;
    options.stack = DjangoSite::Stack::debian;
    options.articles = 1;
    options.environment = {{"NEWSROOM_SESSIONS", engine}};
    return options;
}

/// People of a Django site here, and a server that takes its logins.
class BothSides {
public:
    BothSides(const std::string& engine, const char* django_engine)
        : site(options_of(django_engine)) {
        site.start();
        support::write_certificate(folder_.path(), support::make_certificate("nobody.example"));
        host::Environment environment{folder_.path(), clock_, metrics_, background_.get_executor()};
        auto identity = identity::Module::open({}, environment);
        REQUIRE(identity);
        identity_ = std::move(*identity);
        auto legacy = legacy::Module::open(config(engine), environment, {});
        REQUIRE(legacy);
        legacy_ = std::move(*legacy);
        std::shared_ptr<const http::Authenticator> own(std::shared_ptr<void>(),
                                                       &identity_->authenticator());
        auto sessions = legacy_->sessions(identity_->imports(), own);
        REQUIRE(sessions);
        tests::TestServer::More more;
        more.authenticator = sessions;
        more.interceptors = {sessions};
        more.routes = [](http::Router& router) {
            auto log_out = [](const http::Request&) -> base::Task<http::Response> {
                http::Response response;
                response.status = 204;
                co_return response;
            };
            router.add({http::Method::del, "/v1/auth/session", http::Access::anyone, log_out});
        };
        server_ =
            std::make_unique<tests::TestServer>(tests::TestServer::quick(), false, std::move(more));
    }
    ~BothSides() {
        server_.reset();
        legacy_.reset();
        identity_.reset();
    }

    /// The site's admin, as they are there now.
    void import() {
        auto said = django("print(u.pk, u.password)");
        auto space = said.find(' ');
        identity::ImportedAccount account;
        account.source = "auth.user:" + said.substr(0, space);
        account.login = DjangoSite::admin;
        account.role = base::Role::admin;
        account.password = said.substr(space + 1, said.find_last_not_of("\n") - space);
        auto made = base::run(
            identity_->imports().import({account}, identity::ImportRule::ours, base::Context()));
        REQUIRE(made);
        REQUIRE(base::run(identity_->imports().activate({made->front().id}, base::Context())));
    }
    /// What a line of Python says of `u`, the admin.
    std::string django(const std::string& line) const {
        auto ended = site.manage({"shell", "-c",
                                  "from django.contrib.auth.models import User\n"
                                  "u = User.objects.get(username='admin')\n" +
                                      line});
        INFO(ended.errors);
        REQUIRE(ended.code == 0);
        return ended.output;
    }
    support::Answer ask(const std::string& method, const std::string& cookies, Fields fields = {}) {
        fields.emplace_back("Cookie", cookies);
        support::HttpClient client(server_->address());
        return client.request(method, "/admin", method == "GET" ? "" : "content", fields);
    }
    support::Answer log_out(const std::string& cookies) {
        support::HttpClient client(server_->address());
        return client.request("DELETE", "/v1/auth/session", "", {{"Cookie", cookies}});
    }

    DjangoSite site;

private:
    legacy::Config config(const std::string& engine) {
        auto file = folder_ / "secret_key";
        std::ofstream(file) << "for-tests-only-and-of-no-other-use-0123456789-abcdefghij\n";
        ::chmod(file.c_str(), 0600);
        legacy::Config config;
        config.upstream = "http://" + site.address();
        config.limits.client.ca_file = folder_ / "certificate.pem";
        config.sessions.engine = engine;
        config.sessions.secret_key_file = file;
        config.sessions.logout = "/admin/logout/";
        return config;
    }

    support::TemporaryFolder folder_;
    base::SystemClock clock_;
    telemetry::Metrics metrics_;
    base::Loop background_;
    std::unique_ptr<identity::Module> identity_;
    std::unique_ptr<legacy::Module> legacy_;
    std::unique_ptr<tests::TestServer> server_;
};

bool skipped() {
    auto missing = DjangoSite::missing(DjangoSite::Stack::debian);
    if (!missing.empty()) support::skip(missing);
    return !missing.empty();
}

std::string cookie_in(const std::string& cookies, const std::string& name) {
    auto at = cookies.find(name + "=") + name.size() + 1;
    return cookies.substr(at, cookies.find(';', at) - at);
}

}  // namespace

TEST_CASE("who has logged in at Django is known here, until the password is another", "[legacy]") {
    if (skipped()) return;
    BothSides both("signed_cookies", "signed_cookies");
    both.import();
    Browser browser(both.site);
    browser.log_in("/admin/login/");
    auto cookies = browser.cookies();

    CHECK(both.ask("GET", "").status == 401);
    CHECK(both.ask("GET", cookies).status == 200);
    auto without_token = both.ask("POST", cookies);
    CHECK(without_token.status == 403);
    CHECK(without_token.json()["error"] == "csrf_token_missing");
    CHECK(both.ask("POST", cookies, {{"X-CSRFToken", cookie_in(cookies, "csrftoken")}}).status ==
          201);

    both.django("u.set_password('another one'); u.save()");
    both.import();
    CHECK(both.ask("GET", cookies).status == 401);
}

TEST_CASE("Django is asked who has logged in there, where its sessions are in its database",
          "[legacy]") {
    if (skipped()) return;
    BothSides both("whoami", "db");
    both.import();
    Browser browser(both.site);
    browser.log_in("/admin/login/");
    auto cookies = browser.cookies();

    CHECK(both.ask("GET", cookies).status == 200);
    CHECK(both.ask("GET", "sessionid=abcdefghijklmnopqrstuvwxyz012345").status == 401);
    both.site.kill();
    CHECK(both.ask("GET", cookies).status == 200);
    auto unknown = both.ask("GET", "sessionid=of-somebody-else");
    CHECK(unknown.status == 503);
    CHECK(unknown.json()["error"] == "login_unknown");
}

TEST_CASE("who logs out here is logged out of Django", "[legacy]") {
    if (skipped()) return;
    BothSides both("whoami", "db");
    both.import();
    Browser browser(both.site);
    browser.log_in("/admin/login/");
    auto cookies = browser.cookies();
    REQUIRE(both.ask("GET", cookies).status == 200);
    REQUIRE(browser.get("/admin/").status == 200);

    auto logout = both.log_out(cookies);

    CHECK(logout.status == 204);
    CHECK(logout.field("Set-Cookie").find("sessionid=; Path=/; Max-Age=0") == 0);
    CHECK(both.ask("GET", cookies).status == 401);
    CHECK(browser.get("/admin/").status == 302);
}
