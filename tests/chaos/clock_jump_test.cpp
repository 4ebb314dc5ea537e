// The wall's clock jumps while a server serves (faketime moves it): order is by position, as_of is
// right, tokens live as documented, and nothing is lost.
#include <fstream>
#include <iostream>

#include "preloaded.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/skip.hpp"
#include "workload.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;

namespace {

std::filesystem::path fake_clock_library() {
    for (const char* folder : {"x86_64-linux-gnu", "aarch64-linux-gnu"}) {
        auto file = std::filesystem::path("/usr/lib") / folder / "faketime/libfaketimeMT.so.1";
        if (std::filesystem::exists(file)) return file;
    }
    return {};
}

/// A server whose wall clock is set by a file; its steady one is the machine's.
class ClockedServer {
public:
    explicit ClockedServer(const json& settings) : portal(settings) {
        set("+0");
        support::Process::Options options;
        options.environment = {{"LD_PRELOAD", fake_clock_library().string()},
                               {"FAKETIME_TIMESTAMP_FILE", file().string()},
                               {"FAKETIME_NO_CACHE", "1"},
                               {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
                               {"DONT_FAKE_MONOTONIC", "1"},
                               tests::sanitizer_options("verify_asan_link_order=0")};
        portal.start(options);
    }
    void set(const std::string& offset) {
        auto next = portal.folder() / "clock.next";
        std::ofstream(next) << offset << '\n';
        std::filesystem::rename(next, file());
    }
    /// Whether it has noticed.
    bool notices(const std::string& words) const {
        return support::eventually([&] {
            auto ready = support::HttpClient(portal.operations()).request("GET", "/readyz");
            return ready.body.find(words) != std::string::npos;
        });
    }

    PortalProcess portal;

private:
    std::filesystem::path file() const { return portal.folder() / "clock"; }
};

std::string recorded_at(const json& item) {
    return item.at("updated_at");
}

}  // namespace

TEST_CASE("a clock that jumps while serving loses and reorders nothing", "[chaos][clock]") {
    if (!tests::can_interpose()) return support::skip("not with the thread sanitizer");
    if (fake_clock_library().empty()) {
        return support::skip("faketime is missing (apt-get install faketime)");
    }
    tests::Dice dice(tests::chaos_seed());
    ClockedServer server(json::object());
    auto& portal = server.portal;
    tests::Workload client(1, dice);
    const int steps = tests::times(8, 200);

    client.run(portal, steps);
    auto first = portal.post("/v1/news/sports", support::new_item("one")).news();
    auto path = "/v1/news/sports/" + std::to_string(first.at("id").get<std::int64_t>());
    auto save = [&](int version, const std::string& title) {
        auto answer = portal.put("/v1/news/sports", {{"id", first.at("id")},
                                                     {"version", version},
                                                     {"title", title},
                                                     {"content", "of " + title}});
        INFO(answer.body);
        REQUIRE(answer.status == 201);
        return answer.news();
    };
    server.set("+1y");
    auto ahead = save(1, "two");
    client.run(portal, steps);
    CHECK(server.notices("ahead of where it would be"));
    server.set("+0");
    auto right = save(2, "three");
    client.run(portal, steps);
    // As of a time: the newest by position of those that are dated before it.
    auto as_of = [&](const json& item) {
        auto time = support::percent_encoded(recorded_at(item));
        return portal.get(path + "?as_of=" + time).news().value("title", "");
    };
    CHECK(as_of(first) == "one");
    CHECK(as_of(right) == "three");
    CHECK(as_of(ahead) == "three");
    server.set("-1h");
    auto behind = save(3, "four");
    client.run(portal, steps);
    CHECK(server.notices("back of where it would be"));

    CHECK(as_of(behind) == "four");

    // By position, whatever their times say.
    CHECK(recorded_at(ahead).substr(0, 4) > recorded_at(first).substr(0, 4));
    CHECK(recorded_at(right) < recorded_at(ahead));
    CHECK(recorded_at(behind) < recorded_at(first));
    auto history = portal.get(path + "/history").json().at("history");
    REQUIRE(history.size() == 4);
    for (int version = 1; version <= 4; ++version) {
        CHECK(history[static_cast<std::size_t>(version - 1)].at("version") == version);
    }
    CHECK(portal.get(path).news().at("title") == "four");

    CHECK(client.faults() == std::vector<std::string>());
    CHECK(client.failed() + client.unanswered() == 0);
    server.set("+0");
    portal.kill();
    portal.start();
    REQUIRE(tests::unready_for_long(portal) == "");
    client.check(portal);
    CHECK(client.faults() == std::vector<std::string>());
    CHECK(portal.get(path).news().at("title") == "four");
    CHECK(portal.stop() == 0);
    CHECK(tests::verify_faults(portal) == "");
    std::cout << client.acknowledged() << " changes across three jumps of the clock" << std::endl;
}

TEST_CASE("a token ends by the clock, and one that jumped back does not bring it back",
          "[chaos][clock]") {
    if (!tests::can_interpose()) return support::skip("not with the thread sanitizer");
    if (fake_clock_library().empty()) {
        return support::skip("faketime is missing (apt-get install faketime)");
    }
    ClockedServer server(
        json{{"security", {{"mode", "enforced"}}},
             {"identity", {{"password_memory_kib", 19456}, {"password_passes", 2}}}});
    auto& portal = server.portal;
    auto registered = portal.post(
        "/v1/users",
        {{"name", "Ann"}, {"email", "ann@example.org"}, {"password", "the long word of Ann"}});
    REQUIRE(registered.status == 201);
    auto log_in = [&] {
        return portal.post("/v1/auth/token",
                           {{"email", "ann@example.org"}, {"password", "the long word of Ann"}});
    };
    auto login = log_in().json();
    auto me = [&](const std::string& token) {
        return portal.get("/v1/auth/me", {{"Authorization", "Bearer " + token}}).status;
    };
    std::string token = login.at("access_token");
    CHECK(me(token) == 200);
    server.set("+1y");
    CHECK(support::eventually([&] { return me(token) == 401; }));
    auto refreshed =
        portal.post("/v1/auth/refresh", {{"refresh_token", login.at("refresh_token")}});
    CHECK(refreshed.status == 401);
    auto ahead = log_in();
    REQUIRE(ahead.status == 200);
    server.set("+0");
    // From the future: refused until that time, rather than believed.
    CHECK(support::eventually([&] { return me(ahead.json().at("access_token")) == 401; }));
    auto again = log_in();
    REQUIRE(again.status == 200);
    CHECK(me(again.json().at("access_token")) == 200);
    server.set("-1h");
    CHECK(log_in().status == 200);
    CHECK(portal.stop() == 0);
}
