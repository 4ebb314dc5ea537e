// How many articles are in each state, kept by the transactions that change one.
#include "count_store.hpp"

#include "event_json.hpp"
#include "heading_store.hpp"
#include "month_store.hpp"
#include "name_store.hpp"
#include "projector.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

namespace news {

namespace {

using Events = std::vector<bus::Event>;

/// A log as a subscriber hears it: at the positions 1, 2, 3 …
class Written {
public:
    Written& add(ArticleId id, Version version, const Event& body) {
        bus::Event event;
        event.position = std::ssize(events_) + 1;
        event.stream = id;
        event.version = version;
        event.type = name_of(body);
        event.body = to_json(body);
        events_.push_back(event);
        return *this;
    }
    const Events& events() const { return events_; }

private:
    Events events_;
};

ArticleCreated created(Status status, std::optional<base::Time> published_at = std::nullopt) {
    ArticleCreated article;
    article.title = "Title";
    article.status = status;
    article.published_at = published_at;
    return article;
}

/// A view and the inbox that keeps it up to date.
struct View {
    View() {
        database::Options options;
        options.name = "view";
        options.file = folder / "view.db";
        options.migrations = query_schema();
        database = std::move(*database::Database::open(std::move(options)));
        inbox.emplace("view", *database, projector, clock);
        auto work = [](database::Transaction& transaction) -> base::Result<bool> {
            fill_counts(transaction, active_slot(transaction));
            fill_months(transaction, active_slot(transaction));
            return true;
        };
        REQUIRE(base::run(database->write<bool>(base::Deadline(), 0, work)));
    }
    void apply(const Events& events) {
        auto batch = std::make_shared<bus::Batch>();
        batch->events = events;
        batch->end = bus::cursor_at(events.back());
        if (!base::run(inbox->apply(std::move(batch)))) FAIL("the inbox refuses");
    }
    StateCounts counts(std::optional<StateCounts> (*count)(database::ReadTransaction&, Slot)) {
        auto work = [count](database::ReadTransaction& transaction) -> base::Result<StateCounts> {
            return *count(transaction, active_slot(transaction));
        };
        return *base::run(database->read<StateCounts>(base::Deadline(), work));
    }
    template <class T>
    T read(std::function<T(database::ReadTransaction&, Slot)> look) {
        auto work = [look](database::ReadTransaction& transaction) -> base::Result<T> {
            return look(transaction, active_slot(transaction));
        };
        return *base::run(database->read<T>(base::Deadline(), work));
    }
    /// `2026-11: 3, …`
    std::string months() {
        return read<std::string>([](auto& transaction, Slot slot) {
            std::string told;
            auto all = read_months(transaction, slot);
            for (const auto& month : all.value()) {
                told +=
                    (told.empty() ? "" : ", ") + month.name + ": " + std::to_string(month.articles);
            }
            return told;
        });
    }
    bool has_wrong_months() { return read<bool>(news::has_wrong_months); }
    StateCounts kept() { return counts(read_counts); }
    StateCounts counted() {
        return counts([](database::ReadTransaction& transaction, Slot slot) {
            return std::optional(recount(transaction, slot));
        });
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    Projector projector{"sports"};
    std::unique_ptr<database::Database> database;
    std::optional<bus::StoreInbox> inbox;
};

const base::Time time = base::from_micros(1'000'000);

}  // namespace

TEST_CASE("events that come together change the counts as they do one by one", "[news]") {
    Written log;
    log.add(1, 1, created(Status::draft))
        .add(2, 1, created(Status::draft, time))
        .add(3, 1, created(Status::published, time))
        .add(4, 1, created(Status::published, time))
        .add(1, 2, ArticleScheduled{time})
        .add(2, 2, ArticlePublished{time})
        .add(3, 2, ArticleUnpublished{})
        .add(3, 3, ArticleRemoved{})
        .add(4, 2, ArticlePublished{base::from_micros(2'000'000)})
        .add(3, 3, ArticleRemoved{})  // once more
        .add(5, 1, created(Status::draft));

    View together;
    together.apply(log.events());
    View one_by_one;
    for (const auto& event : log.events()) one_by_one.apply({event});

    CHECK(together.kept() == StateCounts{1, 1, 2, 1});
    CHECK(together.kept() == together.counted());
    CHECK(one_by_one.kept() == together.kept());
}

TEST_CASE("an article that changes often at once is as if each change had come alone", "[news]") {
    auto named = [](const char* slug, const char* title) {
        ArticleRevised revised;
        if (*slug != '\0') revised.slug = slug;
        revised.title = title;
        return revised;
    };
    auto first = created(Status::published, time);
    first.slug = "first";
    Written log;
    log.add(1, 1, first)
        .add(1, 2, named("second", "Two"))
        .add(1, 3, named("", "Three"))
        .add(1, 3, named("", "Three"))  // once more
        .add(1, 4, named("first", "Four"))
        .add(1, 5, named("third", "Five"))
        .add(2, 1, created(Status::draft))
        .add(1, 6, named("", "Six"));

    View together;
    together.apply(log.events());
    View one_by_one;
    for (const auto& event : log.events()) one_by_one.apply({event});

    for (auto* view : {&together, &one_by_one}) {
        auto work = [](database::ReadTransaction& transaction) -> base::Result<std::string> {
            auto slot = active_slot(transaction);
            auto article = ArticleStore(transaction, slot, "sports").find(1)->article;
            std::string told = article.slug + " " + article.title;
            for (const char* slug : {"first", "second", "third"}) {
                auto found = find_by_slug(transaction, slot, slug);
                told += !found ? " -" : found->now ? " now" : " once";
            }
            return told;
        };
        CHECK(*base::run(view->database->read<std::string>(base::Deadline(), work)) ==
              "third Six once once now");
        CHECK(view->kept() == StateCounts{1, 0, 1, 0});
        CHECK(view->kept() == view->counted());
    }
}

TEST_CASE("events that come together and fail midway leave the counts as they were", "[news]") {
    Written log;
    log.add(1, 1, created(Status::published, time))
        .add(2, 1, created(Status::draft))
        .add(3, 2, ArticleRemoved{})  // which never was
        .add(1, 2, ArticleRemoved{});
    const auto& events = log.events();
    View view;
    view.apply({events[0]});

    Events rest(events.begin() + 1, events.end());
    CHECK_THROWS(view.apply(rest));
    CHECK(view.kept() == StateCounts{0, 0, 1, 0});

    view.apply({rest[0]});
    CHECK_THROWS(view.apply({rest[1]}));
    REQUIRE(base::run(view.inbox->park(rest[1], "does not follow")));
    view.apply({rest[2]});
    CHECK(view.kept() == StateCounts{1, 0, 0, 1});
    CHECK(view.kept() == view.counted());

    auto missed = std::make_shared<bus::Batch>();
    Written late;
    missed->events = late.add(3, 1, created(Status::draft)).add(3, 2, ArticleRemoved{}).events();
    for (auto& event : missed->events) event.position += 2;
    REQUIRE(base::run(view.inbox->release(3, missed)));
    CHECK(view.kept() == StateCounts{1, 0, 0, 2});
    CHECK(view.kept() == view.counted());
}

TEST_CASE("of each month it is kept how many published articles it has", "[news]") {
    auto at = [](const char* text) { return *base::parse_rfc3339(text); };
    auto last = at("2025-12-31T23:59:59.999Z");
    auto first = at("2026-01-01T00:00:00Z");
    auto embargoed = created(Status::published, first);
    embargoed.embargo_until = at("2027-01-01T00:00:00Z");
    Written log;
    log.add(1, 1, created(Status::published, last))
        .add(2, 1, created(Status::published, first))
        .add(3, 1, created(Status::published, at("1969-07-20T20:17:40Z")))
        .add(4, 1, created(Status::draft, first))
        .add(5, 1, embargoed)
        .add(6, 1, created(Status::published, at("9999-12-31T23:59:59Z")));
    View view;
    view.apply(log.events());
    CHECK(view.months() == "1969-07: 1, 2025-12: 1, 2026-01: 1, 9999-12: 1");
    CHECK(!view.has_wrong_months());

    // What is published, moved to another month, withdrawn or removed changes them.
    Written later;
    later.add(4, 2, ArticlePublished{last}).add(2, 2, ArticlePublished{last});
    later.add(3, 2, ArticleRemoved{}).add(6, 2, ArticleUnpublished{});
    auto events = later.events();
    for (auto& event : events) event.position += std::ssize(log.events());
    view.apply(events);
    CHECK(view.months() == "2025-12: 3");
    CHECK(!view.has_wrong_months());

    // A start that finds them not kept counts them, and whoever verifies sees what is wrong.
    auto spoil = [](database::Transaction& transaction) -> base::Result<bool> {
        transaction.prepare("update article_months set articles = 7 where month <> ''").run();
        return true;
    };
    REQUIRE(base::run(view.database->write<bool>(base::Deadline(), 0, spoil)));
    CHECK(view.has_wrong_months());
    auto anew = [](database::Transaction& transaction) -> base::Result<bool> {
        forget_months(transaction, active_slot(transaction));
        fill_months(transaction, active_slot(transaction));
        return true;
    };
    REQUIRE(base::run(view.database->write<bool>(base::Deadline(), 0, anew)));
    CHECK(view.months() == "2025-12: 3");
}

TEST_CASE("headings are those of a span, in the order of lists", "[news]") {
    Written log;
    for (ArticleId id = 1; id <= 6; ++id) {
        auto article =
            created(id == 4 ? Status::draft : Status::published, base::from_micros(id * 1000));
        article.slug = "slug-" + std::to_string(id);
        if (id == 3) article.expires_at = base::from_micros(50'000);
        log.add(id, 1, article);
    }
    View view;
    view.apply(log.events());
    auto ids = [&](HeadingsQuestion question, std::int64_t now = 0) {
        auto found = view.read<std::vector<Heading>>([&](auto& transaction, Slot slot) {
            return read_headings(transaction, slot, "sports", question, base::from_micros(now));
        });
        std::string told;
        for (const auto& one : found) {
            CHECK(one.slug == "slug-" + std::to_string(one.id));
            CHECK(one.title == "Title");
            told += std::to_string(one.id);
        }
        return told;
    };
    CHECK(ids({}) == "65321");
    CHECK(ids({.since = base::from_micros(2000), .before = base::from_micros(6000)}) == "532");
    CHECK(ids({.skip = 1, .limit = 2}) == "53");
    CHECK(ids({}, 50'000) == "6521");
}

}  // namespace news
