#include "support/sqlite_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "page_checksum.hpp"
#include "sqlite_file_system.hpp"

namespace support {

namespace {

struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

Handle open(const std::filesystem::path& file) {
    sqlite3* opened = nullptr;
    // Never makes a file: a test that names a wrong one must not pass. With the checksums of pages,
    // or all that it writes would be damage.
    int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE,
                               database::guarded_file_system());
    Handle handle(opened);
    if (code != SQLITE_OK) throw std::runtime_error("cannot open " + file.string());
    sqlite3_busy_timeout(opened, 10000);
    return handle;
}

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Statement prepare(const Handle& handle, const std::string& sql) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(handle.get(), sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle.get()));
    }
    return Statement(prepared);
}

std::string text_of(sqlite3_stmt* statement, int column) {
    bool is_blob = sqlite3_column_type(statement, column) == SQLITE_BLOB;
    auto value = is_blob ? sqlite3_column_blob(statement, column)
                         : static_cast<const void*>(sqlite3_column_text(statement, column));
    auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return value ? std::string(static_cast<const char*>(value), size) : std::string();
}

}  // namespace

void change_database(const std::filesystem::path& file, const std::string& sql) {
    auto handle = open(file);
    if (sqlite3_exec(handle.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle.get()));
    }
}

void seal_pages(const std::filesystem::path& file) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    std::array<unsigned char, database::page_bytes> page{};
    auto pages = std::filesystem::file_size(file) / page.size();
    for (std::uint32_t number = 1; number <= pages; ++number) {
        auto at = static_cast<std::streamoff>(number - 1) * std::ssize(page);
        auto* as_text = reinterpret_cast<char*>(page.data());
        bytes.seekg(at).read(as_text, std::ssize(page));
        database::seal_page(page.data(), number);
        bytes.seekp(at).write(as_text, std::ssize(page));
    }
    if (!bytes.flush()) throw std::runtime_error("cannot write " + file.string());
}

std::int64_t number_from_database(const std::filesystem::path& file, const std::string& sql) {
    auto handle = open(file);
    auto statement = prepare(handle, sql);
    if (sqlite3_step(statement.get()) != SQLITE_ROW) throw std::runtime_error(sql + ": no row");
    return sqlite3_column_int64(statement.get(), 0);
}

namespace {

std::vector<std::string> rows_of(const Handle& handle, const std::string& sql) {
    auto statement = prepare(handle, sql);
    std::vector<std::string> rows;
    int code = 0;
    while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
        std::string row;
        for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
            row += (i ? "|" : "") + text_of(statement.get(), i);
        }
        rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle.get()));
    return rows;
}

}  // namespace

std::vector<std::string> rows_from_database(const std::filesystem::path& file,
                                            const std::string& sql) {
    return rows_of(open(file), sql);
}

std::vector<std::string> everything_in_database(const std::filesystem::path& file) {
    auto handle = open(file);
    std::vector<std::string> all;
    auto tables = rows_of(handle,
                          "select name from sqlite_schema where type = 'table'"
                          // What a virtual one has stands in tables of its own.
                          " and sql not like 'create virtual table%' order by 1");
    for (const auto& table : tables) {
        for (auto& row : rows_of(handle, "select * from \"" + table + "\"")) {
            all.push_back(table + "|" + std::move(row));
        }
    }
    return all;
}

void overwrite_pages(const std::filesystem::path& file) {
    constexpr std::size_t page_bytes = 4096;
    std::array<char, page_bytes> spoilt;
    spoilt.fill('\xa5');
    auto child = ::fork();
    if (child == 0) {
        int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
        struct stat facts {};
        bool good = descriptor >= 0 && ::fstat(descriptor, &facts) == 0;
        for (off_t at = page_bytes; good && at < facts.st_size; at += page_bytes) {
            good = ::pwrite(descriptor, spoilt.data(), page_bytes, at) == ssize_t{page_bytes};
        }
        ::_exit(good ? 0 : 1);
    }
    int status = -1;
    if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
        throw std::runtime_error("cannot spoil " + file.string());
    }
}

void put_text(const std::filesystem::path& file) {
    std::filesystem::remove(file);
    std::ofstream(file) << std::string(9000, 'x');
}

void put_folder(const std::filesystem::path& file) {
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
}

void cut_short(const std::filesystem::path& file) {
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
}

void take_away(const std::filesystem::path& file) {
    std::filesystem::remove(file);
}

}  // namespace support
