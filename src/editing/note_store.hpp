#pragma once

#include <vector>

#include "database/database.hpp"
#include "editing/desk.hpp"

namespace editing {

/// What is said about articles by those who work on them.
class NoteStore {
public:
    NoteStore(database::Database& database, const base::Clock& clock, std::int64_t per_article_max)
        : database_(database), clock_(clock), per_article_max_(per_article_max) {}

    /// Refused with `too_many_notes`, `idempotency_key_reused`.
    base::Task<Note> add(ArticleName article, std::string text, base::Command command);
    base::Task<std::vector<Note>> list(ArticleName article, std::optional<std::int64_t> before,
                                       std::int64_t limit, base::Deadline deadline) const;
    /// Refused with `forbidden` if it is another's and the actor no editor.
    base::Task<void> remove(ArticleName article, std::int64_t note, base::Context context);

private:
    database::Database& database_;
    const base::Clock& clock_;
    const std::int64_t per_article_max_;
};

}  // namespace editing
