#include "erased_rows_service.hpp"

#include <algorithm>

#include "reversal.hpp"
#include "time_text.hpp"

namespace django {

namespace {

const std::string no_field;
/// The generic key of most of Django's apps: versions, log entries, tags.
const std::string generic_type = "content_type";
const std::string generic_key = "object_id";

std::string erased_name(const std::string& legacy_id) {
    return "erased " + legacy_id;
}

std::string bare_name(const Row& row) {
    return "bare " + legacy_id_of(row);
}

bool is_blank(const Value& value) {
    return value.is_empty() || value.text == "false" || (value.is_number() && value.text == "0");
}

bool has_only(const std::string& text, const char* letters) {
    return !text.empty() && text.find_first_not_of(letters) == text.npos;
}

/// Nobody's text that a column takes which had this one.
std::string nobodys(const std::string& text, const Row& row, bool is_unique) {
    static const base::TimeZone utc;
    if (parse_time(text, utc)) return is_day(text) ? "1970-01-01" : "1970-01-01T00:00:00Z";
    if (has_only(text, "0123456789.-")) return is_unique ? row.key.text : "0";
    if (has_only(text, "0123456789:. ")) return "00:00:00";
    bool is_uuid = text.size() == 36 && has_only(text, "0123456789abcdef-");
    if (is_uuid) {
        std::string digits(12, '0');
        auto count = std::min(digits.size(), row.key.text.size());
        digits.replace(digits.size() - count, count, row.key.text, 0, count);
        bool is_number = has_only(digits, "0123456789");
        return "00000000-0000-0000-0000-" + (is_number ? digits : std::string(12, '0'));
    }
    return is_unique ? "erased-" + row.key.text : "";
}

Value nobodys(const Value& value, const Row& row, const Column& column) {
    switch (value.kind) {
        case Value::Kind::boolean:
            return Value::boolean(false);
        case Value::Kind::number:
            return Value::number(column.is_unique ? row.key.text : "0");
        case Value::Kind::text:
            return nobodys(value.text, row, column.is_unique);
        case Value::Kind::list:
            return Value::list({});
        case Value::Kind::object:
            return Value::object();
        default:
            return Value();
    }
}

}  // namespace

RowPointer bared(const RowPointer& row, const std::set<std::string>& kept, const Mapping& mapping,
                 const StagingStore& staging, Survey& survey) {
    auto out = std::make_shared<Row>(*row);
    auto known = mapping.defaults.find(row->model);
    const auto* defaults = known == mapping.defaults.end() ? nullptr : &known->second;
    for (std::size_t i = 0; i < row->fields.names.size(); ++i) {
        const auto& field = row->fields.names[i];
        const auto& value = row->fields.items[i];
        if (kept.contains(field)) continue;
        const auto* given = defaults ? defaults->find(field) : nullptr;
        const auto& column = survey.of(row->model, field);
        bool is_usual = !column.common.empty() && is_blank(column.common.front());
        bool is_key = !value.is_list() && !staging.target(row->model, field).empty();
        auto& now = out->fields.items[i];
        if (given) {
            now = *given;
        } else if (column.may_be_null) {
            now = Value();
        } else if (is_usual) {
            now = column.common.front();
        } else if (!is_key) {
            now = nobodys(value, *row, column);
        }
    }
    return out;
}

ErasedRows::ErasedRows(const Mapping& mapping, StagingStore& staging, Passes& passes,
                       Survey& survey)
    : mapping_(mapping),
      staging_(staging),
      passes_(passes),
      survey_(survey),
      read_(read_for_articles(mapping)) {
    for (const auto& rules : mapping.users) people_.insert(rules.model);
    exempt_ = people_;
    for (const auto& rules : mapping.items) {
        auto model = rules.model;
        while (exempt_.insert(model).second && mapping.parents.contains(model)) {
            model = mapping.parents.at(model);
        }
    }
    exempt_.insert(read_.models.begin(), read_.models.end());
    for (const auto& rules : mapping.redirects) exempt_.insert(rules.model);
    exempt_.insert(mapping.stay_if_erased.begin(), mapping.stay_if_erased.end());
}

void ErasedRows::begin() {
    any_ = false;
    led_to_.clear();
}

void ErasedRows::add(const Row& person) {
    any_ = true;
    staging_.see({erased_name(legacy_id_of(person))});
}

std::string ErasedRows::target(const std::string& model, const std::string& field) const {
    auto place = model + "." + field;
    auto known = targets_.find(place);
    if (known == targets_.end()) {
        known = targets_.emplace(place, staging_.target(model, field)).first;
    }
    return known->second;
}

void ErasedRows::find_led_to() {
    std::vector<std::string> next;
    for (const auto& model : exempt_) {
        if (!people_.contains(model)) next.push_back(model);
    }
    while (!next.empty()) {
        auto model = std::move(next.back());
        next.pop_back();
        for (const auto& [field, column] : survey_.of(model).columns) {
            auto to = target(model, field);
            bool is_new = !to.empty() && !exempt_.contains(to) && led_to_.insert(to).second;
            if (is_new) next.push_back(to);
        }
    }
}

bool ErasedRows::is_erased(const std::string& model, const Value& key) const {
    auto row = staging_.find(model, key);
    return row && staging_.seen({erased_name(legacy_id_of(*row))}).front();
}

bool ErasedRows::is_of_one(const std::string& model, const std::string& field) const {
    return field.empty() || survey_.of(model, field).is_unique;
}

const std::string* ErasedRows::leading(const Row& row) const {
    auto parent = mapping_.parents.find(row.model);
    bool is_child = parent != mapping_.parents.end() && people_.contains(parent->second);
    if (is_child && is_erased(parent->second, row.key)) return &no_field;
    for (std::size_t i = 0; i < row.fields.names.size(); ++i) {
        const auto& field = row.fields.names[i];
        const auto& key = row.fields.items[i];
        auto to = target(row.model, field);
        if (!key.is_null() && people_.contains(to) && is_erased(to, key)) return &field;
    }
    return leading_generically(row);
}

const std::string* ErasedRows::leading_generically(const Row& row) const {
    const auto* type = row.fields.find(generic_type);
    const auto* key = row.fields.find(generic_key);
    if (!type || !key || !key->is_scalar()) return nullptr;
    auto model = staging_.content_type(*type);
    return people_.contains(model) && is_erased(model, *key) ? &generic_key : nullptr;
}

void ErasedRows::spread(
    const std::function<void(const RowPointer& row, const std::string& field)>& hear) {
    if (!any_) return;
    find_led_to();
    for (const auto& model : staging_.models()) {
        // Versions of people may stand beside those that articles are made of.
        bool is_exempt = exempt_.contains(model);
        bool may_lead = !is_exempt || (!mapping_.stay_if_erased.contains(model) &&
                                       survey_.of(model).columns.contains(generic_key));
        if (!may_lead) continue;
        auto look = [&](const RowPointer& row) {
            const auto* field = is_exempt ? leading_generically(*row) : leading(*row);
            if (!field) return;
            bool stays = led_to_.contains(model) || field->empty();
            if (!stays) return hear(row, *field);
            if (is_of_one(model, *field)) staging_.see({bare_name(*row)});
        };
        std::string after;
        if (!passes_.over(model, after, look)) return;
    }
}

RowPointer ErasedRows::without_person(const RowPointer& row) const {
    bool is_bare =
        any_ && !exempt_.contains(row->model) && staging_.seen({bare_name(*row)}).front();
    if (!is_bare) return row;
    auto kept = read_.names;
    for (const auto& field : row->fields.names) {
        if (!target(row->model, field).empty()) kept.insert(field);
    }
    return bared(row, kept, mapping_, staging_, survey_);
}

}  // namespace django
