#include "jobs.hpp"

#include <filesystem>
#include <fstream>

#include "base/line_reader.hpp"
#include "base/problems.hpp"
#include "click_json.hpp"
#include "replay.hpp"

namespace recommendation {

namespace {

using nlohmann::json;

constexpr std::size_t line_bytes_max = 1024 * 1024;
constexpr std::int64_t told_every = 1000;
/// The same file gives the same figures, also of chance.
constexpr std::uint64_t seed = 1;

json figures_of(const Replay& replay) {
    auto rankers = json::array();
    for (const auto& score : replay.scores()) {
        rankers.push_back({{"name", score.ranker},
                           {"HR@5", score.hit_rate_5},
                           {"HR@10", score.hit_rate_10},
                           {"MRR@10", score.reciprocal_rank_10},
                           {"nDCG@10", score.discounted_gain_10}});
    }
    return {
        {"rankers", std::move(rankers)}, {"clicks", replay.clicks()}, {"asked", replay.asked()}};
}

base::Error at_line(std::int64_t number, base::Error error) {
    error.message = "line " + std::to_string(number) + ": " + error.message;
    return error;
}

base::Result<json> replay_file(const RankingWeights& weights, const std::string& path,
                               operations::Progress& progress) {
    std::ifstream input(path, std::ios::binary);
    if (!input) return base::malformed("file_unreadable", "the file " + path + " cannot be read.");
    std::error_code unknown;
    auto size = static_cast<std::int64_t>(std::filesystem::file_size(path, unknown));
    if (unknown) size = 0;
    Replay replay(weights, seed);
    base::LineReader lines(input, line_bytes_max);
    for (std::int64_t number = 1; lines.next(); ++number) {
        if (progress.stop) {
            return base::Error{base::Reason::unavailable, "stopped", "it was stopped."};
        }
        if (number % told_every == 0) {
            progress.tell(lines.bytes_read(), size, std::to_string(replay.clicks()) + " clicks");
        }
        if (lines.too_long()) {
            return at_line(number, base::malformed("malformed_click", "it is longer than 1 MiB."));
        }
        if (lines.line().find_first_not_of(" \t\r") == std::string::npos) continue;
        auto click = click_from_json(lines.line());
        if (!click) return at_line(number, click.error());
        auto taken = replay.take(*click);
        if (!taken) return at_line(number, taken.error());
    }
    return {boost::system::in_place_value, figures_of(replay)};
}

}  // namespace

operations::NamedJob replay_job(const RankingWeights& weights) {
    return {"replay", [weights](const json& arguments, operations::Progress& progress) {
                return replay_file(weights, arguments.at("file").get<std::string>(), progress);
            }};
}

}  // namespace recommendation
