#include "answer_json.hpp"

#include <nlohmann/json.hpp>

namespace media {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ShownItem& shown) {
    const auto& item = shown.item;
    bool is_picture = !shown.hash.empty();
    auto address = "/v1/media/" + std::to_string(item.id);
    Json body;
    body["id"] = item.id;
    body["version"] = item.version;
    body["type"] = shown.media_type;
    body["bytes"] = item.bytes.bytes;
    body["sha256"] = item.bytes.sha256;
    body["width"] = is_picture ? Json(item.bytes.width) : Json();
    body["height"] = is_picture ? Json(item.bytes.height) : Json();
    body["alt"] = item.description.alt;
    body["credit"] = item.description.credit;
    body["focus"] = {{"x", item.focus.x}, {"y", item.focus.y}};
    body["hash"] = is_picture ? Json(shown.hash) : Json();
    body["original"] = address + "/original";
    if (shown.for_authors) body["owner"] = item.owner ? Json(*item.owner) : Json();
    body["created_at"] = base::to_rfc3339(item.created_at);
    if (shown.for_authors) body["articles"] = item.articles;
    body["public"] = item.is_public;
    return body;
}

}  // namespace

std::string item_body(const ShownItem& shown) {
    return to_json(shown).dump();
}

std::string items_body(const std::vector<ShownItem>& items, const std::string& next) {
    Json body;
    body["media"] = Json::array();
    for (const auto& one : items) body["media"].push_back(to_json(one));
    body["next"] = next.empty() ? Json() : Json(next);
    return body.dump();
}

}  // namespace media
