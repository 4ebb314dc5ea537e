// The blocks of the list: pages by number are what an offset says, whatever was changed before.
#include "block_store.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>

#include "fixture.hpp"
#include "list_store.hpp"
#include "news/verify.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

constexpr BlockSizes small_blocks{{8, 32}};

/// A view that articles are put into, and taken out of, as events would.
class BlockView {
public:
    BlockView() {
        database::Options options;
        options.name = "view";
        options.file = folder_ / "view.db";
        options.migrations = query_schema();
        database_ = std::move(*database::Database::open(std::move(options)));
        write([](database::Transaction& view) { begin_blocks(view, Slot::a); });
    }
    template <class Work>
    void write(Work work) {
        auto job = [work](database::Transaction& view) -> base::Result<bool> {
            work(view);
            return true;
        };
        REQUIRE(base::run(database_->write<bool>(base::Deadline(), 0, job)));
    }
    template <class T, class Work>
    T read(Work work) {
        auto job = [work](database::ReadTransaction& view) -> base::Result<T> {
            return work(view);
        };
        return *base::run(database_->read<T>(base::Deadline(), job));
    }
    bool are_right() {
        return read<bool>(
            [](database::ReadTransaction& view) { return blocks_are_right(view, Slot::a); });
    }

private:
    support::TemporaryFolder folder_;
    std::unique_ptr<database::Database> database_;
};

ArticleRow published(ArticleId id, std::int64_t at) {
    ArticleRow row;
    row.article.id = id;
    row.article.status = Status::published;
    row.article.published_at = base::from_micros(at);
    return row;
}

using Ids = std::vector<ArticleId>;

/// The ids below a place by an offset alone.
Ids by_offset(database::ReadTransaction& view, const BlockPlace& below, std::int64_t skip) {
    auto rows = view.prepare(
        "select id from articles_a where status = 'published' and (published_at, id) < (?, ?)"
        " order by published_at desc, id desc limit 3 offset ?");
    rows.bind(1, below.published_at).bind(2, below.id).bind(3, skip);
    Ids ids;
    while (rows.step()) ids.push_back(rows.integer(0));
    return ids;
}

struct FoundByBlocks {
    Ids ids;
    std::int64_t left = 0;
};
FoundByBlocks by_blocks(database::ReadTransaction& view, const BlockPlace& below,
                        std::int64_t skip) {
    auto step = step_over(view, Slot::a, {below, skip}, small_blocks);
    return {by_offset(view, step.below, step.skip), step.skip};
}

/// What is published at random, set back, taken down and taken out.
class RandomChanges {
public:
    /// Some of them, in one transaction.
    void change(database::Transaction& view, int count) {
        BlockChanges blocks(view, Slot::a, small_blocks);
        for (int i = 0; i < count; ++i) {
            if (rows_.empty() || one_of(100) < more_) {
                store(view, blocks, published(++last_, time()));
                continue;
            }
            auto row = std::next(rows_.begin(), one_of(std::ssize(rows_)))->second;
            if (one_of(2) == 0) {
                row.article.published_at = base::from_micros(time());
            } else {
                bool is_shown = row.article.status == Status::published;
                row.article.status = is_shown ? Status::draft : Status::published;
            }
            store(view, blocks, std::move(row));
        }
        blocks.write();
    }
    /// Of a hundred changes so many are new articles.
    void grow(std::int64_t more) { more_ = more; }
    std::int64_t one_of(std::int64_t count) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(count));
    }
    /// Many articles have the same, and some are newer than all before.
    std::int64_t time() { return one_of(3) == 0 ? 50 : one_of(40 + last_); }

private:
    void store(database::Transaction& view, BlockChanges& blocks, ArticleRow row) {
        std::optional<ArticleRow> before;
        if (auto at = rows_.find(row.article.id); at != rows_.end()) before = at->second;
        REQUIRE(put(view, Slot::a, before, row));
        blocks.add(before ? &before->article : nullptr, row.article);
        rows_[row.article.id] = std::move(row);
    }

    std::mt19937_64 random_{7};
    std::int64_t more_ = 60;
    ArticleId last_ = 0;
    std::map<ArticleId, ArticleRow> rows_;
};

}  // namespace

TEST_CASE("what blocks step over is what an offset does, after any changes", "[news]") {
    BlockView view;
    RandomChanges changes;
    std::int64_t longest = 0;
    for (int step = 0; step < 400; ++step) {
        if (step == 200) changes.grow(0);
        view.write([&](database::Transaction& transaction) {
            changes.change(transaction, step % 9 == 0 ? 30 : 2);
            BlockPlace below{changes.time(), changes.one_of(400)};
            for (const auto& from : {highest_place, below}) {
                auto skip = changes.one_of(500);
                auto found = by_blocks(transaction, from, skip);
                REQUIRE(found.ids == by_offset(transaction, from, skip));
                if (!found.ids.empty()) longest = std::max(longest, found.left);
            }
        });
        if (step % 20 == 0) REQUIRE(view.are_right());
    }
    CHECK(view.are_right());
    CHECK(longest < small_blocks.most[0]);
    // What grew together again, and is cut small enough: neither one block nor one for each.
    auto count = [](const char* sql) {
        return [sql](database::ReadTransaction& transaction) {
            auto row = transaction.prepare(sql);
            row.step();
            return row.integer(0);
        };
    };
    auto articles = view.read<std::int64_t>(
        count("select count(*) from articles_a where status = 'published'"));
    auto blocks = view.read<std::int64_t>(count("select count(*) from list_blocks"));
    CHECK(blocks > articles / 8);
    CHECK(blocks < articles);
}

TEST_CASE("blocks that are made of what is there are those that changes make", "[news]") {
    BlockView view;
    RandomChanges changes;
    view.write([&](database::Transaction& transaction) {
        forget_blocks(transaction, Slot::a);
        changes.change(transaction, 300);
        CHECK(by_blocks(transaction, highest_place, 100).left == 100);
        fill_blocks(transaction, Slot::a, small_blocks);
        CHECK(by_blocks(transaction, highest_place, 100).left < small_blocks.most[0]);
        CHECK(by_blocks(transaction, highest_place, 100).ids ==
              by_offset(transaction, highest_place, 100));
    });
    CHECK(view.are_right());
    for (const char* spoil : {"update list_blocks set articles = articles + 1 where level = 0",
                              "update list_blocks set articles = articles + 1 where level = 1",
                              "update list_blocks set id = id + 1 where level = 0 and id > 0",
                              "delete from list_blocks where level = 1 and id > 0"}) {
        view.write([&](database::Transaction& transaction) {
            transaction.execute(spoil);
            CHECK_FALSE(blocks_are_right(transaction, Slot::a));
            forget_blocks(transaction, Slot::a);
            fill_blocks(transaction, Slot::a, small_blocks);
        });
    }
    CHECK(view.are_right());
}

namespace {

class PageFixture : public Fixture {
public:
    void import(int count) {
        std::vector<ImportItem> items;
        for (int i = 0; i < count; ++i) {
            NewArticle article{"T" + std::to_string(i), "", "Content", "Ann", {}};
            article.published_at = base::from_micros((i * 7919) % 1000 * 1'000'000);
            article.source_id = std::to_string(i);
            auto checked = check(std::move(article));
            REQUIRE(checked);
            items.push_back({std::move(*checked), std::to_string(i)});
        }
        base::Context context;
        context.request_id = "import";
        REQUIRE(base::run(instance->commands().import(std::move(items), context)));
        REQUIRE(*base::run(instance->caught_up(std::chrono::seconds(20))));
    }
    /// All titles, by cursor, which knows of no blocks, and by number.
    void check_pages() {
        std::vector<std::string> by_cursor;
        std::optional<ListCursor> after;
        for (bool more = true; more;) {
            auto part = base::run(instance->queries().list(after, 100, {}));
            REQUIRE(part);
            for (const auto& article : *part) by_cursor.push_back(article.title);
            more = !part->empty();
            if (more) after = cursor_of(part->back());
        }
        std::vector<std::string> by_number;
        for (std::int64_t page = 1;; ++page) {
            auto titles_there = titles(page, 90);
            if (titles_there.empty()) break;
            by_number.insert(by_number.end(), titles_there.begin(), titles_there.end());
        }
        CHECK(by_number == by_cursor);
    }
    std::filesystem::path view() { return folder / "news-sports.query.db"; }
    std::vector<std::string> problems() {
        return verify(folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems;
    }
};

/// Spoils the pages of a closed store that hold nothing but content; gives how many.
int spoil_contents(const std::filesystem::path& file) {
    constexpr std::size_t page_bytes = 4096;
    std::fstream store(file, std::ios::in | std::ios::out | std::ios::binary);
    std::string all((std::istreambuf_iterator<char>(store)), {});
    int spoilt = 0;
    for (std::size_t at = 0; at + page_bytes <= all.size(); at += page_bytes) {
        auto page = std::string_view(all).substr(at, page_bytes);
        if (std::count(page.begin(), page.end(), '#') < 4000) continue;
        store.clear();
        store.seekp(static_cast<std::streamoff>(at + 2000)).put('!');
        ++spoilt;
    }
    return spoilt;
}

/// Microseconds that each of some pages takes, the longest hundredth left out.
double page_takes(BlockView& view, std::int64_t deepest) {
    std::vector<double> spans;
    for (int i = 0; i < 2000; ++i) {
        auto begin = std::chrono::steady_clock::now();
        auto page = view.read<std::size_t>([&](database::ReadTransaction& transaction) {
            return ArticleStore(transaction, Slot::a, "sports")
                .page((deepest - i % 700) * 10, 10)
                .size();
        });
        auto span = std::chrono::steady_clock::now() - begin;
        REQUIRE(page == 10);
        spans.push_back(std::chrono::duration<double, std::micro>(span).count());
    }
    std::sort(spans.begin(), spans.end());
    return spans[spans.size() * 99 / 100];
}

void fill(BlockView& view, int count) {
    view.write([count](database::Transaction& transaction) {
        arrange_articles(transaction, Slot::a);
        transaction
            .prepare(
                "with recursive number (n) as (select 1 union all select n + 1 from number"
                " where n < ?) insert into articles_a (id, version, status, published_at,"
                " created_at, updated_at, author, tags, title, description, content)"
                " select n, 1, 'published', n * 7919 % 1000003, 0, 0, 'Ann', '[]', 'Title', '',"
                " hex(randomblob(300)) from number")
            .bind(1, count)
            .run();
        forget_blocks(transaction, Slot::a);
        fill_blocks(transaction, Slot::a);
    });
}

}  // namespace

TEST_CASE("a list without contents reads no page of theirs", "[news]") {
    PageFixture news;
    for (int i = 0; i < 10; ++i) {
        NewArticle article{"Title", "", std::string(100'000, '#'), "Ann", {"long"}};
        REQUIRE(base::run(news.instance->commands().create(article, news.command())));
    }
    // Also where a rebuild has made the tables.
    bool rebuilt = GENERATE(false, true);
    if (rebuilt) REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    news.close();
    REQUIRE(spoil_contents(news.view()) >= 10 * 20);
    news.open();
    auto ask = [&](Contents contents) {
        return base::run(news.instance->queries().part({}, contents, {}));
    };
    auto listed = ask(Contents::left_out);
    REQUIRE(listed);
    REQUIRE(listed->size() == 10);
    CHECK(listed->back().author == "Ann");
    CHECK(listed->back().tags == std::vector<std::string>{"long"});
    CHECK(ask(Contents::read).error().code == "store_damaged");
}

TEST_CASE("the price of a change, with blocks and without", "[.][benchmark]") {
    BlockView view;
    fill(view, 333'000);
    ArticleId last = 1'000'000;
    auto takes = [&](std::int64_t together) {
        auto begin = std::chrono::steady_clock::now();
        for (std::int64_t done = 0; done < 4096; done += together) {
            view.write([&](database::Transaction& transaction) {
                ListCountChanges changes(transaction, Slot::a);
                for (std::int64_t i = 0; i < together; ++i) {
                    ++last;
                    auto row = published(last, last * 7919 % 1'000'003);
                    row.article.title = "Title";
                    row.article.content = std::string(600, '#');
                    row.article.slug = std::to_string(last);
                    REQUIRE(put(transaction, Slot::a, std::nullopt, row));
                    changes.add(nullptr, row.article);
                }
                changes.write();
            });
        }
        auto span = std::chrono::steady_clock::now() - begin;
        return std::chrono::duration<double, std::micro>(span).count() / 4096;
    };
    for (std::int64_t together : {1, 64}) {
        for (int round = 0; round < 3; ++round) {
            auto with = takes(together);
            view.write(
                [](database::Transaction& transaction) { forget_blocks(transaction, Slot::a); });
            auto without = takes(together);
            view.write(
                [](database::Transaction& transaction) { fill_blocks(transaction, Slot::a); });
            std::printf("%d together: %.1f us with blocks, %.1f us without, %.2f times\n",
                        static_cast<int>(together), with, without, with / without);
        }
    }
}

TEST_CASE("the price of a deep page", "[.][benchmark]") {
    BlockView few;
    BlockView many;
    fill(few, 10'000);
    fill(many, 333'000);
    for (int round = 0; round < 5; ++round) {
        auto shallow = page_takes(few, 990);
        auto deep = page_takes(many, 30'000);
        std::printf("p99 of 10,000: %.0f us, page 30,000 of 333,000: %.0f us, %.2f times\n",
                    shallow, deep, deep / shallow);
    }
}

TEST_CASE("pages by number are those of the list, by blocks that verify knows", "[news]") {
    PageFixture news;
    news.import(1300);
    news.check_pages();
    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    auto created = news.create("New");
    news.check_pages();
    REQUIRE(base::run(news.instance->commands().unpublish(created.id, news.command(1))));
    news.close();
    CHECK(support::number_from_database(news.view(), "select count(*) from list_blocks") > 4);
    CHECK(news.problems().empty());
    support::change_database(news.view(), "update list_blocks set articles = 0");
    CHECK(news.problems() ==
          std::vector<std::string>{"view: the kept numbers of articles are not those that are "
                                   "there"});

    // A store of an earlier version: no blocks, and another order of columns.
    support::change_database(news.view(),
                             "drop table list_blocks;"
                             "delete from schema_migrations where name = '0008_count_blocks'");
    CHECK(news.problems().empty());
    news.open();
    news.check_pages();
    news.close();
    CHECK(support::number_from_database(news.view(), "select count(*) from list_blocks") > 4);
    CHECK(news.problems().empty());
}

}  // namespace news
