#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "database/database.hpp"
#include "support/temporary_folder.hpp"

namespace tests {

/// An engine as the shared suite sees it.
struct Engine {
    std::string name;
    /// A store of its own for one test, empty before.
    std::function<database::Options(const support::TemporaryFolder&)> options;
    /// What it calls a column of bytes.
    std::string blob;
    /// How much it has on the disk for that store.
    std::function<std::uintmax_t(const support::TemporaryFolder&)> bytes;
};

/// Every engine that passes the suite: a further driver is one more entry.
inline std::vector<Engine> engines() {
    auto in_a_file = [](const support::TemporaryFolder& folder) {
        database::Options options;
        options.name = "test";
        options.file = folder / "test.db";
        return options;
    };
    auto bytes = [](const support::TemporaryFolder& folder) {
        std::uintmax_t all = 0;
        std::error_code gone;
        for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
            auto size = file.file_size(gone);
            if (!gone) all += size;
        }
        return all;
    };
    return {{"sqlite", in_a_file, "blob", bytes}};
}

/// A store of the suite: one table, in the SQL that every engine takes.
class Store {
public:
    explicit Store(const Engine& engine);

    void open();
    void close() { database_.reset(); }
    std::uintmax_t bytes() const { return engine_.bytes(folder_); }
    database::Options& options() { return options_; }
    database::Database& operator*() { return *database_; }
    database::Database* operator->() { return database_.get(); }

    base::Result<std::int64_t> add(std::int64_t id, std::string name);
    std::int64_t count();
    /// Runs `work` on the writer's or a reader's thread, to its end.
    template <class T, class Work>
    base::Result<T> write(Work work, base::Deadline deadline = {}) {
        return base::run(database_->write<T>(deadline, 10, std::move(work)));
    }
    template <class T, class Work>
    base::Result<T> read(Work work, base::Deadline deadline = {}) {
        return base::run(database_->read<T>(deadline, std::move(work)));
    }

private:
    Engine engine_;
    support::TemporaryFolder folder_;
    std::string schema_;
    database::Options options_;
    std::unique_ptr<database::Database> database_;
};

std::int64_t count_in(database::ReadTransaction& transaction);

}  // namespace tests
