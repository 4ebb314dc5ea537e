#include "restricted_pages.hpp"

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
            const auto* key = row->fields.find("page");
            auto page = key ? staging.find("wagtailcore.page", *key) : nullptr;
            const auto* path = page ? page->fields.find("path") : nullptr;
            if (!path || path->text.empty()) continue;
            bool fits = path->text.size() <= tree_path_bytes_max;
            if (!fits || paths.size() == restrictions_max) return std::nullopt;
            paths.push_back(path->text);
        }
    }
    return paths;
}

}  // namespace django
