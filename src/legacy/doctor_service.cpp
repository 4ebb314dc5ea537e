#include "doctor_service.hpp"

namespace legacy {

namespace {

constexpr std::size_t page_bytes_max = 512 * 1024;

/// One answer, read to its end.
struct FetchedPage {
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

base::Task<FetchedPage> fetch(http::Client& client, http::ClientRequest request,
                              base::Deadline deadline) {
    auto answer = co_await client.send(std::move(request), deadline);
    if (!answer) co_return answer.error();
    FetchedPage page;
    page.status = answer->status;
    page.fields = answer->fields;
    auto body = co_await http::collect(answer->body, page_bytes_max);
    // A long page is as good a sign as a short one.
    if (body) page.body = std::move(*body);
    co_return page;
}

/// Name and value of a Set-Cookie line.
std::string pair_of(std::string_view line) {
    return std::string(line.substr(0, line.find(';')));
}

void note_cookies(Symptoms& symptoms, const FetchedPage& page) {
    for (const auto& [name, value] : page.fields) {
        if (http::equals_any_case(name, "set-cookie")) symptoms.cookies.push_back(value);
    }
}

std::string cookies_of(const FetchedPage& page) {
    std::string all;
    for (const auto& [name, value] : page.fields) {
        if (http::equals_any_case(name, "set-cookie"))
            all += (all.empty() ? "" : "; ") + pair_of(value);
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
    request.body = "csrfmiddlewaretoken=" + *token + "&username=&password=";
    auto answer = co_await fetch(client, std::move(request), deadline);
    if (!answer) co_return answer.error();
    co_return answer->status;
}

}  // namespace

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
    symptoms.keeps_connection = !http::equals_any_case(front->field("connection"), "close");
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

}  // namespace legacy
