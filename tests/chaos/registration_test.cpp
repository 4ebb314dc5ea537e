// kill -9 while people register: whoever was told "created" can log in afterwards, and nobody is
// half there.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <iterator>
#include <memory>
#include <thread>

#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/portal_process.hpp"
#include "support/sqlite_file.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::Answer;
using support::ConnectionLost;
using support::HttpClient;
using support::PortalProcess;

namespace {

constexpr int clients_count = 8;
const std::vector<std::string> faultless{};

/// Somebody who has sent a registration.
struct Registrant {
    std::string name;
    std::int64_t id = 0;  ///< 0: the answer never came

    std::string email() const { return name + "@example.org"; }
    std::string password() const { return "the long word of " + name; }
};

Answer post(HttpClient& client, const std::string& target, const json& body) {
    return client.request("POST", target, body.dump(), {{"Content-Type", "application/json"}});
}

/// One client that registers people, and holds the server to its answers after a crash. Not
/// thread-safe; lives through all rounds.
class Registrar {
public:
    Registrar(int number, std::uint64_t seed) : number_(number), dice_(seed) {}

    /// Registers one after the other until the server is gone.
    void work(const PortalProcess& portal) {
        try {
            HttpClient client(portal.address());
            for (;;) {
                ++sent_;
                fresh_.push_back({"p" + std::to_string(number_) + "-" + std::to_string(sent_), 0});
                auto answer = register_(client, fresh_.back());
                if (answer.status != 201) {
                    fault(fresh_.back(), "is not registered", answer);
                    return;
                }
                fresh_.back().id = answer.json().value("id", std::int64_t{0});
                ++acknowledged_;
            }
        } catch (const ConnectionLost&) {
            // The kill.
        }
    }

    /// After a restart: everybody of the last round, and some of those before.
    void check(const PortalProcess& portal, int others) {
        try {
            HttpClient client(portal.address());
            for (auto& person : fresh_) {
                if (person.id == 0) {
                    settle(client, person);
                } else {
                    compare(client, person);
                }
                settled_.push_back(person);
            }
            for (int i = 0; i < others && !settled_.empty(); ++i) {
                auto last = static_cast<int>(settled_.size()) - 1;
                compare(client, settled_[static_cast<std::size_t>(dice_.number(0, last))]);
            }
        } catch (const ConnectionLost& lost) {
            faults_.push_back(std::string("the restarted server is gone: ") + lost.what());
        }
        fresh_.clear();
    }

    const std::vector<std::string>& faults() const { return faults_; }
    const std::vector<Registrant>& people() const { return settled_; }
    int acknowledged() const { return acknowledged_; }
    int unanswered() const { return unanswered_; }
    /// Of those without an answer: who is there all the same.
    int survived() const { return survived_; }

private:
    static Answer register_(HttpClient& client, const Registrant& person) {
        return post(
            client, "/v1/users",
            {{"name", person.name}, {"email", person.email()}, {"password", person.password()}});
    }

    static Answer log_in(HttpClient& client, const Registrant& person) {
        return post(client, "/v1/auth/token",
                    {{"email", person.email()}, {"password", person.password()}});
    }

    /// Logs in and reads the own profile, both of which must succeed.
    void compare(HttpClient& client, const Registrant& person) {
        auto login = log_in(client, person);
        if (login.status != 200) return fault(person, "cannot log in", login);
        auto token = login.json().value("access_token", "");
        auto profile = client.request("GET", "/v1/users/" + std::to_string(person.id), "",
                                      {{"Authorization", "Bearer " + token}});
        auto body = profile.json();
        bool whole = profile.status == 200 && body.value("id", std::int64_t{0}) == person.id &&
                     body.value("name", "") == person.name &&
                     body.value("email", "") == person.email();
        if (!whole) fault(person, "has no whole profile", profile);
    }

    /// Nobody knows whether that registration happened: it is there wholly, or not at all.
    void settle(HttpClient& client, Registrant& person) {
        ++unanswered_;
        auto login = log_in(client, person);
        bool is_there = login.status == 200;
        if (!is_there && login.status != 401) fault(person, "login of the unanswered", login);
        if (is_there) {
            ++survived_;
            auto me = client.request(
                "GET", "/v1/auth/me", "",
                {{"Authorization", "Bearer " + login.json().value("access_token", "")}});
            person.id = me.json().value("id", std::int64_t{0});
        }
        auto again = register_(client, person);
        if (again.status != (is_there ? 409 : 201)) {
            fault(person, is_there ? "is there, and again" : "is not there, and again", again);
        }
        if (is_there && again.json().value("error", "") != "email_taken") {
            fault(person, "is refused for another reason", again);
        }
        if (!is_there) person.id = again.json().value("id", std::int64_t{0});
        compare(client, person);
    }

    void fault(const Registrant& person, const std::string& what, const Answer& answer) {
        faults_.push_back(person.name + " " + what + ": " + std::to_string(answer.status) + " " +
                          answer.body);
    }

    int number_;
    tests::Dice dice_;
    int sent_ = 0;
    std::atomic<int> acknowledged_{0};  ///< also read while it works
    int unanswered_ = 0;
    int survived_ = 0;
    std::vector<Registrant> fresh_;
    std::vector<Registrant> settled_;
    std::vector<std::string> faults_;
};

using Registrars = std::vector<std::unique_ptr<Registrar>>;

template <class Work>
void for_each_at_once(Registrars& registrars, const Work& work) {
    std::vector<std::thread> threads;
    for (auto& registrar : registrars) {
        threads.emplace_back([&work, &registrar] { work(*registrar); });
    }
    for (auto& thread : threads) thread.join();
}

void check_faults(const Registrars& registrars) {
    for (const auto& registrar : registrars) REQUIRE(registrar->faults() == faultless);
}

/// What is wrong between accounts, profiles, events and what the clients know: they must be the
/// same people. With no server.
std::vector<std::string> table_faults(const PortalProcess& portal, const Registrars& registrars) {
    auto identity = portal.data() / "identity.db";
    auto users = portal.data() / "users.db";
    std::vector<std::string> known;
    for (const auto& registrar : registrars) {
        for (const auto& person : registrar->people()) known.push_back(std::to_string(person.id));
    }
    std::sort(known.begin(), known.end());
    std::vector<std::string> faults;
    auto compare = [&](const std::filesystem::path& file, const std::string& sql) {
        auto ids = support::rows_from_database(file, sql);
        std::sort(ids.begin(), ids.end());
        std::vector<std::string> differing;
        std::set_symmetric_difference(ids.begin(), ids.end(), known.begin(), known.end(),
                                      std::back_inserter(differing));
        for (const auto& id : differing)
            faults.push_back(id + " in only one of clients and " + sql);
    };
    compare(identity, "select id from accounts");
    compare(identity, "select id from accounts where status = 'active'");
    compare(users, "select id from users union select user_id from queue");
    compare(users,
            "select stream from events where type = 'user_registered.v1' and version = 1"
            " union all select user_id from queue where kind = 'registered'");
    if (support::number_from_database(users, "select count(*) from queue where parked = 1") > 0) {
        faults.push_back("rows of the queue are parked");
    }
    return faults;
}

}  // namespace

TEST_CASE("whoever was registered before kill -9 can log in, nobody is half there", "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    // As many at once as there are clients, at the least cost that the configuration takes.
    PortalProcess portal(json{{"security", {{"mode", "enforced"}}},
                              {"identity",
                               {{"password_memory_kib", 19456},
                                {"password_passes", 2},
                                {"password_threads", 4},
                                {"failures_free", 1000}}}});
    Registrars registrars;
    for (int i = 0; i < clients_count; ++i) {
        registrars.push_back(std::make_unique<Registrar>(i, dice.seed()));
    }
    const int rounds = tests::times(10, 200);
    std::int64_t pending = 0;

    for (int round = 1; round <= rounds; ++round) {
        INFO("round " << round);
        portal.start();
        for_each_at_once(registrars, [&](Registrar& one) { one.check(portal, 2); });
        check_faults(registrars);

        auto all_acknowledged = [&] {
            int all = 0;
            for (const auto& one : registrars) all += one->acknowledged();
            return all;
        };
        auto before = all_acknowledged();
        std::thread killer([&] {
            // On a machine with much else to do the time alone could be over before the first one.
            support::eventually([&] { return all_acknowledged() >= before + 4; });
            dice.pause(0ms, 500ms);
            portal.process().signal(SIGKILL);
        });
        for_each_at_once(registrars, [&](Registrar& one) { one.work(portal); });
        killer.join();
        portal.kill();
        check_faults(registrars);
        // To look into a file recovers it, which half of the rounds leave to the server.
        if (round % 2 == 0) {
            pending += support::number_from_database(
                portal.data() / "identity.db",
                "select count(*) from accounts where status = 'pending'");
        }
    }

    portal.start();
    for_each_at_once(registrars, [&](Registrar& one) { one.check(portal, 10); });
    check_faults(registrars);
    CHECK(portal.stop() == 0);
    CHECK(table_faults(portal, registrars) == faultless);
    int acknowledged = 0;
    int unanswered = 0;
    int survived = 0;
    for (const auto& one : registrars) {
        acknowledged += one->acknowledged();
        unanswered += one->unanswered();
        survived += one->survived();
    }
    std::cout << rounds << " kills, " << acknowledged << " people registered, " << unanswered
              << " cut off, of whom " << survived << " were there; " << pending
              << " accounts found pending" << std::endl;
    // An orphan would be seen.
    support::change_database(portal.data() / "users.db",
                             "insert into users (id, name, created_at, updated_at, version)"
                             " values (1, 'orphan', 0, 0, 1)");
    CHECK(table_faults(portal, registrars).size() == 1);
    // Else this test has shown nothing.
    CHECK(acknowledged > rounds * 3);
    CHECK(unanswered > rounds);
}
