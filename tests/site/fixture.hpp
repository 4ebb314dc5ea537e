#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bus/log.hpp"
#include "http/router.hpp"
#include "site/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

namespace site {

/// The module at work on a real file, with the logs of two news types that a test writes, and a
/// background loop that runs only while the test waits for something.
class Fixture {
public:
    Fixture();
    ~Fixture();

    base::Result<void> try_open(bool accept_older_data = false);
    void open();
    void close();

    /// Appends to the log of a type, as the news module would.
    void append(const std::string& type, std::int64_t article, std::int64_t version,
                const std::string& event, const std::string& body = "{}");
    void create(const std::string& type, std::int64_t article, const std::string& status,
                bool has_time = false);
    /// Opens the log of that type anew, from another file if there is one of that name.
    void replace_log(const std::string& type, const std::string& file);
    /// Lets the background work until no more events than that are not counted.
    SiteCounts counted(std::int64_t behind = 0);
    SiteCounts counts();

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
    struct NewsLog {
        std::unique_ptr<database::Database> database;
        std::unique_ptr<bus::Log> log;
    };
    void open_log(const std::string& type, const std::string& file);

    std::map<std::string, NewsLog> logs_;
    std::unique_ptr<base::Loop> background_;
};

RedirectChange lead(const std::string& from, std::optional<std::string> to, bool permanent = true);
RedirectChange forget(const std::string& from);

}  // namespace site
