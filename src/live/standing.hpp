#pragma once

#include <string>
#include <vector>

#include "news/article.hpp"
#include "news/events.hpp"

namespace live {

/// What has to be known of an article to tell what an event of it is to its readers.
struct Standing {
    bool is_public = false;
    std::vector<std::string> tags{};

    bool operator==(const Standing&) const = default;
};

/// As an article was at one of its versions.
Standing standing_of(const news::Article& article);
/// After one more event.
Standing after(Standing standing, const news::Event& event);
/// Under which tags somebody saw or sees the article: who hears of that change.
std::vector<std::string> tags_of(const Standing& before, const Standing& now);

}  // namespace live
