// Many connections, most of them slow or silent, beside a few clients with real requests.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "crowd.hpp"
#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;
using tests::Crowd;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int honest_clients = 4;
constexpr auto honest_interval = 40ms;  // of each: together 100 requests a second

struct Traffic {
    std::vector<double> milliseconds;
    std::vector<std::string> faults;

    double at(double share) {
        std::sort(milliseconds.begin(), milliseconds.end());
        if (milliseconds.empty()) return 0;
        auto last = static_cast<double>(milliseconds.size() - 1);
        return milliseconds[static_cast<std::size_t>(std::ceil(share * last))];
    }
};

/// Honest clients for so long; a request that is late counts from when it should have gone out.
Traffic honest_traffic(const PortalProcess& portal, std::chrono::milliseconds span) {
    std::array<Traffic, honest_clients> parts;
    std::vector<std::thread> threads;
    auto start = Clock::now();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        threads.emplace_back([&, i] {
            auto& part = parts[i];
            try {
                support::HttpClient client(portal.address());
                auto due = start + i * honest_interval / honest_clients;
                for (; due < start + span; due += honest_interval) {
                    std::this_thread::sleep_until(due);
                    auto answer = client.request("GET", "/v1/news/all/1/10");
                    std::chrono::duration<double, std::milli> took = Clock::now() - due;
                    part.milliseconds.push_back(took.count());
                    if (answer.status != 200) {
                        part.faults.push_back(std::to_string(answer.status) + answer.body);
                    }
                }
            } catch (const support::ConnectionLost& lost) {
                part.faults.emplace_back(lost.what());
            }
        });
    }
    for (auto& thread : threads) thread.join();
    Traffic all;
    for (auto& part : parts) {
        all.milliseconds.insert(all.milliseconds.end(), part.milliseconds.begin(),
                                part.milliseconds.end());
        all.faults.insert(all.faults.end(), part.faults.begin(), part.faults.end());
    }
    return all;
}

/// Drives a crowd until it is destroyed.
class Driver {
public:
    explicit Driver(Crowd& crowd)
        : thread_([this, &crowd] {
              // Everybody's turn comes about once a second.
              constexpr std::size_t slices = 1000;
              while (!stop_) {
                  crowd.go_on(crowd.size() / slices + 1);
                  std::this_thread::sleep_for(1000ms / slices);
              }
          }) {}
    ~Driver() {
        stop_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

/// A line of /proc/<pid>/status, in bytes.
double status_bytes(PortalProcess& portal, const std::string& name) {
    std::ifstream in("/proc/" + std::to_string(portal.process().pid()) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) * 1024;
    }
    return 0;
}

/// What the process has used of a processor so far.
std::chrono::duration<double> processor_time(PortalProcess& portal) {
    std::ifstream in("/proc/" + std::to_string(portal.process().pid()) + "/stat");
    std::string text;
    std::getline(in, text);
    std::istringstream rest(text.substr(text.rfind(')') + 2));
    std::string ignored;
    for (int i = 0; i < 11; ++i) rest >> ignored;
    double user = 0;
    double system = 0;
    rest >> user >> system;
    return std::chrono::duration<double>((user + system) /
                                         static_cast<double>(sysconf(_SC_CLK_TCK)));
}

/// A sanitizer's shadow is no measure of memory.
bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return std::getenv("PORTAL_BINARY") == nullptr;
#else
    return false;
#endif
}

void fill(const PortalProcess& portal) {
    for (const char* type : {"sports", "politics", "famous"}) {
        for (int i = 0; i < 10; ++i) {
            auto item = support::new_item("title", {{"content", std::string(500, 'c')}});
            REQUIRE(portal.post(std::string("/v1/news/") + type, item).status == 201);
        }
    }
}

}  // namespace

TEST_CASE("honest clients do not notice a crowd of idle and slow ones", "[chaos][crowd]") {
    std::size_t wanted = tests::is_long_run() ? 10000 : 1000;
    if (tests::raise_descriptor_limit() < wanted + 100) {
        WARN("This machine allows too few descriptors for the whole crowd.");
        wanted = tests::raise_descriptor_limit() / 2;
    }
    auto span = tests::is_long_run() ? 30s : 5s;
    PortalProcess portal;
    portal.start();
    fill(portal);

    auto quiet = honest_traffic(portal, span);
    CHECK(quiet.faults == std::vector<std::string>());
    Crowd crowd(portal.address());
    // They come as clients do, not all in one moment: their time would be up in one moment too.
    for (constexpr std::size_t at_once = 10; crowd.size() + 4 * at_once <= wanted;) {
        for (auto manner : {Crowd::Manner::idle, Crowd::Manner::slow_head, Crowd::Manner::slow_body,
                            Crowd::Manner::slow_read}) {
            REQUIRE(crowd.open(manner, at_once) == at_once);
        }
        std::this_thread::sleep_for(40ms);
    }
    Traffic crowded;
    {
        Driver driver(crowd);
        crowded = honest_traffic(portal, span);
    }
    CHECK(crowded.faults == std::vector<std::string>());
    CHECK(crowded.milliseconds.size() == quiet.milliseconds.size());
    std::cout << crowd.size() << " connections, " << crowd.closed() << " closed by the server; p99 "
              << quiet.at(0.99) << " ms quiet, " << crowded.at(0.99) << " ms crowded; p50 "
              << quiet.at(0.5) << " and " << crowded.at(0.5) << " ms" << std::endl;
    CHECK(portal.stop() == 0);
}

TEST_CASE("an idle connection costs little memory", "[chaos][crowd]") {
    std::size_t wanted = tests::is_long_run() ? 10000 : 1000;
    wanted = std::min(wanted, tests::raise_descriptor_limit() / 2);
    PortalProcess portal;
    portal.start();
    fill(portal);
    honest_traffic(portal, 1s);
    auto before = status_bytes(portal, "VmRSS");
    Crowd crowd(portal.address());
    REQUIRE(crowd.open(Crowd::Manner::idle, wanted) == wanted);
    // Each has had an answer: what it left behind is what an idle connection costs.
    for (int i = 0; i < 5; ++i) {
        std::this_thread::sleep_for(200ms);
        crowd.go_on(wanted);
    }
    CHECK(crowd.closed() == 0);
    auto each = (status_bytes(portal, "VmRSS") - before) / static_cast<double>(wanted);
    std::cout << wanted << " idle connections: " << each << " bytes each" << std::endl;
    if (!is_sanitized()) CHECK(each <= 16 * 1024);
    CHECK(portal.stop() == 0);
}

TEST_CASE("without descriptors the server neither spins nor stops accepting", "[chaos][crowd]") {
    PortalProcess portal;
    support::Process::Options options;
    options.descriptors = 200;
    portal.start(options);
    fill(portal);
    Crowd crowd(portal.address());
    // Slow heads are nobody's turn to go: the server has to live with them for a while.
    crowd.open(Crowd::Manner::slow_head, 400);
    auto before = processor_time(portal);
    std::this_thread::sleep_for(2s);
    auto used = processor_time(portal) - before;
    std::cout << "out of descriptors: " << used.count() << " s of processor time in 2 s"
              << std::endl;
    CHECK(used < 1s);
    // Whoever comes now is refused at the door or has to wait, but no longer than until the slow
    // ones' time for a head is up; from then on everybody is answered.
    auto header_timeout = 10s;
    CHECK(support::eventually(
        [&] {
            try {
                for (int i = 0; i < 20; ++i) {
                    if (portal.get("/v1/news/all/1/10").status != 200) return false;
                }
                return true;
            } catch (const support::ConnectionLost&) {
                return false;
            }
        },
        header_timeout + 20s));
    CHECK(portal.stop() == 0);
}

TEST_CASE("a byte received costs at most ten bytes of memory", "[chaos][crowd]") {
    PortalProcess portal(json{{"log", {{"file", ""}}}});
    portal.start();
    auto repeated = [](const std::string& start, const std::string& part, const std::string& end) {
        std::string body = start;
        while (body.size() + part.size() + end.size() < 1000000) body += part;
        return body + end;
    };
    auto numbered = [] {
        std::string body = "{";
        for (int i = 0; body.size() < 999900; ++i) body += "\"" + std::to_string(i) + "\":{},";
        return body + "\"x\":0}";
    };
    const std::string bodies[] = {
        repeated("[", "[],", "0]"),
        repeated("[", "{},", "0]"),
        repeated("[", "0,", "0]"),
        repeated("[", "\"\",", "0]"),
        numbered(),
        repeated("\"", "\\u0041", "\""),
        repeated("{\"title\":\"", "x", "\"}"),
    };
    auto before = status_bytes(portal, "VmRSS");
    for (const auto& body : bodies) {
        INFO(body.substr(0, 20));
        // Several at once, as memory that one has left the next can use.
        constexpr int at_once = 16;
        std::ofstream("/proc/" + std::to_string(portal.process().pid()) + "/clear_refs") << 5;
        std::vector<std::thread> threads;
        std::atomic<int> refused{0};
        for (int i = 0; i < at_once; ++i) {
            threads.emplace_back([&] {
                auto answer = portal.ask("POST", "/v1/news/sports", body,
                                         {{"Content-Type", "application/json"}});
                if (answer.status >= 400 && answer.status < 500) ++refused;
            });
        }
        for (auto& thread : threads) thread.join();
        CHECK(refused == at_once);
        auto most = status_bytes(portal, "VmHWM");
        auto ratio = (most - before) / (at_once * static_cast<double>(body.size()));
        std::cout << body.substr(0, 8) << "…: " << ratio << " bytes of memory for a byte"
                  << std::endl;
        if (!is_sanitized()) CHECK(ratio <= 10);
    }
    CHECK(portal.stop() == 0);
}
