#include "left_out_service.hpp"

#include <algorithm>

#include "item_rules.hpp"
#include "reversal.hpp"

namespace django {

namespace {

constexpr int parents_followed_max = 10;

}  // namespace

LeftOutRows::LeftOutRows(StagingStore& staging, const Mapping& mapping, Passes& passes,
                         MayBeNull may_be_null)
    : staging_(staging), mapping_(mapping), passes_(passes), may_be_null_(std::move(may_be_null)) {
    for (const auto& [field, model] : mapping.relations) told_.insert(field);
    for (const auto& [field, model] : staging.told_relations()) told_.insert(field);
    for (const auto& reverse : mapping.reverses) {
        if (reverse.fields.size() == 1) told_.insert(reverse.model + "." + reverse.fields.front());
    }
}

void LeftOutRows::begin() {
    staging_.forget_seen();
    models_.clear();
}

void LeftOutRows::add(const Row& row) {
    staging_.see({legacy_id_of(row)});
    models_.insert(row.model);
    auto parent = mapping_.parents.find(row.model);
    for (int depth = 0; parent != mapping_.parents.end() && depth < parents_followed_max; ++depth) {
        if (auto above = staging_.find(parent->second, row.key)) {
            staging_.see({legacy_id_of(*above)});
            models_.insert(above->model);
        }
        parent = mapping_.parents.find(parent->second);
    }
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

bool LeftOutRows::is_certain(const Row& row, const std::string& field) const {
    if (told_.contains(row.model + "." + field)) return true;
    const auto& value = *row.fields.find(field);
    if (!value.is_list() || value.items.empty()) return false;
    const auto& first = value.items.front();
    auto target = staging_.target(row.model, field);
    return staging_.find(target, value) || (first.is_list() && staging_.find(target, first));
}

std::optional<std::string> LeftOutRows::leading(const Row& row) const {
    auto parent = mapping_.parents.find(row.model);
    if (parent != mapping_.parents.end() && is_gone(parent->second, row.key)) return "";
    for (const auto& field : pointers_of(row)) {
        const auto& value = *row.fields.find(field);
        bool leads = !value.is_null() && is_gone(staging_.target(row.model, field), value);
        if (leads && is_certain(row, field) && !may_be_null_(row.model, field)) return field;
    }
    return std::nullopt;
}

std::int64_t LeftOutRows::spread(const Hear& hear) {
    std::int64_t count = 0;
    for (std::int64_t more = any() ? 1 : 0; more > 0;) {
        more = 0;
        for (const auto& model : staging_.models()) {
            auto look = [&](const RowPointer& row) {
                if (contains(*row)) return;
                auto field = leading(*row);
                if (!field) return;
                add(*row);
                hear(row, *field);
                ++more;
            };
            std::string after;
            if (!passes_.over(model, after, look)) return count + more;
        }
        count += more;
    }
    return count;
}

LeftOutRows::Freed LeftOutRows::without(const RowPointer& row) const {
    Freed out{row};
    for (const auto& field : pointers_of(*row)) {
        const auto& value = *row->fields.find(field);
        auto target = staging_.target(row->model, field);
        auto kept = value;
        bool is_key = !value.is_null() && is_gone(target, value);
        if (is_key) kept = Value();
        if (!is_key && value.is_list()) {
            std::erase_if(kept.items, [&](const Value& key) { return is_gone(target, key); });
        }
        if (kept == value) continue;
        if (!is_certain(*row, field)) {
            out.guessed.push_back(field);
            continue;
        }
        if (is_key) out.emptied.push_back(field);
        out.row = edited(*out.row, {{field, std::move(kept)}});
    }
    return out;
}

}  // namespace django
