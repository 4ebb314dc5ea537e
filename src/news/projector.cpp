#include "projector.hpp"

#include "event_json.hpp"

namespace news {

void project(database::Transaction& transaction, Slot slot, const std::string& news_type,
             const bus::Event& event) {
    std::optional<ArticleRow> before;
    // A first version has no row yet, unless the event comes again.
    if (event.version > 1) before = ArticleStore(transaction, slot, news_type).find(event.stream);
    if (before && before->article.version >= event.version) return;
    auto after = apply(before.value_or(ArticleRow{}), event.stream, recorded_of(event));
    put(transaction, slot, before, after);
}

void Projector::apply(database::Transaction& transaction, const bus::Event& event) {
    project(transaction, active_slot(transaction), news_type_, event);
}

}  // namespace news
