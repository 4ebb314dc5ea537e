#include <nlohmann/json.hpp>

#include "shape.hpp"

namespace legacy {

void write_part(std::string& out, const std::string& object, const std::vector<std::string>& path) {
    auto all = nlohmann::ordered_json::parse(object, nullptr, false);
    const auto* part = &all;
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
