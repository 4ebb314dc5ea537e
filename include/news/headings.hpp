#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "news/article.hpp"

namespace news {

/// What is said of a published article where only its page is named, as in a sitemap.
struct Heading {
    ArticleId id = 0;
    std::string title;
    std::string slug;
    std::string language{};  ///< BCP 47; empty: not said
    base::Time published_at{};
    base::Time updated_at{};
    std::optional<base::Time> expires_at{};

    bool operator==(const Heading&) const = default;
};

/// How much was published in a month, of what is published now. In UTC.
struct Month {
    std::string name;  ///< as `2026-11`
    std::int64_t articles = 0;
    /// When something of it was changed last, as far as that is known.
    std::optional<base::Time> changed_at{};

    bool operator==(const Month&) const = default;
};

/// The name of the month of that time.
std::string month_of(base::Time time);
/// When the month of that name begins; nothing for what is none. The last of all has no successor.
std::optional<base::Time> begin_of_month(std::string_view name);
std::optional<std::string> month_after(std::string_view name);

/// Which published articles, in the order of lists.
struct HeadingsQuestion {
    std::optional<base::Time> since{};   ///< published then or later
    std::optional<base::Time> before{};  ///< and before
    std::int64_t skip = 0;
    std::int64_t limit = 1000;
};

/// What sitemaps ask of one news type: published articles without their texts, so that thousands
/// cost what a list of some does. Thread-safe. Refused as Queries is.
class Headings {
public:
    virtual ~Headings() = default;

    virtual base::Task<std::vector<Heading>> headings(HeadingsQuestion question,
                                                      base::Context context) const = 0;
    /// Those months that have articles, the first one first. Kept with each change: asking costs
    /// the same for any number of articles. Refused with `not_counted_yet` (unavailable).
    virtual base::Task<std::vector<Month>> months(base::Context context) const = 0;
};

}  // namespace news
