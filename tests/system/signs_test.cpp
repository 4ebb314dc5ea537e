// Clients that look like an attack, over real sockets.
#include <fstream>
#include <future>
#include <iterator>
#include <random>
#include <thread>

#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::failure_faults;
using support::Fields;
using support::HttpClient;

namespace {

const json watchful = {{"gateway",
                        {{"trusted_proxies", {"127.0.0.0/8"}},
                         {"signs",
                          {{"walk", {{"action", "list"}}},
                           {"regularity", {{"action", "block"}, {"variation_max_percent", 40}}},
                           {"rate", {{"action", "block"}}},
                           {"errors", {{"action", "block"}}}}}}}};

Fields client(const std::string& address, int browser = 0) {
    return {{"X-Forwarded-For", address}, {"User-Agent", "browser " + std::to_string(browser)}};
}

/// At a beat that a busy machine hardly disturbs, until nothing is answered any more.
void beat(const std::string& address) {
    HttpClient http(address);
    auto next = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i, next += 150ms) {
        std::this_thread::sleep_until(next);
        auto answer = http.request("GET", "/v1/news/all", "", client("198.51.100.2"));
        if (answer.status == 429) return;
    }
}

/// Many people at once: each looks at a list, and at something that is there or is not.
void crowd(const std::string& address, std::uint64_t seed) {
    HttpClient http(address);
    std::mt19937_64 random(seed);
    std::exponential_distribution<double> pause(1 / 0.08);
    for (int i = 0; i < 100; ++i) {
        std::this_thread::sleep_for(std::chrono::duration<double>(pause(random)));
        auto browser = static_cast<int>(random() % 40);
        const char* target = random() % 20 ? "/v1/news/all/1/10" : "/v1/news/sports/17";
        http.request("GET", target, "", client("198.51.100.3", browser));
    }
}

}  // namespace

TEST_CASE("a walker and a metronome are named and kept out, and a crowd is not", "[system]") {
    support::PortalProcess portal(watchful);
    portal.start();
    auto metronome = std::async(std::launch::async, [&] { beat(portal.address()); });
    auto people = std::async(std::launch::async, [&] { crowd(portal.address(), 1); });
    HttpClient walker(portal.address());
    int number = 0;
    support::Answer answer;
    do {
        answer = walker.request("GET", "/v1/news/sports/" + std::to_string(++number), "",
                                client("198.51.100.1"));
    } while (answer.status == 404 && number < 100);
    CHECK(number < 40);
    CHECK(failure_faults(answer, 429, "client_blocked") == "");
    CHECK(std::stoi(answer.field("Retry-After")) > 590);
    metronome.get();
    people.get();

    auto list = [&] {
        std::ifstream file(portal.data() / "firewall.list");
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    CHECK(support::eventually([&] { return !list().empty(); }));
    CHECK(list() == "198.51.100.1\n");
    json named = json::object();
    auto shown = HttpClient(portal.operations()).request("GET", "/clients").json();
    for (const auto& one : shown["clients"]) {
        named[one["client"].get<std::string>()] = one["last_sign"];
    }
    CHECK(named == json{{"198.51.100.1", "walk"}, {"198.51.100.2", "regularity"}});
    CHECK(portal.get("/v1/operations/clients").json()["clients"].size() == 2);
    CHECK(portal.get("/v1/news/all", client("198.51.100.2")).status == 429);
    CHECK(portal.get("/v1/news/all", client("198.51.100.3")).status == 200);

    CHECK(portal.ask("DELETE", "/v1/operations/clients/198.51.100.1").status == 204);
    auto nobody = portal.ask("DELETE", "/v1/operations/clients/198.51.100.1");
    CHECK(failure_faults(nobody, 404, "client_not_named") == "");
    CHECK(portal.get("/v1/news/all", client("198.51.100.1")).status == 200);
    CHECK(support::eventually([&] { return list().empty(); }));
}
