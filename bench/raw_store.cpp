#include "raw_store.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

namespace bench {
namespace {

constexpr const char* log_schema = R"(
    create table events (
        position       integer primary key,
        stream         integer not null,
        version        integer not null,
        event_id       text    not null,
        type           text    not null,
        body           text    not null,
        actor          integer,
        correlation_id text    not null,
        recorded_at    integer not null,
        hash           blob    not null,
        unique (stream, version)
    ) strict;
    create table sources (
        source_id text    primary key,
        stream    integer not null
    ) strict, without rowid;
)";

constexpr const char* view_schema = R"(
    create table articles (
        id           integer primary key,
        version      integer not null,
        status       text    not null,
        published_at integer,
        created_at   integer not null,
        updated_at   integer not null,
        created_by   integer,
        title        text    not null,
        description  text    not null,
        content      text    not null,
        author       text    not null,
        tags         text    not null
    ) strict;
    create index articles_published on articles (published_at desc, id desc)
        where status = 'published';
    create index articles_scheduled on articles (published_at)
        where status = 'draft' and published_at is not null;
    create table article_tags (
        tag          text    not null,
        published_at integer not null,
        id           integer not null,
        primary key (tag, published_at desc, id desc)
    ) strict, without rowid;
    create table cursors (subscription text primary key, position integer not null)
        strict, without rowid;
    insert into cursors values ('view', 0);
)";

// An id such as portal gives: it rises with time, and neighbours are not consecutive.
std::int64_t id_at(std::int64_t position) {
    return (std::int64_t{180'000'000} << 21) + position * 131 + position % 61;
}

void require(bool good, sqlite3* database, std::string_view what) {
    if (good) return;
    throw std::runtime_error(std::string(what) + ": " + sqlite3_errmsg(database));
}

void execute(sqlite3* database, const char* sql) {
    require(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK, database, sql);
}

sqlite3* open(const std::string& path, const char* synchronous, const char* schema) {
    sqlite3* database = nullptr;
    const int result = sqlite3_open(path.c_str(), &database);
    require(result == SQLITE_OK, database, path);
    execute(database, "pragma journal_mode = wal");
    execute(database, synchronous);
    execute(database, schema);
    return database;
}

sqlite3_stmt* prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    const int result =
        sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    require(result == SQLITE_OK, database, sql);
    return statement;
}

void bind_value(sqlite3_stmt* statement, int place, std::int64_t value) {
    sqlite3_bind_int64(statement, place, value);
}

// The text must live until the statement has run: SQLite makes no copy.
void bind_value(sqlite3_stmt* statement, int place, std::string_view text) {
    sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void run(sqlite3_stmt* statement) {
    const int result = sqlite3_step(statement);
    require(result == SQLITE_DONE, sqlite3_db_handle(statement), "step");
    sqlite3_reset(statement);
}

rusage resources() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used;
}

double microseconds(const timeval& end, const timeval& begin) {
    return static_cast<double>(end.tv_sec - begin.tv_sec) * 1e6 +
           static_cast<double>(end.tv_usec - begin.tv_usec);
}

}  // namespace

Stopwatch::Stopwatch() : begin_(std::chrono::steady_clock::now()), used_(resources()) {}

double Stopwatch::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void Stopwatch::print(std::size_t count) const {
    const auto each = static_cast<double>(count);
    const auto now = resources();
    std::printf("{\"rate\": %.1f, \"user_us\": %.2f, \"system_us\": %.2f}\n", each / seconds(),
                microseconds(now.ru_utime, used_.ru_utime) / each,
                microseconds(now.ru_stime, used_.ru_stime) / each);
}

std::vector<Row> read_rows(const std::string& path) {
    std::ifstream file(path);
    std::vector<Row> rows;
    for (std::string line; std::getline(file, line);) {
        const auto item = nlohmann::json::parse(line);
        Row row;
        item.at("title").get_to(row.title);
        item.at("description").get_to(row.description);
        item.at("content").get_to(row.content);
        item.at("author").get_to(row.author);
        row.source_id = item.value("source_id", "");
        row.tags = item.at("tags").dump();
        item.at("tags").get_to(row.tag_names);
        // The members of portal's event: the log names the type, and no link is kept.
        auto event = item;
        event.erase("news_type");
        event.erase("source_url");
        event["status"] = "published";
        event.emplace("published_at", "2024-01-01T00:00:00.000Z");
        row.body = event.dump();
        row.published_at = 1'600'000'000'000'000 + static_cast<std::int64_t>(rows.size()) * 977'000;
        rows.push_back(std::move(row));
    }
    if (rows.empty()) throw std::runtime_error(path + " holds no items");
    return rows;
}

RawStore::RawStore(const std::string& folder) {
    // What portal sets too, and for the same reason: Debian's build counts memory under a lock.
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    log_ = open(folder + "/log.db", "pragma synchronous = full", log_schema);
    view_ = open(folder + "/view.db", "pragma synchronous = normal", view_schema);
    insert_event_ = prepare(log_, "insert into events values (?,?,?,?,?,?,?,?,?,?)");
    insert_source_ = prepare(log_, "insert into sources values (?,?)");
    insert_article_ = prepare(view_, "insert into articles values (?,?,?,?,?,?,?,?,?,?,?,?)");
    insert_tag_ = prepare(view_, "insert into article_tags values (?,?,?)");
    move_cursor_ = prepare(view_, "update cursors set position = ? where subscription = 'view'");
}

RawStore::~RawStore() {
    for (auto* statement :
         {insert_event_, insert_source_, insert_article_, insert_tag_, move_cursor_})
        sqlite3_finalize(statement);
    sqlite3_close(log_);
    sqlite3_close(view_);
}

void RawStore::append(std::span<const Row> rows) {
    append_events(rows);
    append_articles(rows);
    position_ += static_cast<std::int64_t>(rows.size());
}

void RawStore::append_events(std::span<const Row> rows) {
    std::array<char, 64> event_id;
    std::array<char, 64> correlation_id;
    std::array<char, 32> hash{};
    execute(log_, "begin immediate");
    std::int64_t position = position_;
    for (const Row& row : rows) {
        ++position;
        const auto spread = static_cast<std::uint64_t>(position) * 0x9E3779B97F4A7C15;
        const int event_size = std::snprintf(event_id.data(), event_id.size(),
                                             "%08" PRIx64 "-0000-7000-8000-%012" PRIx64,
                                             static_cast<std::uint64_t>(position), spread >> 16);
        const int correlation_size =
            std::snprintf(correlation_id.data(), correlation_id.size(), "%032" PRIx64, spread);
        std::memcpy(hash.data(), &spread, sizeof(spread));
        bind_value(insert_event_, 1, position);
        bind_value(insert_event_, 2, id_at(position));
        bind_value(insert_event_, 3, 1);
        bind_value(insert_event_, 4, {event_id.data(), static_cast<std::size_t>(event_size)});
        bind_value(insert_event_, 5, "article_created.v1");
        bind_value(insert_event_, 6, row.body);
        sqlite3_bind_null(insert_event_, 7);
        bind_value(insert_event_, 8,
                   {correlation_id.data(), static_cast<std::size_t>(correlation_size)});
        bind_value(insert_event_, 9, row.published_at + position);
        sqlite3_bind_blob(insert_event_, 10, hash.data(), hash.size(), SQLITE_STATIC);
        run(insert_event_);
        if (row.source_id.empty()) continue;
        bind_value(insert_source_, 1, row.source_id);
        bind_value(insert_source_, 2, id_at(position));
        run(insert_source_);
    }
    execute(log_, "commit");
}

void RawStore::append_articles(std::span<const Row> rows) {
    execute(view_, "begin immediate");
    std::int64_t position = position_;
    for (const Row& row : rows) {
        ++position;
        const std::int64_t id = id_at(position);
        bind_value(insert_article_, 1, id);
        bind_value(insert_article_, 2, 1);
        bind_value(insert_article_, 3, "published");
        for (int place = 4; place <= 6; ++place)
            bind_value(insert_article_, place, row.published_at);
        sqlite3_bind_null(insert_article_, 7);
        bind_value(insert_article_, 8, row.title);
        bind_value(insert_article_, 9, row.description);
        bind_value(insert_article_, 10, row.content);
        bind_value(insert_article_, 11, row.author);
        bind_value(insert_article_, 12, row.tags);
        run(insert_article_);
        for (const std::string& tag : row.tag_names) {
            bind_value(insert_tag_, 1, tag);
            bind_value(insert_tag_, 2, row.published_at);
            bind_value(insert_tag_, 3, id);
            run(insert_tag_);
        }
    }
    bind_value(move_cursor_, 1, position);
    run(move_cursor_);
    execute(view_, "commit");
}

}  // namespace bench
