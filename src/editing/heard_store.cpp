#include "heard_store.hpp"

#include "preview_store.hpp"
#include "users/events.hpp"

namespace editing {

namespace {

// Their names alone are looked at: what else they say is no business of this store.
bool saves(const bus::Event& event) {
    return event.type.starts_with("article_revised.") ||
           event.type.starts_with("article_corrected.") ||
           event.type.starts_with("article_restored.");
}
bool kills(const bus::Event& event) {
    return event.type.starts_with("article_killed.");
}
bool removes(const bus::Event& event) {
    return event.type.starts_with("article_removed.");
}

void forget_saved(database::Transaction& transaction, const std::string& news_type,
                  const bus::Event& event) {
    // What was kept since then is newer than what was saved.
    transaction
        .prepare(
            "delete from working_copies"
            " where news_type = ?1 and article = ?2 and user = ?3 and saved_at <= ?4")
        .bind(1, news_type)
        .bind(2, event.stream)
        .bind(3, event.actor)
        .bind(4, base::to_micros(event.recorded_at))
        .run();
}

/// Its notes stay: it may be restored, and then they are worth as much as before.
void forget_unsaved(database::Transaction& transaction, const std::string& news_type,
                    const bus::Event& event) {
    transaction.prepare("delete from working_copies where news_type = ?1 and article = ?2")
        .bind(1, news_type)
        .bind(2, event.stream)
        .run();
}

}  // namespace

void SavedArticles::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    for (const auto& event : events) {
        if (saves(event) && event.actor) forget_saved(transaction, news_type_, event);
        if (removes(event)) forget_unsaved(transaction, news_type_, event);
        if (!removes(event) && !kills(event)) continue;
        ArticleName article{news_type_, event.stream};
        end_preview_links(transaction, article, event.recorded_at, links_life_);
    }
}

void RemovedUsers::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    for (const auto& event : events) {
        if (event.type != users::user_removed) continue;
        for (const char* sql :
             {"delete from working_copies where user = ?", "delete from notes where user = ?"}) {
            transaction.prepare(sql).bind(1, event.stream).run();
        }
    }
}

}  // namespace editing
