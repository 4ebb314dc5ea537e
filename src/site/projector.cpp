#include "projector.hpp"

#include "count_store.hpp"
#include "news/events.hpp"

namespace site {

void Projector::apply(database::Transaction& transaction, const bus::Event& event) {
    auto state = state_after(news::article_event(event));
    CountWriter(transaction, news_type_).count(event.stream, event.version, state);
}

}  // namespace site
