// portal replay: what the ranking would have done for recorded visits.
#include <cstdio>
#include <filesystem>

#include "commands.hpp"
#include "run_job.hpp"

namespace portal {

using operations::with_commas;

int replay(Settings&& settings, const std::string& file) {
    auto path = file == "-" ? "/dev/stdin" : std::filesystem::absolute(file).string();
    auto result = run_apart(std::move(settings), "replay", {{"file", path}});
    if (!result) return explain(result.error());
    for (const auto& ranker : result->at("rankers")) {
        std::printf("%s", ranker.at("name").get<std::string>().c_str());
        for (const char* figure : {"HR@5", "HR@10", "MRR@10", "nDCG@10"}) {
            std::printf(" %s=%.4f", figure, ranker.at(figure).get<double>());
        }
        std::printf("\n");
    }
    std::fflush(stdout);
    std::fprintf(stderr, "%s clicks, %s of them asked for.\n",
                 with_commas(result->at("clicks").get<std::int64_t>()).c_str(),
                 with_commas(result->at("asked").get<std::int64_t>()).c_str());
    return done;
}

}  // namespace portal
