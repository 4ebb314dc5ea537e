#include "projector.hpp"

#include <algorithm>

#include "bus/archive.hpp"
#include "count_store.hpp"
#include "event_json.hpp"
#include "list_store.hpp"
#include "month_store.hpp"

namespace news {

namespace {

/// Puts what events make of articles into the view, and into its counts.
class Projection {
public:
    Projection(database::Transaction& transaction, Slot slot, const std::string& news_type)
        : transaction_(transaction),
          slot_(slot),
          articles_(transaction, slot, news_type),
          list_counts_(transaction, slot) {}

    /// Events of one article that follow each other. What it is after the last of them is written;
    /// of what was between only the slugs, since each leads to it for ever.
    void add(std::span<const bus::Event> events) {
        // Archived articles are in no list, and their archives say what they are.
        if (bus::is_archived(events.front())) return;
        auto id = events.front().stream;
        // A first version has no row yet, unless the event comes again: then put() sees it.
        bool is_only_first = events.size() == 1 && events.front().version == 1;
        std::optional<ArticleRow> before;
        if (!is_only_first) before = articles_.find(id);
        auto row = before.value_or(ArticleRow{});
        bool is_written = true;
        for (const auto& event : events) {
            if (row.article.version >= event.version) continue;
            auto recorded = recorded_of(event);
            const auto* slug = slug_in(recorded.event);
            if (!is_written && slug && *slug != row.article.slug) {
                write(before, row);
                before = row;
            }
            row = apply(std::move(row), id, recorded);
            is_written = false;
        }
        if (!is_written) write(before, row);
    }

    void finish() {
        counts_.write(transaction_, slot_);
        list_counts_.write();
        months_.write(transaction_, slot_);
    }

private:
    void write(const std::optional<ArticleRow>& before, const ArticleRow& after) {
        if (!put(transaction_, slot_, before, after)) return;
        const auto* was = before ? &before->article : nullptr;
        counts_.add(was, after.article);
        list_counts_.add(was, after.article);
        months_.add(was, after.article);
    }

    database::Transaction& transaction_;
    const Slot slot_;
    ArticleStore articles_;
    CountChanges counts_;
    ListCountChanges list_counts_;
    MonthChanges months_;
};

}  // namespace

void project(database::Transaction& transaction, Slot slot, const std::string& news_type,
             std::span<const bus::Event> events) {
    Projection projection(transaction, slot, news_type);
    while (!events.empty()) {
        auto is_of_another = [&](const bus::Event& event) {
            return event.stream != events.front().stream;
        };
        auto end = std::find_if(events.begin(), events.end(), is_of_another);
        auto count = static_cast<std::size_t>(end - events.begin());
        projection.add(events.first(count));
        events = events.subspan(count);
    }
    projection.finish();
}

void Projector::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    project(transaction, active_slot(transaction), news_type_, events);
}

}  // namespace news
