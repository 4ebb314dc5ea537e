#include "policy_file.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace tests {

using nlohmann::json;

namespace {

using Texts = std::vector<std::string>;

Texts split(const std::string& text) {
    Texts parts;
    std::size_t at = 0;
    for (;;) {
        auto comma = text.find(',', at);
        parts.emplace_back(base::trim(std::string_view(text).substr(at, comma - at)));
        if (comma == std::string::npos) return parts;
        at = comma + 1;
    }
}

bool contains(const Texts& texts, const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

Texts keys_of(const json& object) {
    Texts keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
}

Texts sorted(Texts texts) {
    std::sort(texts.begin(), texts.end());
    return texts;
}

/// `404 news_not_found`, `200, shown`; nothing for other texts.
std::optional<Policy::Expected> expected_from(const std::string& text) {
    auto parts = split(text);
    Policy::Expected expected;
    expected.text = text;
    auto space = parts.front().find(' ');
    auto status = base::parse_number(parts.front().substr(0, space), 599);
    if (!status || *status < 200) return std::nullopt;
    expected.status = static_cast<int>(*status);
    if (space != std::string::npos) expected.code = parts.front().substr(space + 1);
    // A status alone does not say which refusal is meant, and a success has no code.
    if ((expected.status >= 400) == expected.code.empty()) return std::nullopt;
    static const Texts known = {"shown", "not shown", "e-mail", "no e-mail"};
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (!contains(known, parts[i])) return std::nullopt;
        expected.words.insert(parts[i]);
    }
    return expected;
}

/// The families that fit a path, so that no route gets out of questions by saying that it is about
/// nothing. Empty: any.
Texts families_for(const std::string& method, const std::string& pattern) {
    if (pattern.ends_with("/healthcheck")) return {"nothing"};
    bool is_news = pattern.starts_with("/v1/news/");
    if (is_news && method == "POST" && !pattern.ends_with('}')) return {"item"};
    if (is_news && method == "POST") return {"new item"};
    if (is_news) return {"item"};
    // By author there are none unless the configuration says so.
    if (pattern == "/feeds/authors/{feed}") return {"nothing"};
    // What they have is a matter of months.
    if (pattern == "/sitemap-{month}.xml") return {"nothing"};
    if (pattern.starts_with("/v1/legacy/") || pattern.starts_with("/feeds/")) return {"item"};
    if (pattern.starts_with("/v1/auth/api-keys/")) return {"api key"};
    if (pattern.starts_with("/v1/webhooks/")) return {"webhook"};
    if (pattern.starts_with("/v1/lists/")) return {"list"};
    if (pattern.starts_with("/v1/media/")) return {"media"};
    if (pattern.starts_with("/v1/migration/routes/")) return {"migration route"};
    if (pattern.starts_with("/v1/preview/")) return {"preview link"};
    if (pattern.find("{id}") != std::string::npos) return {"person"};
    if (pattern.find("{label}") != std::string::npos) return {"label"};
    // Rows and models of a Django site, which this server does not know.
    if (pattern.starts_with("/v1/migration/feed/")) return {"nothing"};
    if (pattern.starts_with("/v1/migration/models/")) return {"nothing"};
    // Clients by their address: nobody is among them.
    if (pattern.starts_with("/v1/operations/clients/")) return {"nothing"};
    if (pattern.find('{') != std::string::npos) return {"a family that the test does not have yet"};
    return {};
}

}  // namespace

const Texts& Policy::callers() {
    static const Texts all = {
        "anonymous",     "reader",     "reader-other", "author",   "editor",
        "admin",         "expired",    "tampered",     "disabled", "refresh-as-access",
        "epoch-revoked", "revoked-key"};
    return all;
}

const std::map<std::string, Texts>& Policy::families() {
    static const std::map<std::string, Texts> all = {
        {"nothing", {"-"}},
        {"item",
         {"own draft", "own published", "own removed", "other's draft", "other's published",
          "other's removed", "missing"}},
        {"new item", {"draft", "published", "missing"}},
        {"person", {"own", "other's", "removed", "missing"}},
        {"new person", {"other's", "missing"}},
        {"credentials", {"own", "other's", "disabled", "removed", "missing"}},
        {"refresh token", {"own", "other's", "disabled", "removed", "spent", "missing"}},
        {"api key", {"other's", "missing"}},
        {"webhook", {"there", "missing"}},
        {"list", {"there", "removed", "missing"}},
        {"media", {"own", "other's", "shown", "missing"}},
        {"preview link", {"there", "missing"}},
        {"migration route", {"there", "missing"}},
        {"label", {"other's", "missing"}}};
    return all;
}

Policy::Policy(const json& file) {
    read_groups(file);
    for (const auto& object : file.at("routes")) read_entry(object);
}

void Policy::read_groups(const json& file) {
    if (sorted(keys_of(file.at("callers"))) != sorted(callers())) {
        problems_.push_back("callers: they are not those that the test knows.");
    }
    for (const auto& [family, objects] : file.at("objects").items()) {
        auto known = families().find(family);
        if (known == families().end() || sorted(keys_of(objects)) != sorted(known->second)) {
            problems_.push_back("objects: " + family + " is not what the test knows.");
        }
    }
    for (const auto& caller : callers()) groups_[caller] = {caller};
    for (const auto& [name, members] : file.at("groups").items()) {
        for (const std::string member : members) {
            if (!contains(callers(), member)) problems_.push_back("groups: no caller " + member);
            groups_[name].push_back(member);
        }
    }
    for (const std::string line : file.at("everywhere").at("lines")) everywhere_.push_back(line);
}

Texts Policy::callers_in(const std::string& text) {
    Texts all;
    for (const auto& name : split(text)) {
        auto group = groups_.find(name);
        if (group == groups_.end()) {
            problems_.push_back("there is no caller and no group of the name " + name + ".");
            continue;
        }
        all.insert(all.end(), group->second.begin(), group->second.end());
    }
    return all;
}

void Policy::read_line(Entry& entry, const std::string& object, const std::string& line) {
    auto where = entry.ask + ", " + object + ": ";
    auto colon = line.find(':');
    auto expected = colon == std::string::npos
                        ? std::nullopt
                        : expected_from(std::string(base::trim(line.substr(colon + 1))));
    if (!expected) {
        problems_.push_back(where + "\"" + line + "\" is no line `callers: answer`.");
        return;
    }
    for (const auto& caller : callers_in(line.substr(0, colon))) {
        if (!entry.cells[object].emplace(caller, *expected).second) {
            problems_.push_back(where + caller + " is there twice.");
        }
    }
}

void Policy::read_entry(const json& object) {
    Entry entry;
    std::string route = object.at("route");
    entry.method = route.substr(0, route.find(' '));
    entry.pattern = route.substr(route.find(' ') + 1);
    entry.access = object.at("access");
    entry.part = object.value("part", "");
    entry.ask = object.at("ask");
    entry.body = object.value("body", json());
    entry.family = object.at("object");
    for (const auto& [objects, lines] : object.at("cells").items()) {
        for (const auto& name : split(objects)) {
            if (entry.cells.contains(name)) {
                problems_.push_back(route + ", " + name + ": is there twice.");
            }
            for (const std::string line : lines) read_line(entry, name, line);
            if (object.value("proved by", "") == "body") continue;
            for (const auto& line : everywhere_) read_line(entry, name, line);
        }
    }
    check(entry);
    entries_.push_back(std::move(entry));
}

void Policy::check(const Entry& entry) {
    auto where = entry.method + ' ' + entry.pattern + " (" + entry.ask + "): ";
    auto fitting = families_for(entry.method, entry.pattern);
    if (!fitting.empty() && !contains(fitting, entry.family)) {
        problems_.push_back(where + "is about a " + fitting.front() + ", not " + entry.family);
    }
    auto family = families().find(entry.family);
    if (family == families().end()) {
        problems_.push_back(where + "there is no family of objects " + entry.family);
        return;
    }
    for (const auto& [object, row] : entry.cells) {
        if (!contains(family->second, object)) {
            problems_.push_back(where + "there is no " + entry.family + " " + object);
        }
    }
    for (const auto& object : family->second) {
        auto row = entry.cells.find(object);
        for (const auto& caller : callers()) {
            if (row == entry.cells.end() || !row->second.contains(caller)) {
                problems_.push_back(where + "the cell " + object + " x " + caller + " is missing.");
                continue;
            }
            const auto& expected = row->second.at(caller);
            if (expected.status != 404 || object == "missing") continue;
            // Z3: what one may not know of looks like what is not there.
            auto missing = entry.cells.find("missing");
            bool same = missing != entry.cells.end() && missing->second.contains(caller) &&
                        missing->second.at(caller).text == expected.text;
            if (!same) {
                problems_.push_back(where + object + " x " + caller +
                                    " is a 404, but the missing one gets another answer.");
            }
        }
    }
}

std::size_t Policy::cell_count() const {
    std::size_t count = 0;
    for (const auto& entry : entries_) {
        for (const auto& [object, row] : entry.cells) count += row.size();
    }
    return count;
}

Texts Policy::differences(const std::set<std::string>& routes) const {
    Texts found;
    std::set<std::string> named;
    std::set<std::string> parts;
    for (const auto& entry : entries_) {
        named.insert(entry.route());
        if (routes.contains(entry.route())) parts.insert(entry.part);
    }
    for (const auto& entry : entries_) {
        bool left_out = !entry.part.empty() && !parts.contains(entry.part);
        if (left_out || routes.contains(entry.route())) continue;
        found.push_back("policy.json names a route that the server does not have: " +
                        entry.route());
    }
    for (const auto& route : routes) {
        if (named.contains(route)) continue;
        found.push_back("the server has a route that policy.json does not name: " + route);
    }
    return found;
}

}  // namespace tests
