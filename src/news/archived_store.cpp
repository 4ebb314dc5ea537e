#include "archived_store.hpp"

#include <stdexcept>

#include "event_json.hpp"
#include "slug.hpp"
#include "version_store.hpp"

namespace news {

namespace {

/// Of the articles that have one name, so many with the highest ids are looked at.
constexpr std::int64_t archived_candidates_max = 100;

const std::string archived_columns =
    "id, version, published_at, created_by, slug, first_slug, legacy_id";

ArchivedArticle read_archived(const database::Statement& row) {
    ArchivedArticle article;
    article.id = row.integer(0);
    article.version = row.integer(1);
    article.published_at = base::from_micros(row.integer(2));
    article.created_by = row.integer_or_null(3);
    article.slug = row.text(4);
    if (auto first = row.text_or_null(5)) article.first_slug = std::string(*first);
    article.legacy_id = row.text(6);
    return article;
}

NameMatch match_of(const ArchivedArticle& article, bool now) {
    return {article.id, 0, now, base::to_micros(article.published_at)};
}

}  // namespace

ArchivedArticle archived_article(const std::vector<bus::LinkedEvent>& events) {
    ArticleState state;
    std::optional<std::string> first_slug;
    for (const auto& [event, previous] : events) {
        auto recorded = recorded_of(event);
        state = apply(std::move(state), event.stream, recorded);
        bool is_from_before = state.version == 1 && !slug_in(recorded.event);
        if (is_from_before) first_slug = state.slug;
    }
    if (state.status != Status::published || !state.published_at) {
        throw std::logic_error("only what is published is archived");
    }
    return {state.id,   state.version, *state.published_at, state.created_by,
            state.slug, first_slug,    state.legacy_id};
}

ArticleState standing_of(const ArchivedArticle& article) {
    ArticleState state;
    state.id = article.id;
    state.version = article.version;
    state.status = Status::published;
    state.published_at = article.published_at;
    state.created_by = article.created_by;
    state.slug = article.slug;
    state.legacy_id = article.legacy_id;
    return state;
}

std::optional<ArchivedArticle> find_archived(database::ReadTransaction& transaction, ArticleId id) {
    static const std::string sql =
        "select " + archived_columns + " from archived_articles where id = ?";
    auto row = transaction.prepare(sql);
    row.bind(1, id);
    if (!row.step()) return std::nullopt;
    return read_archived(row);
}

bool has_archived(database::ReadTransaction& transaction) {
    return transaction.prepare("select 1 from archived_articles limit 1").step();
}

void put_archived(database::Transaction& transaction, const ArchivedArticle& article) {
    static const std::string sql =
        "insert into archived_articles (" + archived_columns + ") values (?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare(sql)
        .bind(1, article.id)
        .bind(2, article.version)
        .bind(3, base::to_micros(article.published_at))
        .bind(4, article.created_by)
        .bind(5, article.slug)
        .bind(6, article.first_slug)
        .bind(7, article.legacy_id)
        .run();
}

void drop_archived(database::Transaction& transaction, ArticleId id) {
    transaction.prepare("delete from archived_articles where id = ?").bind(1, id).run();
}

std::optional<NameMatch> find_archived_by_slug(database::ReadTransaction& transaction,
                                               const std::string& slug) {
    static const std::string sql =
        "select " + archived_columns +
        " from archived_articles where id in"
        " (select stream from article_slugs where slug = ?1 order by stream desc limit ?2)";
    std::optional<NameMatch> best;
    auto rows = transaction.prepare(sql);
    rows.bind(1, slug).bind(2, archived_candidates_max);
    while (rows.step()) {
        auto article = read_archived(rows);
        best = better_of(best, match_of(article, article.slug == slug));
    }
    // Those from before slugs stand nowhere; they have their article's id in them.
    auto id = id_in_slug(slug);
    auto from_before = id ? find_archived(transaction, *id) : std::nullopt;
    if (from_before && from_before->first_slug == slug) {
        best = better_of(best, match_of(*from_before, from_before->slug == slug));
    }
    return best;
}

std::optional<NameMatch> find_archived_by_legacy_id(database::ReadTransaction& transaction,
                                                    const std::string& legacy_id) {
    static const std::string sql = "select " + archived_columns +
                                   " from archived_articles where legacy_id = ?1"
                                   " and legacy_id <> '' order by id desc limit ?2";
    std::optional<NameMatch> best;
    auto rows = transaction.prepare(sql);
    rows.bind(1, legacy_id).bind(2, archived_candidates_max);
    while (rows.step()) best = better_of(best, match_of(read_archived(rows), true));
    return best;
}

std::optional<ArticleState> read_standing(database::ReadTransaction& transaction, ArticleId id) {
    if (auto archived = find_archived(transaction, id)) return standing_of(*archived);
    return read_state(transaction, id);
}

std::vector<ArticleId> view_debts(database::ReadTransaction& transaction) {
    std::vector<ArticleId> ids;
    auto rows = transaction.prepare("select article from view_debts order by article");
    while (rows.step()) ids.push_back(rows.integer(0));
    return ids;
}

void add_view_debt(database::Transaction& transaction, ArticleId id) {
    transaction.prepare("insert into view_debts (article) values (?) on conflict do nothing")
        .bind(1, id)
        .run();
}

void pay_view_debt(database::Transaction& transaction, ArticleId id) {
    transaction.prepare("delete from view_debts where article = ?").bind(1, id).run();
}

}  // namespace news
