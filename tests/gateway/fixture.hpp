#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/module.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "support/catch.hpp"
#include "support/fake_accounts.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_comparer.hpp"
#include "support/fake_proxy.hpp"
#include "support/temporary_folder.hpp"

namespace gateway {

/// A route of the configuration.
RouteConfig rule(const std::string& name, const std::string& path,
                 const std::string& mode = "proxied", std::int64_t percent = 0);

/// People who came from the monolith.
class ImportedPeople final : public support::NoImports {
public:
    base::Task<std::int64_t> forget_django_passwords(std::int64_t count, base::Context) override {
        auto forgotten = std::min(count, logins.load());
        logins.fetch_sub(forgotten);
        co_return forgotten;
    }
    std::atomic<std::int64_t> logins{0};
};

/// The module at work on a real file, before a monolith that is faked and beside a few routes of
/// its own:
///   GET /articles            "native", by a handler, or out of a cache for ?cached
///   GET /articles/{id}       "native 7"; 404 for /articles/0, 503 for /articles/5, an exception
///                            for /articles/6, /articles/9 says whether its deadline is near
///   POST /articles           "made"
///   GET /v1/news             "news"
/// and the alias /old for /articles.
class Fixture {
public:
    Fixture();
    ~Fixture();

    void open();
    void close();

    static base::Command command(const std::string& key = "", const std::string& hash = "hash");
    base::Result<MigrationRoute> set(const std::string& route, Mode mode,
                                     std::optional<std::int64_t> percent = std::nullopt,
                                     std::optional<std::int64_t> compare_percent = std::nullopt,
                                     base::Command by = command());
    base::Result<MigrationRoute> undo(const std::string& route, base::Command by = command());
    RouteState state(const std::string& route);

    using Fields = std::vector<http::Request::Field>;
    struct Asked {
        http::Method method = http::Method::get;
        std::string target{};
        Fields fields{};
        std::string body{};
        std::string peer = "203.0.113.7";
    };
    /// Who answers: `legacy`, `native`, `none` (nothing is there), or how a native route is
    /// wrapped: `wrapped`.
    std::string side(const Asked& asked);
    /// The answer's status and text, as the chosen route gives it without a server.
    std::pair<int, std::string> answer(const Asked& asked);

    /// A request to a route of the module's own.
    http::Response api(const Asked& asked);
    static nlohmann::json json_of(const http::Response& response);

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    support::FakeProxy proxy;
    support::FakeComparer comparer;
    ImportedPeople imports;
    http::OpenAuthenticator authenticator;
    Config config;
    std::size_t io_threads = 2;
    bool with_proxy = true;
    std::unique_ptr<Module> module;
    std::shared_ptr<http::Router> router;

private:
    http::Request request_of(const Asked& asked) const;

    std::unique_ptr<base::Loop> background_;
};

/// A server on a free port, whose listener asks the module's chooser.
class ChoosingServer {
public:
    ChoosingServer(Fixture& gateway, std::int64_t threads);
    ~ChoosingServer();
    const std::string& address() const { return address_; }

private:
    std::unique_ptr<http::Server> server_;
    std::string address_;
};

}  // namespace gateway
