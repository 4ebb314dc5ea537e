// What is made of a value once it is there (split, mapped, read as a text or a time), and of trees.
#include <algorithm>

#include "base/text.hpp"
#include "evaluation.hpp"
#include "time_text.hpp"

namespace django {

namespace {

void add_trimmed(std::string_view word, std::vector<std::string>& out) {
    auto text = base::trim(word);
    if (!text.empty()) out.emplace_back(text);
}

constexpr std::size_t generations_max = 32;

std::string key_of(const Scope& one) {
    return one.row->key.is_list() ? to_json(one.row->key) : one.row->key.text;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text, std::string_view by) {
    bool tagging = by == "tagging";
    // Without any comma outside of quotes, words are tags there.
    char mark = tagging ? ' ' : by.empty() ? ',' : by.front();
    if (tagging) {
        bool quoted = false;
        for (char c : text) {
            if (c == '"') quoted = !quoted;
            if (c == ',' && !quoted) mark = ',';
        }
    }
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    for (char c : text) {
        if (c == '"' && (tagging || by == ",")) {
            quoted = !quoted;
            if (tagging && mark == ' ') {
                add_trimmed(word, words);
                word.clear();
            }
        } else if (c == mark && !quoted) {
            add_trimmed(word, words);
            word.clear();
        } else {
            word += c;
        }
    }
    add_trimmed(word, words);
    return words;
}

void Evaluation::restrict(std::vector<std::string> tree_paths) {
    std::sort(tree_paths.begin(), tree_paths.end());
    restricted_.clear();
    for (auto& path : tree_paths) {
        bool below = !restricted_.empty() && path.starts_with(restricted_.back());
        if (!below) restricted_.push_back(std::move(path));
    }
}

bool Evaluation::is_restricted(const RowPointer& row) const {
    if (restricted_.empty()) return false;
    auto model = row->model;
    for (std::size_t i = 0; model != "wagtailcore.page"; ++i) {
        auto parent = mapping_.parents.find(model);
        if (parent == mapping_.parents.end() || i == generations_max) return false;
        model = parent->second;
    }
    auto page = row->model == model ? row : lookup_.find(model, row->key);
    const auto* path = page ? page->fields.find("path") : nullptr;
    if (!path) return true;
    // None is below another, so only the last one before it can be above it.
    auto behind = std::upper_bound(restricted_.begin(), restricted_.end(), path->text);
    return behind != restricted_.begin() && path->text.starts_with(*std::prev(behind));
}

Value Evaluation::tree(const Expression& expression, const Scope& scope) const {
    auto found = follow(expression.path, scope, true);
    if (found.empty() || !found.front().row) return Value();
    std::vector<Scope> line = {found.front()};
    for (;;) {
        auto above = follow(Path{{expression.tree_field}}, line.back(), true);
        if (above.empty() || !above.front().row) break;
        bool turns = std::any_of(line.begin(), line.end(), [&](const Scope& one) {
            return one.row->key == above.front().row->key;
        });
        if (turns || line.size() == generations_max) {
            warn("tree_cycle", line.front().row->model + " " + key_of(line.front()) +
                                   " is above itself, or its tree is too deep");
            break;
        }
        line.push_back(above.front());
    }
    std::reverse(line.begin(), line.end());
    if (expression.tree_part == Expression::TreePart::root) line.resize(1);
    if (expression.tree_part == Expression::TreePart::leaf)
        line.erase(line.begin(), line.end() - 1);
    std::string out;
    for (const auto& one : line) {
        auto text =
            expression.inner.empty() ? key_of(one) : this->text(expression.inner.front(), one);
        out += (out.empty() ? "" : *expression.join) + text;
    }
    return Value(out);
}

std::vector<std::string> Evaluation::words_of(std::string_view text, const std::string& by) const {
    // Every second letter may be a word of its own.
    if (!spend(text.size() / 2 * sizeof(Value))) return {};
    return split_words(text, by);
}

Value Evaluation::names(const Expression& expression, const Scope& scope) const {
    auto parts = words_of(text(expression.inner.front(), scope), *expression.join);
    if (parts.empty()) return Value();
    if (expression.tree_part == Expression::TreePart::root) return Value(parts.front());
    if (expression.tree_part == Expression::TreePart::leaf) return Value(parts.back());
    std::vector<Value> all(parts.begin(), parts.end());
    return Value::list(std::move(all));
}

Value Evaluation::mapped(const Expression& expression, Value value) const {
    if (value.is_list()) {
        for (auto& item : value.items) {
            item = mapped(expression, std::move(item));
            if (!spend(memory_of(item))) return Value();
        }
        return value;
    }
    for (const auto& [from, to] : expression.map) {
        if (!value.is_null() && same(value, from)) return to;
        if (value.is_null() && from.text == "null") return to;
    }
    if (expression.otherwise) return *expression.otherwise;
    return value;
}

Value Evaluation::value(const Expression& expression, const Scope& scope) const {
    auto value = raw_value(expression, scope);
    if (expression.split && value.is_text()) {
        auto words = words_of(value.text, *expression.split);
        std::vector<Value> all(words.begin(), words.end());
        value = Value::list(std::move(all));
    }
    if (expression.has_map) {
        value = mapped(expression, std::move(value));
    } else if (value.is_empty() && expression.otherwise) {
        value = *expression.otherwise;
    }
    // What a path leads to has been counted there.
    bool counted = expression.kind == Expression::Kind::path && !expression.has_map;
    if (!counted && !spend(memory_of(value))) return Value();
    return value;
}

std::vector<std::string> Evaluation::texts(const Expression& expression, const Scope& scope) const {
    auto found = value(expression, scope);
    std::vector<std::string> out;
    auto add = [&](const Value& one) {
        auto text = base::trim(one.text);
        bool known = std::find(out.begin(), out.end(), text) != out.end();
        if (one.is_scalar() && !text.empty() && !known && out.size() < 1000) out.emplace_back(text);
    };
    if (!found.is_list()) add(found);
    if (found.is_list()) std::for_each(found.items.begin(), found.items.end(), add);
    return out;
}

std::string Evaluation::text(const Expression& expression, const Scope& scope) const {
    auto found = value(expression, scope);
    if (found.is_scalar()) return std::move(found.text);
    std::string out;
    if (found.is_object()) return out;
    for (const auto& one : found.items) {
        if (!one.is_scalar() || one.text.empty()) continue;
        out += (out.empty() ? "" : ", ") + one.text;
    }
    return out;
}

std::optional<base::Time> Evaluation::time(const Value& value) const {
    if (value.is_empty() || !value.is_scalar()) return std::nullopt;
    static const base::TimeZone utc;
    // A day is one of the site's calendar, however its clocks are written.
    bool is_utc = naive_is_utc_ && !is_day(value.text);
    auto moment = parse_time(value.text, is_utc ? utc : zone_);
    if (!moment) warn("bad_time", "this is no time: " + value.text.substr(0, 40));
    return moment;
}

std::optional<base::Time> Evaluation::time(const Expression& expression, const Scope& scope) const {
    if (!expression) return std::nullopt;
    return time(value(expression, scope));
}

}  // namespace django
