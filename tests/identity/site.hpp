#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "http/server.hpp"
#include "identity/module.hpp"
#include "keys.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/http_client.hpp"
#include "support/temporary_folder.hpp"
#include "token.hpp"

namespace tests {

using nlohmann::json;

/// The module on real files, behind a real server, with a clock that the test moves.
class Site {
public:
    Site() = default;
    ~Site() { close(); }

    /// Opens it if it is not open. `open_mode`: everybody is an admin without an id.
    void open(bool open_mode = false,
              identity::PasswordRules rules = identity::PasswordRules::full);
    void close();
    /// As a restart.
    void reopen();

    /// An active account.
    identity::UserId add(const std::string& email, const std::string& password,
                         base::Role role = base::Role::reader);
    /// Both halves of a change of the account.
    base::Result<void> change(identity::UserId id, const identity::AccountChange& change,
                              const base::Context& context = {});
    support::Answer ask(const std::string& method, const std::string& target,
                        const json& body = nullptr, support::Fields fields = {});
    support::Answer log_in(const std::string& email, const std::string& password);
    /// The same, as JSON; the login must succeed.
    json tokens(const std::string& email, const std::string& password);
    /// GET /v1/auth/me with that access token: its status.
    int me(const std::string& access_token);
    static support::Fields bearer(const std::string& access_token);

    /// The keys that the module has, from its file.
    identity::KeySet keys() const;
    /// A signed token with that header and payload, whatever they say.
    static std::string forge(const identity::SigningKey& key, const std::string& header,
                             const std::string& payload);
    base::Result<base::Actor> authenticate(const std::string& authorization) const;

    const std::string& address() const { return address_; }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    identity::Config config;
    std::unique_ptr<identity::Module> module;

private:
    base::Loop background_;
    std::thread thread_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<support::HttpClient> client_;
    std::string address_;
};

inline const std::string good_password = "a long enough one";

/// The cookie that an answer sets, as a browser sends it back.
std::string cookie_of(const support::Answer& answer);
/// The answer to an exchange of these tokens, asked for with that User-Agent.
support::Answer refresh(Site& site, const json& tokens, const std::string& user_agent = "test");

}  // namespace tests
