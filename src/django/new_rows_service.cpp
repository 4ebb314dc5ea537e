#include "new_rows_service.hpp"

#include <algorithm>
#include <set>

namespace django {

namespace {

bool has_name(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// What a field holds that nobody has filled in.
bool is_blank(const Value& value) {
    return value.is_empty() || value.text == "false" || (value.is_number() && value.text == "0");
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

}  // namespace

bool NewRows::may_be_null(const std::string& model, const std::string& field) {
    auto known = mapping_.defaults.find(model);
    const auto* given = known == mapping_.defaults.end() ? nullptr : known->second.find(field);
    return (given && given->is_null()) || survey_.of(model, field).may_be_null;
}

std::optional<Value> NewRows::free_key(const std::string& model, std::int64_t id) {
    const auto& shape = survey_.of(model);
    // Rows without a pk are known by what they say.
    bool is_natural =
        shape.first_key.is_list() || (shape.first_key.is_null() && !shape.fields.empty());
    if (is_natural) return Value();
    if (!shape.fields.empty() && !shape.first_key.is_number()) return std::nullopt;
    auto is_free = [&](std::int64_t number) {
        auto name = "pk " + model + ":" + std::to_string(number);
        bool is_known =
            staging_.find(model, Value::number(number)) || staging_.seen({name}).front();
        return !is_known && !(is_taken_ && is_taken_(model, std::to_string(number)));
    };
    auto& next = next_keys_.try_emplace(model, shape.next_key).first->second;
    auto number = own_pks_ && is_free(id) ? id : next++;
    while (!is_free(number)) number = next++;
    staging_.see({"pk " + model + ":" + std::to_string(number)});
    return Value::number(number);
}

Row NewRows::blank(const std::string& model, std::vector<std::string>& open) {
    Row row;
    row.model = model;
    row.key = Value::number(0);  // for as long as it has none: what it becomes needs one
    row.fields = Value::object();
    auto known = mapping_.defaults.find(model);
    const auto* defaults = known == mapping_.defaults.end() ? nullptr : &known->second;
    for (const auto& field : survey_.of(model).fields) {
        const auto* given = defaults ? defaults->find(field) : nullptr;
        const auto& column = survey_.of(model, field);
        const auto& common = column.common;
        bool is_usual = !given && !common.empty() && is_blank(common.front());
        if (!given && !is_usual) open.push_back(field);
        // A column that may be null would be so somewhere.
        auto nothing = column.is_text ? Value("") : Value();
        row.fields.set(field, given ? *given : is_usual ? common.front() : nothing);
    }
    for (std::size_t i = 0; defaults && i < defaults->names.size(); ++i) {
        row.fields.set(defaults->names[i], defaults->items[i]);
    }
    return row;
}

std::variant<RowPointer, std::string> NewRows::make(const std::string& model, std::int64_t id,
                                                    const std::vector<std::string>& members,
                                                    const std::vector<std::string>& needed,
                                                    const Stand& wanted, const RowRules& rules,
                                                    const std::optional<Value>& key,
                                                    std::vector<std::string>& left) {
    if (mapping_.parents.contains(model)) {
        return model + " has a parent model, whose row is not made here";
    }
    std::vector<std::string> open;
    RowPointer row = std::make_shared<Row>(blank(model, open));
    // A field that a rule speaks of is said by the rule, also if that is nothing.
    std::set<std::string> spoken;
    auto listening = rules;
    listening.edits = [&](const RowPointer& at, const std::string& member) {
        auto edits = rules.edits(at, member);
        for (const auto& edit : edits) {
            for (const auto& [field, value] : edit) spoken.insert(field);
        }
        return edits;
    };
    row = rewritten(begun(row, members, listening), wanted, listening, left);
    auto given = rules.read(row);
    if (!given) return "the rules of " + model + " would make nothing of its row";
    std::vector<std::string> wrong;
    for (const auto& member : needed) {
        if (!has_name(left, member)) continue;
        wrong.push_back(member);
    }
    if (!wrong.empty()) return "no rule of " + model + " can be turned round for " + listed(wrong);
    std::erase_if(open, [&](const std::string& field) { return spoken.contains(field); });
    if (passes_.is_cut_short()) return "not all of the base was looked at";
    if (!open.empty()) {
        return "`export` of the mapping has no default for these fields of " + model + ": " +
               listed(open);
    }
    auto its_key = key ? key : free_key(model, id);
    if (!its_key) return "the pks of " + model + " are no numbers";
    auto made = std::make_shared<Row>(*row);
    made->key = *its_key;
    return RowPointer(made);
}

}  // namespace django
