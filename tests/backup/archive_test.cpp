// Backups of a folder whose old articles are in archives.
#include <atomic>

#include "fixture.hpp"
#include "news/verify.hpp"

namespace backup {

namespace {

using namespace std::chrono_literals;

constexpr auto a_day = std::chrono::hours(24);

std::int64_t archive_all(Site& site) {
    std::atomic<bool> stop{false};
    news::ArchiveWish wish{site.clock.now() - 30 * a_day};
    auto ignore = [](std::int64_t, std::int64_t) {};
    auto report = base::run(site.sports->archiver().archive(wish, ignore, stop));
    REQUIRE(report);
    return report->articles + report->moved;
}

std::string title_of(Site& site, const news::Article& article) {
    auto found = base::run(site.sports->queries().article(article.id, {}));
    return found ? found->title : found.error().code;
}

news::VerifyReport verified(const std::filesystem::path& folder) {
    return news::verify(folder, "sports", [](std::int64_t, std::int64_t) {});
}

}  // namespace

TEST_CASE("a backup has what is archived, and what is restored of it goes to archives again",
          "[backup]") {
    Folders with;
    Site site(with.data);
    auto first = site.create("First");
    auto second = site.create("Second");
    site.retitle(second, "Second, better");
    bool is_full = false;
    // With a backup from before the articles went, and without one.
    SECTION("events were copied before") {
        REQUIRE(site.take(with.backups));
    }
    SECTION("the archive has to be read") {
        is_full = true;
    }
    site.clock.advance(40 * a_day);
    auto young = site.create("Young");
    REQUIRE(archive_all(site) == 2);
    auto shown = site.shown();
    REQUIRE(shown.size() == 1);
    auto taken = site.take(with.backups);
    REQUIRE(taken);
    CHECK(taken->events == (is_full ? 4 : 1));
    CHECK(with.problems().empty());
    site.close();

    REQUIRE(with.restore("restored"));

    auto restored = with.restored("restored");
    CHECK(verified(restored).problems.empty());
    Site again(restored);
    again.clock.advance(40 * a_day);
    CHECK(again.shown() == shown);
    CHECK(title_of(again, first) == "First");
    CHECK(title_of(again, second) == "Second, better");
    CHECK_FALSE(std::filesystem::exists(restored / "archive"));
    CHECK(archive_all(again) == 2);
    CHECK(std::filesystem::exists(restored / "archive"));
    CHECK(title_of(again, second) == "Second, better");
    again.retitle(first, "First, better");
    CHECK(again.shown().size() == 2);
    CHECK(title_of(again, young) == "Young");
    auto report = verified(restored);
    CHECK(report.problems.empty());
    CHECK(report.archived == 1);
    again.close();

    // The file that is made there is the one that was lost here.
    for (const auto& entry : std::filesystem::directory_iterator(with.data / "archive")) {
        std::filesystem::copy_file(restored / "archive" / entry.path().filename(), entry.path(),
                                   std::filesystem::copy_options::overwrite_existing);
    }
    CHECK(verified(with.data).problems.empty());
    site.open();
    CHECK(title_of(site, second) == "Second, better");
}

TEST_CASE("a folder that is put back to a moment has archived what had not changed since",
          "[backup]") {
    Folders with;
    Site site(with.data);
    auto first = site.create("First");
    auto second = site.create("Second");
    REQUIRE(site.take(with.backups));
    site.clock.advance(1h);
    site.create("Third");
    auto moment = site.clock.now() + 1s;
    site.clock.advance(1h);
    site.retitle(second, "Second, better");
    site.clock.advance(40 * a_day);
    REQUIRE(archive_all(site) == 3);
    REQUIRE(site.take(with.backups));
    Wanted wanted;
    wanted.time = moment;

    REQUIRE(with.restore("then", wanted));

    Site then(with.restored("then"));
    CHECK(verified(with.restored("then")).problems.empty());
    CHECK(title_of(then, first) == "First");
    CHECK(title_of(then, second) == "Second");
    // It was changed later, so nobody can have archived it as it was.
    CHECK(then.shown() == Shown{{second.id, "Second v1"}});
    then.retitle(first, "First, changed");
    CHECK(verified(with.restored("then")).problems.empty());
}

}  // namespace backup
