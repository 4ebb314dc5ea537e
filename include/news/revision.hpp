#pragma once

#include <optional>
#include <string>
#include <vector>

#include "news/article.hpp"

namespace news {

/// Changed members; what is missing keeps its value.
struct Revision {
    std::optional<std::string> title{};
    std::optional<std::string> description{};
    std::optional<std::string> content{};
    std::optional<std::string> author{};
    std::optional<std::vector<std::string>> tags{};
    std::optional<Status> status{};            ///< draft or published
    std::optional<base::Time> published_at{};  ///< publishes, schedules, or corrects the time
    bool without_time = false;                 ///< published_at is to be none: ends a schedule
    std::optional<std::string> slug{};
    std::optional<std::string> extra{};
    std::optional<ContentFormat> content_format{};  ///< html and markdown: with the content
    std::optional<std::optional<base::Time>> embargo_until{};  ///< none, or past: ends it
    std::optional<std::optional<base::Time>> expires_at{};     ///< none: it does not expire
    MetadataChanges metadata{};
};

/// What is said with an editorial step.
struct Remark {
    /// For those who work on the article; of a correction and a kill for its readers. 0 to 1,000;
    /// needed for hand_back, correct and kill.
    std::string note{};
    Revision changes{};  ///< only with a correction: nothing of publication, embargo and expiry
};

}  // namespace news
