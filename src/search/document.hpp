#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "news/article.hpp"
#include "news/events.hpp"

namespace search {

/// Stands between the tags of a document in the store, and in none of them.
inline constexpr char tag_separator = '\x1f';

/// What is kept of an article, to be found by.
struct Document {
    std::int64_t place = 0;  ///< 0: it has none yet
    std::string news_type;
    news::ArticleId article = 0;
    news::Version version = 0;
    std::optional<std::int64_t> owner{};
    bool is_public = false;
    std::optional<base::Time> published_at{};
    std::string language{};  ///< empty: it has said none
    std::string title;
    std::string description;
    std::string author;
    std::vector<std::string> tags;
    std::string content;
    news::ContentFormat format = news::ContentFormat::text;

    bool operator==(const Document&) const = default;
};

/// What becomes of an article by an event; nothing: it is removed, or killed. `document`: what it
/// was, if it was anything. Throws std::runtime_error where the event says too little to be one's
/// first.
std::optional<Document> after(std::optional<Document> document, const news::Event& event);

/// Places order documents by a time, those of everybody at 0 and above, drafts below; so many
/// have the same millisecond.
inline constexpr std::int64_t places_per_millisecond = 1024;
std::int64_t first_place(base::Time time, bool is_public);
base::Time time_of(std::int64_t place);
inline bool is_draft(std::int64_t place) {
    return place < 0;
}

/// What filters ask the index for: `mark("tag", "Football")`.
std::string mark(std::string_view kind, std::string_view value);

}  // namespace search
