// From registration to recommendation, over HTTP: who reads what is known to care about it.
#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::failure_faults;
using support::Fields;
using support::new_item;
using tests::ids_in;
using tests::path_of;
using tests::Person;

namespace {

constexpr const char* byline = "Rosa Writer";

struct Theme {
    const char* type;
    const char* label;
};
constexpr Theme themes[] = {
    {"famous", "opera"}, {"politics", "town hall"}, {"sports", "long jump"}};

std::string label_path(const std::string& label) {
    return "/v1/recommendation/label/" + support::percent_encoded(label);
}

bool has(const json& ids, const json& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// For each theme an item that `writer` creates and `reader` reads.
std::vector<json> write_and_read(const support::PortalProcess& portal, const Fields& writer,
                                 const Fields& reader) {
    std::vector<json> items;
    for (const auto& theme : themes) {
        auto item = new_item(std::string("About the ") + theme.label,
                             {{"author", byline}, {"tags", {theme.label}}});
        items.push_back(tests::create_as(portal, writer, theme.type, item));
        auto seen = portal.get(path_of(items.back()), reader);
        REQUIRE(seen.status == 200);
        CHECK(seen.news() == items.back());
    }
    return items;
}

/// What the contract promises for the second after a visit.
void check_known_within_a_second(const support::PortalProcess& portal, const Person& person,
                                 const Fields& asks_user, const Fields& asks_labels) {
    auto all_known = [&] {
        auto labels = ids_in(portal.get(person.interests_path(), asks_user));
        return std::all_of(std::begin(themes), std::end(themes), [&](const Theme& theme) {
            return has(labels, theme.label) &&
                   has(ids_in(portal.get(label_path(theme.label), asks_labels)), person.id);
        });
    };
    CHECK(support::eventually(all_known, 1s));
    auto interests = portal.get(person.interests_path(), asks_user);
    REQUIRE(interests.status == 200);
    CHECK(tests::interests_faults(interests.json()) == "");
    CHECK(interests.json().size() == std::size(themes));
}

}  // namespace

TEST_CASE("open: what a reader looks at is recommended within a second, and forgotten on removal",
          "[system]") {
    support::PortalProcess portal;
    portal.start();
    auto person = tests::register_person(portal, "Olga Reader");
    auto other = tests::register_person(portal, "Oskar Reader");
    CHECK(person.id != other.id);
    Fields cookie = {{"Cookie", "user_id=" + std::to_string(person.id)}};

    auto items = write_and_read(portal, cookie, cookie);
    check_known_within_a_second(portal, person, {}, {});

    // The shapes of the contract, and that nobody else is meant.
    for (const auto& theme : themes) {
        auto readers = portal.get(label_path(theme.label));
        REQUIRE(readers.status == 200);
        json expected = {{{"id", person.id}, {"name", person.name}, {"email", person.email}}};
        CHECK(readers.json() == expected);
    }
    CHECK(portal.get(other.interests_path()).json() == json::array());
    CHECK(portal.get(label_path("chess")).json() == json::array());
    CHECK(portal.get("/recommendation/v1/user/" + std::to_string(person.id)).status == 200);

    // A second item of one label makes it the heaviest; reading without a cookie makes nothing.
    auto more =
        tests::create_as(portal, {}, "sports", new_item("Jumped again", {{"tags", {"long jump"}}}));
    auto unread =
        tests::create_as(portal, {}, "sports", new_item("Nobody's", {{"tags", {"nobody's"}}}));
    CHECK(portal.get(path_of(unread)).status == 200);
    CHECK(portal.get(path_of(more), cookie).status == 200);
    CHECK(support::eventually(
        [&] {
            auto labels = ids_in(portal.get(person.interests_path()));
            return !labels.empty() && labels[0] == "long jump";
        },
        1s));
    CHECK(portal.get(label_path("nobody's")).json() == json::array());

    // The profile, alone and in the list, by the older form too; and its change.
    CHECK(tests::user_faults(portal.get(person.path()).json(), person) == "");
    CHECK(portal.get("/users/v1/" + std::to_string(person.id)).body ==
          portal.get(person.path() + "/").body);
    CHECK(ids_in(portal.get("/v1/users/all")) == json({person.id, other.id}));
    CHECK(ids_in(portal.get("/v1/users/all?start=1&count=1")) == json({other.id}));
    CHECK(portal.get("/v1/users/healthcheck").body == "OK");
    CHECK(portal.get("/v1/news/healthcheck").json()["checks"].size() == 3);
    CHECK(portal.get("/news/v1/sports/healthcheck").json()["checks"][0]["name"] == "news-sports");
    CHECK(portal.get("/v1/news/none/healthcheck").json()["error"] == "unknown_news_type");
    auto renamed = portal.put(person.path(), {{"name", "Olga Later"}});
    CHECK(renamed.status == 200);
    person.name = "Olga Later";
    CHECK(tests::user_faults(renamed.json(), person) == "");
    CHECK(portal.get(label_path("opera")).json()[0]["name"] == "Olga Later");
    auto taken = portal.post("/v1/users", {{"name", "Somebody else"},
                                           {"email", "OlgaReader@Example.org"},
                                           {"password", "some other long word"}});
    CHECK(failure_faults(taken, 409, "email_taken") == "");

    auto gone = portal.ask("DELETE", person.path());

    CHECK(gone.status == 200);
    CHECK(gone.json() == json({{"result", "success"}}));
    CHECK(failure_faults(portal.get(person.path()), 404, "user_not_found") == "");
    CHECK(failure_faults(portal.ask("DELETE", person.path()), 404, "user_not_found") == "");
    CHECK(ids_in(portal.get("/v1/users/all")) == json({other.id}));
    auto nobody = tests::ask_token(portal, person.email, person.password);
    CHECK(failure_faults(nobody, 401, "wrong_credentials") == "");
    CHECK(support::eventually([&] {
        auto interests = portal.get(person.interests_path());
        return interests.status == 404 || interests.json() == json::array();
    }));
    for (const auto& theme : themes) {
        CHECK(portal.get(label_path(theme.label)).json() == json::array());
    }
    for (const auto& item : items) {
        auto kept = portal.get(path_of(item));
        CHECK(kept.status == 200);
        CHECK(kept.news() == item);
        CHECK(kept.news().at("author") == byline);
    }
    // A visit that comes with the old cookie leaves nothing either.
    CHECK(portal.get(path_of(items[0]), cookie).status == 200);
    auto again = tests::register_person(portal, "Olga Reader");
    CHECK(again.id != person.id);
    CHECK(portal.stop() == 0);
    portal.start();
    CHECK(portal.get(person.interests_path()).json() == json::array());
    CHECK(portal.get(label_path(themes[0].label)).json() == json::array());
    CHECK(tests::user_faults(portal.get(again.path()).json(), again) == "");
    CHECK(portal.stop() == 0);
}

TEST_CASE("enforced: the same with logins, each of whom may do what the role says", "[system]") {
    support::PortalProcess portal(tests::enforced());
    auto admin = tests::create_person(portal, "admin", "Ada Admin");
    portal.start();
    auto admins = tests::log_in(portal, admin);
    auto author = tests::register_person(portal, "Rosa Writer");
    auto reader = tests::register_person(portal, "Rita Reader");

    // Whoever registers is a reader, whatever the body said.
    auto before = tests::log_in(portal, author);
    CHECK(tests::role_of(portal, before.bearer()) == "reader");
    auto refused = portal.post("/v1/news/sports", new_item("x"), before.bearer());
    CHECK(failure_faults(refused, 403, "forbidden") == "");
    auto not_admin = portal.put("/v1/auth/users/" + std::to_string(author.id) + "/role",
                                {{"role", "admin"}}, before.bearer());
    CHECK(failure_faults(not_admin, 403, "forbidden") == "");

    // A role counts on the very next request: what was issued before it is void.
    tests::give_role(portal, admins, author, "author");
    auto old = portal.post("/v1/news/sports", new_item("x"), before.bearer());
    CHECK(failure_faults(old, 401, "invalid_token") == "");
    auto old_refresh = tests::ask_refresh(portal, before.refresh);
    CHECK(failure_faults(old_refresh, 401, "invalid_refresh_token") == "");
    auto authors = tests::log_in(portal, author);
    CHECK(tests::role_of(portal, authors.bearer()) == "author");

    auto readers = tests::log_in(portal, reader);
    auto items = write_and_read(portal, authors.bearer(), readers.bearer());
    check_known_within_a_second(portal, reader, readers.bearer(), admins.bearer());

    // A user_id cookie says nothing here.
    Fields claims = {{"Cookie", "user_id=" + std::to_string(author.id)}};
    CHECK(portal.get(path_of(items[0]), claims).status == 200);
    CHECK(portal.get(author.interests_path(), authors.bearer()).json() == json::array());
    // One's own, and the admin's; to others it is not there.
    CHECK(portal.get(reader.interests_path(), admins.bearer()).status == 200);
    for (const auto& path : {reader.interests_path(), reader.path()}) {
        INFO(path);
        CHECK(failure_faults(portal.get(path), 401, "unauthenticated") == "");
        auto hidden = portal.get(path, authors.bearer());
        CHECK(failure_faults(hidden, 404, "user_not_found") == "");
    }
    CHECK(tests::user_faults(portal.get(reader.path(), readers.bearer()).json(), reader) == "");
    CHECK(tests::user_faults(portal.get(reader.path(), admins.bearer()).json(), reader) == "");
    CHECK(portal.get("/v1/users/all", readers.bearer()).status == 403);
    CHECK(ids_in(portal.get("/v1/users/all", admins.bearer())).size() == 3);

    // Who cares about a label: for editors without addresses, for admins with them.
    CHECK(portal.get(label_path("opera"), readers.bearer()).status == 403);
    CHECK(portal.get(label_path("opera"), authors.bearer()).status == 403);
    auto removal = portal.ask("DELETE", path_of(items[2]), "", authors.bearer());
    CHECK(failure_faults(removal, 403, "forbidden") == "");
    tests::give_role(portal, admins, author, "editor");
    CHECK(tests::role_of(portal, authors.bearer()) == "");
    auto editors = tests::log_in(portal, author);
    json named = {{{"id", reader.id}, {"name", reader.name}}};
    CHECK(portal.get(label_path("opera"), editors.bearer()).json() == named);
    named[0]["email"] = reader.email;
    CHECK(portal.get(label_path("opera"), admins.bearer()).json() == named);
    CHECK(portal.ask("DELETE", path_of(items[2]), "", editors.bearer()).status == 200);

    // The reader leaves, the author is put out; what was written stays.
    CHECK(portal.ask("DELETE", author.path(), "", readers.bearer()).status == 404);
    CHECK(portal.ask("DELETE", reader.path(), "", readers.bearer()).status == 200);
    CHECK(portal.ask("DELETE", author.path(), "", admins.bearer()).status == 200);
    for (const auto& login : {readers, editors}) {
        CHECK(tests::role_of(portal, login.bearer()) == "");
        auto ended = tests::ask_refresh(portal, login.refresh);
        CHECK(failure_faults(ended, 401, "invalid_refresh_token") == "");
    }
    CHECK(portal.get(reader.path(), admins.bearer()).status == 404);
    CHECK(support::eventually([&] {
        return portal.get(reader.interests_path(), admins.bearer()).json() == json::array();
    }));
    CHECK(portal.get(label_path("opera"), admins.bearer()).json() == json::array());
    CHECK(portal.get(path_of(items[0])).news().at("author") == byline);
    CHECK(portal.get(path_of(items[0])).news() == items[0]);
    CHECK(portal.stop() == 0);
}
