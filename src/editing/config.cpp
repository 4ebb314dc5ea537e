#include "editing/module.hpp"

namespace editing {

void describe(config::Section& section, Config& config) {
    section.integer("working_copy_bytes_max", config.working_copy_bytes_max,
                    {1024, 16 * 1024 * 1024}, "What an unsaved state of an article may take.");
    section.integer("working_copies_per_user_max", config.working_copies_per_user_max, {1, 10000},
                    "How many of these a user may have; a further one is refused.");
    section.integer("notes_per_article_max", config.notes_per_article_max, {1, 100000},
                    "How many notes an article may have; a further one is refused.");
    section.duration("presence_ms", config.presence_ms, {1000, 600 * 1000},
                     "How long after the last sign somebody still has an article open.");
    section.integer("presence_articles_max", config.presence_articles_max, {1, 1000000},
                    "Articles that may be open at once, as far as is remembered.");
    section.duration("preview_h", config.preview_h, {1, 168},
                     "How long a preview link is good if its maker says nothing.");
    section.duration("preview_max_h", config.preview_max_h, {1, 24 * 365},
                     "How long it may be good.");
    describe(section.section("database", "Limits of editing.db."), config.database);
    describe(section.section("bus", "How it is heard what is saved, and who is removed."),
             config.bus);
    if (config.preview_h > config.preview_max_h) {
        section.refuse("preview_h", "is more than preview_max_h");
    }
}

}  // namespace editing
