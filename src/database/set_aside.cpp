#include "set_aside.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace database {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kept_max = 3;

std::string stamp() {
    auto text = base::to_rfc3339(base::SystemClock().now());
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

/// Their names end with when, so they are in order of time.
void forget_older(const fs::path& file) {
    auto begins = file.filename().string() + ".aside-";
    auto is_log = [](const std::string& name) {
        return name.ends_with("-wal") || name.ends_with("-shm");
    };
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(file.parent_path())) {
        auto name = entry.path().filename().string();
        if (name.starts_with(begins) && !is_log(name)) names.push_back(name);
    }
    std::sort(names.begin(), names.end(), std::greater<>());
    for (std::size_t i = kept_max; i < names.size(); ++i) {
        for (const char* suffix : {"", "-wal", "-shm"}) {
            fs::remove_all(file.parent_path() / (names[i] + suffix));
        }
    }
}

}  // namespace

void set_aside(const fs::path& file) {
    auto aside = file.string() + ".aside-" + stamp();
    for (const char* suffix : {"", "-wal", "-shm"}) {
        fs::path from = file.string() + suffix;
        if (fs::exists(fs::symlink_status(from))) fs::rename(from, aside + suffix);
    }
    forget_older(file);
}

}  // namespace database
