#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backup/restore.hpp"
#include "backup/verify.hpp"
#include "bus/log.hpp"
#include "news/fixture.hpp"
#include "take_service.hpp"

namespace backup {

/// What a list of articles shows of each: title and status.
using Shown = std::map<news::ArticleId, std::string>;

/// A news type, a store with a log whose tables say more than its events do, one without a log, and
/// a file: what backups are made of.
class Site {
public:
    explicit Site(const std::filesystem::path& data);
    ~Site();
    Site(const Site&) = delete;

    /// An article with a key and a source of its own.
    news::Article create(const std::string& title, const std::string& key = "");
    void retitle(const news::Article& article, const std::string& title);
    void remove(const news::Article& article);
    news::ImportOutcome import(const std::string& source_id, const std::string& title);
    /// A row, and an event that does not say all of it.
    void add_person(const std::string& name);
    std::vector<std::string> people();
    Shown shown();
    /// What stands in every table that is no view, by `store.table`.
    std::map<std::string, std::vector<std::string>> rows();

    /// Lets go of the files, and takes them again.
    void close();
    void open();

    std::vector<host::Declaration> modules() const { return modules_of(folder_); }
    static std::vector<host::Declaration> modules_of(const std::filesystem::path& folder);
    Subject subject() const { return {folder_, modules(), config, clock, "test"}; }
    base::Result<Taken> take(const std::filesystem::path& to);

    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    Config config;
    telemetry::Metrics metrics;
    std::unique_ptr<news::Instance> sports;

private:
    news::Command command(const std::string& key, bool is_change = false);

    std::filesystem::path folder_;
    base::Loop background_;
    std::thread thread_;
    std::unique_ptr<database::Database> people_;
    std::unique_ptr<database::Database> notes_;
    std::unique_ptr<bus::Log> log_;
};

/// A folder for data, one for backups, and one for what is restored.
struct Folders {
    support::TemporaryFolder folder;
    std::filesystem::path data = folder / "data";
    std::filesystem::path backups = folder / "backups";

    base::Result<Restored> restore(const std::string& name, Wanted wanted = {}) const;
    std::filesystem::path restored(const std::string& name) const { return folder / name.c_str(); }
    /// All that `verify` says against the backups, each with what it is said of.
    std::vector<std::string> problems(const std::string& id = "") const;
    std::vector<std::string> files() const;
};

}  // namespace backup
