#pragma once

#include "editing/desk.hpp"
#include "news/types.hpp"
#include "note_store.hpp"
#include "presence.hpp"
#include "preview_store.hpp"
#include "working_copy_store.hpp"

namespace editing {

/// Asks the news who may work on an article, and the stores for what there is. Thread-safe.
class DeskService final : public Desk {
public:
    struct Stores {
        WorkingCopyStore& working_copies;
        NoteStore& notes;
        PreviewStore& previews;
    };
    struct Limits {
        std::int64_t working_copy_bytes_max;
        std::chrono::hours preview;
        std::chrono::hours preview_max;
    };
    DeskService(Stores stores, Presence& presence, const news::Types& types,
                const base::Clock& clock, const Limits& limits)
        : stores_(stores), presence_(presence), types_(types), clock_(clock), limits_(limits) {}

    base::Task<WorkingCopy> keep(WorkingCopy copy, base::Context context) override;
    base::Task<std::optional<WorkingCopy>> working_copy(ArticleName article,
                                                        base::Context context) override;
    base::Task<void> discard(ArticleName article, base::Context context) override;
    base::Task<std::vector<WorkingCopy>> working_copies(base::Context context) override;

    base::Task<Note> add_note(ArticleName article, std::string text,
                              base::Command command) override;
    base::Task<std::vector<Note>> notes(ArticleName article, std::optional<std::int64_t> before,
                                        std::int64_t limit, base::Context context) override;
    base::Task<void> remove_note(ArticleName article, std::int64_t note,
                                 base::Context context) override;

    base::Task<std::vector<Present>> arrive(ArticleName article, base::Context context) override;
    base::Task<std::vector<Present>> present(ArticleName article, base::Context context) override;
    base::Task<void> leave(ArticleName article, base::Context context) override;

    base::Task<PreviewLink> link(ArticleName article, std::optional<std::int64_t> hours,
                                 base::Context context) override;
    base::Task<void> end_links(ArticleName article, base::Context context) override;
    base::Task<void> end_all_links(base::Context context) override;
    base::Task<Preview> preview(std::string token, base::Context context) override;

private:
    const news::Queries* queries_of(const std::string& news_type) const;
    base::Task<bool> is_worked_on(ArticleName article, base::Context context) const;
    /// Refused unless the actor may work on the article.
    base::Task<void> admit(ArticleName article, base::Context context) const;
    /// The same, and that the actor is somebody; gives who.
    base::Task<std::int64_t> admit_user(ArticleName article, base::Context context) const;

    const Stores stores_;
    Presence& presence_;
    const news::Types& types_;
    const base::Clock& clock_;
    const Limits limits_;
};

}  // namespace editing
