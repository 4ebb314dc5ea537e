#include "projector.hpp"

#include "count_store.hpp"
#include "event_json.hpp"
#include "list_store.hpp"

namespace news {

void project(database::Transaction& transaction, Slot slot, const std::string& news_type,
             std::span<const bus::Event> events) {
    ArticleStore articles(transaction, slot, news_type);
    CountChanges counts;
    ListCountChanges list_counts(transaction, slot);
    for (const auto& event : events) {
        std::optional<ArticleRow> before;
        // A first version has no row yet, unless the event comes again.
        if (event.version > 1) before = articles.find(event.stream);
        if (before && before->article.version >= event.version) continue;
        auto after = apply(before.value_or(ArticleRow{}), event.stream, recorded_of(event));
        if (!put(transaction, slot, before, after)) continue;
        const auto* was = before ? &before->article : nullptr;
        counts.add(was, after.article);
        list_counts.add(was, after.article);
    }
    counts.write(transaction, slot);
    list_counts.write();
}

void Projector::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    project(transaction, active_slot(transaction), news_type_, events);
}

}  // namespace news
