#include "diagnosis.hpp"

#include "support/catch.hpp"

using legacy::Diagnosis;
using legacy::Symptoms;

namespace {

Symptoms healthy() {
    Symptoms symptoms;
    symptoms.front_page = 200;
    symptoms.front_page_secure = 200;
    symptoms.server = "gunicorn";
    symptoms.form = 200;
    symptoms.form_has_token = true;
    symptoms.posted = 200;
    symptoms.posted_secure = 200;
    symptoms.cookies = {"csrftoken=abc; Path=/"};
    return symptoms;
}

/// `level: text`, one a line, with the settings after it.
std::string said(const Symptoms& symptoms, const std::string& host = "www.example.org") {
    std::string all;
    for (const auto& one : legacy::diagnose(symptoms, {host, "/admin/login/"})) {
        all += one.level == Diagnosis::Level::wrong    ? "wrong: "
               : one.level == Diagnosis::Level::advice ? "advice: "
                                                       : "good: ";
        all += one.text + "\n";
        for (const auto& line : one.settings) all += "  " + line + "\n";
    }
    return all;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("a healthy upstream has nothing wrong") {
    auto text = said(healthy());
    CAPTURE(text);
    CHECK_FALSE(has(text, "wrong: "));
    CHECK_FALSE(has(text, "advice: "));
    CHECK(has(text, "It answers for www.example.org (status 200)."));
    CHECK(has(text, "Cookies seen before a login: csrftoken."));
    CHECK(has(text, "Its server is gunicorn; it closes each connection"));
}

TEST_CASE("each thing that is wrong with an upstream is said with the settings that mend it") {
    SECTION("the name is not allowed") {
        auto symptoms = healthy();
        symptoms.front_page = 400;
        auto text = said(symptoms, "news.example.org:8443");
        CHECK(has(text, "wrong: It refuses the name news.example.org:8443"));
        CHECK(has(text, "  ALLOWED_HOSTS = [\"news.example.org\"]"));
        CHECK_FALSE(has(text, "scheme"));
    }
    SECTION("the scheme is not seen: the form says so") {
        auto symptoms = healthy();
        symptoms.posted_secure = 403;
        CHECK(has(said(symptoms), "  SECURE_PROXY_SSL_HEADER = "));
    }
    SECTION("the scheme is not seen: readers go round") {
        auto symptoms = healthy();
        symptoms.front_page = symptoms.front_page_secure = 301;
        symptoms.redirected_to = symptoms.redirected_to_secure = "https://www.example.org/";
        CHECK(has(said(symptoms), "again and again"));
    }
    SECTION("forms are refused always") {
        auto symptoms = healthy();
        symptoms.posted = symptoms.posted_secure = 403;
        CHECK(has(said(symptoms), "  CSRF_TRUSTED_ORIGINS = "));
    }
    SECTION("nobody is there") {
        Symptoms symptoms;
        symptoms.unreachable =
            base::Error{base::Reason::unavailable, "upstream_refused", "Nobody answers there."};
        CHECK(said(symptoms) == "wrong: It does not answer: Nobody answers there.\n");
    }
    SECTION("there is no form") {
        auto symptoms = healthy();
        symptoms.posted = symptoms.posted_secure = 0;
        CHECK(has(said(symptoms), "advice: Whether it sees the scheme"));
    }
}

TEST_CASE("the token of a form is found in whatever way the tag is written") {
    using legacy::csrf_token_of;
    CHECK(csrf_token_of("<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"aB3\">") ==
          "aB3");
    CHECK(csrf_token_of("<input value='aB3' name='csrfmiddlewaretoken'/>") == "aB3");
    CHECK_FALSE(csrf_token_of("<p>csrfmiddlewaretoken</p>"));
    CHECK_FALSE(csrf_token_of("csrfmiddlewaretoken"));
    CHECK_FALSE(csrf_token_of("<input name=\"csrfmiddlewaretoken\" value=\""));
    CHECK_FALSE(csrf_token_of("<input name=\"csrfmiddlewaretoken\" value=\"\">"));
    CHECK_FALSE(csrf_token_of("<input name=\"csrfmiddlewaretoken\" value=\"a&b\">"));
    CHECK_FALSE(csrf_token_of(""));
}
