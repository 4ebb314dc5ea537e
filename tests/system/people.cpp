#include "people.hpp"

#include <cctype>
#include <set>

#include "support/catch.hpp"

namespace tests {

using nlohmann::json;
using support::Answer;
using support::Fields;
using support::PortalProcess;

json enforced() {
    return {{"security", {{"mode", "enforced"}}}};
}

Person stranger(const std::string& name) {
    std::string word;
    for (char c : name) {
        auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte)) word += static_cast<char>(std::tolower(byte));
    }
    return {0, name, word + "@example.org", "the long word of " + word};
}

Person register_person(const PortalProcess& portal, const std::string& name) {
    auto person = stranger(name);
    auto answer = portal.post("/v1/users", {{"name", person.name},
                                            {"email", person.email},
                                            {"password", person.password},
                                            {"role", "admin"}});
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    auto user = answer.json();
    person.id = user.value("id", std::int64_t{0});
    CHECK(user_faults(user, person) == "");
    CHECK(answer.field("Location") == person.path());
    CHECK(answer.field("Content-Type").starts_with("application/json"));
    CHECK(answer.body.find(person.password) == std::string::npos);
    return person;
}

support::Finished create_by_command(const PortalProcess& portal, const std::string& role,
                                    const Person& person) {
    return portal.command(
        {"user", "create", "--role", role, "--email", person.email, "--name", person.name},
        std::chrono::seconds(60), person.password + "\n");
}

Person create_person(const PortalProcess& portal, const std::string& role,
                     const std::string& name) {
    auto person = stranger(name);
    auto created = create_by_command(portal, role, person);
    INFO(created.output << created.errors);
    REQUIRE(created.code == 0);
    auto said = "Created " + role + " ";
    REQUIRE(created.output.starts_with(said));
    person.id = std::stoll(created.output.substr(said.size()));
    return person;
}

Answer ask_token(const PortalProcess& portal, const std::string& email,
                 const std::string& password) {
    return portal.post("/v1/auth/token", {{"email", email}, {"password", password}});
}

Login login_of(const Answer& answer) {
    auto body = answer.json();
    if (!body.is_object()) return {};
    return {body.value("access_token", ""), body.value("refresh_token", "")};
}

Login log_in(const PortalProcess& portal, const Person& person) {
    auto answer = ask_token(portal, person.email, person.password);
    INFO(answer.status << ' ' << answer.body);
    REQUIRE(answer.status == 200);
    auto body = answer.json();
    CHECK(body.size() == 4);
    CHECK(body.value("token_type", "") == "Bearer");
    CHECK(body.value("expires_in", 0) > 0);
    CHECK(answer.field("Cache-Control") == "no-store");
    auto login = login_of(answer);
    CHECK(std::count(login.access.begin(), login.access.end(), '.') == 2);
    CHECK(login.refresh.size() >= 43);
    return login;
}

Answer ask_refresh(const PortalProcess& portal, const std::string& refresh_token) {
    return portal.post("/v1/auth/refresh", {{"refresh_token", refresh_token}});
}

Session start_session(const PortalProcess& portal, const Person& person) {
    auto answer =
        portal.post("/v1/auth/session", {{"email", person.email}, {"password", person.password}});
    INFO(answer.status << ' ' << answer.body);
    REQUIRE(answer.status == 200);
    auto set = answer.field("Set-Cookie");
    REQUIRE(set.starts_with("__Host-portal="));
    for (const char* attribute : {"; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"}) {
        INFO(attribute);
        CHECK(set.find(attribute) != std::string::npos);
    }
    CHECK(set.find("Domain") == std::string::npos);
    CHECK(answer.field("Cache-Control") == "no-store");
    auto csrf = answer.json().value("csrf_token", "");
    CHECK(csrf.size() >= 43);
    return {set.substr(0, set.find(';')), csrf};
}

void give_role(const PortalProcess& portal, const Login& admin, const Person& person,
               const std::string& role) {
    auto target = "/v1/auth/users/" + std::to_string(person.id) + "/role";
    auto answer = portal.put(target, {{"role", role}}, admin.bearer());
    INFO(answer.status << ' ' << answer.body);
    REQUIRE(answer.status == 200);
    CHECK(answer.json().value("role", "") == role);
}

std::string role_of(const PortalProcess& portal, const Fields& fields) {
    auto answer = portal.get("/v1/auth/me", fields);
    if (answer.status == 200) return answer.json().value("role", "?");
    return answer.status == 401 ? "" : "status " + std::to_string(answer.status);
}

std::string user_faults(const json& user, const Person& person) {
    static const std::set<std::string> members = {"id", "name", "email", "created_at",
                                                  "updated_at"};
    if (!user.is_object()) return "it is no object: " + user.dump();
    std::string faults;
    for (const auto& [name, value] : user.items()) {
        if (!members.contains(name)) faults += "has " + name + "; ";
    }
    for (const auto& name : members) {
        if (!user.contains(name)) return faults + "has no " + name;
    }
    bool is_id = user["id"].is_number_unsigned() && user["id"] > 0 &&
                 user["id"].get<std::uint64_t>() < (std::uint64_t{1} << 53);
    if (!is_id || user["id"] != person.id) faults += "id; ";
    if (user["name"] != person.name) faults += "name; ";
    if (user["email"] != person.email) faults += "email; ";
    for (const char* name : {"created_at", "updated_at"}) {
        if (!support::is_time(user[name])) faults += std::string(name) + " is no time; ";
    }
    return faults.empty() ? faults : faults + user.dump();
}

std::string interests_faults(const json& interests) {
    if (!interests.is_array()) return "it is no array: " + interests.dump();
    std::string faults;
    double before = 0;
    for (std::size_t i = 0; i < interests.size(); ++i) {
        const auto& one = interests[i];
        bool whole = one.is_object() && one.size() == 3 && one.contains("id") &&
                     one.contains("weight") && one.contains("last_seen");
        if (!whole) return "no entry of the contract: " + one.dump();
        if (!one["id"].is_string() || one["id"] == "") faults += "id; ";
        if (!one["weight"].is_number() || one["weight"] <= 0.0) return "weight: " + one.dump();
        if (!support::is_time(one["last_seen"])) faults += "last_seen; ";
        auto weight = one["weight"].get<double>();
        if (i > 0 && weight > before) faults += "not in order; ";
        before = weight;
    }
    return faults.empty() ? faults : faults + interests.dump();
}

json ids_in(const Answer& list) {
    auto ids = json::array();
    auto body = list.json();
    if (list.status != 200 || !body.is_array()) return ids;
    for (const auto& entry : body) ids.push_back(entry.value("id", json()));
    return ids;
}

json create_as(const PortalProcess& portal, const Fields& fields, const std::string& type,
               const json& item) {
    auto answer = portal.post("/v1/news/" + type, item, fields);
    INFO(answer.status << ' ' << answer.body);
    REQUIRE(answer.status == 201);
    CHECK(support::item_faults(answer.news()) == "");
    return answer.news();
}

}  // namespace tests
