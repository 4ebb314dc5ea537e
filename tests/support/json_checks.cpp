#include "support/json_checks.hpp"

#include <regex>
#include <set>

namespace support {

using nlohmann::json;

bool is_time(const json& value) {
    static const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
    return value.is_string() && std::regex_match(value.get<std::string>(), form);
}

std::string item_faults(const json& item) {
    static const std::set<std::string> members = {
        "id",         "version",      "title",     "description", "content",
        "author",     "tags",         "news_type", "status",      "created_at",
        "updated_at", "published_at", "slug",      "extra",       "content_format"};
    static const std::set<std::string> members_of_some = {
        "legacy_id", "authors", "images", "language", "translations", "related", "canonical_url"};
    if (!item.is_object()) return "it is no object: " + item.dump();
    std::string faults;
    for (const auto& [name, value] : item.items()) {
        bool known = members.contains(name) || members_of_some.contains(name);
        if (!known) faults += "has " + name + "; ";
    }
    for (const auto& name : members) {
        if (!item.contains(name)) faults += "has no " + name + "; ";
    }
    if (!faults.empty()) return faults;
    auto id = item["id"];
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= (std::uint64_t{1} << 53)) {
        faults += "id is no whole number below 2^53; ";
    }
    if (!item["version"].is_number_unsigned() || item["version"] < 1) faults += "version; ";
    for (const char* name :
         {"title", "description", "content", "author", "news_type", "slug", "content_format"}) {
        if (!item[name].is_string()) faults += std::string(name) + " is no text; ";
    }
    if (!item["extra"].is_object()) faults += "extra is no object; ";
    bool tags = item["tags"].is_array();
    for (const auto& tag : item["tags"]) tags = tags && tag.is_string();
    if (!tags) faults += "tags is no list of texts; ";
    auto status = item["status"];
    if (status != "draft" && status != "published" && status != "removed") faults += "status; ";
    for (const char* name : {"created_at", "updated_at"}) {
        if (!is_time(item[name])) faults += std::string(name) + " is no time; ";
    }
    bool may_be_null = status != "published" && item["published_at"].is_null();
    if (!may_be_null && !is_time(item["published_at"])) faults += "published_at is no time; ";
    return faults;
}

std::string failure_faults(const Answer& answer, int status, const std::string& code) {
    std::string faults;
    if (answer.status != status) faults += "status " + std::to_string(answer.status) + "; ";
    auto body = answer.json();
    if (!body.is_object()) return faults + "the body is no object: " + answer.body;
    if (body.value("status", json()) != "fail") faults += "status is not fail; ";
    if (body.value("error", json()) != code) faults += "error is another; ";
    if (!body.contains("message") || !body["message"].is_string() || body["message"] == "") {
        faults += "no message; ";
    }
    auto request_id = answer.field("X-Request-Id");
    if (request_id.empty()) faults += "no X-Request-Id; ";
    if (body.value("request_id", json()) != request_id) faults += "another request_id; ";
    if (!answer.field("Content-Type").starts_with("application/json")) faults += "content type; ";
    if (answer.field("Date").empty()) faults += "no Date; ";
    for (const auto& detail : body.value("details", json::array())) {
        if (!detail.contains("field") || !detail.contains("message")) faults += "details; ";
    }
    for (const char* inside :
         {"sqlite", "SQL", "select ", "insert ", ".cpp", ".hpp", ".db", "std::"}) {
        if (answer.body.find(inside) != std::string::npos) {
            faults += std::string("it tells of the inside: ") + inside + "; ";
        }
    }
    return faults.empty() ? faults : faults + answer.body;
}

std::vector<std::string> fields_in_details(const Answer& answer) {
    std::vector<std::string> names;
    auto body = answer.json();
    if (!body.is_object()) return names;
    for (const auto& detail : body.value("details", json::array())) {
        names.push_back(detail.value("field", ""));
    }
    return names;
}

std::vector<std::int64_t> ids_of(const Answer& answer) {
    std::vector<std::int64_t> ids;
    for (const auto& item : answer.news()) ids.push_back(item.at("id"));
    return ids;
}

bool is_in_order(const json& items) {
    for (std::size_t i = 1; i < items.size(); ++i) {
        auto before = items[i - 1]["published_at"].get<std::string>();
        auto after = items[i]["published_at"].get<std::string>();
        if (before < after) return false;
        if (before == after && items[i - 1]["id"] < items[i]["id"]) return false;
    }
    return true;
}

json new_item(const std::string& title, const json& changed) {
    json item = {{"title", title},
                 {"description", "What " + title + " is about."},
                 {"content", "The whole story of " + title + "."},
                 {"author", "A. Writer"},
                 {"tags", json::array()}};
    if (changed.is_object()) item.update(changed);
    return item;
}

}  // namespace support
