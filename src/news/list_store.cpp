#include "list_store.hpp"

#include <array>
#include <limits>

#include "slot_sql.hpp"

namespace news {

namespace {

/// Whose list it is: ?5 is the tag, the author or the language.
struct ListSource {
    const char* time;
    const char* from;
};
constexpr std::array<ListSource, 4> sources = {{
    {"published_at", "articles_# where status = 'published'"},
    {"published_at", "article_tags_# where tag = ?5"},
    {"published_at", "articles_# where status = 'published' and author = ?5"},
    {"at", "article_lists_# where list = 'language' and word = ?5"},
}};

std::size_t source_of(const ListFilter& filter) {
    return !filter.tag.empty() ? 1 : !filter.author.empty() ? 2 : !filter.language.empty() ? 3 : 0;
}

/// Every form of the question, each a statement of its own that the index answers.
const SlotSql& places_sql(std::size_t source, bool backwards, bool or_equal) {
    static const std::vector<SlotSql> all = [] {
        std::vector<SlotSql> made;
        for (const auto& [time, from] : sources) {
            for (const char* compare : {"<", "<=", ">", ">="}) {
                std::string order = compare[0] == '<' ? " desc" : "";
                std::string at(time);
                made.emplace_back("select " + at + ", id from " + from + " and (" + at + ", id) " +
                                  compare + " (?1, ?2) order by " + at + order + ", id" + order +
                                  " limit ?3 offset ?4");
            }
        }
        return made;
    }();
    return all[source * 4 + (backwards ? 2u : 0u) + (or_equal ? 1u : 0u)];
}

/// What is counted for one question; a list that is longer has its number kept.
constexpr std::int64_t counted_max = 1000;

/// The name under which the number of a list is kept.
std::string_view kept_name(const ListFilter& filter) {
    return !filter.tag.empty() ? "tag" : !filter.author.empty() ? "author" : "language";
}
const std::string& word_of(const ListFilter& filter) {
    return !filter.tag.empty()      ? filter.tag
           : !filter.author.empty() ? filter.author
                                    : filter.language;
}

std::int64_t count_all(database::ReadTransaction& transaction, Slot slot, const ListFilter& filter,
                       std::int64_t most) {
    static const SlotSql tag(
        "select count(*) from (select 1 from article_tags_# where tag = ?1 limit ?2) as t");
    static const SlotSql author(
        "select count(*) from (select 1 from articles_# where status = 'published'"
        " and author = ?1 limit ?2) as t");
    static const SlotSql language(
        "select count(*) from (select 1 from article_lists_# where list = 'language' and word = ?1"
        " limit ?2) as t");
    auto row = transaction.prepare((!filter.tag.empty()      ? tag
                                    : !filter.author.empty() ? author
                                                             : language)[slot]);
    row.bind(1, word_of(filter)).bind(2, most);
    row.step();
    return row.integer(0);
}

}  // namespace

std::vector<ListCursor> read_places(database::ReadTransaction& transaction, Slot slot,
                                    const std::string& news_type, const PlacesQuestion& question) {
    const auto& [filter, from, backwards, skip, limit, oldest] = question;
    auto source = source_of(filter);
    // Two types may have an article of the same time and id: then the type's name decides.
    bool or_equal = from && (backwards ? news_type < from->news_type : news_type > from->news_type);
    auto end = backwards ? std::numeric_limits<std::int64_t>::min()
                         : std::numeric_limits<std::int64_t>::max();
    BlockStep step{{from ? base::to_micros(from->published_at) : end, from ? from->id : end}, skip};
    if (source == 0 && !backwards) {
        if (or_equal && step.below.id != end) ++step.below.id;
        or_equal = false;
        step = step_over(transaction, slot, step);
    }
    auto rows = transaction.prepare(places_sql(source, backwards, or_equal)[slot]);
    rows.bind(1, step.below.published_at).bind(2, step.below.id).bind(3, limit).bind(4, step.skip);
    if (source > 0) rows.bind(5, word_of(filter));
    std::vector<ListCursor> places;
    while (rows.step()) {
        ListCursor place{base::from_micros(rows.integer(0)), rows.integer(1), news_type};
        bool is_older = oldest && place.published_at < *oldest;
        if (is_older && !backwards) break;
        if (!is_older) places.push_back(std::move(place));
    }
    return places;
}

void keep_author_lists(database::Transaction& transaction, Slot slot, bool wanted) {
    static const SlotSql make(
        "create index if not exists articles_#_author on articles_#"
        " (author, published_at desc, id desc) where status = 'published'");
    static const SlotSql drop("drop index if exists articles_#_author");
    transaction.execute(wanted ? make[slot] : drop[slot]);
    if (wanted) return;
    transaction.prepare("delete from list_counts where slot = ? and list = 'author'")
        .bind(1, letter_of(slot))
        .run();
}

ListCount read_list_count(database::ReadTransaction& transaction, Slot slot,
                          const ListFilter& filter) {
    auto kept = transaction.prepare(
        "select articles from list_counts where slot = ? and list = ? and word = ?");
    kept.bind(1, letter_of(slot)).bind(2, kept_name(filter)).bind(3, word_of(filter));
    if (kept.step()) return {kept.integer(0), true};
    auto counted = count_all(transaction, slot, filter, counted_max + 1);
    return {counted, counted <= counted_max};
}

std::int64_t keep_list_count(database::Transaction& transaction, Slot slot,
                             const ListFilter& filter) {
    // Somebody else may have asked at the same time.
    auto known = read_list_count(transaction, slot, filter);
    if (known.exact) return known.articles;
    auto count = count_all(transaction, slot, filter, std::numeric_limits<std::int64_t>::max());
    transaction.prepare("insert into list_counts (slot, list, word, articles) values (?, ?, ?, ?)")
        .bind(1, letter_of(slot))
        .bind(2, kept_name(filter))
        .bind(3, word_of(filter))
        .bind(4, count)
        .run();
    return count;
}

void forget_list_counts(database::Transaction& transaction, Slot slot) {
    transaction.prepare("delete from list_counts where slot = ?").bind(1, letter_of(slot)).run();
}

std::vector<ListFilter> wrong_list_counts(database::ReadTransaction& transaction, Slot slot) {
    bool is_there = transaction
                        .prepare(
                            "select 1 from schema_migrations where set_name = 'news_query'"
                            " and name = '0003_count_lists'")
                        .step();
    if (!is_there) return {};
    auto rows = transaction.prepare("select list, word, articles from list_counts where slot = ?");
    rows.bind(1, letter_of(slot));
    std::vector<ListFilter> wrong;
    while (rows.step()) {
        ListFilter filter;
        (rows.text(0) == "tag"      ? filter.tag
         : rows.text(0) == "author" ? filter.author
                                    : filter.language) = rows.text(1);
        auto all = count_all(transaction, slot, filter, std::numeric_limits<std::int64_t>::max());
        if (all != rows.integer(2)) wrong.push_back(std::move(filter));
    }
    return wrong;
}

ListCountChanges::ListCountChanges(database::Transaction& transaction, Slot slot)
    : transaction_(transaction), slot_(slot), blocks_(transaction, slot) {
    auto row = transaction.prepare("select 1 from list_counts where slot = ? limit 1");
    any_kept_ = row.bind(1, letter_of(slot)).step();
}

void ListCountChanges::add(const Article* before, const Article& after) {
    blocks_.add(before, after);
    if (!any_kept_) return;
    if (before) add(*before, -1);
    add(after, 1);
}

void ListCountChanges::drop(const Article& article) {
    blocks_.drop(article);
    if (any_kept_) add(article, -1);
}

void ListCountChanges::add(const Article& article, std::int64_t change) {
    if (!is_listed(article)) return;
    changes_[{"author", article.author}] += change;
    for (const auto& tag : article.tags) changes_[{"tag", tag}] += change;
    const auto& language = article.metadata.language;
    if (!language.empty()) changes_[{"language", language}] += change;
}

void ListCountChanges::write() const {
    blocks_.write();
    for (const auto& [list, change] : changes_) {
        if (change == 0) continue;
        transaction_
            .prepare(
                "update list_counts set articles = articles + ? where slot = ? and list = ?"
                " and word = ?")
            .bind(1, change)
            .bind(2, letter_of(slot_))
            .bind(3, list.first)
            .bind(4, list.second)
            .run();
    }
}

}  // namespace news
