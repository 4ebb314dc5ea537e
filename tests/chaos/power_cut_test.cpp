// The power goes: whatever was not synced is lost, kept or torn, at random. What was acknowledged
// is there afterwards. And with a disk that only says that it syncs, this test does see the loss.
#include <deque>
#include <iostream>
#include <thread>

#include "disk_log.hpp"
#include "preloaded.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"
#include "workload.hpp"

using namespace std::chrono_literals;
using support::PortalProcess;
using tests::DiskLog;
using tests::Unsynced;
using tests::Workload;

namespace {

constexpr int clients_count = 3;
const nlohmann::json cheap_passwords = {
    {"identity", {{"password_memory_kib", 19456}, {"password_passes", 2}}}};

/// What a client knew when so much of the log had been written.
struct Knowledge {
    std::size_t position = 0;
    Workload client;
};

/// One life of a server on a disk that is written down, up to its kill.
class RecordedLife {
public:
    RecordedLife(PortalProcess& portal, tests::Dice& dice, int steps, bool lies)
        : log_(portal.folder() / "disk.log") {
        support::Process::Options options;
        options.environment = tests::preloading("disk_recorder");
        options.environment.emplace_back("PORTAL_DISK_LOG", log_.string());
        options.environment.emplace_back("PORTAL_DISK_FOLDER", portal.data().string());
        if (lies) options.environment.emplace_back("PORTAL_DISK_LIES", "1");
        portal.start(options);
        ready_ = std::filesystem::file_size(log_);
        std::vector<std::thread> threads;
        for (int i = 0; i < clients_count; ++i) {
            auto& known = known_.emplace_back();
            known.push_back({0, Workload(i, dice)});
        }
        for (auto& known : known_) {
            threads.emplace_back([this, &known, &portal, steps] {
                auto client = known.front().client;
                client.run(portal, steps, [this, &known](const Workload& now) {
                    known.push_back({std::filesystem::file_size(log_), now});
                });
                known.push_back({std::filesystem::file_size(log_), client});
            });
        }
        for (auto& thread : threads) thread.join();
        portal.kill();
        std::filesystem::remove_all(portal.data());
    }

    const std::filesystem::path& log() const { return log_; }
    /// How much was written when it was ready to serve.
    std::size_t ready() const { return ready_; }
    /// The clients as they were at that place of the log.
    std::vector<Workload> clients_at(std::size_t position) const {
        std::vector<Workload> clients;
        for (const auto& known : known_) {
            auto last = known.begin();
            while (std::next(last) != known.end() && std::next(last)->position <= position) ++last;
            clients.push_back(last->client);
        }
        return clients;
    }

private:
    std::filesystem::path log_;
    std::size_t ready_ = 0;
    std::deque<std::vector<Knowledge>> known_;
};

std::string name_of(Unsynced unsynced) {
    switch (unsynced) {
        case Unsynced::lost:
            return "lost";
        case Unsynced::kept:
            return "kept";
        case Unsynced::by_page:
            return "torn by page";
        case Unsynced::by_sector:
            return "torn by sector";
    }
    return {};
}

/// What is wrong after the cut; and how many changes had been acknowledged.
std::vector<std::string> faults_after(PortalProcess& portal, std::vector<Workload> clients,
                                      int& acknowledged) {
    std::vector<std::string> faults;
    try {
        portal.start();
        auto unready = tests::unready_for_long(portal);
        if (!unready.empty()) faults.push_back("it does not become ready: " + unready);
        for (auto& client : clients) {
            client.check(portal);
            acknowledged += client.acknowledged();
            auto found = client.faults();
            faults.insert(faults.end(), found.begin(), found.end());
        }
        if (portal.stop() != 0) faults.push_back("it does not stop");
    } catch (const std::runtime_error& refused) {
        faults.push_back(refused.what());
    }
    auto verified = tests::verify_faults(portal);
    if (!verified.empty()) faults.push_back(verified);
    for (const auto& line : portal.breakdowns()) {
        // Views are not synced: after a power cut they are made of their logs, and until then it is
        // not ready.
        bool is_view = line.find("what was made from a log is gone") != std::string::npos;
        bool is_early = line.find(R"("path":"/readyz")") != std::string::npos;
        if (!is_view && !is_early) faults.push_back(line);
    }
    return faults;
}

}  // namespace

TEST_CASE("what was acknowledged survives power cuts, whatever was not synced", "[chaos][power]") {
    if (!tests::can_interpose()) return support::skip("not with the thread sanitizer");
    tests::Dice dice(tests::chaos_seed());
    const int cuts = tests::times(3, 240);
    constexpr int cuts_of_a_life = 24;
    tests::Progress progress("power cuts", cuts);
    int acknowledged = 0;
    int unsettled = 0;
    for (int done = 0; done < cuts;) {
        PortalProcess portal(cheap_passwords);
        RecordedLife life(portal, dice, tests::is_long_run() ? 60 : 25, false);
        DiskLog log(life.log(), portal.data());
        REQUIRE(log.bytes() > life.ready());
        for (int i = 0; i < cuts_of_a_life && done < cuts; ++i, ++done) {
            // One in six while it starts for the first time.
            bool early = done % 6 == 5;
            auto position = static_cast<std::size_t>(
                dice.number(early ? 0 : static_cast<int>(life.ready()),
                            static_cast<int>(early ? life.ready() : log.bytes())));
            auto unsynced = static_cast<Unsynced>(dice.number(0, 3));
            std::filesystem::remove_all(portal.data());
            log.make(portal.data(), position, unsynced, dice);
            INFO("cut " << done << " at byte " << position << " of " << log.bytes()
                        << ", what was not synced is " << name_of(unsynced));
            auto clients = life.clients_at(position);
            for (const auto& client : clients) unsettled += client.unsettled();
            std::filesystem::copy(portal.data(), portal.folder() / "cut",
                                  std::filesystem::copy_options::recursive);
            auto faults = faults_after(portal, std::move(clients), acknowledged);
            if (!faults.empty()) tests::keep(portal.folder());
            std::filesystem::remove_all(portal.folder() / "cut");
            REQUIRE(faults == std::vector<std::string>());
            progress.step();
        }
    }
    std::cout << cuts << " power cuts, before which " << acknowledged
              << " changes had been acknowledged and " << unsettled << " were under way"
              << std::endl;
    CHECK(acknowledged > 0);
}

TEST_CASE("a disk that lies about syncing is seen to lose what was acknowledged",
          "[chaos][power]") {
    if (!tests::can_interpose()) return support::skip("not with the thread sanitizer");
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal(cheap_passwords);
    RecordedLife life(portal, dice, 20, true);
    DiskLog log(life.log(), portal.data());
    int lost = 0;
    for (auto unsynced : {Unsynced::lost, Unsynced::by_page}) {
        std::filesystem::remove_all(portal.data());
        log.make(portal.data(), log.bytes(), unsynced, dice);
        int acknowledged = 0;
        auto faults = faults_after(portal, life.clients_at(log.bytes()), acknowledged);
        INFO(name_of(unsynced) << ", after " << acknowledged << " changes");
        CHECK_FALSE(faults.empty());
        lost += faults.empty() ? 0 : 1;
    }
    std::cout << "control: " << lost << " of 2 power cuts on a disk that lies lose something"
              << std::endl;
    // All of it written is all of it there: what was recorded is complete.
    std::filesystem::remove_all(portal.data());
    log.make(portal.data(), log.bytes(), Unsynced::kept, dice);
    int acknowledged = 0;
    CHECK(faults_after(portal, life.clients_at(log.bytes()), acknowledged) ==
          std::vector<std::string>());
    CHECK(acknowledged > 20);
}
