#include "site.hpp"

#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "keys_json.hpp"
#include "token_crypto.hpp"

namespace tests {

void Site::open(bool open_mode, identity::PasswordRules rules) {
    if (module) return;
    host::Environment environment{folder.path(), clock, metrics, background_.get_executor()};
    environment.open_mode = rules == identity::PasswordRules::any;
    auto opened = identity::Module::open(config, environment);
    REQUIRE(opened);
    module = std::move(*opened);
    REQUIRE(base::run(module->start()));
    background_.restart();
    thread_ = std::thread([this] { background_.run(); });

    auto router = std::make_shared<http::Router>();
    module->add_routes(*router);
    http::Config limits;
    limits.threads = 1;
    http::Listener listener;
    listener.name = "http";
    listener.listen = "127.0.0.1:0";
    listener.router = router;
    if (open_mode) {
        listener.authenticator = std::make_shared<http::OpenAuthenticator>();
    } else {
        // The module owns it.
        listener.authenticator = std::shared_ptr<const http::Authenticator>(
            std::shared_ptr<void>(), &module->authenticator());
    }
    server_ = std::make_unique<http::Server>(limits, metrics);
    server_->add(listener);
    REQUIRE(server_->start());
    address_ = server_->addresses().at("http");
    client_ = std::make_unique<support::HttpClient>(address_);
}

void Site::close() {
    if (!module) return;
    client_.reset();
    server_->stop();
    base::run(module->stop({}));
    thread_.join();
    module.reset();
    server_.reset();
}

void Site::reopen() {
    close();
    open();
}

identity::UserId Site::add(const std::string& email, const std::string& password, base::Role role) {
    identity::NewAccount account{email, password, role};
    auto id = base::run(module->accounts().reserve(account, {}));
    REQUIRE(id);
    REQUIRE(base::run(module->accounts().activate(*id, {})));
    return *id;
}

base::Result<void> Site::change(identity::UserId id, const identity::AccountChange& change,
                                const base::Context& context) {
    auto token = base::run(module->accounts().prepare_change(id, change, context));
    if (!token) return token.error();
    return base::run(module->accounts().finish_change(id, *token, context));
}

support::Answer Site::ask(const std::string& method, const std::string& target, const json& body,
                          support::Fields fields) {
    if (body.is_null()) return client_->request(method, target, "", fields);
    fields.emplace_back("Content-Type", "application/json");
    return client_->request(method, target, body.dump(), fields);
}

support::Answer Site::log_in(const std::string& email, const std::string& password) {
    return ask("POST", "/v1/auth/token", {{"email", email}, {"password", password}});
}

json Site::tokens(const std::string& email, const std::string& password) {
    auto answer = log_in(email, password);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer.json();
}

int Site::me(const std::string& access_token) {
    return ask("GET", "/v1/auth/me", nullptr, bearer(access_token)).status;
}

support::Fields Site::bearer(const std::string& access_token) {
    return {{"Authorization", "Bearer " + access_token}};
}

identity::KeySet Site::keys() const {
    std::ifstream file(folder / "identity.keys.json");
    std::ostringstream text;
    text << file.rdbuf();
    auto keys = identity::keys_from_json(text.str());
    REQUIRE(keys);
    return *keys;
}

std::string Site::forge(const identity::SigningKey& key, const std::string& header,
                        const std::string& payload) {
    auto input = identity::signing_input(header, payload);
    identity::KeyPair pair{key.seed, key.public_key};
    return input + "." + base::to_base64url(identity::sign(pair, input));
}

base::Result<base::Actor> Site::authenticate(const std::string& authorization) const {
    http::Request request;
    request.path = "/v1/auth/me";
    request.fields.push_back({"Authorization", authorization});
    return module->authenticator().authenticate(request);
}

std::string cookie_of(const support::Answer& answer) {
    auto field = answer.field("Set-Cookie");
    return field.substr(0, field.find(';'));
}

support::Answer refresh(Site& site, const json& tokens, const std::string& user_agent) {
    return site.ask("POST", "/v1/auth/refresh", {{"refresh_token", tokens["refresh_token"]}},
                    {{"User-Agent", user_agent}});
}

}  // namespace tests
