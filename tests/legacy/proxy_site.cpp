#include "proxy_site.hpp"

#include <stdexcept>

#include "http/raw_client.hpp"
#include "support/eventually.hpp"
#include "support/tls.hpp"

namespace tests {

using namespace std::chrono_literals;

ProxySite::ProxySite(legacy::Config config, legacy::Passage passage, bool hears)
    : passage_(std::move(passage)), hears_(hears) {
    // The certificates of the system take long to read.
    support::write_certificate(certificates_.path(), support::make_certificate("nobody.example"));
    if (config.limits.client.ca_file.empty()) {
        config.limits.client.ca_file = certificates_ / "certificate.pem";
    }
    host::Environment environment{folder_.path(), clock_, metrics_, background_.get_executor()};
    auto opened = legacy::Module::open(config, environment, {});
    if (!opened) throw std::runtime_error(opened.error().message);
    module_ = std::move(*opened);
    TestServer::More more;
    more.routes = [this](http::Router& router) {
        auto hear = [this](http::PlainResponse answer, std::chrono::microseconds) {
            std::lock_guard lock(mutex_);
            heard_.push_back(std::move(answer));
        };
        auto pass = [this, hear](http::Request& request, http::BodyReader& body) {
            return module_->proxy().forward(request, body, passage_,
                                            hears_ ? legacy::Heard(hear) : legacy::Heard());
        };
        http::Route route{http::Method::get, "proxied", http::Access::anyone, pass};
        route.credentials = http::Credentials::ignored;
        route.limits = module_->route_limits();
        route.elsewhere = true;
        router.fallback(std::move(route));
    };
    auto server = TestServer::quick();
    server.drain_idle_timeout = 10ms;
    server_ = std::make_unique<TestServer>(server, true, std::move(more));
}

legacy::Config ProxySite::in_front_of(const ScriptedUpstream& upstream) {
    legacy::Config config;
    config.upstream = upstream.address().text();
    config.disk_free_bytes_min = 0;
    config.limits.client.first_byte_timeout = 2s;
    config.limits.client.idle_timeout = 2s;
    return config;
}

double ProxySite::measured(const std::string& series) const {
    auto text = "\n" + metrics_.text();
    auto at = text.find("\n" + series + " ");
    return at == text.npos ? -1 : std::stod(text.substr(at + series.size() + 2));
}

bool ProxySite::comes_to(const std::string& series, double value) const {
    return support::eventually([&] { return measured(series) == value; });
}

std::string ProxySite::warnings() {
    std::string all;
    for (const auto& check : module_->checks()) all += check.ask() + check.warn();
    return all;
}

std::vector<http::PlainResponse> ProxySite::heard() const {
    std::lock_guard lock(mutex_);
    return heard_;
}

std::string ProxySite::ask(const std::string& request) const {
    RawClient client(address());
    auto end_of_line = request.find("\r\n") + 2;
    client.send(request.substr(0, end_of_line) + "Connection: close\r\n" +
                request.substr(end_of_line));
    return client.rest();
}

std::string asking(const std::string& target, const std::string& fields,
                   const std::string& method) {
    return method + " " + target + " HTTP/1.1\r\nHost: news.example\r\n" + fields + "\r\n";
}

std::string sending(const std::string& target, const std::string& content,
                    const std::string& fields) {
    return asking(target, fields + "Content-Length: " + std::to_string(content.size()) + "\r\n",
                  "POST") +
           content;
}

}  // namespace tests
