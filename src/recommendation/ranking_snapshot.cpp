#include "ranking_snapshot.hpp"

#include <array>
#include <cstring>
#include <filesystem>

#include "state_file.hpp"

namespace recommendation {

namespace {

/// Grows with each change of what stands in the file.
constexpr std::array<char, 16> format = {'p', 'o', 'r', 't', 'a', 'l', ' ', 'r',
                                         'a', 'n', 'k', 'i', 'n', 'g', ' ', '1'};

/// The bytes of settings that have no gaps.
bool are_same(const SnapshotSettings& a, const SnapshotSettings& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}
static_assert(std::has_unique_object_representations_v<SnapshotSettings>);

}  // namespace

void write_snapshot(const std::string& path, const SnapshotStamp& stamp,
                    const SnapshotSettings& settings, RankingState& state) {
    auto unfinished = path + ".new";
    StateWriter file(unfinished);
    file(format, stamp, settings);
    state.keep(file);
    file.finish();
    std::error_code failed;
    std::filesystem::rename(unfinished, path, failed);
    if (failed) throw StateFileFailure("the file " + path + " cannot be replaced");
}

SnapshotStamp read_snapshot(const std::string& path, std::uint64_t name,
                            const SnapshotSettings& settings, RankingState& state) {
    StateReader file(path);
    std::array<char, 16> its_format{};
    SnapshotStamp stamp;
    SnapshotSettings its_settings;
    file(its_format, stamp, its_settings);
    if (its_format != format) throw StateFileFailure("it has another format");
    if (stamp.name != name) throw StateFileFailure("it is another one");
    if (!are_same(its_settings, settings)) {
        throw StateFileFailure("it was made with other settings");
    }
    state.keep(file);
    file.finish();
    return stamp;
}

}  // namespace recommendation
