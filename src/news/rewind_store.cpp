#include "rewind_store.hpp"

#include "archived_store.hpp"
#include "bus/archive.hpp"
#include "bus/call_store.hpp"
#include "slug_store.hpp"

namespace news {

void rewind_commands(database::Transaction& transaction, const std::vector<ArticleId>& later) {
    bus::forget_calls_beyond_log(transaction);
    transaction.execute("delete from article_states");
    transaction.execute("delete from states_filled");
    // No item has this hash: what the source said last it said later, so the next import compares.
    transaction.execute(
        "update sources set item_hash = 'rewound' where source_id in"
        " (select source_id from source_states join sources using (source_id) where version >"
        " (select coalesce(max(events.version), 0) from events"
        " where events.stream = sources.stream))");
    transaction.execute(
        "delete from source_states where source_id in"
        " (select source_id from sources where item_hash = 'rewound')");
    transaction.execute(
        "delete from sources"
        " where not exists (select 1 from events where events.stream = sources.stream)");
    // Slugs are kept by slug: so they are looked through once, not once for each article.
    transaction.execute("create table rewound (stream integer primary key)");
    for (auto stream : later) {
        transaction.prepare("insert into rewound (stream) values (?)").bind(1, stream).run();
    }
    transaction.execute("delete from article_slugs where stream in (select stream from rewound)");
    transaction.execute("drop table rewound");
    for (auto stream : later) {
        // What is archived now was changed after that event, so it was not archived then. The log
        // that was restored has all that its events say.
        bus::forget_archived(transaction, stream);
        drop_archived(transaction, stream);
        for (const auto& slug : slugs_in_log(transaction, stream)) {
            take_slug(transaction, slug, stream);
        }
    }
}

}  // namespace news
