#include "key_finder_service.hpp"

#include <algorithm>

namespace django {

namespace {

constexpr std::size_t rows_counted_at_once = 500;
/// Categories, tags and authors are fewer; what has more is no list to choose from.
constexpr std::size_t keys_max = 100'000;
constexpr std::size_t tables_max = 16;
constexpr std::size_t values_max = 100;
constexpr std::size_t text_bytes_max = 500;

}  // namespace

const KeyFinderService::Keys& KeyFinderService::keys_of(const std::string& model,
                                                        const std::string& name,
                                                        const Expression& expression) {
    auto place = model + " " + name;
    auto known = keys_.find(place);
    if (known != keys_.end()) return known->second;
    if (keys_.size() == tables_max) keys_.clear();
    auto& keys = keys_[place];
    std::string after;
    for (auto rows = staging_.next_rows(model, after, rows_counted_at_once); !rows.empty();
         rows = staging_.next_rows(model, after, rows_counted_at_once)) {
        for (const auto& row : rows) {
            evaluation_.begin();
            auto text = evaluation_.text(expression, {row, {}});
            if (text.empty() || text.size() > text_bytes_max) continue;
            if (keys.size() < keys_max) keys.emplace(std::move(text), row->key);
        }
    }
    return keys;
}

RowPointer KeyFinderService::find(const std::string& model, const std::string& name,
                                  const Expression& expression, const std::string& text) {
    const auto& keys = keys_of(model, name, expression);
    auto found = keys.find(text);
    return found == keys.end() ? nullptr : staging_.find(model, found->second);
}

const std::vector<Value>& KeyFinderService::common(const std::string& model,
                                                   const std::string& field) {
    auto place = model + " " + field;
    auto known = common_.find(place);
    if (known != common_.end()) return known->second;
    std::vector<std::pair<Value, std::int64_t>> counts;
    std::string after;
    for (auto rows = staging_.next_rows(model, after, rows_counted_at_once); !rows.empty();
         rows = staging_.next_rows(model, after, rows_counted_at_once)) {
        for (const auto& row : rows) {
            const auto* value = row->fields.find(field);
            bool fits = value && value->text.size() <= text_bytes_max &&
                        (value->is_scalar() || value->items.empty());
            if (!fits) continue;
            auto one = std::find_if(counts.begin(), counts.end(), [&](const auto& known_one) {
                return known_one.first == *value;
            });
            if (one != counts.end()) {
                ++one->second;
            } else if (counts.size() < values_max) {
                counts.emplace_back(*value, 1);
            }
        }
    }
    std::stable_sort(counts.begin(), counts.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    auto& values = common_[place];
    for (auto& [value, count] : counts) values.push_back(std::move(value));
    return values;
}

}  // namespace django
