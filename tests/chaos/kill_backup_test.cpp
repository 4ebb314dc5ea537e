// kill -9 while a backup is made and while one is restored: what was there before is whole, and
// what is restored is what the writers know.
#include <signal.h>

#include <fstream>
#include <iostream>
#include <thread>

#include "support/catch.hpp"
#include "support/json_checks.hpp"
#include "workload.hpp"
#include "writer.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;
using tests::Writer;

namespace {

constexpr int staff_count = 4;
const std::vector<std::string> without_faults{};
using Staff = std::vector<std::unique_ptr<Writer>>;

void write_old_items(const std::filesystem::path& file, int count) {
    std::ofstream out(file);
    for (int i = 0; i < count; ++i) {
        out << support::new_item("Archived " + std::to_string(i),
                                 {{"source_id", "s" + std::to_string(i)},
                                  {"news_type", i % 2 ? "sports" : "politics"},
                                  {"published_at", "2021-05-04T10:20:30Z"}})
                   .dump()
            << '\n';
    }
}

/// Staff at work until this goes.
class AtWork {
public:
    AtWork(PortalProcess& portal, Staff& writers) : portal_(portal) {
        for (auto& writer : writers) {
            threads_.emplace_back([&portal, &writer] { writer->work(portal); });
        }
    }
    AtWork(const AtWork&) = delete;
    ~AtWork() {
        portal_.process().signal(SIGKILL);
        for (auto& thread : threads_) thread.join();
        portal_.kill();
    }

private:
    PortalProcess& portal_;
    std::vector<std::thread> threads_;
};

/// The backups that are whole, all of which have to be.
std::size_t whole_backups(const PortalProcess& portal, const std::filesystem::path& backups) {
    if (!std::filesystem::exists(backups / "manifests")) return 0;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(backups / "manifests")) {
        if (entry.path().extension() == ".json") ++count;
    }
    if (count == 0) return 0;
    auto verified = portal.command({"verify", "--backup", backups.string()}, 300s);
    INFO(verified.output << verified.errors);
    REQUIRE(verified.code == 0);
    return count;
}

/// Whether the process was killed, and not done before.
bool kill_soon(support::Process& process, tests::Dice& dice, std::chrono::milliseconds most) {
    dice.pause(0ms, most);
    process.signal(SIGKILL);
    auto code = process.wait(60s);
    return !code || *code != 0;
}

}  // namespace

TEST_CASE("kills during backups and restores harm nothing, and a restore is what was there",
          "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    const int kills_wanted = tests::times(2, 17);
    PortalProcess portal(
        json{{"backup", {{"bytes_per_second_max", 1024 * 1024}, {"disk_free_bytes_min", 0}}}});
    auto backups = portal.folder() / "backups";
    portal.make_data_folder();
    auto archive = portal.folder() / "archive.jsonl";
    write_old_items(archive, 1000);
    REQUIRE(portal.command({"import", "news", archive.string()}).code == 0);
    Staff writers;
    for (int i = 0; i < staff_count; ++i) {
        writers.push_back(std::make_unique<Writer>(i, dice.seed()));
    }

    // The server, with writers and a backup in it.
    int kills = 0;
    for (int round = 0; round < kills_wanted; ++round) {
        auto before = whole_backups(portal, backups);
        portal.start();
        for (auto& writer : writers) writer->check(portal, 10);
        std::unique_ptr<support::Process> command;
        {
            AtWork at_work(portal, writers);
            command = portal.begin({"backup", backups.string()});
            dice.pause(100ms, 1200ms);
        }
        auto code = command->wait(60s);
        if (!code || *code != 0) ++kills;
        for (const auto& writer : writers) REQUIRE(writer->faults() == without_faults);
        CHECK(whole_backups(portal, backups) >= before);
    }
    // The command by itself.
    for (int round = 0; round < kills_wanted; ++round) {
        auto before = whole_backups(portal, backups);
        auto command = portal.begin({"backup", backups.string()});
        if (kill_soon(*command, dice, 1200ms)) ++kills;
        CHECK(whole_backups(portal, backups) >= before);
    }
    // A backup beside writers that comes to its end; what they do after it is not in it.
    portal.start();
    for (auto& writer : writers) writer->check(portal, 10);
    {
        AtWork at_work(portal, writers);
        auto made = portal.command({"backup", backups.string()}, 300s);
        INFO(made.output << made.errors);
        REQUIRE(made.code == 0);
    }
    portal.start();
    for (auto& writer : writers) writer->check(portal, 100);
    auto made = portal.command({"backup", backups.string()}, 300s);
    INFO(made.output << made.errors);
    REQUIRE(made.code == 0);
    CHECK(portal.stop() == 0);

    auto target = portal.folder() / "restored";
    std::vector<std::string> restore{"restore", backups.string(), target.string()};
    for (int round = 0; round < kills_wanted; ++round) {
        auto command = portal.begin(restore);
        if (!kill_soon(*command, dice, 600ms)) {
            std::filesystem::remove_all(target);
            continue;
        }
        ++kills;
        // Either it was just done, or there is nothing.
        if (std::filesystem::exists(target)) std::filesystem::remove_all(target);
    }
    auto restored = portal.command(restore, 300s);
    INFO(restored.output << restored.errors);
    REQUIRE(restored.code == 0);
    CHECK_FALSE(std::filesystem::exists(portal.folder() / ".restored.restoring"));
    std::filesystem::rename(portal.data(), portal.folder() / "data.old");
    std::filesystem::rename(target, portal.data());
    auto verified = portal.command({"verify"}, 300s);
    INFO(verified.output << verified.errors);
    CHECK(verified.code == 0);
    portal.start();
    // A backup has no views.
    CHECK(tests::unready_for_long(portal) == "");
    for (auto& writer : writers) {
        writer->check(portal, 200);
        CHECK(writer->faults() == without_faults);
    }
    CHECK(portal.stop() == 0);
    std::cout << kills << " kills during backups and restores" << std::endl;
    CHECK(kills >= kills_wanted);
    auto breakdowns = portal.breakdowns();
    std::erase_if(breakdowns, [](auto& line) { return line.find("/readyz") != line.npos; });
    CHECK(breakdowns == without_faults);
}
