// Many requests: memory, threads and descriptors stay flat.
#include <atomic>
#include <iostream>
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

    /// False if an answer was not the one expected.
    bool visit() {
        auto path = "/v1/news/sports/" + std::to_string(item_["id"].get<std::int64_t>());
        auto kind = dice_.number(1, 1000);
        if (kind <= 10) return revise();
        if (kind <= 30) return status("GET", path + "/history") == 200;
        if (kind <= 60) return status("GET", "/v1/news/sports/1") == 404;
        if (kind <= 80) return status("POST", "/v1/news/sports", "{}") == 422;
        if (kind <= 100) return status("GET", "/v1/news/all/0/0") == 400;
        if (kind <= 300) return status("GET", path) == 200;
        if (kind <= 400) return status("GET", "/v1/news/tags/soak") == 200;
        if (kind <= 500) return not_modified();
        if (kind <= 600)
            return status("GET", "/v1/news/all?limit=" + std::to_string(kind % 50 + 1)) == 200;
        return status("GET", "/v1/news/all/1/10") == 200;
    }

private:
    int status(const std::string& method, const std::string& target, const std::string& body = "") {
        return client_.request(method, target, body, {{"Content-Type", "application/json"}}).status;
    }

    bool revise() {
        json change = {{"id", item_["id"]},
                       {"version", item_["version"]},
                       {"title", "Soaked " + std::to_string(dice_.number(1, 1000000))}};
        auto answer = client_.request("PUT", "/v1/news/sports", change.dump(),
                                      {{"Content-Type", "application/json"}});
        item_ = answer.news();
        // A long history would make each later change dearer; that is not what is measured here.
        if (answer.status == 201 && item_["version"] >= 50) {
            auto fresh =
                client_.request("POST", "/v1/news/sports", support::new_item("next").dump(),
                                {{"Content-Type", "application/json"}});
            auto old = "/v1/news/sports/" + std::to_string(item_["id"].get<std::int64_t>());
            item_ = fresh.news();
            return fresh.status == 201 && status("DELETE", old) == 200;
        }
        return answer.status == 201;
    }

    bool not_modified() {
        auto answer =
            client_.request("GET", "/v1/news/politics/1/10", "", {{"If-None-Match", etag_}});
        if (answer.status == 200) etag_ = answer.field("ETag");
        return answer.status == 304 || answer.status == 200;
    }

    support::HttpClient client_;
    json item_;
    std::string etag_ = "\"none\"";
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
    std::atomic<int> wrong{0};
    auto run = [&](int count) {
        std::vector<std::thread> threads;
        for (int i = 0; i < clients; ++i) {
            auto item = portal.post("/v1/news/sports", support::new_item("visited")).news();
            threads.emplace_back([&portal, &wrong, item, count, seed = dice.seed()] {
                try {
                    Visitor visitor(portal, item, seed);
                    for (int done = 0; done < count / clients; ++done)
                        wrong += visitor.visit() ? 0 : 1;
                } catch (const support::ConnectionLost&) {
                    ++wrong;
                }
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
    CHECK(wrong == 0);
    CHECK(after.threads == before.threads);
    CHECK(after.memory <= before.memory * 1.05 + slack_bytes);
    CHECK(portal.stop() == 0);
}
