#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "news/article.hpp"

namespace search {

/// In which order what is found comes.
enum class Sort { relevance, newest };

/// What somebody looks for. Empty members: any.
struct Question {
    std::string text;  ///< as it was typed: words, "phrases", -without
    std::string news_type{};
    std::string tag{};
    std::string author{};
    std::string language{};
    std::optional<base::Time> from{};  ///< published then or later
    std::optional<base::Time> to{};    ///< published then or earlier
    Sort sort = Sort::relevance;
    std::int64_t limit = 10;
    std::string cursor{};  ///< where it goes on: Found::next
    /// Also drafts, as far as the actor may act on them: an author on the own ones, an editor on
    /// all; nobody else gets any.
    bool drafts = false;
    bool mine = false;  ///< only the actor's own
};

/// An article that was found, and its texts with what was looked for within `<mark>`; all else in
/// them is escaped.
struct Hit {
    std::string news_type;
    news::ArticleId id = 0;
    news::Version version = 0;  ///< that the texts are of: the article may be at another by now
    bool is_draft = false;
    std::string title;
    std::string snippet;
};

/// How many of what was looked at have that value.
struct FacetValue {
    std::string value;
    std::int64_t count = 0;
};

/// What may narrow a search down, most frequent first (months: newest first).
struct Facets {
    std::vector<FacetValue> types;
    std::vector<FacetValue> tags;
    std::vector<FacetValue> authors;
    std::vector<FacetValue> months;  ///< `2026-11`
};

/// What was found.
struct Found {
    std::vector<Hit> hits;
    std::string next;                 ///< the cursor of the next part; empty: this is the last
    std::optional<Facets> facets{};   ///< only of a first part
    std::vector<std::string> failed;  ///< types that are not, or not wholly, in the index yet
};

/// Asks the index. Thread-safe.
class Queries {
public:
    virtual ~Queries() = default;

    /// Refused with `malformed_q` (too many words), `malformed_cursor`, `deadline_passed`, and as
    /// database::Database::read is.
    virtual base::Task<Found> find(Question question, base::Context context) const = 0;
};

}  // namespace search
