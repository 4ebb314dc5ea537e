#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "news/queries.hpp"
#include "recommendation/rankings.hpp"

namespace orchestrator {

/// An item of a ranked list, and why it stands there.
struct RankedItem {
    news::Article article;
    std::vector<recommendation::Reason> reasons{};
};

/// A ranked list as it is answered.
struct RankedListing {
    std::vector<RankedItem> items{};
    std::optional<bool> personal{};                    ///< nothing: that is not asked
    std::optional<std::optional<std::string>> next{};  ///< nothing: there are no pages
    std::vector<std::string> failed{};                 ///< types that could not answer
};

/// The body of api/openapi.yaml. `explained`: items have `reasons`.
std::string ranked_body(const RankedListing& listing, const std::vector<std::string>& fields,
                        bool explained);
/// The items of `{"reads": ["sports/17"]}`, the newest last; refused with `malformed_reads`.
base::Result<std::vector<recommendation::ArticleName>> reads_from_json(const nlohmann::json& body);

}  // namespace orchestrator
