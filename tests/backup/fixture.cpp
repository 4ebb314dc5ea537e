#include "fixture.hpp"

#include <algorithm>
#include <fstream>

#include "bus/call_store.hpp"
#include "database/lineage.hpp"
#include "news/importer.hpp"
#include "news/module.hpp"
#include "support/sqlite_file.hpp"

namespace backup {

namespace {

using namespace std::chrono_literals;
using database::StoreFile;
using database::StoreKind;

const database::MigrationSet people_schema{
    "people",
    {{"0001_create_people",
      "create table notes (id integer primary key autoincrement, person integer not null references"
      " people (id), weight real, photo blob) strict;"
      "create table people (id integer primary key, name text not null unique) strict;"
      "create index people_by_name on people (name);"}}};
const database::MigrationSet notes_schema{
    "notes", {{"0001_create_counts", "create table counts (id integer primary key, n integer)"}}};

std::vector<StoreFile> other_stores(const std::filesystem::path& folder) {
    return {{"people", folder / "people.db", StoreKind::log},
            {"counts", folder / "counts.db", StoreKind::other}};
}

std::unique_ptr<database::Database> open_store(const StoreFile& store,
                                               std::vector<database::MigrationSet> schema) {
    database::Options options;
    options.name = store.name;
    options.file = store.path;
    options.migrations = std::move(schema);
    auto opened = database::Database::open(std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
}

/// Files of a folder and below, with their paths in it.
std::vector<std::string> files_below(const std::filesystem::path& folder) {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file())
            all.push_back(std::filesystem::relative(entry.path(), folder).string());
    }
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace

Site::Site(const std::filesystem::path& data) : folder_(data) {
    config.disk_free_bytes_min = 0;
    open();
}

Site::~Site() {
    close();
}

void Site::open() {
    std::filesystem::create_directories(folder_);
    std::vector<StoreFile> stores;
    for (const auto& module : modules()) {
        for (const auto& store : module.stores(folder_)) stores.push_back(store);
    }
    auto lineage = database::Lineage::open(folder_, stores, false);
    REQUIRE(lineage);
    news::Config news;
    news.view_wait_ms = 10s;
    host::Environment environment{folder_, clock, metrics, background_.get_executor()};
    auto opened = news::Instance::open("sports", news, environment);
    REQUIRE(opened);
    sports = std::move(*opened);
    auto others = other_stores(folder_);
    people_ = open_store(others[0], {bus::log_schema(), bus::calls_schema(), people_schema});
    notes_ = open_store(others[1], {notes_schema});
    log_ = std::make_unique<bus::Log>(*people_, clock, "people");
    if (!std::filesystem::exists(folder_ / "keys.json")) {
        std::ofstream(folder_ / "keys.json") << "secret";
    }
    lineage->started();
    lineage->stopping();
    sports->start();
    background_.restart();
    thread_ = std::thread([this] { background_.run(); });
    REQUIRE(*base::run(sports->caught_up(20s)));
}

void Site::close() {
    if (!sports) return;
    base::run(sports->stop({}));
    thread_.join();
    sports.reset();
    log_.reset();
    people_.reset();
    notes_.reset();
}

std::vector<host::Declaration> Site::modules_of(const std::filesystem::path& folder) {
    host::Declaration news;
    news.name = "news";
    news.stores = [](const auto& in) { return news::store_files(in, "sports"); };
    news.files = [](const auto&) { return std::vector<std::filesystem::path>(); };
    news.rewind = news::Module::rewind;
    host::Declaration others;
    others.name = "others";
    others.stores = other_stores;
    others.files = [](const std::filesystem::path& in) {
        return std::vector<std::filesystem::path>{in / "keys.json", in / "none.json"};
    };
    others.unchanging = [](const std::filesystem::path& in) {
        std::vector<std::filesystem::path> all;
        std::error_code none;
        for (const char* fan : {"ab", "ba"}) {
            for (const auto& one : std::filesystem::directory_iterator(in / "media" / fan, none)) {
                all.push_back(one.path());
            }
        }
        return all;
    };
    static_cast<void>(folder);
    return {news, others};
}

news::Command Site::command(const std::string& key, bool is_change) {
    news::Command command;
    command.context.actor = {7, base::Role::editor};
    command.context.request_id = "test";
    if (is_change) command.expected = base::Expected{{}, true};
    if (!key.empty()) command.idempotency_key = base::IdempotencyKey{"7", "POST", key, "hash"};
    return command;
}

news::Article Site::create(const std::string& title, const std::string& key) {
    news::NewArticle article{title, "", "Content", "Ann", {}};
    auto created = base::run(sports->commands().create(article, command(key)));
    REQUIRE(created);
    return *created;
}

void Site::retitle(const news::Article& article, const std::string& title) {
    news::Revision revision;
    revision.title = title;
    REQUIRE(base::run(sports->commands().revise(article.id, revision, command("", true))));
}

void Site::remove(const news::Article& article) {
    REQUIRE(base::run(sports->commands().remove(article.id, command("", true))));
}

news::ImportOutcome Site::import(const std::string& source_id, const std::string& title) {
    news::NewArticle article{title, "", "Content", "Ann", {}};
    article.source_id = source_id;
    auto item = news::import_item(std::move(article));
    REQUIRE(item);
    std::vector<news::ImportItem> items;
    items.push_back(std::move(*item));
    base::Context context;
    context.request_id = "import-test";
    auto outcomes = base::run(sports->importer().import_items(std::move(items), context));
    REQUIRE(outcomes);
    REQUIRE(*base::run(sports->caught_up(20s)));
    return outcomes->front();
}

void Site::add_person(const std::string& name) {
    auto work = [&](database::Transaction& transaction) -> base::Result<void> {
        transaction.prepare("insert into people (name) values (?)").bind(1, name).run();
        auto row = transaction.prepare("select max(id) from people");
        row.step();
        auto id = row.integer(0);
        transaction.prepare("insert into notes (person, weight, photo) values (?, ?, ?)")
            .bind(1, id)
            .bind_real(2, 0.5)
            .bind_blob(3, std::string_view("\0\1", 2))
            .run();
        log_->append(transaction, {id, 1, "person_added.v1", "{}", {}, "test"});
        return {};
    };
    REQUIRE(base::run(people_->write<void>({}, 0, work)));
    auto count = [](database::Transaction& transaction) -> base::Result<void> {
        transaction.execute(
            "insert into counts (id, n) values (1, 1) on conflict (id) do update set n = n + 1");
        return {};
    };
    REQUIRE(base::run(notes_->write<void>({}, 0, count)));
}

std::vector<std::string> Site::people() {
    auto work =
        [](database::ReadTransaction& transaction) -> base::Result<std::vector<std::string>> {
        std::vector<std::string> names;
        auto rows = transaction.prepare("select name from people order by id");
        while (rows.step()) names.emplace_back(rows.text(0));
        return names;
    };
    auto names = base::run(people_->read<std::vector<std::string>>({}, work));
    REQUIRE(names);
    return *names;
}

Shown Site::shown() {
    auto listed = base::run(sports->queries().page(1, 1000, {}));
    REQUIRE(listed);
    Shown shown;
    for (const auto& article : *listed) {
        shown[article.id] = article.title + " v" + std::to_string(article.version);
    }
    return shown;
}

std::map<std::string, std::vector<std::string>> Site::rows() {
    close();
    std::map<std::string, std::vector<std::string>> all;
    for (const auto& module : modules()) {
        for (const auto& store : module.stores(folder_)) {
            if (store.kind == StoreKind::view) continue;
            auto tables = support::rows_from_database(
                store.path, "select name from sqlite_schema where type = 'table' order by name");
            for (const auto& table : tables) {
                all[store.name + "." + table] =
                    support::rows_from_database(store.path, "select * from " + table);
            }
            all[store.name + " schema"] = support::rows_from_database(
                store.path, "select type, name, sql from sqlite_schema order by type, name");
        }
    }
    open();
    return all;
}

base::Result<Taken> Site::take(const std::filesystem::path& to) {
    operations::Progress progress;
    return take_backup(subject(), to, progress);
}

base::Result<Restored> Folders::restore(const std::string& name, Wanted wanted) const {
    wanted.from = backups;
    wanted.to = restored(name);
    operations::Progress progress;
    return backup::restore(wanted, Site::modules_of(wanted.to), progress);
}

std::vector<std::string> Folders::problems(const std::string& id) const {
    auto findings = verify(backups, id, {});
    REQUIRE(findings);
    std::vector<std::string> all;
    for (const auto& found : *findings) {
        for (const auto& problem : found.problems) all.push_back(found.name + ": " + problem);
        for (const auto& warning : found.warnings) all.push_back("warning: " + warning);
    }
    return all;
}

std::vector<std::string> Folders::files() const {
    return files_below(backups);
}

}  // namespace backup
