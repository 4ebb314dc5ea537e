// The steps of the reference system's own client, over the older form of the routes: it has no
// login and knows no rules for passwords, so it is for open mode.
#include <fstream>
#include <sstream>

#include "people.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::failure_faults;
using support::Fields;
using support::new_item;
using support::PortalProcess;
using tests::ask_token;
using tests::role_of;

namespace {

constexpr const char* password = "123456";
constexpr const char* types[] = {"famous", "politics", "sports"};

/// As delivered, but for the ports and the folder.
json delivered() {
    return {{"security", nullptr}, {"gateway", nullptr}};
}

void start_open(PortalProcess& portal) {
    support::Process::Options options;
    options.arguments = {"--set", "security.mode=open"};
    portal.start(options);
}

tests::Person end_user(int number) {
    return {0, "End User", "end.user." + std::to_string(number) + "@example.org", password};
}

/// POST /users/v1/, as that client does it.
tests::Person register_end_user(const PortalProcess& portal, int number) {
    auto person = end_user(number);
    auto answer = portal.post(
        "/users/v1/",
        {{"name", person.name}, {"email", person.email}, {"password", person.password}});
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    auto user = answer.json();
    person.id = user.at("id");
    CHECK(tests::user_faults(user, person) == "");
    return person;
}

std::string log_of(const PortalProcess& portal) {
    std::ifstream in(portal.data() / "logs/portal.log");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

json labels_of(const PortalProcess& portal, const tests::Person& person) {
    return tests::ids_in(portal.get("/recommendation/v1/user/" + std::to_string(person.id)));
}

}  // namespace

TEST_CASE("open: the reference system's client passes on a fresh folder", "[system]") {
    PortalProcess portal(delivered());
    start_open(portal);
    CHECK(portal.get("/users/v1/healthcheck").body == "OK");

    // More of them, from one address, than may register in a minute elsewhere.
    std::vector<tests::Person> people;
    for (int i = 0; i < 12; ++i) people.push_back(register_end_user(portal, i));
    auto listed = portal.get("/users/v1/all?start=0&count=10");
    REQUIRE(listed.status == 200);
    REQUIRE(listed.json().size() == 10);
    CHECK(tests::user_faults(listed.json()[0], people[0]) == "");
    CHECK(portal.get("/users/v1/all?start=10&count=10").json().size() == 2);
    CHECK(portal.get("/users/v1/" + std::to_string(people[3].id)).json()["name"] == "End User");

    std::vector<json> items;
    for (const char* type : types) {
        auto item = new_item(std::string("News of ") + type, {{"tags", {type, "everything"}}});
        auto made = portal.post(std::string("/news/v1/") + type, item);
        INFO(made.body);
        REQUIRE(made.status == 201);
        items.push_back(made.news());
    }
    for (const auto& person : people) {
        Fields cookie = {{"Cookie", "user_id=" + std::to_string(person.id)}};
        for (std::size_t i = 0; i < items.size(); ++i) {
            auto target = std::string("/news/v1/") + types[i] + "/" + items[i]["id"].dump();
            auto read = portal.get(target, cookie);
            CHECK(read.status == 200);
            CHECK(read.news() == items[i]);
        }
    }
    for (const char* type : types) {
        CHECK(portal.get(std::string("/news/v1/") + type + "/1/10").news().size() == 1);
    }
    CHECK(portal.get("/news/v1/all/1/10").news().size() == std::size(types));

    for (const auto& person : people) {
        CHECK(support::eventually([&] { return labels_of(portal, person).size() == 4; }, 5s));
        CHECK(labels_of(portal, person)[0] == "everything");
    }
    auto readers = portal.get("/recommendation/v1/label/everything");
    CHECK(tests::ids_in(readers).size() == people.size());
    CHECK(portal.stop() == 0);
}

TEST_CASE("a password of open mode opens nothing in enforced mode until an admin sets another",
          "[system]") {
    PortalProcess portal(delivered());
    start_open(portal);
    auto person = register_end_user(portal, 1);
    auto longer = tests::register_person(portal, "Rita Reader");
    auto empty = end_user(2);
    auto refused =
        portal.post("/users/v1/", {{"name", empty.name}, {"email", empty.email}, {"password", ""}});
    CHECK(failure_faults(refused, 422, "invalid_user") == "");
    auto login = tests::log_in(portal, person);
    auto session = tests::start_session(portal, person);
    // There, too, everybody may do everything: also be made an admin.
    CHECK(portal.put("/v1/auth/users/" + std::to_string(person.id) + "/role", {{"role", "admin"}})
              .status == 200);
    login = tests::log_in(portal, person);
    REQUIRE(portal.stop() == 0);

    portal.start();
    auto right = ask_token(portal, person.email, person.password);
    auto wrong = ask_token(portal, person.email, "not the password");
    CHECK(failure_faults(right, 401, "wrong_credentials") == "");
    CHECK(right.json()["message"] == wrong.json()["message"]);
    CHECK(ask_token(portal, longer.email, longer.password).status == 401);
    // Nor does what it opened while it could.
    CHECK(role_of(portal, login.bearer()) == "");
    CHECK(role_of(portal, session.reading()) == "");
    CHECK(tests::ask_refresh(portal, login.refresh).status == 401);
    REQUIRE(portal.stop() == 0);
    CHECK(log_of(portal).find("set in open mode") != std::string::npos);

    auto admin = tests::create_person(portal, "admin", "Ada Admin");
    portal.start();
    auto admins = tests::log_in(portal, admin);
    auto short_one = portal.put(person.path(), {{"password", password}}, admins.bearer());
    CHECK(failure_faults(short_one, 422, "invalid_user") == "");
    person.password = "a password with rules";
    CHECK(portal.put(person.path(), {{"password", person.password}}, admins.bearer()).status ==
          200);
    CHECK(role_of(portal, tests::log_in(portal, person).bearer()) == "admin");
    CHECK(portal.stop() == 0);
}
