#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "database/database.hpp"
#include "host/environment.hpp"

namespace news {

/// The archives of one news type: stores in the folder `archive`, `news-<type>-<year>`, each opened
/// like every other, since it has to be looked through and brought up to date; but only what
/// archives articles writes to them. One that is missing or cannot be read takes nothing else with
/// it. Thread-safe; what it gives lives as long as this.
class Archives {
public:
    Archives(const std::string& type, const database::Config& limits,
             const host::Environment& environment);

    bool is_there(const std::string& name) const;
    /// Opens one that is there, or makes it. Refused as database::Database::open is, by one that a
    /// newer version has written. Blocks.
    base::Result<database::Database*> open(const std::string& name);
    /// The log names one that is not there. `needed`: it has what the log has not.
    void note_missing(const std::string& name, bool needed);

    /// By its name. Refused with `archive_unreadable` (unavailable) if it is not there.
    base::Result<database::Database*> find(const std::string& name) const;
    /// The same, made if it is not there and not missed. Blocks.
    base::Result<database::Database*> find_or_make(const std::string& name);

    /// Whether anything may be in one of them: else nobody has to look.
    bool any() const { return any_.load(std::memory_order_acquire); }
    void note_any() { any_.store(true, std::memory_order_release); }
    /// How the archive of what last happened then is called.
    std::string name_of(base::Time last) const;
    /// What the operator should know of them, in a sentence; empty: nothing.
    std::string warning() const;

private:
    const std::string prefix_;
    const std::filesystem::path folder_;
    const database::Config limits_;
    const host::Environment environment_;
    std::atomic<bool> any_{false};
    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<database::Database>> open_;
    std::vector<std::string> missing_;
};

/// What is refused where an archive, or what it has of an article, cannot be had.
inline constexpr const char* archive_unreadable_code = "archive_unreadable";
base::Error archive_unreadable(const std::string& name, const std::string& why);

/// As database::Database::read, but one that is out, or fails now, is refused as such.
template <class T, class Work>
base::Task<T> read_archive(database::Database& archive, base::Deadline deadline, Work work) {
    base::Result<T> result = base::deadline_passed();
    std::string failed;
    try {
        auto read = co_await archive.read<T>(deadline, std::move(work));
        result = std::move(read);
    } catch (const database::Failure& failure) {
        failed = failure.what();
    }
    if (!failed.empty()) co_return archive_unreadable(archive.name(), failed);
    bool is_out = !result && database::is_out(result.error());
    if (is_out) co_return archive_unreadable(archive.name(), result.error().message);
    co_return result;
}

}  // namespace news
