// What is wrong with backups is named, and what goes wrong while one is made harms none.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "files.hpp"
#include "fixture.hpp"
#include "folder_service.hpp"
#include "retention.hpp"
#include "support/faulty_file_system.hpp"
#include "support/sqlite_file.hpp"

namespace backup {

namespace {

using namespace std::chrono_literals;
using support::FaultyFileSystem;

/// A file of a backup whose path begins so.
std::filesystem::path file_of(const Folders& with, const std::string& beginning) {
    for (const auto& file : with.files()) {
        if (file.starts_with(beginning)) return with.backups / file;
    }
    FAIL("there is no " + beginning);
    return {};
}

void flip_byte(const std::filesystem::path& file, std::streamoff at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(at);
    char byte = 0;
    stream.get(byte);
    stream.seekp(at);
    stream.put(static_cast<char>(byte ^ 1));
}

/// Two backups, each with events of its own.
struct TwoBackups : Folders {
    TwoBackups() {
        Site site(data);
        site.create("One");
        site.add_person("Ann");
        first = site.take(backups)->manifest.id;
        site.clock.advance(1h);
        site.create("Two");
        second = site.take(backups)->manifest.id;
    }
    std::string first;
    std::string second;
};

bool ends_with_one_of(const std::string& name) {
    return name.ends_with(".part") || name.ends_with("-wal") || name.ends_with("-shm");
}

}  // namespace

TEST_CASE("every file of a backup that is damaged, missing or foreign is named", "[backup]") {
    struct Row {
        const char* file;
        std::function<void(const std::filesystem::path&)> spoil;
        const char* said;
        bool restores;  ///< the newest backup, which does not need what only the older has
    };
    auto cut = [](const auto& file) {
        std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
    };
    auto flip = [](const auto& file) { flip_byte(file, 4096); };
    auto flip_text = [](const auto& file) { flip_byte(file, 40); };
    auto remove = [](const auto& file) { std::filesystem::remove(file); };
    auto add = [](const auto& file) { std::ofstream(file.parent_path() / "stranger.txt") << "x"; };
    const std::vector<Row> rows = {
        {"events/news-sports.command/1-1", cut, " bytes, and should have ", false},
        {"events/news-sports.command/2-2", flip, "its checksum does not fit", false},
        {"events/people/1-1", remove, " is missing (", false},
        {"rest/people/", flip, "its checksum does not fit", false},
        {"files/", remove, " is missing (", false},
        {"manifests/000001", flip_text, "manifests/000001", true},
        {"manifests/000002", flip_text, "manifests/000002", true},
        {"rest/news-sports.command/", add, "stranger.txt is of no backup", true},
    };
    for (const auto& [file, spoil, said, restores] : rows) {
        CAPTURE(file);
        TwoBackups with;
        REQUIRE(with.problems().empty());
        spoil(file_of(with, file));

        auto problems = with.problems();

        REQUIRE_FALSE(problems.empty());
        CAPTURE(problems);
        CHECK(std::any_of(problems.begin(), problems.end(), [&](const std::string& problem) {
            return problem.find(said) != std::string::npos;
        }));
        auto restored = with.restore("restored");
        CHECK(restored.has_value() == restores);
        if (!restores) {
            CHECK(restored.error().code == "restore_failed");
            CHECK_FALSE(std::filesystem::exists(with.restored("restored")));
            CHECK_FALSE(std::filesystem::exists(with.folder / ".restored.restoring"));
        }
    }
}

TEST_CASE("events that were exchanged with good checksums do not fit their chain", "[backup]") {
    TwoBackups with;
    auto listed = Folder(with.backups).list();
    REQUIRE(listed);
    auto manifest = *listed->back().manifest;
    std::string dropped;
    for (auto& store : manifest.stores) {
        if (store.segments.size() != 2) continue;
        dropped = store.segments[1].file.path;
        store.segments[1] = store.segments[0];
    }
    Folder(with.backups).write(manifest);

    auto problems = with.problems(with.second);

    REQUIRE_FALSE(problems.empty());
    CHECK(problems.front().find("events are missing behind position 1") != std::string::npos);
    CHECK(with.problems(with.first) ==
          std::vector<std::string>{"warning: " + dropped + " is of no backup"});
}

TEST_CASE("a folder of backups is verified where nothing can be written, and left as it is",
          "[backup]") {
    TwoBackups with;
    auto files = with.files();
    using std::filesystem::perms;
    auto readable = perms::owner_read | perms::owner_exec | perms::group_read | perms::group_exec |
                    perms::others_read | perms::others_exec;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(with.folder.path())) {
        std::filesystem::permissions(entry.path(), readable);
    }
    std::filesystem::permissions(with.folder.path(), readable);
    auto child = ::fork();
    if (child == 0) {
        constexpr int nobody = 65534;
        if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) ::_exit(2);
        auto found = verify(with.backups, "", {});
        bool good = found && std::all_of(found->begin(), found->end(), [](const auto& one) {
                        return one.problems.empty() && one.warnings.empty();
                    });
        ::_exit(good ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    std::filesystem::permissions(with.folder.path(), perms::owner_all);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(with.folder.path())) {
        if (entry.is_directory()) std::filesystem::permissions(entry.path(), perms::owner_all);
    }
    CHECK(with.files() == files);
}

TEST_CASE("a full disk ends a backup with a sentence, and harms neither it nor those before",
          "[backup]") {
    FaultyFileSystem::install();
    Folders with;
    Site site(with.data);
    site.create("One");
    REQUIRE(site.take(with.backups));
    auto files = with.files();
    for (int i = 0; i < 5; ++i) site.create("Later " + std::to_string(i));
    int refused = 0;
    for (int writes = 0; writes < 60; writes += 4) {
        CAPTURE(writes);
        FaultyFileSystem::writes_until_full = writes;
        auto taken = site.take(with.backups);
        FaultyFileSystem::heal();
        if (taken) break;
        ++refused;
        CHECK(taken.error().code == "backup_disk_full");
        auto now = with.files();
        now.erase(std::remove(now.begin(), now.end(), "portal.backups.readers"), now.end());
        auto before = files;
        before.erase(std::remove(before.begin(), before.end(), "portal.backups.readers"),
                     before.end());
        CHECK(now == before);
    }
    CHECK(refused > 3);
    CHECK(site.shown().size() == 6);
    site.create("It goes on");
    REQUIRE(site.take(with.backups));
    CHECK(with.problems().empty());

    site.config.disk_free_bytes_min = std::int64_t{1} << 50;
    auto taken = site.take(with.backups);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == "backup_disk_full");
}

TEST_CASE("one backup at a time, and only where backups are", "[backup]") {
    Folders with;
    Site site(with.data);
    REQUIRE(site.take(with.backups));
    {
        Folder other(with.backups);
        REQUIRE(other.take());
        auto taken = site.take(with.backups);
        REQUIRE_FALSE(taken);
        CHECK(taken.error().code == "backup_running");
    }
    auto inside = site.take(with.data / "backups");
    REQUIRE_FALSE(inside);
    CHECK(inside.error().code == "backup_folder");
    auto foreign = with.folder / "foreign";
    std::filesystem::create_directories(foreign);
    std::ofstream(foreign / "letter.txt") << "Dear Ann";
    auto taken = site.take(foreign);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == "no_backup_folder");
    CHECK(std::filesystem::exists(foreign / "letter.txt"));
    operations::Progress progress;
    progress.stop = true;
    auto stopped = take_backup(site.subject(), with.backups, progress);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == "backup_stopped");
    CHECK(with.problems().empty());
}

TEST_CASE("what a backup that was cut off has left is gone after the next", "[backup]") {
    TwoBackups with;
    std::filesystem::create_directories(with.backups / "rest/people");
    for (const char* name : {"rest/people/x.db.part", "rest/people/x.db.part-wal",
                             "events/people/1-9.000003.db", "manifests/000003.json.part"}) {
        std::ofstream(with.backups / name) << "half";
    }
    REQUIRE(with.problems().size() == 4);
    Site site(with.data);
    REQUIRE(site.take(with.backups));
    auto files = with.files();
    CHECK(std::none_of(files.begin(), files.end(), ends_with_one_of));
    CHECK(with.problems().empty());
}

TEST_CASE("a log that is damaged is not backed up, and is named", "[backup]") {
    Folders with;
    {
        Site site(with.data);
        site.create("One");
        site.create("Two");
    }
    support::change_database(with.data / "news-sports.command.db",
                             "drop trigger events_are_not_changed;"
                             "update events set body = replace(body, 'Two', 'Owt');");
    Site site(with.data);
    auto taken = site.take(with.backups);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == "backup_failed");
    CHECK(taken.error().message.find("the event at position 2 is not what was recorded") !=
          std::string::npos);
}

TEST_CASE("old backups go by number and by age, but for the newest", "[backup]") {
    auto now = *base::parse_rfc3339("2026-03-31T12:00:00Z");
    std::vector<Manifest> all(5);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].id = std::to_string(i);
        all[i].at = now - std::chrono::days(10 * (all.size() - i));
    }
    using Ids = std::vector<std::string>;
    CHECK(superseded(all, now, 10, 0) == Ids{});
    CHECK(superseded(all, now, 2, 0) == Ids{"0", "1", "2"});
    CHECK(superseded(all, now, 10, 25) == Ids{"0", "1", "2"});
    CHECK(superseded(all, now, 10, 1) == Ids{"0", "1", "2", "3"});
    CHECK(superseded({}, now, 1, 1) == Ids{});
}

TEST_CASE("files that only old backups need go with them", "[backup]") {
    Folders with;
    Site site(with.data);
    site.config.keep_count = 2;
    site.create("One");
    auto first = site.take(with.backups);
    REQUIRE(first);
    auto only_first = find_store(first->manifest, "people")->rest.path;
    for (int i = 0; i < 3; ++i) {
        site.add_person("Person " + std::to_string(i));
        REQUIRE(site.take(with.backups));
    }
    CHECK_FALSE(std::filesystem::exists(with.backups / only_first));
    CHECK(readable(*Folder(with.backups).list()).size() == 2);
    CHECK(with.problems().empty());
    REQUIRE(with.restore("restored"));
    CHECK(Site(with.restored("restored")).people().size() == 3);
    // Whoever reads keeps them.
    Folder reader(with.backups);
    reader.hold();
    site.add_person("Late");
    REQUIRE(site.take(with.backups));
    CHECK(readable(*Folder(with.backups).list()).size() == 3);
}

TEST_CASE("many small files of events become few", "[backup]") {
    std::vector<Segment> segments;
    std::size_t most = 0;
    for (int i = 0; i < 5000; ++i) {
        auto kept = segments_kept(segments);
        Segment made;
        for (auto j = kept; j < segments.size(); ++j) made.file.bytes += segments[j].file.bytes;
        made.file.bytes += 1;
        segments.resize(kept);
        segments.push_back(made);
        most = std::max(most, segments.size());
    }
    std::int64_t all = 0;
    for (const auto& segment : segments) all += segment.file.bytes;
    CHECK(all == 5000);
    CHECK(most < 60);
}

}  // namespace backup
