// Stores of one data folder that do not belong together: said by the start and by verify.
#include <filesystem>
#include <fstream>
#include <set>

#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/sqlite_file.hpp"

using nlohmann::json;
using support::new_item;
using support::PortalProcess;

namespace {

namespace fs = std::filesystem;

/// A stopped server's data, and an older copy of its files in the folder OLD.
void make_old_and_new(PortalProcess& portal) {
    portal.start();
    for (const char* title : {"A", "B"}) tests::create(portal, "sports", new_item(title));
    json user{{"name", "ann"}, {"email", "ann@example.org"}, {"password", "correct horse battery"}};
    REQUIRE(portal.post("/v1/users", user).status == 201);
    REQUIRE(portal.stop() == 0);
    fs::copy(portal.data(), portal.folder() / "OLD", fs::copy_options::recursive);
    portal.start();
    for (const char* title : {"C", "D", "E"}) tests::create(portal, "sports", new_item(title));
    user["email"] = "ben@example.org";
    REQUIRE(portal.post("/v1/users", user).status == 201);
    REQUIRE(portal.stop() == 0);
}

void put_back(const PortalProcess& portal, const std::string& file) {
    fs::copy_file(portal.folder() / "OLD" / file, portal.data() / file,
                  fs::copy_options::overwrite_existing);
}

std::set<std::string> titles(const PortalProcess& portal) {
    std::set<std::string> all;
    // None while the view is being made anew.
    auto body = portal.get("/v1/news/sports/1/100").json();
    for (const auto& item : body.value("news", json::array())) {
        all.insert(item.at("title"));
    }
    return all;
}

std::string readiness(const PortalProcess& portal) {
    return support::HttpClient(portal.operations()).request("GET", "/readyz").body;
}

}  // namespace

TEST_CASE("an older log put back alone is refused, and taken only when that is accepted",
          "[system]") {
    PortalProcess portal;
    make_old_and_new(portal);
    put_back(portal, "news-sports.command.db");

    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    CHECK(verified.code == 1);
    CHECK(verified.output.find("news-sports.command.db is older") != std::string::npos);
    CHECK(verified.output.find("view: it is ahead of the log") != std::string::npos);
    auto refused = portal.command({});
    INFO(refused.errors);
    CHECK(refused.code == 2);
    CHECK(refused.errors.find("older") != std::string::npos);
    CHECK(refused.errors.find("news-sports.command.db") != std::string::npos);
    CHECK(refused.errors.find("--accept-older-data") != std::string::npos);
    // A refusal changes nothing: the next one says the same.
    CHECK(portal.command({}).code == 2);

    support::Process::Options accept;
    accept.arguments = {"--accept-older-data"};
    portal.start(accept);
    REQUIRE(support::eventually(
        [&] { return readiness(portal).find("made anew") == std::string::npos; }));
    auto created = tests::create(portal, "sports", new_item("F"));
    CHECK(titles(portal) == std::set<std::string>{"A", "B", "F"});
    CHECK(portal.get(tests::path_of(created)).status == 200);
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
    // Once accepted it is the truth.
    portal.start();
    CHECK(titles(portal) == std::set<std::string>{"A", "B", "F"});
    CHECK(portal.stop() == 0);
}

TEST_CASE("any store that is older, missing or empty is named by the start and by verify",
          "[system]") {
    struct Case {
        const char* file;
        const char* how;
    };
    const Case cases[] = {{"identity.db", "older"},
                          {"users.db", "older"},
                          {"recommendation.db", "older"},
                          {"users.db", "missing"},
                          {"site.db", "older"},
                          {"identity.db", "empty"},
                          {"news-politics.command.db", "missing"}};
    PortalProcess portal;
    make_old_and_new(portal);
    for (const auto& one : cases) {
        CAPTURE(one.file, one.how);
        auto kept = portal.folder() / "kept.db";
        fs::rename(portal.data() / one.file, kept);
        std::string how = one.how;
        if (how == "older") put_back(portal, one.file);
        if (how == "empty") std::ofstream(portal.data() / one.file);

        auto said = std::string(one.file) + " is " + one.how;
        auto refused = portal.command({});
        INFO(refused.errors);
        CHECK(refused.code == 2);
        CHECK(refused.errors.find(said) != std::string::npos);
        auto verified = portal.command({"verify"});
        INFO(verified.output << verified.errors);
        CHECK(verified.code == 1);
        CHECK(verified.output.find(said) != std::string::npos);

        fs::remove(portal.data() / one.file);
        fs::rename(kept, portal.data() / one.file);
    }
    CHECK(portal.command({"verify"}).code == 0);
    portal.start();
    CHECK(portal.stop() == 0);
}

TEST_CASE("a view that is gone, or of another folder, is made anew without a word", "[system]") {
    PortalProcess portal;
    make_old_and_new(portal);
    PortalProcess other;
    other.start();
    tests::create(other, "sports", new_item("theirs"));
    REQUIRE(other.stop() == 0);
    for (bool foreign : {false, true}) {
        CAPTURE(foreign);
        fs::remove(portal.query_file("sports"));
        if (foreign) fs::copy_file(other.query_file("sports"), portal.query_file("sports"));
        portal.start();
        CHECK(support::eventually([&] {
            return titles(portal) == std::set<std::string>{"A", "B", "C", "D", "E"};
        }));
        CHECK(portal.stop() == 0);
        CHECK(portal.command({"verify"}).code == 0);
    }
}

TEST_CASE("verify holds accounts, profiles and interests against each other", "[system]") {
    PortalProcess portal;
    make_old_and_new(portal);
    // As if all had been put back together but for one: the marks are good, the contents are not.
    support::change_database(portal.data() / "users.db",
                             "delete from users where id = (select min(id) from users)");
    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    CHECK(verified.code == 1);
    CHECK(verified.output.find("is missing") != std::string::npos);
    CHECK(verified.output.find("has an account, but no profile") != std::string::npos);
}
