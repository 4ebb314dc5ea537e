#include "survey_service.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace django {

namespace {

constexpr std::size_t rows_at_once = 500;
constexpr std::size_t columns_max = 1000;
constexpr std::size_t values_max = 100;
constexpr std::size_t text_bytes_max = 500;
/// Of all values of a model that are remembered.
constexpr std::size_t bytes_max = 16 * 1024 * 1024;
constexpr std::int64_t key_max = (std::int64_t{1} << 53) - 1;

}  // namespace

void Passes::until(base::Deadline deadline) {
    deadline_ = deadline;
    is_cut_short_ = false;
}

bool Passes::over(const std::string& model, std::string& after,
                  const std::function<void(const RowPointer& row)>& look) {
    while (!is_cut_short_) {
        auto rows = staging_.next_rows(model, after, rows_at_once);
        if (rows.empty()) return true;
        for (const auto& row : rows) look(row);
        rows_ += std::ssize(rows);
        is_cut_short_ = stop_.load() || deadline_.passed();
    }
    return false;
}

const ModelSurvey& Survey::of(const std::string& name) {
    auto& model = models_[name];
    if (model.is_whole) return model.found;
    auto look = [&](const RowPointer& row) { add(model, *row); };
    if (passes_.over(name, model.after, look)) finish(model);
    return model.found;
}

const Column& Survey::of(const std::string& model, const std::string& field) {
    static const Column unknown;
    const auto& columns = of(model).columns;
    auto found = columns.find(field);
    return found == columns.end() ? unknown : found->second;
}

void Survey::add(Model& model, const Row& row) {
    auto& found = model.found;
    if (found.fields.empty()) {
        found.fields = row.fields.names;
        found.first_key = row.key;
    }
    auto number = base::parse_number(row.key.text, key_max);
    if (number && *number >= found.next_key) found.next_key = *number + 1;
    for (std::size_t i = 0; i < row.fields.names.size(); ++i) {
        const auto& field = row.fields.names[i];
        const auto& value = row.fields.items[i];
        if (found.columns.size() == columns_max && !found.columns.contains(field)) continue;
        auto& column = found.columns[field];
        if (!value.is_text()) column.is_text = false;
        if (value.is_null()) column.may_be_null = true;
        count(model, field, value);
    }
}

void Survey::count(Model& model, const std::string& field, const Value& value) {
    bool fits = value.text.size() <= text_bytes_max && (value.is_scalar() || value.items.empty());
    if (!fits) return;
    auto& counts = model.counts[field];
    auto name = std::to_string(static_cast<int>(value.kind)) + value.text;
    auto known = counts.places.find(name);
    if (known != counts.places.end()) {
        ++counts.values[known->second].rows;
        return;
    }
    if (counts.values.size() == values_max || model.bytes > bytes_max) return;
    model.bytes += memory_of(value) + name.size();
    counts.places.emplace(std::move(name), counts.values.size());
    counts.values.push_back({value, 1});
}

void Survey::finish(Model& model) {
    for (auto& [field, counts] : model.counts) {
        auto& values = counts.values;
        std::stable_sort(values.begin(), values.end(),
                         [](const Count& a, const Count& b) { return a.rows > b.rows; });
        auto& column = model.found.columns[field];
        column.is_unique = std::all_of(values.begin(), values.end(), [](const Count& one) {
            return one.value.is_null() || (one.rows == 1 && !one.value.is_empty());
        });
        for (auto& one : values) column.common.push_back(std::move(one.value));
    }
    model.counts.clear();
    model.is_whole = true;
}

}  // namespace django
