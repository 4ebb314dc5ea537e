#include "policy_stage.hpp"

#include <fstream>
#include <stdexcept>

#include "policy_tokens.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/pictures.hpp"

namespace tests {

using nlohmann::json;
using support::Answer;

namespace {

constexpr const char* type = "sports";
constexpr const char* common_tag = "policy";
constexpr std::int64_t nobody = 4503599627370497;
const std::vector<std::string> states = {"draft", "published", "removed"};

/// One client asks for all of the table, and gives many wrong passwords: how that is slowed down is
/// not what it is about.
json settings() {
    json unlimited;
    for (const char* name : {"per_second", "per_minute", "same_per_second", "same_per_minute"}) {
        unlimited[name] = 0;
    }
    return {{"security", {{"mode", "enforced"}}},
            {"identity", {{"failures_free", 1000}}},
            {"site", {{"address", "https://news.example"}}},
            {"orchestrator", {{"feed_items", 100}}},
            {"gateway",
             {{"routes", json::array({json{{"name", "policy"}, {"path", "/old/{rest...}"}}})},
              {"throttle", {{"registration", unlimited}, {"login", unlimited}}}}}};
}

std::string bearer(const std::string& token) {
    return "Bearer " + token;
}

std::string path_of(const Subject& item) {
    return std::string("/v1/news/") + type + "/" + std::to_string(item.id);
}

}  // namespace

PolicyStage::PolicyStage() : portal_(settings()) {
    portal_.start();
    make_admin();
    make_people();
    make_items();
    make_imported_items();
    end_roles();
    let_colleague_read();
}

Answer PolicyStage::ask(const std::string& method, const std::string& target, const json& body,
                        const std::string& authorization) {
    support::Fields fields;
    if (!authorization.empty()) fields.emplace_back("Authorization", authorization);
    // A text is a file.
    bool is_file = body.is_string();
    const char* body_type = is_file ? "application/octet-stream" : "application/json";
    if (!body.is_null()) fields.emplace_back("Content-Type", body_type);
    auto text = is_file ? body.get<std::string>() : body.is_null() ? "" : body.dump();
    if (!client_) client_ = std::make_unique<support::HttpClient>(portal_.address());
    auto answer = client_->request(method, target, text, fields);
    if (answer.field("Connection") == "close") client_.reset();
    return answer;
}

json PolicyStage::must(const std::string& method, const std::string& target, const json& body,
                       const Person* by, int status) {
    auto answer = ask(method, target, body, by ? bearer(by->access_token) : "");
    if (answer.status == status) return answer.json();
    throw std::runtime_error("the stage is not set: " + method + " " + target + " gives " +
                             std::to_string(answer.status) + " " + answer.body);
}

PolicyStage::Person PolicyStage::stranger() const {
    Person person;
    person.email = "person-" + std::to_string(counter_) + "@example.org";
    person.password = "a long way home " + std::to_string(counter_);
    person.role = "reader";
    return person;
}

void PolicyStage::make_admin() {
    auto& admin = people_["admin"];
    ++counter_;
    admin = stranger();
    admin.role = "admin";
    support::Process::Options options;
    options.arguments = {"-c", R"(printf '%s\n' "$PASSWORD" | "$0" "$@")",
                         support::portal_binary().string()};
    for (const auto& word : {std::string("user"), std::string("create"), std::string("--role"),
                             admin.role, std::string("--email"), admin.email,
                             std::string("--config"), portal_.config_file().string()}) {
        options.arguments.push_back(word);
    }
    options.environment = {{"PASSWORD", admin.password}};
    auto created = support::run("/bin/sh", options);
    if (created.code != 0) {
        throw std::runtime_error("there is no admin: " + created.output + created.errors);
    }
    log_in(admin);
    admin.id = must("GET", "/v1/auth/me", nullptr, &admin, 200).at("id");
}

void PolicyStage::log_in(Person& person) {
    json body{{"email", person.email}, {"password", person.password}};
    auto tokens = must("POST", "/v1/auth/token", body, nullptr, 200);
    person.access_token = tokens.at("access_token");
    person.refresh_token = tokens.at("refresh_token");
}

void PolicyStage::set_role(Person& person, const std::string& role) {
    auto target = "/v1/auth/users/" + std::to_string(person.id) + "/role";
    must("PUT", target, {{"role", role}}, &people_.at("admin"), 200);
    person.role = role;
}

PolicyStage::Person PolicyStage::make_person(const std::string& role) {
    ++counter_;
    auto person = stranger();
    json body{{"name", "Somebody"}, {"email", person.email}, {"password", person.password}};
    person.id = must("POST", "/v1/users", body, nullptr, 201).at("id");
    if (role != "reader") set_role(person, role);
    log_in(person);
    return person;
}

void PolicyStage::make_people() {
    people_["editor"] = make_person("editor");
    for (const char* name : {"author", "colleague", "reader", "reader-other", "disabled",
                             "epoch-revoked", "removed"}) {
        people_[name] = make_person("author");
    }
    const auto& author = people_.at("author");
    auto key_file = portal_.data() / "identity.keys.json";
    using namespace std::chrono_literals;
    // It is its age that makes the old one expired, and not how it was made.
    auto same = issued_earlier(author.access_token, 1s, key_file);
    if (ask("GET", "/v1/auth/me", nullptr, bearer(same)).status != 200) {
        throw std::runtime_error("a token that the test signs is not taken");
    }
    expired_token_ = issued_earlier(author.access_token, 1h, key_file);
    tampered_token_ = with_role(author.access_token, "admin");
    auto spender = people_.at("colleague");
    log_in(spender);
    spent_refresh_token_ = spender.refresh_token;
    auto next =
        must("POST", "/v1/auth/refresh", {{"refresh_token", spent_refresh_token_}}, nullptr, 200);
    // Only once what it was exchanged for is used, too, is it spent for its own client.
    must("POST", "/v1/auth/refresh", {{"refresh_token", next.at("refresh_token")}}, nullptr, 200);
    auto key = make_key("admin");
    revoked_key_ = key.at("key");
    auto revoked =
        ask("DELETE", "/v1/auth/api-keys/" + key.at("id").dump(), nullptr, bearer(revoked_key_));
    if (revoked.status != 204) throw std::runtime_error("an admin's API key revokes none");
}

Subject PolicyStage::make_item(const std::string& owner, const std::string& state, bool tagged) {
    auto number = std::to_string(++counter_);
    Subject subject;
    subject.secret = "Title " + number + " of a " + state + " item";
    auto tag = "tag-" + number;
    json tags = json::array();
    if (tagged) tags = {common_tag, tag};
    json changed{{"tags", tags}, {"status", state == "draft" ? "draft" : "published"}};
    auto body = support::new_item(subject.secret, changed);
    auto target = std::string("/v1/news/") + type;
    auto item = must("POST", target, body, &people_.at(owner), 201).at("news");
    subject.id = item.at("id");
    subject.values = {
        {"type", type}, {"id", item["id"]}, {"slug", item["slug"]}, {"version", 1}, {"tag", tag}};
    if (state == "removed") {
        must("DELETE", path_of(subject), nullptr, &people_.at("admin"), 200);
        subject.values["version"] = 2;
    }
    return subject;
}

void PolicyStage::make_items() {
    for (const auto& [name, person] : people_) {
        for (const auto& state : states) items_[{name, state}] = make_item(name, state, true);
    }
}

/// Items that nobody in particular has created.
void PolicyStage::make_imported_items() {
    auto file = portal_.folder() / "items.jsonl";
    std::ofstream out(file);
    for (const auto& state : states) {
        json changed{{"source_id", state},
                     {"news_type", type},
                     {"tags", {common_tag, "imported-" + state}},
                     {"published_at", "2026-01-01T00:00:00.000Z"}};
        out << support::new_item("Imported " + state, changed).dump() << '\n';
    }
    out.close();
    auto imported = portal_.command({"import", "news", file.string()});
    if (imported.code != 0) throw std::runtime_error("no import: " + imported.errors);
    const auto& admin = people_.at("admin");
    for (const auto& state : states) {
        auto tag = "imported-" + state;
        Subject subject;
        subject.secret = "Imported " + state;
        auto item = must("GET", "/v1/news/tags/" + tag, nullptr, nullptr, 200).at("news").at(0);
        subject.id = item.at("id");
        subject.values = {{"type", type},
                          {"id", subject.id},
                          {"slug", item["slug"]},
                          {"version", 1},
                          {"tag", tag}};
        auto path = path_of(subject);
        if (state == "draft") must("POST", path + "/unpublish", nullptr, &admin, 200);
        if (state == "removed") must("DELETE", path, nullptr, &admin, 200);
        if (state != "published") subject.values["version"] = 2;
        items_[{"", state}] = std::move(subject);
    }
}

/// What makes the callers what they are called; before, they wrote their items.
void PolicyStage::end_roles() {
    const auto& admin = people_.at("admin");
    for (const char* name : {"reader", "reader-other"}) {
        auto& person = people_.at(name);
        set_role(person, "reader");
        log_in(person);
    }
    set_role(people_.at("epoch-revoked"), "editor");
    auto disabled = std::to_string(people_.at("disabled").id);
    must("PUT", "/v1/auth/users/" + disabled + "/status", {{"status", "disabled"}}, &admin, 200);
    auto removed = std::to_string(people_.at("removed").id);
    must("DELETE", "/v1/users/" + removed, nullptr, &admin, 200);
}

void PolicyStage::let_colleague_read() {
    const auto& colleague = people_.at("colleague");
    must("GET", path_of(items_.at({"colleague", "published"})), nullptr, &colleague, 200);
    bool known = support::eventually([&] {
        auto target = std::string("/v1/recommendation/label/") + common_tag;
        return !must("GET", target, nullptr, &people_.at("admin"), 200).empty();
    });
    if (!known) throw std::runtime_error("a visit does not become an interest");
}

std::string PolicyStage::authorization_of(const std::string& caller) const {
    if (caller == "anonymous") return "";
    if (caller == "revoked-key") return bearer(revoked_key_);
    if (caller == "expired") return bearer(expired_token_);
    if (caller == "tampered") return bearer(tampered_token_);
    if (caller == "refresh-as-access") return bearer(people_.at("author").refresh_token);
    return bearer(people_.at(caller).access_token);
}

std::string PolicyStage::owner_of(const std::string& caller) {
    if (caller == "anonymous" || caller == "revoked-key") return "";
    bool borrowed = caller == "expired" || caller == "tampered" || caller == "refresh-as-access";
    return borrowed ? "author" : caller;
}

Subject PolicyStage::subject(const Wanted& wanted) {
    if (wanted.family == "item") return item(wanted);
    if (wanted.family == "person" || wanted.family == "new person") return person(wanted);
    if (wanted.family == "credentials") return credentials(wanted);
    if (wanted.family == "refresh token") return refresh_token(wanted);
    if (wanted.family == "api key") return api_key(wanted);
    if (wanted.family == "webhook") return webhook(wanted);
    if (wanted.family == "list") return list(wanted);
    if (wanted.family == "media") return media(wanted);
    if (wanted.family == "preview link") return preview_link(wanted);
    if (wanted.family == "migration route") return migration_route(wanted);
    if (wanted.family == "label") return label(wanted);
    Subject subject;
    if (wanted.family == "new item") {
        bool missing = wanted.object == "missing";
        subject.values = {{"type", missing ? "weather" : type},
                          {"status", missing ? "published" : wanted.object}};
    }
    return subject;
}

Subject PolicyStage::item(const Wanted& wanted) {
    if (wanted.object == "missing") {
        Subject subject;
        // As long as the others, so that not even lengths differ.
        subject.id = items_.at({"colleague", "draft"}).id ^ 1;
        subject.values = {{"type", wanted.by_id ? type : "weather"},
                          {"id", subject.id},
                          {"slug", "nothing-has-this"},
                          {"version", 1},
                          {"tag", "nothing-has-this"}};
        return subject;
    }
    bool own = wanted.object.starts_with("own ");
    auto owner = own ? owner_of(wanted.caller) : "colleague";
    auto state = wanted.object.substr(wanted.object.find(' ') + 1);
    if (!wanted.changes) return items_.at({owner, state});
    // Readers write nothing, so there is nothing new of theirs to be had.
    bool writes = !owner.empty() && people_.at(owner).role != "reader";
    return writes ? make_item(owner, state, false) : items_.at({owner, state});
}

Subject PolicyStage::person(const Wanted& wanted) {
    ++counter_;
    auto somebody = stranger();
    somebody.id = wanted.object == "own" ? 0 : nobody;
    Subject subject;
    auto owner = wanted.object == "own"       ? owner_of(wanted.caller)
                 : wanted.object == "other's" ? std::string("colleague")
                 : wanted.object == "removed" ? std::string("removed")
                                              : std::string();
    if (!owner.empty()) somebody = people_.at(owner);
    if (wanted.erases && !owner.empty()) {
        somebody = make_person(somebody.role);
        if (wanted.object == "own") subject.authorization = bearer(somebody.access_token);
    }
    // Who registers says the address, and may hear of it.
    if (wanted.family == "person") subject.secret = somebody.email;
    subject.id = somebody.id;
    subject.email = somebody.email;
    subject.values = {{"id", somebody.id},
                      {"role", somebody.role},
                      {"email", somebody.email},
                      {"password", somebody.password}};
    return subject;
}

Subject PolicyStage::credentials(const Wanted& wanted) {
    ++counter_;
    auto somebody = stranger();
    auto owner = wanted.object == "own"       ? owner_of(wanted.caller)
                 : wanted.object == "other's" ? std::string("colleague")
                 : wanted.object == "missing" ? std::string()
                                              : wanted.object;
    if (!owner.empty()) somebody = people_.at(owner);
    Subject subject;
    subject.secret = somebody.password;
    subject.values = {{"email", somebody.email}, {"password", somebody.password}};
    return subject;
}

Subject PolicyStage::refresh_token(const Wanted& wanted) {
    std::string token(43, 'A');
    auto owner = wanted.object == "own"       ? owner_of(wanted.caller)
                 : wanted.object == "other's" ? std::string("colleague")
                                              : std::string();
    if (wanted.object == "spent") token = spent_refresh_token_;
    if (wanted.object == "disabled" || wanted.object == "removed") {
        token = people_.at(wanted.object).refresh_token;
    }
    if (!owner.empty()) {
        auto somebody = people_.at(owner);
        // Nobody gives a disabled one a new token.
        if (wanted.changes && owner != "disabled") log_in(somebody);
        token = somebody.refresh_token;
    }
    Subject subject;
    subject.secret = token;
    subject.values = {{"refresh_token", token}};
    return subject;
}

json PolicyStage::make_key(const std::string& role) {
    json body{{"name", "Key of " + role}, {"role", role}};
    return must("POST", "/v1/auth/api-keys", body, &people_.at("admin"), 201);
}

Subject PolicyStage::api_key(const Wanted& wanted) {
    Subject subject;
    subject.id =
        wanted.object == "missing" ? nobody : make_key("reader").at("id").get<std::int64_t>();
    subject.values = {{"id", subject.id}};
    return subject;
}

Subject PolicyStage::webhook(const Wanted& wanted) {
    Subject subject;
    subject.id = nobody;
    bool is_missing = wanted.object == "missing";
    // There may be but a few.
    if (!is_missing && webhook_ == 0) {
        json body{{"url", "https://hooks.invalid/"}, {"enabled", false}};
        auto made = must("POST", "/v1/webhooks", body, &people_.at("admin"), 201);
        webhook_ = made.at("webhook").at("id").get<std::int64_t>();
    }
    if (!is_missing) subject.id = webhook_;
    if (!is_missing && wanted.erases) webhook_ = 0;
    subject.values = {{"id", subject.id}};
    return subject;
}

Subject PolicyStage::list(const Wanted& wanted) {
    auto name = "list-" + std::to_string(++counter_);
    auto path = "/v1/lists/" + name;
    const auto& admin = people_.at("admin");
    bool is_missing = wanted.object == "missing";
    bool is_removed = wanted.object == "removed";
    if (!is_missing) must("PUT", path, {{"entries", json::array()}}, &admin, 201);
    if (is_removed) must("DELETE", path, nullptr, &admin, 204);
    Subject subject;
    subject.values = {{"name", name}, {"version", is_missing ? 0 : is_removed ? 2 : 1}};
    return subject;
}

Subject PolicyStage::preview_link(const Wanted& wanted) {
    Subject subject;
    subject.values = {{"token", "x"}};
    if (wanted.object == "missing") return subject;
    auto draft = items_.at({"colleague", "draft"});
    auto made = must("POST", path_of(draft) + "/preview-link", nullptr, &people_.at("editor"), 201);
    subject.values = {{"token", made.at("preview").at("token")}};
    return subject;
}

Subject PolicyStage::media(const Wanted& wanted) {
    Subject subject;
    subject.id = nobody;
    subject.values = {{"id", nobody}, {"version", 1}};
    if (wanted.object == "missing") return subject;
    bool is_own = wanted.object == "own";
    auto owner = is_own ? owner_of(wanted.caller) : "colleague";
    // Who sends nothing any more has nothing of their own.
    bool sends = owner == "author" || owner == "editor";
    if (!sends) owner = "admin";
    const auto& person = people_.at(owner);
    auto& known = media_[{owner, is_own ? "own" : wanted.object}];
    if (known == 0 || wanted.changes) {
        auto file = support::picture(image::Kind::gif, {16, 12});
        known = send_file(file, person);
        if (!is_own) show(known, wanted.object == "shown" ? "published" : "draft");
    }
    subject.id = known;
    subject.values["id"] = known;
    if (wanted.erases) known = 0;
    return subject;
}

std::int64_t PolicyStage::send_file(const std::string& file, const Person& by) {
    auto answer = ask("POST", "/v1/media", file, bearer(by.access_token));
    if (answer.status == 201) return answer.json().at("id");
    throw std::runtime_error("the stage is not set: no file is taken: " + answer.body);
}

/// Has an article show it, and waits until that is known.
void PolicyStage::show(std::int64_t id, const std::string& status) {
    const auto& admin = people_.at("admin");
    auto path = "/v1/media/" + std::to_string(id);
    json article{{"title", "Shows a file"}, {"content", path}, {"author", "A"}, {"status", status}};
    must("POST", std::string("/v1/news/") + type, article, &admin, 201);
    auto is_known = [&] { return must("GET", path, nullptr, &admin, 200).at("articles") == 1; };
    if (support::eventually(is_known)) return;
    throw std::runtime_error("the stage is not set: nobody knows that an article shows a file");
}

/// There is one, which is set to something else each time.
Subject PolicyStage::migration_route(const Wanted& wanted) {
    Subject subject;
    subject.values = {{"name", wanted.object == "missing" ? "nothing" : "policy"}};
    if (wanted.object != "missing" && wanted.changes) {
        json mode{{"mode", "canary"}, {"percent", ++counter_ % 101}};
        must("PUT", "/v1/migration/routes/policy", mode, &people_.at("admin"), 200);
    }
    return subject;
}

Subject PolicyStage::label(const Wanted& wanted) {
    const auto& colleague = people_.at("colleague");
    Subject subject;
    subject.id = colleague.id;
    subject.email = colleague.email;
    subject.secret = colleague.email;
    subject.values = {{"label", wanted.object == "missing" ? "nothing-has-this" : common_tag}};
    return subject;
}

std::string PolicyStage::state_of(const std::string& family, const Subject& subject) {
    if (family == "api key") {
        auto keys = must("GET", "/v1/auth/api-keys", nullptr, &people_.at("admin"), 200);
        for (const auto& key : keys.at("api_keys")) {
            if (key.at("id") == subject.id) return key.dump();
        }
        return "";
    }
    if (family == "webhook") {
        auto target = "/v1/webhooks/" + std::to_string(subject.id);
        auto webhook = ask("GET", target, nullptr, bearer(people_.at("admin").access_token));
        return webhook.status == 200 ? webhook.body : "";
    }
    if (family == "list") {
        auto target = "/v1/lists/" + subject.values.at("name").get<std::string>() + "/history";
        auto history = ask("GET", target, nullptr, bearer(people_.at("admin").access_token));
        return history.status == 200 ? history.body : "";
    }
    if (family == "media") {
        auto target = "/v1/media/" + std::to_string(subject.id);
        auto item = ask("GET", target, nullptr, bearer(people_.at("admin").access_token));
        return item.status == 200 ? item.body : "";
    }
    if (family == "migration route") {
        auto target = "/v1/migration/routes/" + subject.values.at("name").get<std::string>();
        auto route = ask("GET", target, nullptr, bearer(people_.at("admin").access_token));
        return route.status == 200 ? route.body : "";
    }
    bool is_item = family == "item";
    if (!is_item && family != "person") return "";
    auto target =
        is_item ? path_of(subject) + "/history" : "/v1/users/" + std::to_string(subject.id);
    auto answer = ask("GET", target, nullptr, bearer(people_.at("admin").access_token));
    return answer.status == 200 ? answer.body : "";
}

}  // namespace tests
