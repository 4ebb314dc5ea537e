// One bit changes in a file that lies at rest, of every kind that there is in a data folder and in
// a backup: it is found, or what is read is what was written.
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>

#include "backup/verify.hpp"
#include "database/lineage.hpp"
#include "database/store_file.hpp"
#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/json_checks.hpp"
#include "support/sqlite_file.hpp"
#include "workload.hpp"

using nlohmann::json;
using support::PortalProcess;

namespace {

std::string bytes_in(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void replace_bytes(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    REQUIRE((out << bytes << std::flush));
}

/// What came of the flips in files of one kind.
struct Tally {
    int flips = 0;
    int found_reading = 0;   ///< whoever reads it is told
    int found_checking = 0;  ///< nobody reads that place; the check of the file names it
    int made_anew = 0;       ///< a view at an earlier position of its log, from which it goes on
    int harmless = 0;        ///< everything reads as it was written
    int wrong = 0;
};

void print(const std::map<std::string, Tally>& tallies) {
    for (const auto& [kind, tally] : tallies) {
        std::cout << kind << ": " << tally.flips << " bits flipped, found when read "
                  << tally.found_reading << ", by the check " << tally.found_checking
                  << ", made anew from the log " << tally.made_anew << ", without effect "
                  << tally.harmless << ", served wrong " << tally.wrong << std::endl;
    }
}

struct Kept {
    std::string kind;
    std::filesystem::path file;
    std::string bytes{};
    std::string log{};
    std::vector<std::string> rows{};
};

std::filesystem::path log_beside(const std::filesystem::path& file) {
    return file.string() + "-wal";
}

std::string kind_of(const std::filesystem::path& file) {
    auto name = file.filename().string();
    if (name.ends_with(".command.db")) return "log store";
    if (name.ends_with(".query.db")) return "view";
    return "other store";
}

using States = std::set<std::vector<std::string>>;

/// What a view was after each of the commits in its log: any of them is right, since it goes on
/// from there.
States earlier_states(const Kept& kept, const std::filesystem::path& scratch) {
    constexpr std::size_t head = 32;
    constexpr std::size_t frame = 24 + 4096;
    States states;
    auto file = scratch / ("earlier-" + kept.file.filename().string());
    for (std::size_t bytes = head; bytes <= kept.log.size(); bytes += frame) {
        std::filesystem::remove(file.string() + "-shm");
        replace_bytes(file, kept.bytes);
        replace_bytes(log_beside(file), kept.log.substr(0, bytes));
        try {
            states.insert(support::everything_in_database(file));
        } catch (const std::runtime_error&) {
            // It had no tables yet.
        }
    }
    return states;
}

bool is_older_view(const std::vector<std::string>& rows, const Kept& kept,
                   const std::filesystem::path& scratch) {
    static std::map<std::filesystem::path, States> known;
    if (kept.kind != "view") return false;
    auto [states, is_new] = known.try_emplace(kept.file);
    if (is_new) states->second = earlier_states(kept, scratch);
    return states->second.contains(rows);
}

/// Reads a store whose file, or log, has one bit changed.
void flip_in_store(const Kept& kept, bool in_log, tests::Dice& dice,
                   const std::filesystem::path& scratch, Tally& tally) {
    auto file = scratch / kept.file.filename();
    auto bytes = kept.bytes;
    auto log = kept.log;
    auto& changed = in_log ? log : bytes;
    auto at = static_cast<std::size_t>(dice.number(0, static_cast<int>(changed.size()) - 1));
    auto bit = dice.number(0, 7);
    changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
    std::filesystem::remove(file.string() + "-shm");
    replace_bytes(file, bytes);
    replace_bytes(log_beside(file), log);
    ++tally.flips;
    std::vector<std::string> rows;
    try {
        rows = support::everything_in_database(file);
    } catch (const std::runtime_error&) {
        ++tally.found_reading;
        return;
    }
    bool is_same = rows == kept.rows;
    if (!is_same) {
        bool is_older = in_log && is_older_view(rows, kept, scratch);
        (is_older ? tally.made_anew : tally.wrong) += 1;
        INFO(file << (in_log ? " log" : "") << " byte " << at << " bit " << bit);
        CHECK(is_older);
        return;
    }
    // As it lies there, before anything is moved from the log over what was changed.
    std::filesystem::remove(file.string() + "-shm");
    replace_bytes(file, bytes);
    replace_bytes(log_beside(file), log);
    bool found = false;
    try {
        found = !database::check_file({"store", file}).empty();
    } catch (const std::runtime_error&) {
        found = true;
    }
    (found ? tally.found_checking : tally.harmless) += 1;
}

}  // namespace

TEST_CASE("a bit that flips in a store of a data folder is found, or harmless", "[chaos][flips]") {
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal;
    portal.start();
    tests::Workload client(1, dice);
    client.run(portal, 60);
    REQUIRE(client.faults() == std::vector<std::string>());
    // The last commits are in the write-ahead logs alone.
    portal.kill();
    support::TemporaryFolder scratch;
    std::map<std::string, std::vector<Kept>> by_kind;
    for (const auto& entry : std::filesystem::directory_iterator(portal.data())) {
        if (entry.path().extension() != ".db") continue;
        Kept kept{kind_of(entry.path()), entry.path()};
        kept.bytes = bytes_in(kept.file);
        kept.log = bytes_in(log_beside(kept.file));
        auto whole = scratch / ("whole-" + kept.file.filename().string()).c_str();
        replace_bytes(whole, kept.bytes);
        replace_bytes(log_beside(whole), kept.log);
        kept.rows = support::everything_in_database(whole);
        by_kind[kept.kind].push_back(kept);
        if (kept.log.size() > 100) by_kind[kept.kind + ", write-ahead log"].push_back(kept);
        // What a server that was stopped leaves: everything is in the file itself, as it is now.
        auto closed = kept;
        closed.bytes = bytes_in(whole);
        closed.log.clear();
        by_kind[kept.kind + ", closed"].push_back(std::move(closed));
    }
    const int flips = tests::times(6, 1000);
    tests::Progress progress("bit flips in stores", flips * static_cast<int>(by_kind.size()));
    std::map<std::string, Tally> tallies;
    for (const auto& [kind, stores] : by_kind) {
        auto& tally = tallies[kind];
        auto is_found = [&tally] { return tally.found_reading + tally.found_checking > 0; };
        // Half of them may be without effect, and one has to be found.
        constexpr int most_until_found = 60;
        for (int i = 0; i < flips || (!is_found() && i < most_until_found); ++i) {
            const auto& kept = stores[static_cast<std::size_t>(i) % stores.size()];
            bool in_log = kind.ends_with("write-ahead log");
            flip_in_store(kept, in_log, dice, scratch.path(), tally);
            progress.step();
        }
    }
    print(tallies);
    CHECK(tallies.size() == 9);
    for (const auto& [kind, tally] : tallies) {
        CAPTURE(kind);
        CHECK(tally.wrong == 0);
        CHECK(tally.found_reading + tally.found_checking > 0);
    }
}

TEST_CASE("a bit that flips in what a folder knows of its stores is found, or harmless",
          "[chaos][flips]") {
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal;
    portal.start();
    tests::Workload client(1, dice);
    client.run(portal, 10);
    REQUIRE(portal.stop() == 0);
    std::vector<database::StoreFile> stores;
    for (const auto& entry : std::filesystem::directory_iterator(portal.data())) {
        if (entry.path().extension() != ".db") continue;
        bool is_view = kind_of(entry.path()) == "view";
        stores.push_back({entry.path().stem().string(), entry.path(),
                          is_view ? database::StoreKind::view : database::StoreKind::log});
    }
    auto rows_of_all = [&] {
        std::vector<std::string> all;
        for (const auto& store : stores) {
            for (auto& row : support::everything_in_database(store.path)) {
                // Which start it last took part in is what is being looked at.
                if (!row.starts_with("lineage|")) all.push_back(store.name + ": " + row);
            }
        }
        return all;
    };
    auto file = portal.data() / "portal.stores";
    auto whole = bytes_in(file);
    auto expected = rows_of_all();
    REQUIRE(database::Lineage::problems(portal.data(), stores).empty());
    auto kept = portal.folder() / "kept";
    std::filesystem::copy(portal.data(), kept, std::filesystem::copy_options::recursive);
    Tally tally;
    const int flips = tests::times(10, 1000);
    for (int i = 0; i < flips; ++i) {
        auto spoilt = whole;
        auto at = static_cast<std::size_t>(dice.number(0, static_cast<int>(whole.size()) - 1));
        spoilt[at] = static_cast<char>(spoilt[at] ^ (1 << dice.number(0, 7)));
        std::filesystem::remove_all(portal.data());
        std::filesystem::copy(kept, portal.data(), std::filesystem::copy_options::recursive);
        replace_bytes(file, spoilt);
        INFO("byte " << at << ": " << spoilt);
        ++tally.flips;
        auto opened = database::Lineage::open(portal.data(), stores, false);
        if (!opened) {
            CHECK(opened.error().code == "older_data");
            ++tally.found_reading;
        } else {
            (rows_of_all() == expected ? tally.harmless : tally.wrong) += 1;
        }
    }
    print({{"portal.stores", tally}});
    CHECK(tally.wrong == 0);
    // Most of it is names: without one of them that store was never seen before.
    if (flips >= 100) CHECK(tally.found_reading > 0);
}

TEST_CASE("a bit that flips in any file of a backup is named", "[chaos][flips]") {
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal(json{{"backup", {{"disk_free_bytes_min", 0}}}});
    auto backups = portal.folder() / "backups";
    portal.start();
    tests::Workload client(1, dice);
    for (int i = 0; i < 2; ++i) {
        client.run(portal, 20);
        REQUIRE(portal.command({"backup", backups.string()}).code == 0);
    }
    REQUIRE(portal.stop() == 0);
    std::map<std::string, std::vector<std::filesystem::path>> by_kind;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(backups)) {
        if (!entry.is_regular_file() || entry.file_size() == 0) continue;
        auto below = entry.path().lexically_relative(backups);
        // The lock of those who read says nothing.
        if (std::distance(below.begin(), below.end()) < 2) continue;
        by_kind["backup, " + below.begin()->string()].push_back(entry.path());
    }
    REQUIRE(by_kind.size() == 4);
    auto problems = [&] {
        auto findings = backup::verify(backups, "", {});
        std::size_t count = 0;
        if (!findings) return std::size_t{1};
        for (const auto& found : *findings) count += found.problems.size();
        return count;
    };
    REQUIRE(problems() == 0);
    const int flips = tests::times(4, 1000);
    tests::Progress progress("bit flips in backups", flips * static_cast<int>(by_kind.size()));
    std::map<std::string, Tally> tallies;
    for (const auto& [kind, files] : by_kind) {
        auto& tally = tallies[kind];
        for (int i = 0; i < flips; ++i) {
            const auto& file = files[static_cast<std::size_t>(i) % files.size()];
            auto whole = bytes_in(file);
            auto spoilt = whole;
            auto at = static_cast<std::size_t>(dice.number(0, static_cast<int>(whole.size()) - 1));
            spoilt[at] = static_cast<char>(spoilt[at] ^ (1 << dice.number(0, 7)));
            replace_bytes(file, spoilt);
            ++tally.flips;
            bool found = problems() > 0;
            (found ? tally.found_checking : tally.wrong) += 1;
            INFO(file << " byte " << at);
            CHECK(found);
            replace_bytes(file, whole);
            progress.step();
        }
    }
    print(tallies);
    CHECK(problems() == 0);
}
