#pragma once

#include <map>
#include <string>
#include <vector>

#include "lookup.hpp"
#include "relations.hpp"
#include "value_json.hpp"

namespace django {

/// Rows in memory, given as JSON.
class FakeLookup final : public Lookup {
public:
    RowPointer add(const std::string& model, int key, const std::string& fields) {
        auto row = std::make_shared<Row>();
        row->model = model;
        row->key = Value::number(key);
        row->fields = *value_from_json(fields);
        rows_.push_back(row);
        models_.push_back(model);
        return row;
    }

    RowPointer find(const std::string& model, const Value& key) const override {
        for (const auto& row : rows_) {
            bool natural = key.is_list() && row->fields.find("slug") &&
                           same(*row->fields.find("slug"), key.items.front());
            if (row->model == model && (same(row->key, key) || natural)) return row;
        }
        return nullptr;
    }
    std::vector<RowPointer> pointing(const Reverse& reverse, const std::string& model,
                                     const Value& key) const override {
        std::vector<RowPointer> found;
        for (const auto& row : rows_) {
            if (row->model != reverse.model) continue;
            const auto* value = row->fields.find(reverse.fields.back());
            const auto* type = row->fields.find(reverse.fields.front());
            bool generic = reverse.fields.size() == 2;
            if (generic && (!type || type->text != model)) continue;
            if (value && same(*value, key)) found.push_back(row);
        }
        return found;
    }
    std::string target(const std::string& model, const std::string& field) const override {
        return Relations({}, models_).target(model, field);
    }
    std::optional<Value> parsed(std::string_view json) const override {
        auto value = value_from_json(json);
        if (!value) return std::nullopt;
        return *value;
    }

private:
    std::vector<RowPointer> rows_;
    std::vector<std::string> models_;
};

}  // namespace django
