#include "metadata_store.hpp"

#include "metadata_json.hpp"
#include "slot_sql.hpp"

namespace news {

void put_metadata(database::Transaction& transaction, Slot slot, const Article* before,
                  const Article& article) {
    static const SlotSql upsert(
        "insert into article_metadata_# (news, language, metadata) values (?1, ?2, ?3)"
        " on conflict (news) do update set language = ?2, metadata = ?3");
    static const Metadata none;
    if ((before ? before->metadata : none) == article.metadata) return;
    auto text = metadata_to_json(article.metadata);
    if (text.empty()) return drop_metadata(transaction, slot, article.id);
    transaction.prepare(upsert[slot])
        .bind(1, article.id)
        .bind(2, article.metadata.language)
        .bind(3, text)
        .run();
}

void drop_metadata(database::Transaction& transaction, Slot slot, ArticleId id) {
    static const SlotSql sql("delete from article_metadata_# where news = ?");
    transaction.prepare(sql[slot]).bind(1, id).run();
}

}  // namespace news
