#include "doctor.hpp"

#include <algorithm>

namespace legacy {

namespace {

using Level = Diagnosis::Level;

constexpr std::size_t page_bytes_max = 512 * 1024;
constexpr std::string_view token_name = "csrfmiddlewaretoken";

/// One answer, read to its end.
struct Page {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields{};
    std::string body{};

    std::string field(std::string_view name) const {
        http::ClientResponse head;
        head.fields = fields;
        return std::string(head.header(name).value_or(""));
    }
};

http::ClientRequest question(const http::UpstreamAddress& upstream, const DoctorOptions& options,
                             const std::string& target, bool secure) {
    http::ClientRequest request;
    request.upstream = upstream;
    request.target = target;
    request.fields = {{"Host", options.host.empty() ? upstream.authority() : options.host},
                      {"Accept", "text/html"},
                      {"X-Forwarded-Proto", secure ? "https" : "http"},
                      {"User-Agent", "portal-doctor"}};
    return request;
}

base::Task<Page> fetch(http::Client& client, http::ClientRequest request, base::Deadline deadline) {
    auto answer = co_await client.send(std::move(request), deadline);
    if (!answer) co_return answer.error();
    Page page;
    page.status = answer->status;
    page.fields = answer->fields;
    auto body = co_await http::collect(answer->body, page_bytes_max);
    // A long page is as good a sign as a short one.
    if (body) page.body = std::move(*body);
    co_return page;
}

bool same_name(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
        return lower(a) == lower(b);
    });
}

/// Name and value of a Set-Cookie line.
std::string pair_of(std::string_view line) {
    return std::string(line.substr(0, line.find(';')));
}

void note_cookies(Symptoms& symptoms, const Page& page) {
    for (const auto& [name, value] : page.fields) {
        if (same_name(name, "set-cookie")) symptoms.cookies.push_back(value);
    }
}

std::string cookies_of(const Page& page) {
    std::string all;
    for (const auto& [name, value] : page.fields) {
        if (same_name(name, "set-cookie")) all += (all.empty() ? "" : "; ") + pair_of(value);
    }
    return all;
}

/// Sends the form as a browser on that site would, without a name.
base::Task<int> post_form(http::Client& client, http::UpstreamAddress upstream,
                          DoctorOptions options, bool secure, base::Deadline deadline) {
    auto form =
        co_await fetch(client, question(upstream, options, options.login_path, secure), deadline);
    if (!form) co_return form.error();
    auto token = csrf_token_of(form->body);
    if (form->status != 200 || !token) co_return 0;
    auto request = question(upstream, options, options.login_path, secure);
    auto origin = (secure ? "https://" : "http://") + request.fields.front().second;
    request.method = http::Method::post;
    request.fields.emplace_back("Origin", origin);
    request.fields.emplace_back("Referer", origin + options.login_path);
    request.fields.emplace_back("Cookie", cookies_of(*form));
    request.fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = std::string(token_name) + "=" + *token + "&username=&password=";
    auto answer = co_await fetch(client, std::move(request), deadline);
    if (!answer) co_return answer.error();
    co_return answer->status;
}

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

base::Task<Symptoms> examine(http::Client& client, http::UpstreamAddress upstream,
                             DoctorOptions options, base::Deadline deadline) {
    Symptoms symptoms;
    auto front = co_await fetch(client, question(upstream, options, "/", false), deadline);
    if (!front) {
        symptoms.unreachable = front.error();
        co_return symptoms;
    }
    symptoms.front_page = front->status;
    symptoms.redirected_to = front->field("location");
    symptoms.server = front->field("server");
    symptoms.keeps_connection = !same_name(front->field("connection"), "close");
    note_cookies(symptoms, *front);
    auto secure = co_await fetch(client, question(upstream, options, "/", true), deadline);
    if (secure) {
        symptoms.front_page_secure = secure->status;
        symptoms.redirected_to_secure = secure->field("location");
    }
    auto form =
        co_await fetch(client, question(upstream, options, options.login_path, true), deadline);
    if (form) {
        symptoms.form = form->status;
        symptoms.form_has_token = csrf_token_of(form->body).has_value();
        note_cookies(symptoms, *form);
        symptoms.form_page = std::move(form->body);
    }
    auto posted = co_await post_form(client, upstream, options, false, deadline);
    symptoms.posted = posted ? *posted : 0;
    auto posted_secure = co_await post_form(client, upstream, options, true, deadline);
    symptoms.posted_secure = posted_secure ? *posted_secure : 0;
    co_return symptoms;
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
