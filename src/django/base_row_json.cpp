#include "base_row_json.hpp"

#include "row_key_json.hpp"
#include "value_json.hpp"

namespace django {

BaseRow base_row(Record record, const NaturalKeys& natural_keys) {
    Row row{record.model, std::move(record.key), std::move(record.fields), record.line};
    bool has_pk = !row.key.is_null();
    auto natural = natural_keys.find(row.model);
    if (!has_pk && natural != natural_keys.end()) {
        std::vector<Value> parts;
        for (const auto& field : natural->second) {
            const auto* part = row.fields.find(field);
            parts.push_back(part ? *part : Value());
        }
        auto key = value_from_json(natural_text(Value::list(std::move(parts))));
        if (key) row.key = std::move(*key);
    }
    return {std::make_shared<const Row>(std::move(row)), has_pk};
}

}  // namespace django
