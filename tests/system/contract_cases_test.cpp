// What the contract promises of every operation alike, asked of each of them: the operations are
// read from the contract, so a new one is asked too.
#include <algorithm>
#include <fstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/pictures.hpp"

using nlohmann::json;
using support::failure_faults;
using support::Fields;
using support::PortalProcess;
using tests::shared_portal;

namespace {

struct Operation {
    std::string method;
    std::string pattern;
    std::string target;  ///< the pattern with values for its parameters
    bool has_body = false;
    bool has_page = false;        ///< of the documentation: not in every build
    bool looks_at_token = false;  ///< names the code invalid_token
};

/// The values that stand for the path parameters of the operations.
using Values = std::vector<std::pair<std::string, std::string>>;

std::string fill(std::string pattern, const Values& values) {
    for (const auto& [name, value] : values) {
        auto at = pattern.find('{' + name + '}');
        if (at != std::string::npos) pattern.replace(at, name.size() + 2, value);
    }
    return pattern;
}

/// Whether the operation's failure of that status names the code.
bool names(const json& contract, const json& operation, const char* status, const char* code) {
    if (!operation.at("responses").contains(status)) return false;
    const auto& response = operation["responses"][status];
    json::json_pointer place(response.at("$ref").get<std::string>().substr(1));
    return contract.at(place).at("content").at("application/json").at("examples").contains(code);
}

std::vector<Operation> operations(const PortalProcess& portal, const Values& news,
                                  const Values& people, const Values& media = {},
                                  const Values& webhooks = {}) {
    std::vector<Operation> all;
    const auto contract = portal.get("/v1/openapi.json").json();
    for (const auto& [pattern, item] : contract.at("paths").items()) {
        bool of_news = pattern.starts_with("/v1/news");
        for (const auto& [method, operation] : item.items()) {
            Operation one;
            one.method = method;
            std::transform(method.begin(), method.end(), one.method.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
            one.pattern = pattern;
            bool of_media = pattern.starts_with("/v1/media");
            bool of_webhooks = pattern.starts_with("/v1/webhooks");
            one.target = fill(pattern, of_news       ? news
                                       : of_media    ? media
                                       : of_webhooks ? webhooks
                                                     : people);
            for (const auto& parameter : operation.value("parameters", json::array())) {
                bool needed =
                    parameter.value("in", "") == "query" && parameter.value("required", false);
                if (!needed) continue;
                auto name = parameter.at("name").get<std::string>();
                one.target += "?" + name + "=" + fill("{" + name + "}", people);
            }
            auto content = operation.value("requestBody", json::object()).value("content", json());
            one.has_body = content.is_object() && content.contains("application/json");
            one.has_page = operation.value("x-optional", false);
            one.looks_at_token = names(contract, operation, "401", "invalid_token");
            all.push_back(std::move(one));
        }
    }
    REQUIRE(all.size() > 30);
    return all;
}

/// Things that are there, so that every GET has something to answer.
struct World {
    Values news;
    Values people;
    Values media;
    Values webhooks;
    Fields reader;

    explicit World(PortalProcess& portal) {
        auto item = tests::create(portal, "sports", support::new_item("for the contract"));
        auto user = portal.post("/v1/users", {{"name", "Con Tract"},
                                              {"email", "contract@example.org"},
                                              {"password", "not one of the common ones"}});
        static std::string user_id;
        static std::string media_id;
        if (user.status == 201) user_id = std::to_string(user.json().at("id").get<std::int64_t>());
        REQUIRE_FALSE(user_id.empty());
        news = {{"type", "sports"},
                {"id", std::to_string(item.at("id").get<std::int64_t>())},
                {"version", "1"},
                {"page", "1"},
                {"limit", "10"},
                {"tag", "contract"},
                {"slug", item.at("slug").get<std::string>()}};
        people = {{"id", user_id},           {"label", "contract"},
                  {"name", "contract"},      {"path", "/contract"},
                  {"model", "news.article"}, {"pk", "17"},
                  {"q", "contract"},         {"token", preview_of(portal, item)},
                  {"feed", "all.json"},      {"month", tests::time_from_now({}).substr(0, 7)}};
        auto picture = support::picture(image::Kind::gif, {16, 12});
        auto file = portal.ask("POST", "/v1/media", picture);
        if (file.status == 201) media_id = std::to_string(file.json().at("id").get<std::int64_t>());
        REQUIRE_FALSE(media_id.empty());
        media = {{"id", media_id}, {"rendition", "320.webp"}};
        webhooks = {{"id", webhook_in(portal)}, {"delivery", "msg_1_sports_1_1"}};
        import_one(portal);
        portal.put("/v1/lists/contract", {{"entries", json::array()}});
        portal.put("/v1/newsroom/redirects",
                   {{"redirects", {{{"from", "/contract"}, {"to", "/elsewhere"}}}}});
        reader = {{"Cookie", "user_id=" + user_id}};
    }

    static std::string webhook_in(PortalProcess& portal) {
        static std::string id;
        json body{{"url", "https://hooks.invalid/"}, {"enabled", false}};
        auto made = portal.post("/v1/webhooks", body);
        if (made.status == 201) {
            id = std::to_string(made.json().at("webhook").at("id").get<std::int64_t>());
        }
        REQUIRE_FALSE(id.empty());
        return id;
    }

    static std::string preview_of(PortalProcess& portal, const json& item) {
        auto link = portal.ask("POST", tests::path_of(item) + "/preview-link");
        REQUIRE(link.status == 201);
        return link.json().at("preview").at("token");
    }

    /// Only what was imported is known by where it came from.
    static void import_one(PortalProcess& portal) {
        json line{{"source_id", "contract"}, {"news_type", "sports"},
                  {"title", "imported"},     {"content", "text"},
                  {"author", "Ann"},         {"legacy_id", "news.article:17"}};
        auto file = portal.folder() / "contract.jsonl";
        std::ofstream(file) << line.dump() << '\n';
        auto imported = portal.command({"import", "news", file.string()});
        INFO(imported.output << imported.errors);
        REQUIRE(imported.code == 0);
        CHECK(support::eventually(
            [&] { return portal.get("/v1/legacy/news.article/17").status == 200; }));
    }
};

Fields with(Fields fields, const char* name, const std::string& value) {
    fields.emplace_back(name, value);
    return fields;
}

}  // namespace

TEST_CASE("whatever can be read honours If-None-Match and If-Match", "[system]") {
    auto& portal = shared_portal();
    World world(portal);
    for (const auto& one :
         operations(portal, world.news, world.people, world.media, world.webhooks)) {
        if (one.method != "GET") continue;
        // That one needs a login with a cookie, which open mode has not.
        if (one.target == "/v1/auth/session") continue;
        // A stream without an end has no tag.
        if (one.target.ends_with("/live")) continue;
        INFO(one.target);
        auto answer = portal.get(one.target, world.reader);
        // What a site that was imported has; this server has no mapping of one.
        bool is_of_mapping = one.target.starts_with("/v1/migration/feed") ||
                             one.target.starts_with("/v1/migration/models");
        if (is_of_mapping && answer.status == 409) continue;
        if (one.has_page && answer.status == 404) continue;
        // No lists by author are kept here.
        if (one.target.starts_with("/feeds/authors/") && answer.status == 422) continue;
        CHECK(answer.status == 200);
        CHECK(answer.field("ETag").starts_with('"'));
        auto known = with(world.reader, "If-None-Match", answer.field("ETag"));
        // This reader has no interests, whose weights would fade meanwhile.
        auto again = portal.get(one.target, known);
        CHECK(again.status == 304);
        CHECK(again.field("ETag") == answer.field("ETag"));
        CHECK(again.field("Cache-Control") == answer.field("Cache-Control"));
        auto other = portal.get(one.target, with(world.reader, "If-Match", "\"other\""));
        CHECK(failure_faults(other, 412, "precondition_failed") == "");
        support::HttpClient client(portal.address());
        auto head = client.request("HEAD", one.target, "", world.reader);
        CHECK(head.status == 200);
        CHECK(head.field("ETag") == answer.field("ETag"));
    }
}

TEST_CASE("whatever takes a body takes JSON only, and not too much of it", "[system]") {
    auto& portal = shared_portal();
    World world(portal);
    const Fields is_json = with(world.reader, "Content-Type", "Application/JSON; charset=utf-8");
    const std::string large(1024 * 1024 + 1, ' ');
    // Rows of another site, each as long as one may be.
    const std::string larger(16 * 1024 * 1024 + 1, ' ');
    for (const auto& one :
         operations(portal, world.news, world.people, world.media, world.webhooks)) {
        if (!one.has_body) continue;
        INFO(one.method << ' ' << one.target);
        auto ask = [&](const std::string& body, const Fields& fields) {
            return portal.ask(one.method, one.target, body, fields);
        };
        auto text = with(world.reader, "Content-Type", "text/plain");
        CHECK(failure_faults(ask("{}", text), 415, "unsupported_media_type") == "");
        CHECK(failure_faults(ask("{}", world.reader), 415, "unsupported_media_type") == "");
        for (const char* broken : {"{", "{\"a\":1,\"a\":2}", "\"\xff\"", "{}{}"}) {
            INFO(broken);
            CHECK(failure_faults(ask(broken, is_json), 400, "malformed_json") == "");
        }
        auto list = ask("[]", is_json);
        CHECK(list.status == 400);
        CHECK(list.json().value("error", "").starts_with("malformed_"));
        bool takes_more = one.pattern == "/v1/migration/changes" ||
                          one.pattern.ends_with("/batch") || one.pattern.ends_with("/working-copy");
        const auto& most = takes_more ? larger : large;
        CHECK(failure_faults(ask(most, is_json), 413, "body_too_large") == "");
    }
}

TEST_CASE("a parameter that is out of its form is malformed", "[system]") {
    auto& portal = shared_portal();
    struct Case {
        const char* target;
        const char* code;
    };
    const Case cases[] = {
        {"/v1/users/all?start=x", "malformed_range"},
        {"/v1/users/all?count=1.5", "malformed_range"},
        {"/v1/users/all?count=-", "malformed_range"},
        {"/v1/news/tags/%20", "malformed_tag"},
        {"/v1/news/tags/x?limit=0", "malformed_limit"},
        {"/v1/news/tags/x?cursor=%21", "malformed_cursor"},
        {"/v1/news/sports?limit=101", "malformed_limit"},
        {"/v1/news/all?cursor=MQ", "malformed_cursor"},
        {"/v1/news/sports/0/10", "malformed_page"},
        {"/v1/resolve", "malformed_path"},
        {"/v1/resolve?path=//x", "malformed_path"},
        {"/v1/newsroom/redirects?limit=1001", "malformed_limit"},
        {"/v1/newsroom/redirects?cursor=eA", "malformed_cursor"},
        {"/v1/newsroom/items?status=asleep", "malformed_status"},
        {"/v1/newsroom/items?type=all", "malformed_type"},
        {"/v1/newsroom/items?mine=2", "malformed_mine"},
        {"/v1/newsroom/items?language=de", "malformed_filter"},
        {"/v1/newsroom/items?from=today", "malformed_filter"},
        {"/v1/newsroom/items?q=", "malformed_q"},
        {"/v1/newsroom/items?sort=title", "malformed_sort"},
        {"/v1/newsroom/items?limit=101", "malformed_limit"},
        {"/v1/newsroom/items?cursor=eA", "malformed_cursor"},
        {"/v1/lists/contract/history?limit=0", "malformed_limit"},
        {"/v1/lists/contract/history?cursor=x", "malformed_cursor"},
        {"/v1/webhooks/1/deliveries?limit=0", "malformed_limit"},
        {"/v1/webhooks/1/deliveries?cursor=x", "malformed_cursor"},
        {"/v1/webhooks/1/deliveries?state=lost", "malformed_state"},
        {"/v1/news/sports/1/101", "malformed_limit"},
        {"/v1/live?since=12", "malformed_since"},
        {"/v1/live?types=chess", "malformed_types"},
        {"/v1/live?tags=,", "malformed_tags"},
        {"/v1/live?follow=2", "malformed_follow"},
        {"/v1/live?tag=x", "malformed_filter"},
    };
    for (const auto& one : cases) {
        INFO(one.target);
        CHECK(failure_faults(portal.get(one.target), 400, one.code) == "");
    }
    // These are clamped instead.
    for (const char* target :
         {"/v1/users/all?start=-5&count=0", "/v1/users/all?count=100000", "/v1/users/all?start="}) {
        INFO(target);
        CHECK(portal.get(target).status == 200);
    }
}

TEST_CASE("a token that does not count is refused wherever tokens are looked at", "[system]") {
    PortalProcess portal(json{{"security", {{"mode", "enforced"}}}});
    portal.start();
    const Values news = {{"type", "sports"}, {"id", "5"},     {"version", "1"},
                         {"page", "1"},      {"limit", "10"}, {"tag", "x"}};
    const Values people = {
        {"id", "5"}, {"label", "x"}, {"name", "x"}, {"path", "/x"}, {"feed", "all.rss"}};
    const Fields bad = {{"Authorization", "Bearer a.b.c"}, {"Content-Type", "application/json"}};
    for (const auto& one : operations(portal, news, people)) {
        if (one.has_page && portal.get(one.target).status == 404) continue;
        INFO(one.method << ' ' << one.target);
        auto answer = portal.ask(one.method, one.target, one.has_body ? "{}" : "", bad);
        if (one.looks_at_token) {
            CHECK(failure_faults(answer, 401, "invalid_token") == "");
            CHECK(answer.field("WWW-Authenticate").starts_with("Bearer"));
        } else {
            CHECK(failure_faults(answer, 422, "invalid_request") == "");
        }
    }
    portal.stop();
}
