#include "diagnosis.hpp"

#include <algorithm>

namespace legacy {

namespace {

using Level = Diagnosis::Level;

constexpr std::string_view token_name = "csrfmiddlewaretoken";

std::string list_of(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

void judge_host(const Symptoms& symptoms, const DoctorOptions& options,
                std::vector<Diagnosis>& found) {
    auto host = options.host.empty() ? std::string("the upstream's own address") : options.host;
    if (symptoms.front_page == 400) {
        auto name = options.host.substr(0, options.host.rfind(':'));
        found.push_back(
            {Level::wrong,
             "It refuses the name " + host + " with 400: ALLOWED_HOSTS does not have it.",
             {"ALLOWED_HOSTS = [\"" + (name.empty() ? "www.example.org" : name) + "\"]"}});
        return;
    }
    found.push_back({Level::good, "It answers for " + host + " (status " +
                                      std::to_string(symptoms.front_page) + ")."});
    if (options.host.empty()) {
        found.push_back(
            {Level::advice,
             "Say --host with the name that readers use, to see whether it is allowed."});
    }
    if (symptoms.front_page >= 500) {
        found.push_back({Level::advice, "Its front page fails by itself: status " +
                                            std::to_string(symptoms.front_page) + "."});
    }
}

void judge_scheme(const Symptoms& symptoms, std::vector<Diagnosis>& found) {
    const std::vector<std::string> mend = {
        "SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\")"};
    bool endless = symptoms.front_page_secure >= 301 && symptoms.front_page_secure <= 308 &&
                   symptoms.redirected_to_secure.starts_with("https://") &&
                   symptoms.redirected_to_secure == symptoms.redirected_to;
    if (endless) {
        found.push_back({Level::wrong,
                         "It sends readers who speak TLS already to https again and again: it does "
                         "not see X-Forwarded-Proto.",
                         mend});
    } else if (symptoms.posted_secure == 403 && symptoms.posted == 403) {
        found.push_back(
            {Level::wrong,
             "It refuses its own form with 403, over http and https: its CSRF check does "
             "not take the readers' name for its own.",
             {"CSRF_TRUSTED_ORIGINS = [\"https://www.example.org\"]"}});
    } else if (symptoms.posted_secure == 403) {
        found.push_back({Level::wrong,
                         "It refuses its own form over https with 403 and takes it over http: it "
                         "does not see that the reader speaks TLS.",
                         mend});
    } else if (symptoms.posted_secure == 200) {
        found.push_back({Level::good, "It sees the scheme, and its form passes the CSRF check."});
    } else {
        found.push_back({Level::advice,
                         "Whether it sees the scheme and takes its forms is not known: there is no "
                         "form of Django's at the path for logging in (say --login)."});
    }
}

void judge_cookies(const Symptoms& symptoms, std::vector<Diagnosis>& found) {
    std::vector<std::string> names;
    for (const auto& line : symptoms.cookies) {
        auto name = line.substr(0, line.find('='));
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    if (names.empty()) return;
    found.push_back({Level::good, "Cookies seen before a login: " + list_of(names) + "."});
    bool usual = std::find(names.begin(), names.end(), "csrftoken") != names.end();
    if (!usual && symptoms.form_has_token) {
        found.push_back({Level::advice,
                         "The cookie of its CSRF check has another name than csrftoken; say which "
                         "cookie is the session's in gateway.session_cookies."});
    }
}

/// The admin's pages say more or less which Django made them.
std::string version_of(const Symptoms& symptoms) {
    const auto& page = symptoms.form_page;
    auto has = [&](const char* sign) { return page.find(sign) != page.npos; };
    if (has("wagtail")) return "one of Wagtail";
    if (!has("django") && !has("admin/css")) return "";
    if (!has("theme.js")) return "one of Django before 4.2";
    return has("<header id=\"header\">") ? "one of Django 5 or later" : "one of Django 4.2";
}

void judge_server(const Symptoms& symptoms, std::vector<Diagnosis>& found) {
    auto server = symptoms.server.empty() ? std::string("It does not name its server")
                                          : "Its server is " + symptoms.server;
    auto keeps = symptoms.keeps_connection
                     ? "; it keeps connections, which are used again for up to "
                       "legacy.client.pooled_life_ms (safe methods only)."
                     : "; it closes each connection after one answer.";
    found.push_back({Level::good, server + keeps});
    auto version = version_of(symptoms);
    if (!version.empty()) {
        found.push_back({Level::good, "The page for logging in looks like " + version + "."});
    }
}

}  // namespace

std::optional<std::string> csrf_token_of(std::string_view page) {
    auto at = page.find(token_name);
    if (at == page.npos) return std::nullopt;
    // Within the same tag, whichever quotes it has and in whatever order its attributes stand.
    auto begin = page.rfind('<', at);
    auto end = page.find('>', at);
    if (begin == page.npos || end == page.npos) return std::nullopt;
    auto tag = page.substr(begin, end - begin);
    auto value = tag.find("value=");
    if (value == tag.npos || value + 7 >= tag.size()) return std::nullopt;
    char quote = tag[value + 6];
    if (quote != '"' && quote != '\'') return std::nullopt;
    auto rest = tag.substr(value + 7);
    auto close = rest.find(quote);
    if (close == rest.npos || close == 0) return std::nullopt;
    auto token = rest.substr(0, close);
    bool plain = std::all_of(token.begin(), token.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
    if (!plain) return std::nullopt;
    return std::string(token);
}

std::vector<Diagnosis> diagnose(const Symptoms& symptoms, const DoctorOptions& options) {
    std::vector<Diagnosis> found;
    if (symptoms.unreachable) {
        found.push_back({Level::wrong, "It does not answer: " + symptoms.unreachable->message});
        return found;
    }
    judge_host(symptoms, options, found);
    // A refused name refuses everything else, too.
    if (symptoms.front_page != 400) {
        judge_scheme(symptoms, found);
        judge_cookies(symptoms, found);
    }
    judge_server(symptoms, found);
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& left, const auto& right) { return left.level > right.level; });
    return found;
}

}  // namespace legacy
