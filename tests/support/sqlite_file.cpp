#include "support/sqlite_file.hpp"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

namespace support {

namespace {

struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

Handle open(const std::filesystem::path& file) {
    sqlite3* opened = nullptr;
    // Never makes a file: a test that names a wrong one must not pass.
    int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    Handle handle(opened);
    if (code != SQLITE_OK) throw std::runtime_error("cannot open " + file.string());
    sqlite3_busy_timeout(opened, 10000);
    return handle;
}

}  // namespace

void change_database(const std::filesystem::path& file, const std::string& sql) {
    auto handle = open(file);
    if (sqlite3_exec(handle.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle.get()));
    }
}

std::int64_t number_from_database(const std::filesystem::path& file, const std::string& sql) {
    auto handle = open(file);
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle.get(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle.get()));
    }
    bool found = sqlite3_step(statement) == SQLITE_ROW;
    auto value = found ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    if (!found) throw std::runtime_error(sql + ": no row");
    return value;
}

}  // namespace support
