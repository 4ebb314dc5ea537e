// Routes that change sides while readers ask.
#include <atomic>
#include <thread>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_client.hpp"
#include "support/portal_process.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::Answer;
using support::eventually;
using support::head_of;
using support::HttpClient;
using support::PortalProcess;

namespace {

/// Two portals, the one before the other; both answer the path of the route `front`, each with an
/// article of its own.
struct Sides {
    Sides() {
        monolith.start();
        fill(monolith, "of the monolith");
        portal.configure(
            {{"legacy", {{"upstream", "http://" + monolith.address()}}},
             {"gateway",
              {{"routes",
                json::array({{{"name", "front"}, {"path", path}, {"stick", {"reader"}}}})}}}});
        portal.start();
        fill(portal, "of portal");
    }

    static void fill(const PortalProcess& at, const std::string& title) {
        auto made = at.post("/v1/news/sports", {{"title", title},
                                                {"description", "d"},
                                                {"content", "c"},
                                                {"author", "Ann"},
                                                {"tags", {"a"}}});
        REQUIRE(made.status == 201);
    }

    Answer set(const char* mode, int percent = 0) const {
        return portal.put("/v1/migration/routes/front", {{"mode", mode}, {"percent", percent}});
    }
    std::string mode() const {
        return portal.get("/v1/migration/routes/front").json().at("mode").get<std::string>();
    }

    static constexpr const char* path = "/news/v1/all/1/10";
    PortalProcess monolith;
    PortalProcess portal;
};

enum class Side { none, legacy, native };

Side side_of(const Answer& answer) {
    if (answer.status != 200) return Side::none;
    if (answer.body.find("of portal") != answer.body.npos) return Side::native;
    return answer.body.find("of the monolith") != answer.body.npos ? Side::legacy : Side::none;
}

/// A thousand readers on a connection each, who ask again and again until they are told to stop.
/// Each connection asks for four people in turn, who are told apart by a cookie.
class Readers {
public:
    static constexpr int threads = 8;
    static constexpr int connections = 125;
    static constexpr int people = 4;

    explicit Readers(std::string address) : address_(std::move(address)) {
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this, i] { read(i); });
    }
    ~Readers() {
        stop_ = true;
        for (auto& thread : threads_) thread.join();
    }
    Readers(const Readers&) = delete;

    /// Waits until every person was answered by a round that began after this.
    void wait_for_round() {
        std::array<int, threads> seen;
        for (int i = 0; i < threads; ++i) seen[i] = rounds_[i];
        REQUIRE(eventually(
            [&] {
                for (int i = 0; i < threads; ++i) {
                    if (rounds_[i] < seen[i] + 2) return false;
                }
                return true;
            },
            120s));
    }
    /// The share of people whose last answer was ours, in percent.
    double native_share() const {
        int native = 0;
        for (const auto& last : last_) native += last == Side::native ? 1 : 0;
        return 100.0 * native / static_cast<double>(last_.size());
    }
    /// From now on nobody who was answered by us may be answered by the monolith, or all may.
    void may_flip(bool may) { may_flip_ = may; }
    int errors() const { return errors_; }
    int flips() const { return flips_; }

private:
    void read(int thread) {
        try {
            std::vector<std::unique_ptr<HttpClient>> clients;
            for (int i = 0; i < connections; ++i) {
                clients.push_back(std::make_unique<HttpClient>(address_));
            }
            while (!stop_) {
                for (int person = 0; person < people; ++person) ask(thread, person, clients);
                ++rounds_[thread];
            }
        } catch (const std::exception&) {
            ++errors_;
            rounds_[thread] = 1000000;
        }
    }

    void ask(int thread, int person, std::vector<std::unique_ptr<HttpClient>>& clients) {
        auto number = [&](std::size_t i) {
            return (static_cast<std::size_t>(thread) * connections + i) * people +
                   static_cast<std::size_t>(person);
        };
        bool may = may_flip_;
        for (std::size_t i = 0; i < clients.size(); ++i) {
            auto cookie = "reader=person-" + std::to_string(number(i));
            clients[i]->send(head_of("GET", Sides::path, {{"Cookie", cookie}}));
        }
        for (std::size_t i = 0; i < clients.size(); ++i) {
            auto side = side_of(clients[i]->receive());
            if (side == Side::none) ++errors_;
            auto before = last_[number(i)].exchange(side);
            if (!may && before == Side::native && side == Side::legacy) ++flips_;
        }
    }

    const std::string address_;
    std::atomic<bool> stop_{false};
    std::atomic<bool> may_flip_{false};
    std::atomic<int> errors_{0};
    std::atomic<int> flips_{0};
    std::array<std::atomic<int>, threads> rounds_{};
    std::vector<std::atomic<Side>> last_{static_cast<std::size_t>(threads) * connections * people};
    std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("a route goes from 0 to 10 to 100 percent and back under a thousand readers", "[road]") {
    Sides sides;
    Readers readers(sides.portal.address());
    readers.wait_for_round();
    CHECK(readers.native_share() == 0);

    REQUIRE(sides.set("canary", 10).status == 200);
    readers.wait_for_round();
    CHECK(readers.native_share() == Approx(10).margin(2));
    REQUIRE(sides.set("canary", 50).status == 200);
    readers.wait_for_round();
    CHECK(readers.native_share() == Approx(50).margin(2));
    REQUIRE(sides.set("canary", 100).status == 200);
    readers.wait_for_round();
    CHECK(readers.native_share() == 100);
    CHECK(readers.flips() == 0);

    readers.may_flip(true);
    REQUIRE(sides.set("proxied").status == 200);
    readers.wait_for_round();
    CHECK(readers.native_share() == 0);
    CHECK(readers.errors() == 0);
}

TEST_CASE("a mode holds on every thread at once, goes back by one step, and outlives a kill",
          "[road]") {
    Sides sides;
    auto all_are = [&](Side side) {
        for (int i = 0; i < 32; ++i) {
            if (side_of(HttpClient(sides.portal.address()).request("GET", Sides::path)) != side) {
                return false;
            }
        }
        return true;
    };
    CHECK(all_are(Side::legacy));
    REQUIRE(sides.set("native").status == 200);
    CHECK(all_are(Side::native));
    REQUIRE(sides.portal.post("/v1/migration/routes/front/undo", json::object()).status == 200);
    CHECK(all_are(Side::legacy));
    // Every acknowledged mode is there again, whatever the moment of the kill.
    for (const char* mode : {"native", "shadow", "native_or_legacy", "proxied", "native"}) {
        REQUIRE(sides.set(mode).status == 200);
        sides.portal.kill();
        sides.portal.start();
        CHECK(sides.mode() == mode);
    }
    CHECK(all_are(Side::native));
}
