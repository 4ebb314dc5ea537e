#include "block_store.hpp"

#include <optional>

#include "slot_sql.hpp"

namespace news {

namespace {

/// Below every article.
constexpr BlockPlace lowest_place{std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<ArticleId>::min()};

struct Block {
    BlockPlace place;
    std::int64_t articles = 0;
};

/// The blocks of one level of a slot, and the articles in them.
class Level {
public:
    Level(database::ReadTransaction& transaction, Slot slot, int number)
        : transaction_(transaction), slot_(slot), number_(number) {}

    /// The highest block that begins below a place.
    std::optional<Block> below(const BlockPlace& place) const {
        return one(
            "select published_at, id, articles from list_blocks where slot = ?1 and level = ?2"
            " and (published_at, id) < (?3, ?4) order by published_at desc, id desc limit 1",
            place);
    }
    /// The block that an article of that place stands in.
    std::optional<Block> of(const BlockPlace& place) const {
        return one(
            "select published_at, id, articles from list_blocks where slot = ?1 and level = ?2"
            " and (published_at, id) <= (?3, ?4) order by published_at desc, id desc limit 1",
            place);
    }
    std::optional<Block> above(const BlockPlace& place) const {
        return one(
            "select published_at, id, articles from list_blocks where slot = ?1 and level = ?2"
            " and (published_at, id) > (?3, ?4) order by published_at, id limit 1",
            place);
    }

    /// Goes over whole blocks from the step on, while they are not too many and do not begin
    /// before `end`.
    void walk(BlockStep& step, const BlockPlace& end) const {
        auto rows = transaction_.prepare(
            "select published_at, id, articles from list_blocks where slot = ?1 and level = ?2"
            " and (published_at, id) < (?3, ?4) and (published_at, id) >= (?5, ?6)"
            " order by published_at desc, id desc");
        bind(rows, step.below);
        rows.bind(5, end.published_at).bind(6, end.id);
        while (rows.step()) {
            auto articles = rows.integer(2);
            if (articles > step.skip) return;
            step.skip -= articles;
            step.below = {rows.integer(0), rows.integer(1)};
        }
    }

    /// The place at which the first `count` entries from `from` on end, upwards, or a little behind
    /// them: of an article, or of a block of the level below. Gives how many there are before it.
    std::optional<Block> end_of(const BlockPlace& from, std::int64_t count) const {
        static const SlotSql entry(
            "select published_at, id from articles_# where status = 'published'"
            " and (published_at, id) >= (?1, ?2) order by published_at, id limit 1 offset ?3");
        if (number_ == 0) {
            auto row = transaction_.prepare(entry[slot_]);
            row.bind(1, from.published_at).bind(2, from.id).bind(3, count);
            if (!row.step()) return std::nullopt;
            return Block{{row.integer(0), row.integer(1)}, count};
        }
        auto rows = transaction_.prepare(
            "select published_at, id, articles from list_blocks where slot = ?1 and level = ?2 - 1"
            " and (published_at, id) >= (?3, ?4) order by published_at, id");
        bind(rows, from);
        std::int64_t passed = 0;
        while (rows.step()) {
            if (passed >= count) return Block{{rows.integer(0), rows.integer(1)}, passed};
            passed += rows.integer(2);
        }
        return std::nullopt;
    }

    /// Articles from the place on, which is in, up to `end`, which is not.
    std::int64_t count(const BlockPlace& from, const BlockPlace& end) const {
        static const SlotSql sql(
            "select count(*) from articles_# where status = 'published'"
            " and (published_at, id) >= (?1, ?2) and (published_at, id) < (?3, ?4)");
        auto row = transaction_.prepare(sql[slot_]);
        row.bind(1, from.published_at).bind(2, from.id).bind(3, end.published_at).bind(4, end.id);
        row.step();
        return row.integer(0);
    }

    std::vector<Block> all() const {
        auto rows = transaction_.prepare(
            "select published_at, id, articles from list_blocks where slot = ?1 and level = ?2"
            " order by published_at, id");
        rows.bind(1, letter_of(slot_)).bind(2, number_);
        std::vector<Block> blocks;
        while (rows.step()) blocks.push_back(read(rows));
        return blocks;
    }

private:
    static Block read(const database::Statement& row) {
        return {{row.integer(0), row.integer(1)}, row.integer(2)};
    }
    void bind(database::Statement& statement, const BlockPlace& place) const {
        statement.bind(1, letter_of(slot_))
            .bind(2, number_)
            .bind(3, place.published_at)
            .bind(4, place.id);
    }
    std::optional<Block> one(const char* sql, const BlockPlace& place) const {
        auto row = transaction_.prepare(sql);
        bind(row, place);
        if (!row.step()) return std::nullopt;
        return read(row);
    }

    database::ReadTransaction& transaction_;
    Slot slot_;
    std::int64_t number_;
};

/// Changes the blocks of one level.
class LevelChange {
public:
    LevelChange(database::Transaction& transaction, Slot slot, int number, const BlockSizes& sizes)
        : transaction_(transaction),
          slot_(slot),
          number_(number),
          most_(sizes.most[number]),
          level_(transaction, slot, number) {}

    void insert(const Block& block) {
        run("insert into list_blocks (slot, level, published_at, id, articles)"
            " values (?1, ?2, ?3, ?4, ?5)",
            block);
    }
    /// Adds what changes below each place to its block; gives the blocks that are another size.
    std::vector<Block> apply(const std::map<BlockPlace, std::int64_t>& changes) {
        std::vector<Block> changed;
        for (auto at = changes.rbegin(); at != changes.rend();) {
            auto block = level_.of(at->first);
            if (!block) transaction_.damaged("the blocks of the list do not begin before it");
            std::int64_t change = 0;
            for (; at != changes.rend() && at->first >= block->place; ++at) change += at->second;
            if (change == 0) continue;
            add({block->place, change});
            changed.push_back({block->place, change});
        }
        return changed;
    }
    /// Gives a block that grew or shrank the size that it should have.
    void settle(const Block& changed) {
        auto block = level_.of(changed.place);
        // Joined with its neighbour already.
        if (!block || block->place != changed.place) return;
        split(*block);
        if (changed.articles > 0) return;
        if (auto next = level_.above(block->place)) join(*next);
        if (block = level_.of(changed.place); block) join(*block);
    }
    void split(Block block) {
        while (block.articles > most_) {
            auto end = level_.end_of(block.place, most_ / 2);
            if (!end || end->articles >= block.articles) return;
            Block rest{end->place, block.articles - end->articles};
            add({block.place, -rest.articles});
            insert(rest);
            block = rest;
        }
    }

private:
    void add(const Block& change) {
        run("update list_blocks set articles = articles + ?5 where slot = ?1 and level = ?2"
            " and published_at = ?3 and id = ?4",
            change);
    }
    void join(const Block& block) {
        auto lower = level_.below(block.place);
        if (!lower || lower->articles + block.articles > most_ / 2) return;
        if (number_ == 0 && begins_a_higher_one(block.place)) return;
        add({lower->place, block.articles});
        transaction_
            .prepare(
                "delete from list_blocks where slot = ? and level = ? and published_at = ? and id "
                "= ?")
            .bind(1, letter_of(slot_))
            .bind(2, number_)
            .bind(3, block.place.published_at)
            .bind(4, block.place.id)
            .run();
    }
    bool begins_a_higher_one(const BlockPlace& place) const {
        auto higher = Level(transaction_, slot_, 1).of(place);
        return higher && higher->place == place;
    }
    void run(const char* sql, const Block& block) {
        transaction_.prepare(sql)
            .bind(1, letter_of(slot_))
            .bind(2, number_)
            .bind(3, block.place.published_at)
            .bind(4, block.place.id)
            .bind(5, block.articles)
            .run();
    }

    database::Transaction& transaction_;
    Slot slot_;
    std::int64_t number_;
    std::int64_t most_;
    Level level_;
};

}  // namespace

BlockStep step_over(database::ReadTransaction& transaction, Slot slot, BlockStep step,
                    const BlockSizes& sizes) {
    if (step.skip < sizes.most[0]) return step;
    Level blocks(transaction, slot, 0);
    Level groups(transaction, slot, 1);
    if (step.below != highest_place) {
        // First to where a block begins, and then to where a block of blocks does.
        auto block = blocks.below(step.below);
        auto group = groups.below(step.below);
        if (!block || !group) return step;
        auto left = blocks.count(block->place, step.below);
        if (left > step.skip) return step;
        step = {block->place, step.skip - left};
        blocks.walk(step, group->place);
        if (step.below != group->place) return step;
    }
    groups.walk(step, lowest_place);
    blocks.walk(step, lowest_place);
    return step;
}

void begin_blocks(database::Transaction& transaction, Slot slot) {
    forget_blocks(transaction, slot);
    for (int level : {0, 1}) LevelChange(transaction, slot, level, {}).insert({lowest_place, 0});
}

bool has_blocks(database::ReadTransaction& transaction, Slot slot) {
    auto row = transaction.prepare("select 1 from list_blocks where slot = ? limit 1");
    return row.bind(1, letter_of(slot)).step();
}

void fill_blocks(database::Transaction& transaction, Slot slot, const BlockSizes& sizes) {
    if (has_blocks(transaction, slot)) return;
    Block whole{lowest_place, Level(transaction, slot, 0).count(lowest_place, highest_place)};
    for (int number : {0, 1}) {
        LevelChange level(transaction, slot, number, sizes);
        level.insert(whole);
        level.split(whole);
    }
}

void forget_blocks(database::Transaction& transaction, Slot slot) {
    transaction.prepare("delete from list_blocks where slot = ?").bind(1, letter_of(slot)).run();
}

bool blocks_are_right(database::ReadTransaction& transaction, Slot slot) {
    bool is_there = transaction
                        .prepare(
                            "select 1 from schema_migrations where set_name = 'news_query'"
                            " and name = '0008_count_blocks'")
                        .step();
    if (!is_there || !has_blocks(transaction, slot)) return true;
    Level level(transaction, slot, 0);
    auto blocks = level.all();
    auto groups = Level(transaction, slot, 1).all();
    bool begin = !blocks.empty() && !groups.empty() && blocks.front().place == lowest_place &&
                 groups.front().place == lowest_place;
    if (!begin) return false;
    auto block = blocks.begin();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (block == blocks.end() || block->place != groups[i].place) return false;
        auto end = i + 1 < groups.size() ? groups[i + 1].place : highest_place;
        std::int64_t all = 0;
        for (; block != blocks.end() && block->place < end; ++block) {
            auto next = block + 1 == blocks.end() ? highest_place : (block + 1)->place;
            if (level.count(block->place, next) != block->articles) return false;
            all += block->articles;
        }
        if (all != groups[i].articles) return false;
    }
    return true;
}

BlockChanges::BlockChanges(database::Transaction& transaction, Slot slot, const BlockSizes& sizes)
    : transaction_(transaction),
      slot_(slot),
      sizes_(sizes),
      are_kept_(has_blocks(transaction, slot)) {}

void BlockChanges::add(const Article* before, const Article& after) {
    if (before) add(*before, -1);
    add(after, 1);
}

void BlockChanges::drop(const Article& article) {
    add(article, -1);
}

void BlockChanges::add(const Article& article, std::int64_t change) {
    if (!are_kept_ || !is_listed(article) || !article.published_at) return;
    BlockPlace place{base::to_micros(*article.published_at), article.id};
    if ((changes_[place] += change) == 0) changes_.erase(place);
}

void BlockChanges::write() const {
    if (changes_.empty()) return;
    LevelChange blocks(transaction_, slot_, 0, sizes_);
    LevelChange groups(transaction_, slot_, 1, sizes_);
    auto changed_blocks = blocks.apply(changes_);
    auto changed_groups = groups.apply(changes_);
    // What a block of blocks is split at are blocks.
    for (const auto& block : changed_blocks) blocks.settle(block);
    for (const auto& group : changed_groups) groups.settle(group);
}

}  // namespace news
