#include "restriction_service.hpp"

namespace django {

namespace {

constexpr std::size_t restrictions_max = 100'000;
constexpr std::size_t restrictions_per_question = 200;
/// Wagtail's column has no more.
constexpr std::size_t tree_path_bytes_max = 255;

}  // namespace

std::optional<std::vector<std::string>> restricted_pages(const StagingStore& staging) {
    std::vector<std::string> paths;
    std::string after;
    auto next = [&] {
        return staging.next_rows("wagtailcore.pageviewrestriction", after,
                                 restrictions_per_question);
    };
    for (auto rows = next(); !rows.empty(); rows = next()) {
        for (const auto& row : rows) {
            auto path = staging.restricted_path(*row);
            if (path.empty()) continue;
            bool fits = path.size() <= tree_path_bytes_max;
            if (!fits || paths.size() == restrictions_max) return std::nullopt;
            paths.push_back(std::move(path));
        }
    }
    return paths;
}

}  // namespace django
