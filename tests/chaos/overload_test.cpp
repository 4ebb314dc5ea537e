// Twice and five times as many readers as can be served: as many as ever are, the others hear at
// once that they should come again, and afterwards all is as it was.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "open_load.hpp"
#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;
using tests::OpenLoad;
using Seen = OpenLoad::Seen;

namespace {

constexpr int items_imported = 500;

/// It works for so long on each request that a refusal waits for that.
bool is_slow_build() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return std::getenv("PORTAL_BINARY") == nullptr;
#else
    return false;
#endif
}

void import_items(const PortalProcess& portal) {
    portal.make_data_folder();
    {
        std::ofstream file(portal.folder() / "items.jsonl");
        for (int i = 0; i < items_imported; ++i) {
            auto item = support::new_item("item " + std::to_string(i));
            item["source_id"] = std::to_string(i);
            item["news_type"] = "sports";
            item["content"] = std::string(500, 'c');
            file << item.dump() << '\n';
        }
    }
    auto imported = portal.command({"import", "news", "items.jsonl"});
    INFO(imported.output << imported.errors);
    REQUIRE(imported.code == 0);
}

void print(const char* what, Seen seen) {
    std::ostringstream line;
    line << what << ": asked " << seen.asked / seen.span.count() << "/s, good " << seen.goodput()
         << "/s (p50 " << Seen::quantile(seen.good_ms, 0.5) << " ms, p99 "
         << Seen::quantile(seen.good_ms, 0.99) << " ms), shed " << seen.shed << " (p50 "
         << Seen::quantile(seen.shed_ms, 0.5) << " ms, p99 " << Seen::quantile(seen.shed_ms, 0.99)
         << " ms), other " << seen.other;
    std::cout << line.str() << std::endl;
}

}  // namespace

TEST_CASE("twice and five times the load: as much is answered as ever, the rest is refused at once",
          "[chaos]") {
    bool is_long = tests::is_long_run();
    auto span = is_long ? 20s : 3s;
    tests::Dice dice(tests::chaos_seed());
    // Lists that nobody has asked for: each costs a question to the store.
    PortalProcess portal(json{{"security", {{"mode", "enforced"}}},
                              {"orchestrator", {{"cache_bytes_max", 0}}},
                              {"log", {{"access", false}}}});
    import_items(portal);
    portal.start();
    auto target = [&dice] {
        return "/v1/news/sports/" + std::to_string(dice.number(1, 10)) + "/50";
    };
    OpenLoad load(portal.address(), target, 1000ms, dice.seed());

    // What can be done: the most that is answered of ever more.
    double peak = 0;
    for (double rate = 100; rate <= 4 * std::max(peak, 50.0); rate *= 2) {
        auto seen = load.run(rate, is_long ? 5s : 1s);
        print("peak", seen);
        peak = std::max(peak, seen.goodput());
    }
    for (double times : {2.0, 5.0}) {
        CAPTURE(times, peak);
        auto during = load.run(times * peak, span);
        print(times == 2 ? "twice" : "five times", during);
        CHECK(during.shed > 0);
        auto refused = Seen::quantile(during.shed_ms, 0.5);
        CHECK(refused < Seen::quantile(during.good_ms, 0.5));
        // The load has the same processors: what it costs to be refused, slowly, is missing.
        CHECK(during.goodput() >= (is_slow_build() ? 0.1 : 0.9) * peak);
        if (!is_slow_build()) CHECK(refused <= 10);
        // Whoever looks after the server is not refused.
        CHECK(support::HttpClient(portal.operations()).request("GET", "/livez").status == 200);
        auto calm = load.run(0.3 * peak, 5s);
        print("after", calm);
        auto normal = load.run(0.3 * peak, is_long ? 5s : 1s);
        print("normal", normal);
        CHECK(normal.shed == 0);
        CHECK(normal.other == 0);
        CHECK(Seen::quantile(normal.good_ms, 0.5) < 100);
    }
    CHECK(portal.stop() == 0);
}
