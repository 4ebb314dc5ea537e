#include "crash_files.hpp"

#include <algorithm>
#include <fstream>

#include "telemetry/log.hpp"

namespace reporting {

namespace {

constexpr std::size_t record_bytes_max = 64 * 1024;

bool is_record(const std::string& name) {
    return name.starts_with("crash-") && name.ends_with(".txt");
}

/// By name, which begins with when it was.
std::vector<std::string> records_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code unreadable;
    for (std::filesystem::directory_iterator at(folder, unreadable), end; !unreadable && at != end;
         at.increment(unreadable)) {
        auto name = at->path().filename().string();
        std::error_code unknown;
        if (is_record(name) && at->is_regular_file(unknown)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(record_bytes_max, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

void note(const std::string& name, const std::error_code& error) {
    telemetry::log(telemetry::Level::warning, "reporting", "the record of a crash cannot be moved",
                   {{"file", name}, {"error", error.message()}});
}

void keep_newest(const std::filesystem::path& folder, std::size_t kept) {
    auto names = records_in(folder);
    for (std::size_t i = 0; i + kept < names.size(); ++i) {
        std::error_code ignored;
        std::filesystem::remove(folder / names[i], ignored);
    }
}

}  // namespace

std::vector<FoundCrash> find_crashes(const std::filesystem::path& folder, std::size_t kept) {
    std::vector<FoundCrash> found;
    auto names = records_in(folder);
    auto older = names.size() - std::min(names.size(), kept);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i < older) {
            put_aside(folder, names[i], kept);
            continue;
        }
        // An empty one is of a disk that was full: that it crashed is worth to be said.
        auto record = parse_crash_record(text_of(folder / names[i]));
        found.push_back({names[i], record.value_or(CrashRecord())});
    }
    return found;
}

void put_aside(const std::filesystem::path& folder, const std::string& file, std::size_t kept) {
    auto moved = folder / "crashes";
    std::error_code error;
    std::filesystem::create_directory(moved, error);
    std::filesystem::rename(folder / file, moved / file, error);
    if (error) note(file, error);
    keep_newest(moved, kept);
}

std::optional<base::Time> newest_crash(const std::filesystem::path& folder) {
    constexpr std::size_t before = 6;
    constexpr std::size_t digits = 16;
    auto names = records_in(folder / "crashes");
    for (auto& name : records_in(folder)) names.push_back(std::move(name));
    if (names.empty()) return std::nullopt;
    return parse_crash_time(std::max_element(names.begin(), names.end())->substr(before, digits));
}

}  // namespace reporting
