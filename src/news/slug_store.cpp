#include "slug_store.hpp"

#include "archived_store.hpp"
#include "bus/log.hpp"
#include "event_json.hpp"
#include "slug.hpp"

namespace news {

namespace {

/// Whether it is the slug of an article from before there were slugs.
bool is_from_before(database::ReadTransaction& transaction, const std::string& slug,
                    ArticleId but) {
    auto id = id_in_slug(slug);
    if (!id || *id == but) return false;
    if (auto archived = find_archived(transaction, *id)) return archived->first_slug == slug;
    bool found = false;
    bus::read_stream(transaction, *id, 0, [&](const bus::Event& stored) {
        auto first = event_from_json(stored.type, stored.body);
        const auto* created = std::get_if<ArticleCreated>(&first);
        found = created && created->slug.empty() && slug_from_before(created->title, *id) == slug;
        return false;
    });
    return found;
}

}  // namespace

bool slug_is_taken(database::ReadTransaction& transaction, const std::string& slug, ArticleId id) {
    {
        auto row = transaction.prepare(
            "select 1 from article_slugs where slug = ? and stream <> ? limit 1");
        row.bind(1, slug).bind(2, id);
        if (row.step()) return true;
    }
    return is_from_before(transaction, slug, id);
}

std::string free_slug(database::ReadTransaction& transaction, const std::string& slug,
                      ArticleId id) {
    if (!slug_is_taken(transaction, slug, id)) return slug;
    auto numbered = [&](std::int64_t number) { return slug + "-" + std::to_string(number); };
    auto is_taken = [&](std::int64_t number) {
        return slug_is_taken(transaction, numbered(number), id);
    };
    // In steps that double, and back: a column of the same title every day has thousands.
    std::int64_t taken = 1;
    std::int64_t free = 2;
    while (is_taken(free)) {
        taken = free;
        free *= 2;
    }
    while (free - taken > 1) {
        auto middle = taken + (free - taken) / 2;
        (is_taken(middle) ? taken : free) = middle;
    }
    return numbered(free);
}

bool is_kept(database::ReadTransaction& transaction, const std::string& slug, ArticleId id) {
    auto row = transaction.prepare("select 1 from article_slugs where slug = ? and stream = ?");
    row.bind(1, slug).bind(2, id);
    return row.step();
}

std::vector<TakenSlug> taken_after(database::ReadTransaction& transaction, const TakenSlug& last,
                                   std::int64_t limit) {
    auto rows = transaction.prepare(
        "select slug, stream from article_slugs where (slug, stream) > (?, ?)"
        " order by slug, stream limit ?");
    rows.bind(1, last.slug).bind(2, last.id).bind(3, limit);
    database::RisingKeys<TakenSlug> keys(transaction, "the slugs of its articles", last);
    std::vector<TakenSlug> all;
    while (rows.step()) {
        all.push_back({std::string(rows.text(0)), rows.integer(1)});
        keys.next(all.back());
    }
    return all;
}

std::set<std::string> slugs_in_log(database::ReadTransaction& transaction, ArticleId id) {
    std::set<std::string> slugs;
    bus::read_stream(transaction, id, 0, [&](const bus::Event& stored) {
        auto event = event_from_json(stored.type, stored.body);
        if (const auto* slug = slug_in(event)) slugs.insert(*slug);
        return true;
    });
    return slugs;
}

void take_slug(database::Transaction& transaction, const std::string& slug, ArticleId id) {
    transaction
        .prepare("insert into article_slugs (slug, stream) values (?, ?) on conflict do nothing")
        .bind(1, slug)
        .bind(2, id)
        .run();
}

}  // namespace news
