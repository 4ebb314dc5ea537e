#include "heading_store.hpp"

#include "list_store.hpp"
#include "slot_sql.hpp"

namespace news {

std::vector<Heading> read_headings(database::ReadTransaction& transaction, Slot slot,
                                   const std::string& news_type, const HeadingsQuestion& question,
                                   base::Time now) {
    // Columns that stand before the content alone, so that no text is read.
    static const SlotSql sql(
        "select updated_at, title, slug, expires_at,"
        " (select language from article_metadata_# where news = id) from articles_#"
        " left join article_names_# on article = id left join article_workflow_# on item = id"
        " where id = ?");
    PlacesQuestion places;
    // Behind this stands all that was published before.
    if (question.before) places.from = ListCursor{*question.before, 0, ""};
    places.skip = question.skip;
    places.limit = question.limit;
    auto row = transaction.prepare(sql[slot]);
    std::vector<Heading> headings;
    for (const auto& place : read_places(transaction, slot, news_type, places)) {
        if (question.since && place.published_at < *question.since) break;
        row.reset().bind(1, place.id);
        if (!row.step()) continue;
        Heading heading;
        heading.id = place.id;
        heading.published_at = place.published_at;
        heading.updated_at = base::from_micros(row.integer(0));
        heading.title = row.text(1);
        heading.slug = row.text(2);
        if (auto at = row.integer_or_null(3)) heading.expires_at = base::from_micros(*at);
        heading.language = row.text(4);
        if (!heading.expires_at || *heading.expires_at > now) headings.push_back(heading);
    }
    return headings;
}

}  // namespace news
