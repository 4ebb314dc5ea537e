#pragma once

#include <string>
#include <vector>

#include "database/database.hpp"
#include "question.hpp"
#include "ranking.hpp"
#include "search/queries.hpp"

namespace search {

/// What is asked of the store.
struct Wanted {
    std::vector<Term> terms;
    std::vector<std::string> languages;  ///< whose stems are tried
    std::vector<std::string> marks;
    /// Places of what everybody may find, from and to, and whether drafts of that time are wanted
    /// too, with these marks besides.
    std::int64_t first = 0;
    std::int64_t last = 0;
    bool drafts = false;
    std::vector<std::string> draft_marks;
    std::int64_t limit = 0;  ///< of each
    bool scored = false;
};

/// The newest that have all of it, newest first, with how well they fit.
std::vector<Candidate> find(database::ReadTransaction& transaction, const Wanted& wanted);

/// What is read of a candidate to count it.
struct Counted {
    std::string news_type;
    std::vector<std::string> tags;
    std::string author;
    std::int64_t place = 0;
};
std::vector<Counted> read_counted(database::ReadTransaction& transaction,
                                  const std::vector<Candidate>& candidates);

/// What is read of one that is shown; nothing if it is not there.
struct Shown {
    std::string news_type;
    news::ArticleId article = 0;
    news::Version version = 0;
    std::string language;
    std::string title;
    std::string description;
    std::string content;
    news::ContentFormat format = news::ContentFormat::text;
};
std::optional<Shown> read_shown(database::ReadTransaction& transaction, std::int64_t place,
                                std::int64_t content_max);

}  // namespace search
