#include "owner_event_json.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace django {

namespace {

using Json = nlohmann::json;

Owner owner_in(const Json& body, const char* name) {
    auto owner = parse_owner(body.at(name).get<std::string>());
    if (!owner) throw std::runtime_error("a stored event names an owner that is none");
    return *owner;
}

Json json_of(const std::string& model, const ModelOwner& owner) {
    return {{"model", model},
            {"owner", name_of(owner.owner)},
            {"changed_at",
             owner.changed_at ? Json(base::to_rfc3339(*owner.changed_at)) : Json(nullptr)},
            {"changed_by", owner.changed_by ? Json(*owner.changed_by) : Json(nullptr)}};
}

}  // namespace

std::string to_json(const ModelOwnerChanged& event) {
    return Json{
        {"model", event.model}, {"before", name_of(event.before)}, {"after", name_of(event.after)}}
        .dump();
}

ModelOwnerChanged owner_event(const bus::Event& event) {
    if (event.type != "model_owner_changed.v1") {
        throw std::runtime_error("an event of the unknown type " + event.type);
    }
    auto body = Json::parse(event.body);
    return {body.at("model").get<std::string>(), owner_in(body, "before"), owner_in(body, "after")};
}

std::string to_json(const ModelOwners& owners) {
    Json models = Json::array();
    for (const auto& [model, owner] : owners) models.push_back(json_of(model, owner));
    return Json{{"models", std::move(models)}}.dump();
}

std::string to_json(const std::string& model, const ModelOwner& owner) {
    return json_of(model, owner).dump();
}

}  // namespace django
