#include "item_store.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "entry_store.hpp"
#include "event_json.hpp"
#include "slot_sql.hpp"

namespace news {

namespace {

/// Of a list that no index has as it is asked for, so many places of each stage are looked at.
constexpr std::int64_t walked_max = 1000;

/// ?4 is the stage, ?5 whose list it is.
const SlotSql& walk_sql(ItemIndex index, bool oldest_first, bool or_equal) {
    struct Form {
        const char* time;
        const char* from;
    };
    static constexpr std::array<Form, 5> forms = {{
        {"updated_at", "articles_# where stage = ?4"},
        {"updated_at", "articles_# where created_by = ?5 and stage = ?4"},
        {"updated_at", "articles_# where author = ?5 and stage = ?4"},
        {"at", "article_lists_# where word = ?5 and list = ?4"},
        {"updated_at", "articles_# where stage = ?4"},
    }};
    static const std::vector<SlotSql> all = [] {
        std::vector<SlotSql> made;
        for (const auto& [time, from] : forms) {
            for (std::string compare : {"<", "<=", ">", ">="}) {
                std::string order = compare[0] == '<' ? " desc" : "";
                std::string at(time);
                made.emplace_back("select " + at + ", id from " + from + " and (" + at + ", id) " +
                                  compare + " (?1, ?2) order by " + at + order + ", id" + order +
                                  " limit ?3");
            }
        }
        return made;
    }();
    auto form = static_cast<std::size_t>(index) * 4;
    return all[form + (oldest_first ? 2u : 0u) + (or_equal ? 1u : 0u)];
}

std::optional<base::Time> time_at(const database::Statement& row, int column) {
    auto time = row.integer_or_null(column);
    if (!time) return std::nullopt;
    return base::from_micros(*time);
}

std::vector<Stage> stages_of(const ItemsQuestion& question) {
    if (!question.stages.empty()) return question.stages;
    return {Stage::draft,     Stage::in_review, Stage::approved,
            Stage::scheduled, Stage::published, Stage::killed};
}

/// Whether `a` stands before `b` in that order.
bool is_before(const ListCursor& a, const ListCursor& b, bool oldest_first) {
    return oldest_first ? comes_before(b, a) : comes_before(a, b);
}

/// Where a list begins: behind that place, or at it.
struct Beginning {
    ListCursor place;
    bool or_equal = false;
};

ListCursor first_place(const ItemsQuestion& question) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    if (question.oldest_first) {
        return {question.from ? *question.from : base::from_micros(lowest), -1, ""};
    }
    if (!question.to) return {base::from_micros(highest), highest, ""};
    auto millisecond = std::chrono::floor<std::chrono::milliseconds>(*question.to);
    return {millisecond + std::chrono::milliseconds(1), -1, ""};
}

Beginning beginning_of(const ItemsQuestion& question, const std::string& news_type) {
    Beginning begin{first_place(question)};
    const auto& after = question.after;
    if (!after || !is_before(begin.place, *after, question.oldest_first)) return begin;
    // Two types may have an article of the same time and id: then the type's name decides.
    bool or_equal =
        question.oldest_first ? news_type < after->news_type : news_type > after->news_type;
    return {*after, or_equal};
}

bool is_behind(const ListCursor& place, const Beginning& begin, bool oldest_first) {
    auto at = std::tie(place.published_at, place.id);
    auto from = std::tie(begin.place.published_at, begin.place.id);
    if (at == from) return begin.or_equal;
    return oldest_first ? at > from : at < from;
}

bool is_past_end(const ItemsQuestion& question, base::Time at) {
    if (!question.oldest_first) return question.from && at < *question.from;
    if (!question.to) return false;
    return at >= std::chrono::floor<std::chrono::milliseconds>(*question.to) +
                     std::chrono::milliseconds(1);
}

}  // namespace

ListCursor cursor_of(const Item& item) {
    return {item.updated_at, item.id, item.news_type};
}

bool ItemStore::has_word(const ItemsQuestion& question, Stage stage,
                         const ListCursor& place) const {
    static const SlotSql signed_by(
        "select 1 from articles_# where author = ? and stage = ? and updated_at = ? and +id = ?");
    static const SlotSql listed(
        "select 1 from articles_# a join article_tags_# t"
        " on t.tag = ?2 and t.published_at = a.published_at and t.id = a.id where a.id = ?1");
    auto at = base::to_micros(place.published_at);
    if (!question.author.empty()) {
        auto row = transaction_.prepare(signed_by[slot_]);
        row.bind(1, question.author).bind(2, name_of(stage)).bind(3, at).bind(4, place.id);
        return row.step();
    }
    if (stage == Stage::published) {
        auto row = transaction_.prepare(listed[slot_]);
        row.bind(1, place.id).bind(2, question.tag);
        if (row.step()) return true;
    }
    ListEntry entry{std::string(name_of(stage)), question.tag, at, place.id};
    return stands_in(transaction_, slot_, entry);
}

ItemStore::Walk ItemStore::walk_by(ItemIndex index, const ItemsQuestion& question,
                                   Stage stage) const {
    bool any_word = !question.tag.empty() || !question.author.empty();
    bool looks = index == ItemIndex::looked_at || (index == ItemIndex::owned && any_word);
    auto begin = beginning_of(question, news_type_);
    auto rows = transaction_.prepare(walk_sql(index, question.oldest_first, begin.or_equal)[slot_]);
    rows.bind(1, base::to_micros(begin.place.published_at))
        .bind(2, begin.place.id)
        .bind(3, looks ? walked_max : question.limit)
        .bind(4, name_of(stage));
    if (index == ItemIndex::owned) rows.bind(5, *scope_.owner);
    if (index == ItemIndex::signed_by) rows.bind(5, question.author);
    if (index == ItemIndex::tagged) rows.bind(5, question.tag);
    Walk walk;
    std::int64_t looked_at = 0;
    while (std::ssize(walk.places) < question.limit && rows.step()) {
        ListCursor place{base::from_micros(rows.integer(0)), rows.integer(1), news_type_};
        if (is_past_end(question, place.published_at)) break;
        if (looks && ++looked_at == walked_max) walk.looked_up_to = place;
        if (looks && !has_word(question, stage, place)) continue;
        walk.places.push_back(std::move(place));
    }
    return walk;
}

std::optional<ItemStore::Walk> ItemStore::read_tagged(const ItemsQuestion& question) const {
    static const SlotSql sql(
        "select a.updated_at, a.id from article_tags_# t join articles_# a on a.id = t.id"
        " where t.tag = ? limit ?");
    auto rows = transaction_.prepare(sql[slot_]);
    rows.bind(1, question.tag).bind(2, walked_max + 1);
    auto begin = beginning_of(question, news_type_);
    Walk walk;
    std::int64_t read = 0;
    while (rows.step()) {
        if (++read > walked_max) return std::nullopt;
        ListCursor place{base::from_micros(rows.integer(0)), rows.integer(1), news_type_};
        bool is_asked_for = is_behind(place, begin, question.oldest_first) &&
                            !is_past_end(question, place.published_at);
        if (is_asked_for) walk.places.push_back(std::move(place));
    }
    return walk;
}

ItemStore::Walk ItemStore::walk(const ItemsQuestion& question, Stage stage) const {
    if (!scope_.everybody) return walk_by(ItemIndex::owned, question, stage);
    if (!question.author.empty()) return walk_by(ItemIndex::signed_by, question, stage);
    if (question.tag.empty()) return walk_by(ItemIndex::all, question, stage);
    if (stage != Stage::published) return walk_by(ItemIndex::tagged, question, stage);
    // What is listed is listed by its publication: few are put in order here, of many the next are
    // soon found.
    auto few = read_tagged(question);
    if (!few) return walk_by(ItemIndex::looked_at, question, stage);
    auto under_embargo = walk_by(ItemIndex::tagged, question, stage);
    for (auto& place : under_embargo.places) few->places.push_back(std::move(place));
    return std::move(*few);
}

ItemsPage ItemStore::list(const ItemsQuestion& question) const {
    ItemsPage page;
    if (!scope_.everybody && !scope_.owner) return page;
    std::vector<ListCursor> places;
    auto before = [&](const ListCursor& a, const ListCursor& b) {
        return is_before(a, b, question.oldest_first);
    };
    for (auto stage : stages_of(question)) {
        auto found = walk(question, stage);
        places.insert(places.end(), found.places.begin(), found.places.end());
        const auto& end = found.looked_up_to;
        if (end && (!page.looked_up_to || before(*end, *page.looked_up_to))) {
            page.looked_up_to = end;
        }
    }
    std::sort(places.begin(), places.end(), before);
    // What one stage has beyond that comes after what another one may have there.
    std::erase_if(places, [&](const ListCursor& place) {
        return page.looked_up_to && before(*page.looked_up_to, place);
    });
    if (std::ssize(places) > question.limit) {
        places.resize(static_cast<std::size_t>(question.limit));
    }
    std::vector<ArticleId> ids;
    for (const auto& place : places) ids.push_back(place.id);
    page.items = by_id(ids);
    return page;
}

std::vector<Item> ItemStore::by_id(const std::vector<ArticleId>& ids) const {
    static const SlotSql sql(
        "select version, stage, created_by, created_at, updated_at, published_at, title, slug,"
        " language, embargo_until, expires_at, author, tags from articles_#"
        " left join article_names_# on article = id left join article_workflow_# on item = id"
        " left join article_metadata_# on news = id where id = ?");
    auto row = transaction_.prepare(sql[slot_]);
    std::vector<Item> items;
    for (auto id : ids) {
        row.reset().bind(1, id);
        if (!row.step()) continue;
        Item item;
        item.created_by = row.integer_or_null(2);
        bool is_own = scope_.owner && item.created_by == scope_.owner;
        if (!scope_.everybody && !is_own) continue;
        item.id = id;
        item.version = row.integer(0);
        item.news_type = news_type_;
        item.stage = parse_stage(row.text(1)).value_or(Stage::draft);
        item.created_at = base::from_micros(row.integer(3));
        item.updated_at = base::from_micros(row.integer(4));
        item.published_at = time_at(row, 5);
        item.title = row.text(6);
        item.slug = row.text(7);
        item.language = row.text(8);
        item.embargo_until = time_at(row, 9);
        item.expires_at = time_at(row, 10);
        item.author = row.text(11);
        item.tags = tags_from_json(row.text(12));
        items.push_back(std::move(item));
    }
    return items;
}

ItemCounts ItemStore::count() const {
    static const SlotSql everybodys(
        "select count(*) from (select 1 from articles_# where stage = ?1 limit ?2) as t");
    static const SlotSql owned(
        "select count(*) from (select 1 from articles_# where stage = ?1 and created_by = ?3"
        " limit ?2) as t");
    ItemCounts counts{};
    if (!scope_.everybody && !scope_.owner) return counts;
    auto row = transaction_.prepare((scope_.everybody ? everybodys : owned)[slot_]);
    for (std::size_t i = 0; i < stage_count; ++i) {
        row.reset().bind(1, name_of(static_cast<Stage>(i))).bind(2, counted_max);
        if (!scope_.everybody) row.bind(3, *scope_.owner);
        row.step();
        counts[i] = row.integer(0);
    }
    return counts;
}

}  // namespace news
