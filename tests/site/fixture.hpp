#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "site/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_queries.hpp"
#include "support/temporary_folder.hpp"

namespace site {

/// The module at work on a real file, beside two news types that are faked, with a background loop
/// that runs only while the test waits for something.
class Fixture {
public:
    Fixture();
    ~Fixture();

    void open();
    void close();

    /// One more article of that type.
    void news_of(const std::string& type, news::Status status);
    static Command command(std::int64_t user = 7);
    static Command command(const std::string& key, const std::string& hash = "hash");
    base::Result<RedirectsStored> put(std::vector<RedirectChange> changes, Command by = command());
    base::Result<Resolution> resolve(const std::string& path);
    base::Result<PutList> put_list(const std::string& name, std::vector<ListEntry> entries,
                                   std::optional<std::int64_t> version = std::nullopt,
                                   Command by = command());
    base::Result<List> list(const std::string& name);
    base::Result<std::int64_t> remove_list(const std::string& name);
    std::int64_t events() { return module->feed().head().value(); }

    struct Asked {
        http::Method method = http::Method::get;
        std::string target;
        std::string body{};
        std::vector<std::pair<std::string, std::string>> fields{};
    };
    http::Response ask(const Asked& asked);
    static nlohmann::json json_of(const http::Response& response);

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    Config config;
    std::unique_ptr<Module> module;
    std::unique_ptr<http::Router> router;

private:
    std::map<std::string, support::FakeQueries> news_;
    news::ArticleId articles_ = 0;
    std::unique_ptr<base::Loop> background_;
};

RedirectChange lead(const std::string& from, std::optional<std::string> to, bool permanent = true);
RedirectChange forget(const std::string& from);

}  // namespace site
