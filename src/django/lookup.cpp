#include "lookup.hpp"

#include "names.hpp"

namespace django {

std::string legacy_id_of(const Row& row) {
    return row.model + ":" + (row.key.is_list() ? to_json(row.key) : row.key.text);
}

std::string Lookup::content_type(const Value& key) const {
    if (key.is_list() && key.items.size() == 2) {
        return lower(key.items[0].text + "." + key.items[1].text);
    }
    auto row = find("contenttypes.contenttype", key);
    if (!row) return "";
    const auto* app = row->fields.find("app_label");
    const auto* model = row->fields.find("model");
    return app && model ? lower(app->text + "." + model->text) : "";
}

std::string Lookup::restricted_path(const Row& restriction) const {
    const auto* key = restriction.fields.find("page");
    auto page = key ? find("wagtailcore.page", *key) : nullptr;
    const auto* path = page ? page->fields.find("path") : nullptr;
    return path ? path->text : "";
}

}  // namespace django
