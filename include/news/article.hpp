#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace news {

/// The unique number of an article within its type, below 2^53; ids sort by creation time.
using ArticleId = std::int64_t;
/// The number of an article's events.
using Version = std::int64_t;

enum class Status { draft, published, removed };

std::string_view name_of(Status status);
std::optional<Status> parse_status(std::string_view name);

/// Where an article stands with its readers. A draft that has a time is scheduled for then.
struct Publication {
    Status status = Status::draft;
    std::optional<base::Time> published_at{};

    bool operator==(const Publication&) const = default;
};

/// One news item at one version, as the public API shows it. Lengths count code points. What the
/// rules remember of it, and what the view stores, are other types, of this module alone.
struct Article {
    ArticleId id = 0;
    Version version = 0;
    std::string title;              ///< 1 to 200
    std::string description;        ///< 0 to 500
    std::string content;            ///< 1 to 200,000
    std::string author;             ///< the byline, 1 to 50
    std::vector<std::string> tags;  ///< up to 20, each 1 to 50, trimmed
    std::string news_type;
    Status status = Status::draft;
    base::Time created_at{};
    base::Time updated_at{};                   ///< the time of its last event
    std::optional<base::Time> published_at{};  ///< a draft that has one is scheduled for then

    bool operator==(const Article&) const = default;
};

}  // namespace news
