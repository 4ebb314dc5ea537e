#include "row_set_json.hpp"

#include <algorithm>
#include <set>

#include "names.hpp"
#include "row_key_json.hpp"
#include "value_json.hpp"

namespace django {

namespace {

/// Those that are there though none of their rows came: where a field points must not hang on what
/// a change brought.
std::set<std::string> models_of(const Mapping& mapping) {
    std::set<std::string> models = {"auth.group", "taggit.tag"};
    for (const auto& rules : mapping.users) models.insert(rules.model);
    for (const auto& rules : mapping.items) models.insert(rules.model);
    for (const auto& [field, model] : mapping.relations) models.insert(model);
    for (const auto& [child, parent] : mapping.parents) models.insert(parent);
    for (const auto& reverse : mapping.reverses) models.insert(reverse.model);
    return models;
}

}  // namespace

RowSet::RowSet(std::vector<Record> records, const Mapping& mapping)
    : natural_keys_(mapping.natural_keys) {
    auto models = models_of(mapping);
    for (auto& record : records) {
        models.insert(record.model);
        auto& of_model = rows_[record.model];
        Row row{std::move(record.model), std::move(record.key), std::move(record.fields), 0};
        of_model.push_back(std::make_shared<const Row>(std::move(row)));
    }
    relations_ = Relations(mapping.relations, {models.begin(), models.end()});
}

std::vector<RowPointer> RowSet::of(const std::string& model) const {
    auto found = rows_.find(model);
    return found == rows_.end() ? std::vector<RowPointer>() : found->second;
}

RowPointer RowSet::find(const std::string& model, const Value& key) const {
    auto of_model = rows_.find(model);
    if (of_model == rows_.end()) return nullptr;
    auto fields = natural_keys_.find(model);
    for (const auto& row : of_model->second) {
        if (!key.is_list()) {
            if (same(row->key, key)) return row;
            continue;
        }
        if (fields == natural_keys_.end()) continue;
        std::vector<Value> natural;
        for (const auto& field : fields->second) {
            const auto* value = row->fields.find(field);
            natural.push_back(value ? *value : Value());
        }
        if (natural_text(Value::list(std::move(natural))) == natural_text(key)) return row;
    }
    return nullptr;
}

std::vector<RowPointer> RowSet::pointing(const Reverse& reverse, const std::string& model,
                                         const Value& key) const {
    std::vector<RowPointer> found;
    bool generic = reverse.fields.size() == 2;
    for (const auto& row : of(reverse.model)) {
        const auto* value = row->fields.find(reverse.fields.back());
        if (!value || value->is_null() || value->is_object()) continue;
        if (generic) {
            const auto* type = row->fields.find(reverse.fields.front());
            if (!type || content_type(*type) != model) continue;
        }
        auto other = generic ? model : target(row->model, reverse.fields.back());
        auto points = [&](const Value& one) {
            if (one.is_scalar()) return same(one, key);
            auto row_there = find(other, one);
            return row_there && same(row_there->key, key);
        };
        bool is_many = value->is_list() && !find(other, *value);
        bool hit = is_many ? std::any_of(value->items.begin(), value->items.end(), points)
                           : points(*value);
        if (hit) found.push_back(row);
    }
    return found;
}

std::string RowSet::target(const std::string& model, const std::string& field) const {
    return relations_.target(model, field);
}

std::optional<Value> RowSet::parsed(std::string_view json) const {
    auto value = value_from_json(json);
    if (!value) return std::nullopt;
    return std::move(*value);
}

}  // namespace django
