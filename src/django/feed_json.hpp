#pragma once

#include <string>

#include "feed.hpp"

namespace django {

/// As the bridge reads them: `{"changes": […], "next": 6, "head": 6, "lag_s": 2}`.
std::string to_json(const FeedPage& page);
/// `{"record": {"model", "pk", "fields"}}`.
std::string record_json(const FeedChange& change);

}  // namespace django
