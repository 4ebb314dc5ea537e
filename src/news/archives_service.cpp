#include "archives_service.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "bus/archive.hpp"
#include "event_store.hpp"
#include "host/open_store.hpp"
#include "telemetry/log.hpp"

namespace news {

namespace {

/// A year, as archives have it in their names.
constexpr std::size_t year_digits = 4;

/// An archive is asked seldom.
database::Config limits_of(database::Config limits) {
    limits.readers = 1;
    limits.cache_kib = std::min<std::int64_t>(limits.cache_kib, 512);
    return limits;
}

/// Also when it is there: whoever made it may not have come to the sync.
std::error_code make_lasting_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directory(folder, failed);
    if (failed) return failed;
    int parent = ::open(folder.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = parent >= 0 && ::fsync(parent) == 0;
    if (!synced) failed.assign(errno, std::generic_category());
    if (parent >= 0) ::close(parent);
    return failed;
}

}  // namespace

base::Error archive_unreadable(const std::string& name, const std::string& why) {
    telemetry::log(telemetry::Level::error, "news", "what is archived cannot be shown",
                   {{"archive", name}, {"error", why}});
    return {base::Reason::unavailable, archive_unreadable_code,
            "This news item is archived, and its archive (" + name +
                ") cannot be read now. It is logged."};
}

Archives::Archives(const std::string& type, const database::Config& limits,
                   const host::Environment& environment)
    : prefix_("news-" + type + "-"),
      folder_(bus::archive_folder(environment.folder / "log.db")),
      limits_(limits_of(limits)),
      environment_(environment) {}

bool Archives::is_there(const std::string& name) const {
    std::error_code unknown;
    return std::filesystem::exists(folder_ / (name + ".db"), unknown);
}

void Archives::note_missing(const std::string& name, bool needed) {
    note_any();
    if (!needed) return;
    missing_.push_back(name);
    telemetry::log(telemetry::Level::error, "news",
                   "an archive is missing: its articles cannot be shown",
                   {{"archive", name}, {"folder", folder_.string()}});
}

base::Result<database::Database*> Archives::open(const std::string& name) {
    database::StoreFile store{name, folder_ / (name + ".db"), database::StoreKind::other};
    auto opened = host::open_store(store, command_schema(), limits_, environment_);
    if (!opened) return opened.error();
    std::lock_guard lock(mutex_);
    note_any();
    auto& kept = open_[name];
    kept = std::move(*opened);
    return kept.get();
}

base::Result<database::Database*> Archives::find(const std::string& name) const {
    {
        std::lock_guard lock(mutex_);
        auto found = open_.find(name);
        if (found != open_.end()) return found->second.get();
    }
    return archive_unreadable(name, "it is missing");
}

base::Result<database::Database*> Archives::find_or_make(const std::string& name) {
    bool is_missing = std::find(missing_.begin(), missing_.end(), name) != missing_.end();
    {
        std::lock_guard lock(mutex_);
        auto found = open_.find(name);
        if (found != open_.end()) return found->second.get();
    }
    if (is_missing) return archive_unreadable(name, "it is missing");
    if (auto failed = make_lasting_folder(folder_)) {
        return base::Error{base::Reason::unavailable, "cannot_open",
                           "The folder " + folder_.string() +
                               " for archives cannot be made: " + failed.message() + "."};
    }
    return open(name);
}

std::string Archives::name_of(base::Time last) const {
    return prefix_ + base::to_rfc3339(last).substr(0, year_digits);
}

std::string Archives::warning() const {
    if (!missing_.empty()) {
        return "the archive " + missing_.front() + " is missing: its articles cannot be shown";
    }
    std::lock_guard lock(mutex_);
    for (const auto& [name, store] : open_) {
        auto warning = store->warning();
        if (!warning.empty()) return warning;
    }
    return {};
}

}  // namespace news
