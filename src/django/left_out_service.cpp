#include "left_out_service.hpp"

#include "item_rules.hpp"

namespace django {

namespace {

constexpr std::size_t rows_followed_at_once = 500;

}  // namespace

void LeftOutRows::begin() {
    staging_.forget_seen();
    models_.clear();
}

void LeftOutRows::add(const Row& row) {
    staging_.see({legacy_id_of(row)});
    models_.insert(row.model);
}

bool LeftOutRows::contains(const Row& row) const {
    return models_.contains(row.model) && staging_.seen({legacy_id_of(row)}).front();
}

std::vector<std::string> LeftOutRows::pointers_of(const Row& row) const {
    std::vector<std::string> fields;
    for (const auto& field : row.fields.names) {
        if (models_.contains(staging_.target(row.model, field))) fields.push_back(field);
    }
    return fields;
}

bool LeftOutRows::is_gone(const std::string& model, const Value& key) const {
    auto row = staging_.find(model, key);
    return row && contains(*row);
}

bool LeftOutRows::leads_there(const Row& row) const {
    for (const auto& field : pointers_of(row)) {
        const auto& value = *row.fields.find(field);
        if (!value.is_null() && is_gone(staging_.target(row.model, field), value)) return true;
    }
    return false;
}

std::int64_t LeftOutRows::spread() {
    std::int64_t count = 0;
    for (std::int64_t more = any() ? 1 : 0; more > 0;) {
        more = 0;
        for (const auto& model : staging_.models()) {
            std::string after;
            for (auto rows = staging_.next_rows(model, after, rows_followed_at_once); !rows.empty();
                 rows = staging_.next_rows(model, after, rows_followed_at_once)) {
                for (const auto& row : rows) {
                    if (contains(*row) || !leads_there(*row)) continue;
                    add(*row);
                    ++more;
                }
            }
        }
        count += more;
    }
    return count;
}

RowPointer LeftOutRows::without(const RowPointer& row) const {
    auto out = row;
    for (const auto& field : pointers_of(*row)) {
        const auto& value = *row->fields.find(field);
        if (!value.is_list()) continue;
        auto kept = value;
        auto target = staging_.target(row->model, field);
        std::erase_if(kept.items, [&](const Value& key) { return is_gone(target, key); });
        if (kept.items.size() == value.items.size()) continue;
        auto changed = std::make_shared<Row>(*out);
        changed->fields.set(field, std::move(kept));
        out = changed;
    }
    return out;
}

}  // namespace django
