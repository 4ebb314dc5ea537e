#include "key_finder_service.hpp"

namespace django {

namespace {

/// Categories, tags and authors are fewer; what has more is no list to choose from.
constexpr std::size_t keys_max = 100'000;
constexpr std::size_t tables_max = 16;
constexpr std::size_t text_bytes_max = 500;

}  // namespace

const KeyFinderService::Keys& KeyFinderService::keys_of(const std::string& model,
                                                        const std::string& name,
                                                        const Expression& expression) {
    auto place = model + " " + name;
    if (!keys_.contains(place) && keys_.size() == tables_max) keys_.clear();
    auto& keys = keys_[place];
    if (keys.is_whole) return keys;
    auto look = [&](const RowPointer& row) {
        evaluation_.begin();
        auto text = evaluation_.text(expression, {row, {}});
        if (text.empty() || text.size() > text_bytes_max) return;
        if (keys.by_text.size() < keys_max) keys.by_text.emplace(std::move(text), row->key);
    };
    keys.is_whole = passes_.over(model, keys.after, look);
    return keys;
}

RowPointer KeyFinderService::find(const std::string& model, const std::string& name,
                                  const Expression& expression, const std::string& text) {
    const auto& keys = keys_of(model, name, expression).by_text;
    auto found = keys.find(text);
    return found == keys.end() ? nullptr : staging_.find(model, found->second);
}

const std::vector<Value>& KeyFinderService::common(const std::string& model,
                                                   const std::string& field) {
    return survey_.of(model, field).common;
}

}  // namespace django
