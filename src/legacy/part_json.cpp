#include <nlohmann/json.hpp>

#include "shape.hpp"

namespace legacy {

struct ObjectParts::Tree {
    nlohmann::ordered_json root;
};

ObjectParts::ObjectParts(const std::string& object) : object_(object) {}

ObjectParts::~ObjectParts() = default;

void ObjectParts::write(std::string& out, const std::vector<std::string>& path) {
    if (!tree_) {
        tree_.reset(new Tree{nlohmann::ordered_json::parse(object_, nullptr, false)});
    }
    const auto* part = &tree_->root;
    for (const auto& name : path) {
        auto found = part->is_object() ? part->find(name) : part->end();
        if (!part->is_object() || found == part->end()) {
            out += "null";
            return;
        }
        part = &*found;
    }
    out += part->dump();
}

}  // namespace legacy
