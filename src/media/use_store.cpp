#include "use_store.hpp"

#include "news/events.hpp"
#include "uses.hpp"

namespace media {

namespace {

/// One article, as the tables have it.
class Article {
public:
    Article(database::Transaction& transaction, const std::string& news_type, std::int64_t id)
        : transaction_(transaction), news_type_(news_type), id_(id) {}

    void shows(const std::string& content) { show("in_content", items_in(content)); }
    void shows(const std::vector<news::Image>& images) {
        std::set<ItemId> items;
        for (const auto& image : images) items.insert(image.media);
        show("in_images", items);
    }
    void is_public(bool shown) {
        const char* sql = shown ? "insert into published (news_type, article) values (?1, ?2)"
                                  " on conflict (news_type, article) do nothing"
                                : "delete from published where news_type = ?1 and article = ?2";
        transaction_.prepare(sql).bind(1, news_type_).bind(2, id_).run();
    }
    void forget_uses() { change("delete from uses where news_type = ?1 and article = ?2"); }

private:
    /// `where`: the column that says so.
    void show(const std::string& where, const std::set<ItemId>& items) {
        const std::string of_article = " where news_type = ?1 and article = ?2";
        change("update uses set " + where + " = 0" + of_article);
        for (auto item : items) {
            transaction_
                .prepare("insert into uses (item, news_type, article, " + where +
                         ") values (?1, ?2, ?3, 1) on conflict (item, news_type, article) do"
                         " update set " +
                         where + " = 1")
                .bind(1, item)
                .bind(2, news_type_)
                .bind(3, id_)
                .run();
        }
        change("delete from uses" + of_article + " and in_content = 0 and in_images = 0");
    }
    void change(const std::string& sql) {
        transaction_.prepare(sql).bind(1, news_type_).bind(2, id_).run();
    }

    database::Transaction& transaction_;
    const std::string& news_type_;
    const std::int64_t id_;
};

/// What an event says of the pictures that the article shows: most say nothing.
void happen(Article& article, const news::ArticleCreated& created) {
    article.shows(created.content);
    article.shows(created.metadata.images);
}

void happen(Article& article, const news::ArticleRevised& revised) {
    if (revised.content) article.shows(*revised.content);
    if (revised.metadata.images) article.shows(*revised.metadata.images);
}

void happen(Article& article, const news::ArticleCorrected& corrected) {
    happen(article, corrected.changed);
}

/// It may be restored, but from what it was: until then it shows nothing.
void happen(Article& article, const news::ArticleRemoved&) {
    article.forget_uses();
}

/// Likewise: nothing keeps a picture that should never have been shown.
void happen(Article& article, const news::ArticleKilled&) {
    article.forget_uses();
}

void happen(Article& article, const news::ArticleRestored& restored) {
    article.shows(restored.content);
    article.shows(restored.metadata.images);
}

template <class Other>
void happen(Article&, const Other&) {}

}  // namespace

void UseStore::hear(database::Transaction& transaction, const bus::Event& event) {
    Article article(transaction, news_type_, event.stream);
    auto said = news::article_event(event);
    std::visit([&](const auto& one) { happen(article, one); }, said);
    if (auto shown = news::public_after(said)) article.is_public(*shown);
}

void UseStore::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    for (const auto& event : events) hear(transaction, event);
}

}  // namespace media
