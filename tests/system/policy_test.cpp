// Who may do what, on every route, as policy.json has it written.
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "policy_check.hpp"
#include "policy_file.hpp"
#include "policy_stage.hpp"
#include "support/catch.hpp"
#include "support/json_checks.hpp"

using nlohmann::json;
using tests::Policy;
using tests::PolicyStage;
using tests::Subject;

namespace {

json policy_file() {
    std::ifstream in(std::filesystem::path(PORTAL_SOURCE_DIR) / "tests/system/policy.json");
    return json::parse(in);
}

/// One server for all cases: to set it up takes most of the time.
PolicyStage& stage() {
    static PolicyStage the_stage;
    return the_stage;
}

/// What --print-routes writes, line by line.
std::set<std::string> routes_of_server() {
    support::Process::Options options;
    options.arguments = {"--print-routes"};
    auto printed = support::run(support::portal_binary(), options);
    INFO(printed.errors);
    REQUIRE(printed.code == 0);
    std::set<std::string> routes;
    std::istringstream lines(printed.output);
    for (std::string line; std::getline(lines, line);) routes.insert(line);
    return routes;
}

/// Asks one cell of the table, in every way in which it can be asked.
class Question {
public:
    Question(const Policy::Entry& entry, const std::string& object, const std::string& caller)
        : entry_(entry), expected_(entry.cells.at(object).at(caller)) {
        bool by_id = entry.ask.find("{id}") != std::string::npos ||
                     entry.ask.find("{slug}") != std::string::npos ||
                     entry.body.dump().find("{id}") != std::string::npos;
        bool changes = entry.method != "GET" && expected_.status < 300;
        bool erases = changes && entry.method == "DELETE";
        subject_ = stage().subject({entry.family, object, caller, by_id, changes, erases});
        target_ = filled_in(entry.ask, subject_);
        authorization_ = stage().authorization_of(caller);
        if (!subject_.authorization.empty()) authorization_ = subject_.authorization;
    }

    /// What is wrong; empty if nothing is.
    std::string fault() {
        bool watched = entry_.method != "GET" && expected_.status >= 400;
        auto before = watched ? stage().state_of(entry_.family, subject_) : "";
        auto body = filled_in(entry_.body, subject_);
        answer_ = stage().ask(entry_.method, target_, body, authorization_);
        auto fault = fault_of(expected_, answer_, subject_);
        if (!fault.empty()) return fault;
        if (watched && stage().state_of(entry_.family, subject_) != before) {
            return "it was refused, and done all the same";
        }
        return entry_.method == "GET" ? fault_of_other_ways() : "";
    }

    /// The answer, but for which thing was asked for.
    std::string face() const { return face_of(answer_, subject_); }

private:
    /// HEAD, and the older form of the path, are no ways round a rule.
    std::string fault_of_other_ways() {
        auto head = stage().ask("HEAD", target_, nullptr, authorization_);
        if (head.status != answer_.status) return "HEAD gives " + std::to_string(head.status);
        for (const std::string module : {"news", "users", "recommendation"}) {
            auto prefix = "/v1/" + module + "/";
            if (!target_.starts_with(prefix)) continue;
            auto older = "/" + module + "/v1/" + target_.substr(prefix.size());
            auto answer = stage().ask("GET", older, nullptr, authorization_);
            auto fault = fault_of(expected_, answer, subject_);
            if (!fault.empty()) return "as " + older + ": " + fault;
        }
        return "";
    }

    const Policy::Entry& entry_;
    const Policy::Expected& expected_;
    Subject subject_;
    std::string target_;
    std::string authorization_;
    support::Answer answer_;
};

/// All cells of one entry; gives how many were asked.
std::size_t check_entry(const Policy::Entry& entry) {
    std::size_t asked = 0;
    for (const auto& caller : Policy::callers()) {
        std::map<std::string, std::string> hidden;
        for (const auto& [object, row] : entry.cells) {
            const auto& expected = row.at(caller);
            Question question(entry, object, caller);
            ++asked;
            auto where = entry.method + ' ' + entry.ask + ", " + object + ", " + caller + ": ";
            auto fault = question.fault();
            if (!fault.empty()) FAIL_CHECK(where + fault);
            if (fault.empty() && expected.status == 404) hidden[object] = question.face();
        }
        // Z3: what one may not know of looks like what is not there, in every byte.
        for (const auto& [object, face] : hidden) {
            INFO(entry.method << ' ' << entry.ask << ", " << object << ", " << caller);
            if (hidden.contains("missing")) CHECK(face == hidden.at("missing"));
        }
    }
    return asked;
}

/// A path that a pattern matches.
std::string some_path(const std::string& pattern) {
    Subject subject;
    subject.values = {{"type", "sports"},  {"id", 1},         {"version", 1},
                      {"page", 1},         {"limit", 1},      {"tag", "policy"},
                      {"label", "x"},      {"name", "x"},     {"slug", "x"},
                      {"model", "x.y"},    {"pk", "1"},       {"address", "x"},
                      {"note", 1},         {"token", "x"},    {"rendition", "320.webp"},
                      {"feed", "all.rss"}, {"delivery", "x"}, {"news", 1}};
    return filled_in(pattern, subject);
}

}  // namespace

TEST_CASE("the policy file has every route, every caller and every object", "[system][policy]") {
    Policy policy(policy_file());
    for (const auto& problem : policy.problems()) FAIL_CHECK(problem);
    auto routes = routes_of_server();
    REQUIRE(routes.size() > 20);
    for (const auto& difference : policy.differences(routes)) FAIL_CHECK(difference);
}

TEST_CASE("every route gives every caller what the policy says", "[system][policy]") {
    Policy policy(policy_file());
    auto routes = routes_of_server();
    std::size_t asked = 0;
    std::size_t left_out = 0;
    for (const auto& entry : policy.entries()) {
        bool there = routes.contains(entry.route()) || entry.part.empty();
        if (there) asked += check_entry(entry);
        if (!there) left_out += Policy::callers().size() * entry.cells.size();
    }
    CHECK(asked + left_out == policy.cell_count());
    CHECK(asked > 1500);
}

TEST_CASE("which methods a path has, and that there is no path, is said to all alike",
          "[system][policy]") {
    std::map<std::string, std::set<std::string>> methods;
    for (const auto& route : routes_of_server()) {
        auto method = route.substr(0, route.find(' '));
        auto pattern = route.substr(method.size() + 1, route.rfind(' ') - method.size() - 1);
        methods[pattern].insert({method, "OPTIONS"});
        if (method == "GET") methods[pattern].insert("HEAD");
    }
    for (const auto& [pattern, has] : methods) {
        std::string allow;
        for (const auto& method : has) allow += (allow.empty() ? "" : ", ") + method;
        REQUIRE_FALSE(has.contains("PATCH"));
        for (const auto& caller : Policy::callers()) {
            INFO(pattern << ", " << caller);
            auto authorization = stage().authorization_of(caller);
            auto answer = stage().ask("PATCH", some_path(pattern), nullptr, authorization);
            CHECK(support::failure_faults(answer, 405, "method_not_allowed") == "");
            CHECK(answer.field("Allow") == allow);
        }
    }
    // Health and metrics are on the operations listener only.
    for (const char* target : {"/v1/nothing", "/metrics", "/readyz", "/livez"}) {
        for (const auto& caller : Policy::callers()) {
            INFO(target << ", " << caller);
            auto authorization = stage().authorization_of(caller);
            auto answer = stage().ask("GET", target, nullptr, authorization);
            CHECK(support::failure_faults(answer, 404, "not_found") == "");
        }
    }
}

TEST_CASE("a hole in the policy file is found", "[system][policy]") {
    const auto whole = policy_file();
    struct Case {
        const char* what;
        std::function<void(json&)> spoil;
        const char* sentence;
    };
    auto cells = [](json& file) -> json& { return file["routes"][5]["cells"]; };
    const Case holes[] = {
        {"an object without lines", [&](json& file) { cells(file).erase("own draft"); },
         "the cell own draft x anonymous is missing"},
        {"a caller without a line", [&](json& file) { cells(file)["own draft"].erase(1); },
         "the cell own draft x editor is missing"},
        {"a caller with two",
         [&](json& file) { cells(file)["own draft"].push_back("author: 200"); },
         "author is there twice"},
        {"an unknown caller", [&](json& file) { cells(file)["own draft"].push_back("robot: 200"); },
         "no group of the name robot"},
        {"an unknown object", [&](json& file) { cells(file)["own dream"] = {"everyone: 200"}; },
         "there is no item own dream"},
        {"a refusal without a code",
         [&](json& file) { cells(file)["own draft"][0] = "readers: 404"; }, "is no line"},
        {"an unknown word",
         [&](json& file) { cells(file)["own draft"][1] = "author, editor, admin: 200, perhaps"; },
         "is no line"},
        {"hidden, but not like a missing one",
         [&](json& file) { cells(file)["own draft"] = {"everyone: 404 draft_not_found"}; },
         "own draft x reader is a 404, but the missing one gets another answer"},
        {"a route that says that it is about nothing",
         [](json& file) {
             file["routes"][5]["object"] = "nothing";
             file["routes"][5]["cells"] = {{"-", {"everyone: 200"}}};
         },
         "is about a item, not nothing"},
    };
    for (const auto& hole : holes) {
        INFO(hole.what);
        auto file = whole;
        hole.spoil(file);
        std::string all;
        Policy spoilt(file);
        for (const auto& problem : spoilt.problems()) all += problem + "\n";
        INFO(all);
        CHECK(all.find(hole.sentence) != std::string::npos);
    }

    Policy policy(whole);
    std::set<std::string> routes;
    for (const auto& entry : policy.entries()) routes.insert(entry.route());
    CHECK(policy.differences(routes).empty());
    auto more = routes;
    more.insert("GET /v1/secrets anyone");
    REQUIRE(policy.differences(more).size() == 1);
    CHECK(policy.differences(more)[0].find("GET /v1/secrets anyone") != std::string::npos);
    auto fewer = routes;
    fewer.erase("GET /v1/auth/me login");
    REQUIRE(policy.differences(fewer).size() == 1);
    CHECK(policy.differences(fewer)[0].find("GET /v1/auth/me login") != std::string::npos);
    // A part is there or not, but not half.
    auto without_page = routes;
    std::erase_if(without_page,
                  [](const std::string& route) { return route.starts_with("GET /docs"); });
    REQUIRE(without_page.size() + 5 == routes.size());
    CHECK(policy.differences(without_page).empty());
    without_page.insert("GET /docs anyone");
    CHECK(policy.differences(without_page).size() == 4);
    // Another access rule is another route.
    fewer.insert("GET /v1/auth/me anyone");
    CHECK(policy.differences(fewer).size() == 2);
}

TEST_CASE("an answer that is not what the policy says is found", "[system][policy]") {
    Subject subject;
    subject.id = 7;
    subject.secret = "A secret title";
    support::Answer answer;
    answer.fields = {{"X-Request-Id", "r"}, {"Date", "d"}, {"Content-Type", "application/json"}};
    auto failure = [&](int status, const char* code, const char* message) {
        answer.status = status;
        answer.body =
            json({{"status", "fail"}, {"error", code}, {"message", message}, {"request_id", "r"}})
                .dump();
    };
    Policy::Expected hidden{404, "news_not_found", {}, "404 news_not_found"};
    failure(404, "news_not_found", "There is none.");
    CHECK(fault_of(hidden, answer, subject) == "");
    failure(403, "forbidden", "No.");
    CHECK(fault_of(hidden, answer, subject).find("says 404 news_not_found, the server 403") !=
          std::string::npos);
    failure(404, "not_found", "There is none.");
    CHECK(fault_of(hidden, answer, subject) != "");
    failure(404, "news_not_found", "There is no A secret title.");
    CHECK(fault_of(hidden, answer, subject).find("it tells") != std::string::npos);

    Policy::Expected closed{401, "unauthenticated", {}, "401 unauthenticated"};
    failure(401, "unauthenticated", "Log in.");
    CHECK(fault_of(closed, answer, subject).find("WWW-Authenticate") != std::string::npos);
    answer.fields.emplace_back("WWW-Authenticate", "Bearer");
    CHECK(fault_of(closed, answer, subject) == "");
    answer.fields.pop_back();

    // Only the id may tell a hidden one from a missing one.
    Subject missing;
    missing.id = 8;
    failure(404, "news_not_found", "There is no sports news 7.");
    auto hidden_face = face_of(answer, subject);
    failure(404, "news_not_found", "There is no sports news 8.");
    CHECK(face_of(answer, missing) == hidden_face);
    answer.fields.emplace_back("ETag", "\"1.1\"");
    CHECK(face_of(answer, missing) != hidden_face);
    answer.fields.pop_back();
    failure(404, "news_not_found", "There is no sports news 8 any more.");
    CHECK(face_of(answer, missing) != hidden_face);

    answer.status = 200;
    Policy::Expected shown{200, "", {"shown"}, "200, shown"};
    Policy::Expected not_shown{200, "", {"not shown"}, "200, not shown"};
    for (const char* list : {R"({"news":[{"id":7}]})", R"([{"id":7}])"}) {
        answer.body = list;
        CHECK(fault_of(shown, answer, subject) == "");
        CHECK(fault_of(not_shown, answer, subject) != "");
    }
    answer.body = R"({"news":[{"id":8}]})";
    CHECK(fault_of(shown, answer, subject) != "");
    CHECK(fault_of(not_shown, answer, subject) == "");
    answer.body = R"({"news":[{"id":8,"next_title":"A secret title"}]})";
    CHECK(fault_of(not_shown, answer, subject) != "");
    answer.body = "{}";
    CHECK(fault_of(not_shown, answer, subject) != "");
    answer.body = R"([{"id":7,"email":"a@example.org"}])";
    CHECK(fault_of({200, "", {"no e-mail"}, ""}, answer, subject) != "");
}
