#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "news/metadata.hpp"

namespace news {

/// The unique number of an article within its type, below 2^53; ids sort by creation time.
using ArticleId = std::int64_t;
/// The number of an article's events.
using Version = std::int64_t;

/// in_review and approved: drafts of a type whose news is reviewed. killed: it was published, and
/// readers are told that it was taken back.
enum class Status { draft, published, removed, in_review, approved, killed };

std::string_view name_of(Status status);
std::optional<Status> parse_status(std::string_view name);

/// What its content is written in. html is news HTML, cleaned when it was written, by whomever: a
/// closed list of elements and attributes (docs/news_html.md), which may be put into a page as it
/// is. markdown comes from imports alone, and is given back as it came; what is written here in
/// markdown becomes html.
enum class ContentFormat { text, html, markdown };

std::string_view name_of(ContentFormat format);
std::optional<ContentFormat> parse_content_format(std::string_view name);

/// Where an article stands with its readers. A draft that has a time is scheduled for then.
struct Publication {
    Status status = Status::draft;
    std::optional<base::Time> published_at{};

    bool operator==(const Publication&) const = default;
};

/// What was left out of a text, by kind: `comment`, `drawing`, `element` (its text stays), `embed`,
/// `event_handler`, `form`, `image`, `link`, `nesting`, `script`, `style`.
struct Dropped {
    std::string_view kind;
    std::int64_t count = 0;

    bool operator==(const Dropped&) const = default;
};

/// What readers are told of a mistake that was set right.
struct Correction {
    std::string note;  ///< 1 to 1,000
    base::Time at{};

    bool operator==(const Correction&) const = default;
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
    /// Its name in addresses, 1 to 200; imported ones may repeat, and be up to 1,000.
    std::string slug{};
    std::string extra{};      ///< a JSON object of the site's own, up to 16 KiB; empty: none
    std::string legacy_id{};  ///< `model:pk` where it was imported from; empty: none
    ContentFormat content_format = ContentFormat::text;
    Metadata metadata{};
    /// What its content lost when it was written: only in the answer to that, each kind once.
    std::vector<Dropped> dropped{};
    /// Until then nobody but its author and editors sees it, whatever its status: until the event
    /// that ends it, a second later at most.
    std::optional<base::Time> embargo_until{};
    std::optional<base::Time> expires_at{};  ///< then it is unpublished
    std::vector<Correction> corrections{};   ///< newest first, up to 100
    std::string notice{};                    ///< of a killed one: why

    bool operator==(const Article&) const = default;
};

/// Whether everybody may see it: the one answer to that, for whatever shows, lists, counts, finds,
/// sends or recommends articles.
bool is_public(const Article& article, base::Time now);

/// Where an article went that became one of another type.
struct MovedTo {
    std::string news_type;
    ArticleId id = 0;

    bool operator==(const MovedTo&) const = default;
};

/// Which article a slug leads to.
struct SlugMatch {
    ArticleId id = 0;
    bool now = false;  ///< it has the slug now; else it had it once

    bool operator==(const SlugMatch&) const = default;
};

}  // namespace news
