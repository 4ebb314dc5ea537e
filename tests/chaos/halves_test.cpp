// A change that is of two stores, and a process that is killed at any moment.
#include <iostream>

#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/portal_process.hpp"
#include "support/sqlite_file.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;

namespace {

/// Somebody who changes name and address together, again and again, to the next number.
class Mover {
public:
    explicit Mover(int index) : prefix_("mover" + std::to_string(index) + ".") {}

    void sign_up(const PortalProcess& portal) {
        auto body = members(0);
        body["password"] = "a long enough word";
        auto answer = portal.post("/v1/users", body);
        if (answer.status == 201) id_ = answer.json().at("id");
    }

    /// Until the server is gone.
    void work(const PortalProcess& portal) {
        try {
            support::HttpClient client(portal.address());
            for (;;) {
                ++asked_;
                auto answer = client.request("PUT", path(), members(asked_).dump(),
                                             {{"Content-Type", "application/json"}});
                if (answer.status != 200) return;
                acknowledged_ = asked_;
                ++changes_;
            }
        } catch (const std::exception&) {
            // It was killed.
        }
    }

    /// What is wrong with what is left; empty if nothing is.
    std::string fault(const PortalProcess& portal) {
        auto answer = portal.get(path());
        if (answer.status != 200) return path() + " gives " + std::to_string(answer.status);
        auto user = answer.json();
        for (auto number : {asked_, acknowledged_}) {
            auto expected = members(number);
            if (user["name"] == expected["name"] && user["email"] == expected["email"]) {
                survived_ += number != acknowledged_ ? 1 : 0;
                acknowledged_ = asked_ = number;
                return "";
            }
        }
        return "neither " + std::to_string(acknowledged_) + " nor " + std::to_string(asked_) +
               ": " + user.dump();
    }

    int changes() const { return changes_; }
    int survived() const { return survived_; }

private:
    std::string path() const { return "/v1/users/" + std::to_string(id_); }
    json members(int number) const {
        auto word = prefix_ + std::to_string(number);
        return {{"name", word}, {"email", word + "@example.org"}};
    }

    std::string prefix_;
    std::int64_t id_ = 0;
    int asked_ = 0;
    int acknowledged_ = 0;
    int changes_ = 0;
    int survived_ = 0;
};

}  // namespace

TEST_CASE("a change of name and address is whole or undone after kill -9", "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal;
    portal.start();
    std::vector<std::unique_ptr<Mover>> movers;
    for (int i = 0; i < 8; ++i) movers.push_back(std::make_unique<Mover>(i));
    for (auto& mover : movers) mover->sign_up(portal);
    const int rounds = tests::times(8, 200);
    for (int round = 1; round <= rounds; ++round) {
        INFO("round " << round);
        std::vector<std::thread> threads;
        for (auto& mover : movers) threads.emplace_back([&] { mover->work(portal); });
        dice.pause(100ms, 400ms);
        portal.kill();
        for (auto& thread : threads) thread.join();
        portal.start();
        for (auto& mover : movers) CHECK(mover->fault(portal) == "");
    }
    CHECK(portal.stop() == 0);
    CHECK(support::number_from_database(portal.data() / "identity.db",
                                        "select count(*) from prepared_changes") == 0);
    int changes = 0;
    int survived = 0;
    for (const auto& mover : movers) {
        changes += mover->changes();
        survived += mover->survived();
    }
    std::cout << rounds << " kills, " << changes << " changes acknowledged, " << survived
              << " cut off and there all the same" << std::endl;
    // Else this test has shown nothing.
    CHECK(changes > rounds);
}
