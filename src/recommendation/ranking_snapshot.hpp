#pragma once

#include <cstdint>
#include <string>

#include "ranking_state.hpp"

namespace recommendation {

/// What a file says of the ranking in it.
struct SnapshotStamp {
    std::uint64_t name = 0;     ///< chosen by chance
    std::int64_t position = 0;  ///< of the log, up to which it is learned
};

/// What a ranking was made with; another one cannot be read.
struct SnapshotSettings {
    RankingWeights weights{};
    RankingLimits limits{};
};

/// Writes the whole ranking to a file of that name, which is there entirely or not at all. Throws
/// StateFileFailure.
void write_snapshot(const std::string& path, const SnapshotStamp& stamp,
                    const SnapshotSettings& settings, RankingState& state);
/// Reads it into `state`, which has learned nothing. Throws StateFileFailure, also where it is not
/// the one of that name, or was made with other settings: then `state` is to be thrown away.
SnapshotStamp read_snapshot(const std::string& path, std::uint64_t name,
                            const SnapshotSettings& settings, RankingState& state);

}  // namespace recommendation
