#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace django {

/// Somebody with an account, as the old site has them. `password` is Django's text of the hash,
/// never to be shown.
struct Person {
    std::string legacy_id;  ///< `auth.user:7`
    std::string login;
    std::string email{};  ///< may be empty
    std::string name{};
    std::string password{};
    bool active = false;
    std::optional<base::Time> registered_at{};
    std::string role = "reader";
    /// The keys of its tokens of REST framework, never to be shown; nothing: the mapping does not
    /// say.
    std::optional<std::vector<std::string>> tokens{};
};

/// Whether readers may see it. What is not clearly public is a draft; a draft with a time is
/// scheduled.
enum class State { draft, published };

/// A picture, by its address.
struct Image {
    std::string address;
    std::string alt{};
    std::string caption{};
    std::string credit{};
    bool operator==(const Image&) const = default;
};

/// A public note on what was wrong.
struct Correction {
    std::string kind = "correction";
    std::string text;
    std::optional<base::Time> at{};
    bool operator==(const Correction&) const = default;
};

/// What an article says at one time. Text is UTF-8; what is over a length limit of a new article is
/// here whole, but for the byline, whose full form is in `extra` then.
struct Content {
    std::string type;
    std::string title;
    std::string description{};
    std::string content;
    std::string content_format = "text";  ///< text, html or markdown
    std::string author;                   ///< the byline
    std::vector<std::string> tags{};
    std::string slug{};
    std::string language{};
    std::vector<Image> images{};  ///< the first is the lead
    std::string extra = "{}";     ///< a JSON object
    bool operator==(const Content&) const = default;
};

/// An older state of an article.
struct PastContent {
    Content content;
    std::optional<base::Time> at{};
    std::string by{};  ///< legacy_id of who did it; empty: not known
};

/// An article, as the mapping makes it of a row.
struct Item {
    std::string legacy_id;             ///< `news.article:12`
    std::optional<std::int64_t> id{};  ///< its pk, if that can be an id: 1 to 2^53 - 1
    Content content;
    State state = State::draft;
    bool is_clear = true;                      ///< nothing that says so was missing
    std::optional<base::Time> published_at{};  ///< of a draft: that it is scheduled for
    /// Of a draft that was public until a time that is past: since when.
    std::optional<base::Time> was_published_at{};
    std::optional<base::Time> created_at{};
    std::optional<base::Time> updated_at{};
    std::optional<base::Time> expires_at{};
    std::string owner{};                 ///< legacy_id of a person; empty: nobody
    std::vector<std::string> authors{};  ///< legacy_ids of persons
    std::vector<std::string> related{};  ///< legacy_ids of items
    std::vector<Correction> corrections{};
    std::string canonical_url{};
    std::string path{};                  ///< where it was found on the old site, as /2026/05/a/
    std::vector<PastContent> history{};  ///< the oldest first, without what is there now
    std::string updated_by{};            ///< legacy_id of who made what is there now
    /// Of its old states: those that readers have not got to see yet, and those that change nothing
    /// that the mapping reads. They are left out of `history`.
    std::int64_t later_drafts = 0;
    std::int64_t unchanged_states = 0;
};

/// What is odd about a row that is taken all the same.
struct Warning {
    std::string kind;
    std::string text;
};

/// An old address and where it leads, both paths or addresses.
struct Redirect {
    std::string from;
    std::string to;
    bool permanent = true;
    std::string legacy_id{};  ///< `redirects.redirect:7`
};

/// A word for it, as the API has it.
inline std::string_view name_of(State state) {
    return state == State::published ? "published" : "draft";
}

}  // namespace django
