// A disk that is full, and one that fails: what was acknowledged stays, nothing is acknowledged
// that is not stored.
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"
#include "support/skip.hpp"
#include "workload.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;

namespace {

/// A small disk of its own; only root may have one.
class SmallDisk {
public:
    SmallDisk(std::filesystem::path place, const std::string& size) : place_(std::move(place)) {
        std::filesystem::create_directories(place_);
        std::string options = "mode=0700,size=" + size;
        mounted_ = mount("tmpfs", place_.c_str(), "tmpfs", 0, options.c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) umount2(place_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    bool mounted() const { return mounted_; }
    void resize(const std::string& size) {
        std::string options = "mode=0700,size=" + size;
        mount("tmpfs", place_.c_str(), "tmpfs", MS_REMOUNT, options.c_str());
    }

private:
    std::filesystem::path place_;
    bool mounted_ = false;
};

std::string large_content(int number) {
    return std::to_string(number) + std::string(100000, 'x');
}

json large_item(int number) {
    return support::new_item("large " + std::to_string(number),
                             {{"content", large_content(number)}, {"tags", {"large"}}});
}

std::string path_of(const json& item) {
    return "/v1/news/sports/" + std::to_string(item.at("id").get<std::int64_t>());
}

void check_all_there(const PortalProcess& portal, const std::vector<json>& items) {
    for (const auto& item : items) {
        bool there = support::eventually([&] { return portal.get(path_of(item)).news() == item; });
        INFO(path_of(item));
        CHECK(there);
    }
}

}  // namespace

TEST_CASE("a full disk refuses changes, keeps serving, and recovers by itself", "[chaos]") {
    // The view is waited for shortly only: it cannot be written either while the disk is full.
    PortalProcess portal(json{{"news", {{"view_wait_ms", 50}}}, {"log", {{"file", ""}}}});
    SmallDisk disk(portal.data(), "12m");
    if (!disk.mounted()) {
        return support::skip("no small disk can be mounted here");
    }
    auto ballast = portal.data() / "ballast";
    std::ofstream(ballast) << std::string(4 * 1024 * 1024, 'b');
    portal.start();
    std::vector<json> kept;
    support::Answer refused;
    for (int i = 0; i < 500; ++i) {
        auto answer = portal.post("/v1/news/sports", large_item(i));
        if (answer.status != 201) {
            refused = answer;
            break;
        }
        kept.push_back(answer.news());
    }
    INFO(kept.size() << " items went in");
    REQUIRE(kept.size() > 3);

    CHECK(support::failure_faults(refused, 503, "storage_full") == "");
    CHECK(refused.has_field("Retry-After"));
    CHECK(portal.get(path_of(kept[0])).news() == kept[0]);
    CHECK(portal.get("/v1/news/all/1/3").status == 200);
    CHECK(portal.get(path_of(kept.back()) + "/versions/1").news() == kept.back());
    CHECK(support::HttpClient(portal.operations()).request("GET", "/readyz").status == 503);
    CHECK(portal.process().running());

    std::filesystem::remove(ballast);
    support::Answer again;
    CHECK(support::eventually([&] {
        again = portal.post("/v1/news/sports", support::new_item("small"));
        return again.status == 201;
    }));
    if (again.status == 201) kept.push_back(again.news());
    check_all_there(portal, kept);
    CHECK(support::eventually([&] {
        return support::HttpClient(portal.operations())
                   .request("GET", "/readyz")
                   .json()
                   .at("checks")
                   .at("news-sports") == "ok";
    }));
    portal.kill();
    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    CHECK(verified.code == 0);
    portal.start();
    check_all_there(portal, kept);
    portal.kill();
}

TEST_CASE("a disk that fills again and again keeps what was acknowledged, of every store",
          "[chaos][full]") {
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal(
        json{{"news", {{"view_wait_ms", 50}}},
             {"log", {{"file", ""}}},
             {"operations", {{"disk_free_bytes_min", 0}}},
             {"identity", {{"password_memory_kib", 19456}, {"password_passes", 2}}}});
    SmallDisk disk(portal.data(), "48m");
    if (!disk.mounted()) {
        return support::skip("no small disk can be mounted here");
    }
    auto ballast = portal.data() / "ballast";
    portal.start();
    tests::Workload client(1, dice);
    client.run(portal, 20);
    CHECK(client.failed() == 0);
    const int rounds = tests::times(2, 40);
    int refused = 0;
    for (int round = 0; round < rounds; ++round) {
        INFO("round " << round);
        {
            std::ofstream out(ballast, std::ios::binary);
            std::string block(64 * 1024, 'b');
            while (out.write(block.data(), std::ssize(block)).flush()) {
            }
            // To the last byte: what does not fit as a block may fit as a part of one.
            out.clear();
            while (out.put('b').flush()) {
            }
        }
        auto failed_before = client.failed();
        for (int i = 0; i < 20 && client.failed() < failed_before + 8; ++i) client.run(portal, 5);
        refused += client.failed() - failed_before;
        CHECK(client.failed() > failed_before);
        CHECK(portal.get("/v1/news/all/1/3").status == 200);
        CHECK(support::HttpClient(portal.operations()).request("GET", "/readyz").status == 503);
        CHECK(portal.process().running());

        std::filesystem::remove(ballast);
        CHECK(tests::unready_for_long(portal) == "");
        // Every store takes changes again, without a new start.
        CHECK(support::eventually([&] {
            auto failed = client.failed();
            client.run(portal, 12);
            return client.failed() == failed;
        }));
        CHECK(client.unanswered() == 0);
        CHECK(client.faults() == std::vector<std::string>());
    }
    portal.kill();
    portal.start();
    REQUIRE(tests::unready_for_long(portal) == "");
    client.check(portal);
    CHECK(client.faults() == std::vector<std::string>());
    CHECK(portal.stop() == 0);
    CHECK(tests::verify_faults(portal) == "");
    std::cout << rounds << " times full, " << refused << " changes refused, "
              << client.acknowledged() << " acknowledged" << std::endl;
}

TEST_CASE("a start on a full disk says so, and succeeds once there is room", "[chaos]") {
    PortalProcess portal(json{{"log", {{"file", ""}}}});
    SmallDisk disk(portal.data(), "4m");
    if (!disk.mounted()) {
        return support::skip("no small disk can be mounted here");
    }
    auto ballast = portal.data() / "ballast";
    std::ofstream(ballast) << std::string(4 * 1024 * 1024, 'b');
    auto started = portal.command({});
    CHECK(started.code == 2);
    INFO(started.errors);
    CHECK(started.errors.find("less than 1 MiB left") != std::string::npos);
    std::filesystem::remove(ballast);
    portal.start();
    CHECK(portal.post("/v1/news/sports", support::new_item("room")).status == 201);
    portal.kill();
}

TEST_CASE("a disk that fails takes out the store on it, and nothing acknowledged is lost",
          "[chaos]") {
    PortalProcess portal(json{{"log", {{"file", ""}}}, {"news", {{"view_wait_ms", 50}}}});
    support::Process::Options options;
    // To SQLite this is a write that fails for no good reason (EFBIG), not a full disk.
    options.file_bytes = 1024 * 1024;
    portal.start(options);
    std::vector<json> kept;
    support::Answer refused;
    for (int i = 0; i < 100; ++i) {
        auto answer = portal.post("/v1/news/sports", large_item(i));
        if (answer.status != 201) {
            refused = answer;
            break;
        }
        kept.push_back(answer.news());
    }
    CHECK(kept.size() > 2);
    CHECK(kept.size() < 100);
    CHECK(support::failure_faults(refused, 503, "write_failed") == "");
    auto again = portal.post("/v1/news/sports", support::new_item("small"));
    CHECK(support::failure_faults(again, 503, "store_unreadable") == "");
    CHECK(portal.post("/v1/news/politics", support::new_item("small")).status == 201);
    CHECK(portal.stop() == 0);

    portal.start();
    check_all_there(portal, kept);
    CHECK(portal.stop() == 0);
    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    CHECK(verified.code == 0);
}

TEST_CASE(
    "a command on a disk that fills ends with a sentence, and does its work when there is room",
    "[chaos]") {
    // Each size fills at another moment: while the stores are made, in the middle of the work, at
    // its end.
    constexpr int first_kib = 1024;
    constexpr int last_kib = 6 * 1024;
    const int step_kib = tests::is_long_run() ? 64 : 1280;
    for (int kib = first_kib; kib <= last_kib; kib += step_kib) {
        PortalProcess portal(
            json{{"log", {{"file", ""}}},
                 {"news", {{"import_batch_items", 5}, {"view_stall_max_ms", 2000}}}});
        SmallDisk disk(portal.data(), std::to_string(kib) + "k");
        if (!disk.mounted()) {
            return support::skip("no small disk can be mounted here");
        }
        auto file = portal.folder() / "archive.jsonl";
        {
            std::ofstream out(file);
            for (int i = 0; i < 40; ++i) {
                auto item = large_item(i);
                item["source_id"] = std::to_string(i);
                item["news_type"] = i % 2 == 0 ? "sports" : "politics";
                out << item.dump() << '\n';
            }
        }
        const std::vector<std::vector<std::string>> commands = {
            {"user", "create", "--role", "admin", "--email", "ann@example.org"},
            {"import", "news", file.string()},
            {"rebuild", "--type", "sports"}};
        const std::string password = "a long enough password";
        for (const auto& command : commands) {
            auto ended = portal.command(command, 60s, password + "\n");
            INFO(kib << " KiB: " << command.front() << ": " << ended.code << ended.errors);
            bool refused = ended.code == 1 || ended.code == 2;
            CHECK((ended.code == 0 || refused));
            if (refused) CHECK(ended.errors.find("portal: ") != std::string::npos);
        }

        disk.resize("64m");
        for (const auto& command : commands) {
            auto ended = portal.command(command, 60s, password + "\n");
            INFO(kib << " KiB, then room: " << command.front() << ": " << ended.code
                     << ended.errors);
            // The account may be there since the first time.
            bool there = ended.errors.find("There is an account") != std::string::npos;
            CHECK((ended.code == 0 || there));
        }
        auto verified = portal.command({"verify"});
        INFO(kib << " KiB: " << verified.output << verified.errors);
        CHECK(verified.code == 0);
    }
}
