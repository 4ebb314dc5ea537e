// Who a request is by, where the site's logins count besides our own.
#include "legacy/sessions.hpp"

#include <map>

#include "django_logins.hpp"
#include "sessions_service.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/stepped_loop.hpp"

using namespace std::chrono_literals;
using tests::DjangoLogins;

namespace {

using Answer = std::optional<http::Response>;
using SetsCookie = std::optional<std::string>;
using HasFields = std::vector<http::Request::Field>;

/// People of the site, by their rows.
class ImportedPeople final : public identity::Imports {
public:
    base::Task<std::vector<identity::ImportedAs>> import(std::vector<identity::ImportedAccount>,
                                                         identity::ImportRule,
                                                         base::Context) override {
        co_return refusal();
    }
    base::Task<void> activate(std::vector<identity::UserId>, base::Context) override {
        co_return refusal();
    }
    base::Task<std::vector<std::string>> imported_of(std::string, std::string, std::int64_t,
                                                     base::Context) const override {
        co_return refusal();
    }
    base::Task<identity::Withdrawn> withdraw(std::string, identity::ImportRule,
                                             base::Context) override {
        co_return refusal();
    }
    base::Task<std::optional<identity::KnownSource>> known(std::string source,
                                                           base::Context) const override {
        using Known = std::optional<identity::KnownSource>;
        if (broken) co_return refusal();
        auto found = people.find(source);
        co_return found == people.end() ? Known() : Known(found->second);
    }
    base::Task<std::optional<identity::KnownSource>> known_by_token(
        std::string token, base::Context context) const override {
        auto found = tokens.find(token);
        std::string source = found == tokens.end() ? "" : found->second;
        co_return co_await known(std::move(source), std::move(context));
    }
    base::Task<identity::ImportedPeopleCount> count(std::string, std::int64_t,
                                                    base::Context) const override {
        co_return refusal();
    }
    base::Task<std::int64_t> forget_django_passwords(std::int64_t, base::Context) override {
        co_return refusal();
    }

    std::map<std::string, identity::KnownSource> people;
    std::map<std::string, std::string> tokens;  ///< and whose they are
    bool broken = false;

private:
    static base::Error refusal() { return {base::Reason::unavailable, "unavailable", "Not now."}; }
};

/// A site that answers when the test has it do so.
class WaitingSite final : public legacy::Proxy {
public:
    bool configured() const override { return true; }
    bool has_folders() const override { return false; }
    bool has_file(const http::Request&) const override { return false; }
    void retire() override { gone = true; }
    bool retired() const override { return gone; }
    bool has_upstream(const std::string&) const override { return true; }
    base::Task<http::Response> forward(http::Request&, http::BodyReader&, const legacy::Passage&,
                                       legacy::Heard) override {
        co_return http::Response();
    }
    base::Task<http::PlainResponse> ask(const http::RequestCopy& request, const legacy::Passage&,
                                        base::Deadline) override {
        std::string text = std::string(http::name_of(request.method())) + " " + request.target();
        for (const auto& [name, value] : request.fields()) text += "|" + name + ": " + value;
        questions.push_back(text);
        auto keep = [this](base::Completion<http::PlainResponse> completion) {
            waiting_.push_back(std::move(completion));
        };
        return base::suspend<http::PlainResponse>(std::move(keep));
    }
    void answer(int status, const std::string& body = "", const SetsCookie& cookie = {}) {
        auto waiting = std::move(waiting_);
        waiting_.clear();
        std::vector<std::pair<std::string, std::string>> fields;
        if (cookie) fields.emplace_back("Set-Cookie", *cookie);
        for (auto& one : waiting) one(http::PlainResponse{status, fields, body, true});
    }
    /// As Django does to a logout.
    void end_session() {
        answer(302, "", "sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/");
    }
    void fail() { waiting_.clear(); }

    std::vector<std::string> questions;
    bool gone = false;

private:
    std::vector<base::Completion<http::PlainResponse>> waiting_;
};

/// A cookie `ours` says which user it is; a bearer token is bad.
class Ours final : public http::Authenticator {
public:
    base::Result<base::Actor> authenticate(const http::Request& request) const override {
        if (request.header("authorization").value_or("").starts_with("Bearer ")) {
            return base::Error{base::Reason::unauthenticated, "invalid_token", "No."};
        }
        if (!request.cookie("ours")) return base::Actor{};
        return base::Actor{1, base::Role::author};
    }
};

/// A request and what becomes of it.
struct Call {
    explicit Call(HasFields fields, http::Credentials credentials = http::Credentials::required) {
        request.fields = std::move(fields);
        request.credentials = credentials;
        request.context.deadline = base::Deadline::in(1min);
    }
    http::Request request;
    std::optional<base::Result<Answer>> passed;
};

/// Who logs out of a session.
struct Logout : Call {
    explicit Logout(HasFields fields) : Call(std::move(fields), http::Credentials::optional) {
        request.method = http::Method::del;
        request.path = "/v1/auth/session";
    }
};

class Sessions {
public:
    explicit Sessions(const std::string& engine) {
        config.engine = engine;
        config.tokens_key_file = "named";
        config.tokens_until = "2026-01-31";
        people.people["auth.user:7"] = {107, base::Role::editor, true, django.password()};
    }

    legacy::SessionsService& service() {
        if (!service_) {
            legacy::SessionKeys keys{{django.key()}, {{django.key()}, {}}};
            legacy::SessionsService::Parts parts{site, people, clock, metrics, traffic, nullptr};
            service_.emplace(parts, config, keys, std::make_shared<Ours>());
        }
        return *service_;
    }
    void begin(Call& call) {
        if (service().must_wait(call.request)) {
            loop.spawn(service().before_waiting(call.request), call.passed);
        } else {
            call.passed = base::Result<Answer>(Answer());
        }
        loop.begin();
    }
    /// Who it is by, or the code of its refusal, or that nothing is known yet.
    std::string outcome(Call& call) {
        loop.begin();
        if (!call.passed) return "waits";
        if (!*call.passed) return call.passed->error().code;
        auto actor = service().authenticate(call.request);
        if (!actor) return actor.error().code;
        return actor->id ? std::to_string(*actor->id) : "nobody";
    }
    std::string ask(HasFields fields, http::Credentials credentials = http::Credentials::required,
                    http::Method method = http::Method::get) {
        Call call(std::move(fields), credentials);
        call.request.method = method;
        begin(call);
        return outcome(call);
    }
    /// Who comes with that cookie, to a site that has not ended its session.
    std::string whose(const std::string& cookie) {
        Call call(HasFields{{"Cookie", cookie}});
        begin(call);
        site.answer(200, R"({"model": "auth.user", "pk": 7})");
        return outcome(call);
    }
    /// Whether so many logouts had that outcome.
    bool has_logouts(const std::string& outcome, int count) const {
        auto line = "portal_legacy_logouts_total{outcome=\"" + outcome + "\"} ";
        return metrics.text().find(line + std::to_string(count)) != std::string::npos;
    }

    const DjangoLogins django;
    support::SteppedLoop loop;
    support::FakeClock clock{"2026-01-01T00:00:00Z", support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    legacy::LoginTraffic traffic{clock};
    legacy::SessionConfig config;
    ImportedPeople people;
    WaitingSite site;

private:
    std::optional<legacy::SessionsService> service_;
};

}  // namespace

TEST_CASE("a signed session cookie is its user's on our routes", "[legacy]") {
    Sessions sessions("signed_cookies");
    auto cookie = "sessionid=" + sessions.django.cookie("packed");
    auto of = [&](const char* name) {
        auto other = "sessionid=" + sessions.django.cookie(name);
        return sessions.ask({{"Cookie", other}});
    };

    CHECK(sessions.ask({{"Cookie", cookie}}) == "107");
    CHECK(of("of_another_key") == "nobody");
    CHECK(of("of_another_backend") == "nobody");
    CHECK(of("pickled") == "nobody");
    CHECK(sessions.ask({{"Cookie", "other=x"}}) == "nobody");
    // Another host of the domain may set one beside it; Django takes the last of them.
    CHECK(sessions.ask({{"Cookie", cookie + "; sessionid=another"}}) == "nobody");
    CHECK(sessions.ask({{"Cookie", "sessionid=another; " + cookie}}) == "nobody");
    CHECK(sessions.ask({{"Cookie", cookie + "; a=b; " + cookie}}) == "107");
    CHECK(sessions.ask({{"Cookie", cookie}}, http::Credentials::ignored) == "nobody");
    CHECK(sessions.site.questions.empty());
}

TEST_CASE("whoever has a new password, or is not active, is nobody at once", "[legacy]") {
    Sessions sessions("signed_cookies");
    auto cookie = "sessionid=" + sessions.django.cookie("plain");
    auto& person = sessions.people.people["auth.user:7"];
    REQUIRE(sessions.ask({{"Cookie", cookie}}) == "107");

    person.django_password = "pbkdf2_sha256$1$another$hash";
    CHECK(sessions.ask({{"Cookie", cookie}}) == "nobody");
    person.django_password.reset();
    CHECK(sessions.ask({{"Cookie", cookie}}) == "nobody");
    person.django_password = sessions.django.password();
    CHECK(sessions.ask({{"Cookie", cookie}}) == "107");
    person.active = false;
    CHECK(sessions.ask({{"Cookie", cookie}}) == "nobody");
    sessions.people.people.clear();
    CHECK(sessions.ask({{"Cookie", cookie}}) == "nobody");
}

TEST_CASE("when the migration is finished no login of the site counts, and nobody asks it",
          "[legacy]") {
    for (const char* engine : {"signed_cookies", "whoami"}) {
        CAPTURE(engine);
        Sessions sessions(engine);
        sessions.site.retire();
        auto cookie = "sessionid=" + sessions.django.cookie("packed");
        CHECK(sessions.ask({{"Cookie", cookie}}) == "nobody");
        CHECK(sessions.ask({{"Cookie", "ours=1; " + cookie}}) == "1");
        CHECK(sessions.site.questions.empty());
    }
}

TEST_CASE("requests that are somebody's by a login of the site are counted by its kind",
          "[legacy]") {
    Sessions sessions("signed_cookies");
    sessions.config.drf_tokens = true;
    const std::string key(40, 'a');
    sessions.people.tokens[key] = "auth.user:7";
    auto cookie = "sessionid=" + sessions.django.cookie("plain");
    auto used = [&] {
        std::string text;
        for (const auto& use :
             sessions.traffic
                 .used({legacy::LoginKind::cookie_signed, legacy::LoginKind::simple_jwt,
                        legacy::LoginKind::framework_token})
                 .kinds) {
            text += std::string(legacy::name_of(use.kind)) + " " + std::to_string(use.counts.hour) +
                    "/" + std::to_string(use.counts.day) +
                    (use.last ? " " + base::to_rfc3339(*use.last).substr(11, 5) : "") + ", ";
        }
        return text;
    };
    CHECK(used() == "cookie_signed 0/0, simple_jwt 0/0, framework_token 0/0, ");

    sessions.ask({{"Cookie", cookie}});
    sessions.ask({{"Authorization", "Bearer " + sessions.django.token("access")}});
    // Nobody's, and our own.
    sessions.ask({{"Cookie", "sessionid=" + sessions.django.cookie("of_another_key")}});
    sessions.ask({{"Cookie", cookie + "; ours=1"}});
    sessions.clock.advance(2h);
    sessions.ask({{"Cookie", cookie}});
    sessions.ask({{"Authorization", "Token " + key}});

    CHECK(used() == "cookie_signed 1/2 02:00, simple_jwt 0/1 00:00, framework_token 1/1 02:00, ");
}

TEST_CASE("our own credentials win over the site's cookie", "[legacy]") {
    Sessions sessions("signed_cookies");
    auto cookie = "sessionid=" + sessions.django.cookie("plain");

    CHECK(sessions.ask({{"Cookie", cookie + "; ours=1"}}) == "1");
    CHECK(sessions.ask({{"Cookie", cookie}, {"Authorization", "Bearer x"}}) == "invalid_token");
    CHECK(sessions.ask({{"Cookie", cookie}, {"Authorization", "Basic x"}}) == "107");
}

TEST_CASE("a change with the site's cookie is refused without its CSRF token", "[legacy]") {
    Sessions sessions("signed_cookies");
    auto csrf = sessions.django.csrf(1);
    auto cookie = "csrftoken=" + csrf + "; sessionid=" + sessions.django.cookie("plain");
    auto post = [&](HasFields fields) {
        fields.push_back({"Host", "news.example"});
        fields.push_back({"Cookie", cookie});
        return sessions.ask(std::move(fields), http::Credentials::optional, http::Method::post);
    };

    CHECK(post({}) == "csrf_token_missing");
    CHECK(post({{"X-CSRFToken", std::string_view("x")}}) == "csrf_token_wrong");
    CHECK(post({{"X-CSRFToken", csrf}}) == "107");
    CHECK(post({{"X-CSRFToken", csrf}, {"Origin", "http://other.example"}}) == "csrf_origin_wrong");
    sessions.people.people.clear();
    CHECK(post({}) == "nobody");
}

TEST_CASE("a simplejwt token is its user's until the named day", "[legacy]") {
    Sessions sessions("off");
    auto token = "Bearer " + sessions.django.token("access");
    auto refresh = "Bearer " + sessions.django.token("refresh");

    CHECK(sessions.ask({{"Authorization", token}}) == "107");
    CHECK(sessions.ask({{"Authorization", refresh}}) == "invalid_token");
    CHECK(sessions.ask({{"Authorization", token}, {"Authorization", token}}) == "invalid_token");
    sessions.people.broken = true;
    CHECK(sessions.ask({{"Authorization", token}}) == "login_unknown");
    sessions.people.broken = false;
    sessions.people.people["auth.user:7"].active = false;
    CHECK(sessions.ask({{"Authorization", token}}) == "invalid_token");
    sessions.clock.advance(5min);
    CHECK(sessions.ask({{"Authorization", token}}) == "token_expired");
    sessions.clock.advance(31 * 24h);
    CHECK(sessions.ask({{"Authorization", token}}) == "invalid_token");
    CHECK_FALSE(sessions.service().must_wait(Call(HasFields{{"Authorization", token}}).request));
}

TEST_CASE("a token of REST framework is its owner's until the named day", "[legacy]") {
    Sessions sessions("off");
    sessions.config.drf_tokens = true;
    const std::string key(40, 'a');
    sessions.people.tokens[key] = "auth.user:7";
    const auto token = "Token " + key;
    auto ask = [&](const std::string& line) {
        return sessions.ask({{"Authorization", line}}, http::Credentials::optional);
    };

    CHECK(ask(token) == "107");
    CHECK(ask("token " + key) == "107");
    CHECK(ask("Token another") == "invalid_token");
    CHECK(ask("Token " + key + " " + key) == "nobody");
    CHECK(ask("Token") == "nobody");
    CHECK(sessions.ask({{"Authorization", token}, {"Cookie", "ours=1"}}) == "107");
    sessions.people.broken = true;
    CHECK(ask(token) == "login_unknown");
    sessions.people.broken = false;
    sessions.people.people["auth.user:7"].active = false;
    CHECK(ask(token) == "invalid_token");
    sessions.clock.advance(31 * 24h);
    CHECK(ask(token) == "nobody");
}

TEST_CASE("a token of REST framework is somebody else's where none count", "[legacy]") {
    Sessions sessions("off");
    sessions.people.tokens["abc"] = "auth.user:7";

    CHECK(sessions.ask({{"Authorization", "Token abc"}}) == "nobody");
}

TEST_CASE("the site is asked once whose a cookie is, with that cookie alone", "[legacy]") {
    Sessions sessions("whoami");
    HasFields fields{
        {"Host", "news.example"}, {"Cookie", "a=b; sessionid=abc; c=d"}, {"X-Other", "1"}};
    Call first(fields), second(fields);
    sessions.begin(first);
    sessions.begin(second);
    REQUIRE(sessions.outcome(first) == "waits");
    REQUIRE(sessions.outcome(second) == "waits");
    CHECK(sessions.site.questions ==
          std::vector<std::string>{"GET /portal/whoami/|Host: news.example|Cookie: sessionid=abc|"
                                   "Accept: application/json"});

    sessions.site.answer(200, R"({"model": "auth.user", "pk": 7})");

    CHECK(sessions.outcome(first) == "107");
    CHECK(sessions.outcome(second) == "107");
    CHECK(sessions.ask(fields) == "107");
    CHECK(sessions.site.questions.size() == 1);
}

TEST_CASE("what the site has said is believed for a while, and no longer", "[legacy]") {
    Sessions sessions("whoami");
    HasFields fields{{"Host", "news.example"}, {"Cookie", "sessionid=abc"}};
    Call first(fields);
    sessions.begin(first);
    sessions.site.answer(200, R"({"model": "auth.user", "pk": 7})");
    REQUIRE(sessions.outcome(first) == "107");
    sessions.people.people["auth.user:7"].active = false;
    CHECK(sessions.ask(fields) == "nobody");

    sessions.clock.advance(10s);
    Call late(fields);
    sessions.begin(late);
    CHECK(sessions.site.questions.size() == 2);
    sessions.site.answer(403);
    CHECK(sessions.outcome(late) == "nobody");
    CHECK(sessions.ask(fields) == "nobody");
    CHECK(sessions.site.questions.size() == 2);
}

TEST_CASE("while the site does not say who it is, only those who must log in are refused",
          "[legacy]") {
    Sessions sessions("whoami");
    HasFields fields{{"Host", "news.example"}, {"Cookie", "sessionid=abc"}};
    Call must(fields), may(fields, http::Credentials::optional);
    sessions.begin(must);
    sessions.begin(may);

    SECTION("since it breaks") {
        sessions.site.answer(500);
    }
    SECTION("since it redirects") {
        sessions.site.answer(302);
    }
    SECTION("since it says something else") {
        sessions.site.answer(200, "<html>");
    }
    SECTION("since it cannot be asked") {
        sessions.site.fail();
    }

    CHECK(sessions.outcome(must) == "login_unknown");
    CHECK(sessions.outcome(may) == "nobody");
    sessions.clock.advance(sessions.config.whoami_timeout);
    Call again(fields);
    sessions.begin(again);
    CHECK(sessions.site.questions.size() == 2);
    sessions.site.answer(200, R"({"model": "auth.user", "pk": 7})");
    CHECK(sessions.outcome(again) == "107");
}

TEST_CASE("a site that does not answer is left alone for as long as a question may take",
          "[legacy]") {
    Sessions sessions("whoami");
    Call first(HasFields{{"Cookie", "sessionid=one"}});
    sessions.begin(first);
    sessions.clock.advance(sessions.config.whoami_timeout);
    sessions.site.fail();
    REQUIRE(sessions.outcome(first) == "login_unknown");

    CHECK(sessions.ask({{"Cookie", "sessionid=two"}}) == "login_unknown");
    CHECK(sessions.site.questions.size() == 1);
    sessions.clock.advance(sessions.config.whoami_timeout);
    Call later(HasFields{{"Cookie", "sessionid=two"}});
    sessions.begin(later);
    sessions.site.answer(404);
    CHECK(sessions.outcome(later) == "nobody");
}

TEST_CASE("a question that is refused at once has no other one wait", "[legacy]") {
    // For the cookie or the host, which the client chooses.
    Sessions sessions("whoami");
    Call first(HasFields{{"Cookie", "sessionid=strange"}});
    sessions.begin(first);
    sessions.site.fail();
    REQUIRE(sessions.outcome(first) == "login_unknown");

    Call second(HasFields{{"Cookie", "sessionid=two"}});
    sessions.begin(second);
    REQUIRE(sessions.site.questions.size() == 2);
    sessions.site.answer(200, R"({"model": "auth.user", "pk": 7})");
    CHECK(sessions.outcome(second) == "107");
}

TEST_CASE("no more questions are under way than may be", "[legacy]") {
    Sessions sessions("whoami");
    sessions.config.whoami_questions_max = 1;
    Call first(HasFields{{"Cookie", "sessionid=one"}}),
        second(HasFields{{"Cookie", "sessionid=two"}});
    sessions.begin(first);

    sessions.begin(second);

    CHECK(sessions.outcome(second) == "login_unknown");
    sessions.site.answer(404);
    CHECK(sessions.outcome(first) == "nobody");
    Call third(HasFields{{"Cookie", "sessionid=two"}});
    sessions.begin(third);
    CHECK(sessions.outcome(third) == "waits");
    sessions.site.answer(404);
    CHECK(sessions.outcome(third) == "nobody");
}

TEST_CASE("one client does not keep the site from being asked about others", "[legacy]") {
    Sessions sessions("whoami");
    sessions.config.whoami_questions_max = 4;
    Call first(HasFields{{"Cookie", "sessionid=one"}}),
        second(HasFields{{"Cookie", "sessionid=two"}}),
        third(HasFields{{"Cookie", "sessionid=three"}}),
        other(HasFields{{"Cookie", "sessionid=other"}});
    for (auto* call : {&first, &second, &third}) call->request.peer = "192.0.2.1";
    other.request.peer = "192.0.2.2";

    for (auto* call : {&first, &second, &third, &other}) sessions.begin(*call);

    CHECK(sessions.outcome(third) == "login_unknown");
    CHECK(sessions.outcome(other) == "waits");
    sessions.site.answer(404);
    CHECK(sessions.outcome(first) == "nobody");
    CHECK(sessions.outcome(other) == "nobody");
}

TEST_CASE("a logout with the site's cookie ends that session there and here", "[legacy]") {
    Sessions sessions("whoami");
    HasFields fields{{"Host", "news.example"}, {"Cookie", "a=b; sessionid=abc; c=d"}};
    Call before(fields);
    sessions.begin(before);
    sessions.site.answer(200, R"({"model": "auth.user", "pk": 7})");
    REQUIRE(sessions.outcome(before) == "107");
    Logout logout(fields);

    sessions.begin(logout);
    REQUIRE(sessions.outcome(logout) == "waits");
    const std::string token(32, 'p');
    CHECK(sessions.site.questions.back() ==
          "POST /accounts/logout/|Host: news.example|Cookie: sessionid=abc; csrftoken=" + token +
              "|X-CSRFToken: " + token + "|Referer: http://news.example/");
    sessions.site.end_session();

    CHECK(sessions.outcome(logout) == "nobody");
    CHECK(logout.request.answer_lines ==
          "Set-Cookie: sessionid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax\r\n");
    CHECK(sessions.ask(fields) == "nobody");
    CHECK(sessions.has_logouts("ended", 1));
}

TEST_CASE("a session that is ended while the site is asked about it is nobody's", "[legacy]") {
    Sessions sessions("whoami");
    HasFields fields{{"Host", "news.example"}, {"Cookie", "sessionid=abc"}};
    Call asking(fields);
    Logout logout(fields);
    sessions.begin(asking);
    sessions.begin(logout);

    sessions.site.answer(200, R"({"model": "auth.user", "pk": 7})");

    CHECK(sessions.outcome(asking) == "nobody");
    CHECK(sessions.outcome(logout) == "nobody");
}

TEST_CASE("a logout counts here also where the site does not do it", "[legacy]") {
    Sessions sessions("signed_cookies");
    auto cookie = "sessionid=" + sessions.django.cookie("plain");
    sessions.config.cookie_domain = ".news.example";
    REQUIRE(sessions.ask({{"Cookie", cookie}}) == "107");
    Logout logout(HasFields{{"Cookie", cookie}});
    logout.request.secure = true;
    sessions.begin(logout);

    SECTION("since it has no such page") {
        sessions.site.answer(404);
    }
    SECTION("since it does not let it") {
        sessions.site.answer(403, "", "sessionid=; Path=/");
    }
    SECTION("since it sends on to another page, and clears no cookie") {
        sessions.site.answer(301);
    }
    SECTION("since it shows a page") {
        sessions.site.answer(200, "<html>", "csrftoken=x; Path=/");
    }
    SECTION("since it saves the session that there is") {
        auto kept = cookie + "; expires=Thu, 01 Jan 2026 00:00:00 GMT; Path=/";
        sessions.site.answer(302, "", kept);
    }
    SECTION("since it cannot be asked") {
        sessions.site.fail();
    }

    CHECK(sessions.outcome(logout) == "nobody");
    CHECK(logout.request.answer_lines ==
          "Set-Cookie: sessionid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; "
          "Domain=.news.example; Secure\r\n");
    CHECK(sessions.ask({{"Cookie", cookie}}) == "nobody");
    CHECK(sessions.has_logouts("unfinished", 1));
}

TEST_CASE("who logs out of our own session is logged out of the site's too", "[legacy]") {
    Sessions sessions("whoami");
    Logout logout(HasFields{{"Cookie", "ours=1; sessionid=abc"}});
    sessions.begin(logout);
    sessions.site.end_session();

    CHECK(sessions.outcome(logout) == "1");
    CHECK(sessions.site.questions.size() == 1);
}

TEST_CASE("a logout with a token of the site's ends the session of its cookie too", "[legacy]") {
    Sessions sessions("whoami");
    sessions.config.drf_tokens = true;
    const std::string key(40, 'a');
    const auto token = "Token " + key;
    sessions.people.tokens[key] = "auth.user:7";
    Logout logout(HasFields{{"Cookie", "sessionid=abc"}, {"Authorization", token}});
    sessions.begin(logout);
    REQUIRE(sessions.outcome(logout) == "waits");
    sessions.site.end_session();

    CHECK(sessions.outcome(logout) == "107");
    CHECK(logout.request.answer_lines.starts_with("Set-Cookie: sessionid=; "));
    CHECK(sessions.whose("sessionid=abc") == "nobody");
    CHECK(sessions.has_logouts("ended", 1));
}

TEST_CASE("a logout clears the site's cookie in the way that browsers take for its name",
          "[legacy]") {
    auto cleared = [](const std::string& name) {
        Sessions sessions("whoami");
        sessions.config.cookie = name;
        sessions.config.cookie_path = "/news";
        const auto cookie = name + "=abc";
        Logout logout(HasFields{{"Cookie", cookie}});
        sessions.begin(logout);
        sessions.site.end_session();
        CHECK(sessions.outcome(logout) == "nobody");
        return logout.request.answer_lines;
    };
    const std::string rest = "=; Path=/news; Max-Age=0; HttpOnly; SameSite=Lax";

    CHECK(cleared("sessionid") == "Set-Cookie: sessionid" + rest + "\r\n");
    CHECK(cleared("__Secure-id") == "Set-Cookie: __Secure-id" + rest + "; Secure\r\n");
    CHECK(cleared("__Host-id") == "Set-Cookie: __Host-id" + rest + "; Secure\r\n");
}

TEST_CASE("a logout ends every session that it has a cookie of, up to four", "[legacy]") {
    Sessions sessions("whoami");
    auto log_out = [&](const std::string& cookies) {
        sessions.site.questions.clear();
        Logout logout(HasFields{{"Host", "news.example"}, {"Cookie", cookies}});
        sessions.begin(logout);
        while (sessions.outcome(logout) == "waits") sessions.site.end_session();
        CHECK(logout.request.answer_lines.starts_with("Set-Cookie: sessionid=; "));
        return sessions.site.questions.size();
    };

    // Django takes the last of them.
    REQUIRE(log_out("sessionid=a; sessionid=b; other=c; sessionid=a") == 2);
    CHECK(sessions.site.questions[0].find("sessionid=a;") != std::string::npos);
    CHECK(sessions.site.questions[1].find("sessionid=b;") != std::string::npos);
    CHECK(sessions.whose("sessionid=a") == "nobody");
    CHECK(sessions.whose("sessionid=b") == "nobody");
    CHECK(sessions.whose("sessionid=c") == "107");
    CHECK(sessions.has_logouts("ended", 1));
    CHECK(log_out("sessionid=1; sessionid=2; sessionid=3; sessionid=4; sessionid=5") == 4);
    CHECK(sessions.has_logouts("unfinished", 1));
}

TEST_CASE("a logout of several sessions is finished if all of them have ended", "[legacy]") {
    Sessions sessions("whoami");
    Logout logout(HasFields{{"Cookie", "sessionid=a; sessionid=b"}});
    sessions.begin(logout);
    sessions.site.answer(403);
    REQUIRE(sessions.outcome(logout) == "waits");
    sessions.site.end_session();

    CHECK(sessions.outcome(logout) == "nobody");
    CHECK(sessions.has_logouts("unfinished", 1));
}

TEST_CASE("another spelling of a cookie does not outlive the session that it names", "[legacy]") {
    // Django takes off quotes and white space; what would be another text to us is none.
    Sessions sessions("whoami");
    for (const char* spelling : {"sessionid=\"abc\"", "sessionid=\"a\\142c\"", "sessionid=a\\bc",
                                 "sessionid=a,bc", "sessionid=a bc"}) {
        CAPTURE(spelling);
        CHECK(sessions.whose(spelling) == "nobody");
    }
    REQUIRE(sessions.site.questions.empty());
    Logout logout(HasFields{{"Cookie", "sessionid=abc"}});
    sessions.begin(logout);
    sessions.site.end_session();
    REQUIRE(sessions.outcome(logout) == "nobody");

    CHECK(sessions.whose("sessionid = abc") == "nobody");
    // The site is asked to end it also in such a spelling.
    Logout quoted(HasFields{{"Cookie", "sessionid=\"abc\""}});
    sessions.begin(quoted);
    CHECK(sessions.site.questions.back().find("Cookie: sessionid=\"abc\";") != std::string::npos);
    sessions.site.end_session();
    CHECK(sessions.outcome(quoted) == "nobody");
}

TEST_CASE("a logout that is refused anyway ends nothing at the site", "[legacy]") {
    Sessions sessions("whoami");
    Logout logout(HasFields{{"Cookie", "sessionid=abc"}, {"Authorization", "Bearer x"}});
    sessions.begin(logout);

    CHECK(sessions.outcome(logout) == "invalid_token");
    CHECK(sessions.site.questions.empty());
    CHECK(logout.request.answer_lines.empty());
}
