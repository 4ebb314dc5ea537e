#include "items_json.hpp"

#include "base/json_writer.hpp"
#include "news/item_json.hpp"

namespace editing {

std::string items_body(const ItemsFound& found) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success").name("news").open('[');
    for (const auto& item : found.items) news::write_json(json, item);
    json.close(']').name("counts").open('{');
    for (std::size_t i = 0; i < found.counts.size(); ++i) {
        std::string name(name_of(static_cast<news::Stage>(i)));
        json.member(name, found.counts[i]);
    }
    json.close('}').name("next");
    if (found.next.empty()) {
        json.value(nullptr);
    } else {
        json.value(found.next);
    }
    if (!found.failed.empty()) json.member("partial", true).member("failed", found.failed);
    json.close('}');
    return body;
}

}  // namespace editing
