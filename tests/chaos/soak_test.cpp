// Many requests: memory, threads and descriptors stay flat.
#include <iostream>
#include <mutex>
#include <thread>

#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;

namespace {

constexpr int clients = 4;
constexpr double slack_bytes = 16.0 * 1024 * 1024;

struct Sizes {
    double memory = 0;
    double threads = 0;
    double descriptors = 0;
};

double metric(const std::string& text, const std::string& name) {
    auto at = text.find("\n" + name + " ");
    REQUIRE(at != std::string::npos);
    return std::stod(text.substr(at + name.size() + 2));
}

Sizes sizes_of(const PortalProcess& portal) {
    support::HttpClient client(portal.operations());
    auto text = client.request("GET", "/metrics").body;
    return {metric(text, "process_resident_memory_bytes"), metric(text, "process_threads"),
            metric(text, "process_open_fds")};
}

/// What readers and authors do, on a fixed set of items: cached and uncached lists, items,
/// histories, refusals, validators and a change now and then.
class Visitor {
public:
    Visitor(const PortalProcess& portal, const json& item, std::uint64_t seed)
        : client_(portal.address()), item_(item), dice_(seed) {}

    /// Empty, or what was answered that should not have been.
    std::string visit() {
        auto path = path_of(item_);
        auto kind = dice_.number(1, 1000);
        if (kind <= 10) return revise();
        if (kind <= 30) return expect(200, "GET", path + "/history");
        if (kind <= 60) return expect(404, "GET", "/v1/news/sports/1");
        if (kind <= 80) return expect(422, "POST", "/v1/news/sports", "{}");
        if (kind <= 100) return expect(400, "GET", "/v1/news/all/0/0");
        if (kind <= 300) return expect(200, "GET", path);
        if (kind <= 400) return expect(200, "GET", "/v1/news/tags/soak");
        if (kind <= 500) return not_modified();
        auto limit = std::to_string(kind % 50 + 1);
        if (kind <= 600) return expect(200, "GET", "/v1/news/all?limit=" + limit);
        return expect(200, "GET", "/v1/news/all/1/10");
    }

private:
    static std::string path_of(const json& item) {
        return "/v1/news/sports/" + std::to_string(item.at("id").get<std::int64_t>());
    }

    support::Answer send(const std::string& method, const std::string& target,
                         const std::string& body) {
        return client_.request(method, target, body, {{"Content-Type", "application/json"}});
    }

    std::string expect(int status, const std::string& method, const std::string& target,
                       const std::string& body = "") {
        auto answer = send(method, target, body);
        if (answer.status == status) return "";
        return method + " " + target + ": " + std::to_string(answer.status) + " " + answer.body;
    }

    std::string revise() {
        json change = {{"id", item_["id"]},
                       {"version", item_["version"]},
                       {"title", "Soaked " + std::to_string(dice_.number(1, 1000000))}};
        auto answer = send("PUT", "/v1/news/sports", change.dump());
        if (answer.status != 201) return "PUT: " + answer.body;
        item_ = answer.news();
        if (item_["version"] < 50) return "";
        // A long history would make each later change dearer; that is not what is measured here.
        auto fresh = send("POST", "/v1/news/sports", support::new_item("next").dump());
        if (fresh.status != 201) return "POST: " + fresh.body;
        auto old = std::exchange(item_, fresh.news());
        return expect(200, "DELETE", path_of(old));
    }

    std::string not_modified() {
        auto answer =
            client_.request("GET", "/v1/news/politics/1/10", "", {{"If-None-Match", etag_}});
        // The first time there is nothing to compare with; the list itself never changes.
        auto expected = etag_.empty() ? 200 : 304;
        etag_ = answer.field("ETag");
        return answer.status == expected ? "" : "not modified: " + std::to_string(answer.status);
    }

    support::HttpClient client_;
    json item_;
    std::string etag_;
    tests::Dice dice_;
};

}  // namespace

TEST_CASE("memory, threads and descriptors stay flat over many requests", "[chaos][soak]") {
    tests::Dice dice(tests::chaos_seed());
    int requests = tests::is_long_run() ? 1000000 : 20000;
    // Small caches are full soon; what grows after that is a leak.
    PortalProcess portal(json{{"news", {{"database", {{"cache_kib", 256}}}}},
                              {"orchestrator", {{"cache_bytes_max", 4 * 1024 * 1024}}},
                              {"http", {{"threads", 2}}}});
    support::Process::Options options;
    const char* given = std::getenv("ASAN_OPTIONS");
    // The sanitizer keeps what was freed; with its default of 256 MB a leak could not be seen.
    options.environment = {
        {"ASAN_OPTIONS", (given ? std::string(given) + ":" : "") +
                             "quarantine_size_mb=4:thread_local_quarantine_size_kb=64"}};
    portal.start(options);
    for (const char* type : {"politics", "famous"}) {
        for (int i = 0; i < 60; ++i) {
            auto path = std::string("/v1/news/") + type;
            REQUIRE(portal.post(path, support::new_item("kept", {{"tags", {"soak"}}})).status ==
                    201);
        }
    }
    std::mutex mutex;
    std::vector<std::string> faults;
    auto run = [&](int count) {
        std::vector<std::thread> threads;
        for (int i = 0; i < clients; ++i) {
            auto item = portal.post("/v1/news/sports", support::new_item("visited")).news();
            threads.emplace_back([&, item, count, seed = dice.seed()] {
                std::string fault;
                try {
                    Visitor visitor(portal, item, seed);
                    for (int n = 0; n < count / clients && fault.empty(); ++n)
                        fault = visitor.visit();
                } catch (const support::ConnectionLost& lost) {
                    fault = lost.what();
                }
                std::lock_guard lock(mutex);
                if (!fault.empty()) faults.push_back(fault);
            });
        }
        for (auto& thread : threads) thread.join();
    };

    Sizes at_rest = sizes_of(portal);
    run(requests / 4);
    Sizes before;
    // The connections of the run end in the server's own time.
    CHECK(support::eventually([&] {
        before = sizes_of(portal);
        return before.descriptors <= at_rest.descriptors;
    }));
    run(requests - requests / 4);

    Sizes after;
    CHECK(support::eventually([&] {
        after = sizes_of(portal);
        return after.descriptors <= at_rest.descriptors;
    }));
    std::cout << requests << " requests: memory " << before.memory / 1e6 << " MB, then "
              << after.memory / 1e6 << " MB; threads " << before.threads << ", then "
              << after.threads << std::endl;
    CHECK(faults == std::vector<std::string>());
    CHECK(after.threads == before.threads);
    CHECK(after.memory <= before.memory * 1.05 + slack_bytes);
    CHECK(portal.stop() == 0);
}
