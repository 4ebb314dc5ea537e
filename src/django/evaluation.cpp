#include "evaluation.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "blocks.hpp"
#include "html_text.hpp"
#include "time_text.hpp"

namespace django {

namespace {

constexpr std::size_t warnings_max = 100;
constexpr int ancestors_max = 32;
constexpr std::size_t nodes_max = 10'000;

std::optional<double> as_number(const std::string& text) {
    double number = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Numbers by what they are worth, all else by its letters.
int compare(const Value& a, const Value& b) {
    auto x = as_number(a.text);
    auto y = as_number(b.text);
    if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
    return a.text.compare(b.text);
}

Value collapsed(std::vector<Value> values) {
    if (values.empty()) return Value();
    if (values.size() == 1) return std::move(values.front());
    return Value::list(std::move(values));
}

std::string one_text(const Value& value) {
    if (value.is_scalar()) return value.text;
    std::string out;
    if (value.is_object()) return out;
    for (const auto& item : value.items) {
        auto text = one_text(item);
        if (text.empty()) continue;
        if (!out.empty()) out += ", ";
        out += text;
    }
    return out;
}

}  // namespace

void Evaluation::warn(std::string kind, std::string text) const {
    if (warnings_ && warnings_->size() < warnings_max) {
        warnings_->push_back({std::move(kind), std::move(text)});
    }
}

Value Evaluation::unfolded(const Value& value) const {
    if (!value.is_text()) return value;
    auto text = base::trim(value.text);
    if (!text.starts_with('{') && !text.starts_with('[')) return value;
    return lookup_.parsed(text).value_or(value);
}

RowPointer Evaluation::translation_of(const Row& row) const {
    auto known = mapping_.translations.find(row.model);
    if (known == mapping_.translations.end()) return nullptr;
    const auto& rule = known->second;
    auto found = lookup_.pointing({rule.model, {rule.master}}, row.model, row.key);
    auto language_of = [&](const RowPointer& one) {
        const auto* language = one->fields.find(rule.language);
        return language ? language->text : std::string();
    };
    for (const auto& wanted : mapping_.languages) {
        for (const auto& one : found) {
            if (language_of(one) == wanted) return one;
        }
    }
    return found.empty() ? nullptr : found.front();
}

Evaluation::Field Evaluation::field(const RowPointer& row, const std::string& name) const {
    auto at = row;
    for (int depth = 0; at && depth < ancestors_max; ++depth) {
        if (const auto* value = at->fields.find(name)) return {at, value};
        if (auto translation = translation_of(*at)) {
            if (const auto* value = translation->fields.find(name)) return {translation, value};
        }
        auto parent = mapping_.parents.find(at->model);
        if (parent == mapping_.parents.end()) break;
        at = lookup_.find(parent->second, row->key);
    }
    return {};
}

/// A value where a step has led to: as it is, or the rows that it is the key of.
void Evaluation::arrive(const Value& value, const std::string& model, const std::string& name,
                        bool raw, std::vector<Scope>& out) const {
    if (value.is_null() || out.size() >= nodes_max) return;
    auto take = [&](const Value& one) { out.push_back({nullptr, one}); };
    if (raw) {
        if (!value.is_list()) return take(value);
        for (const auto& item : value.items) take(item);
        return;
    }
    auto target = value.is_object() ? "" : lookup_.target(model, name);
    if (target.empty()) {
        auto inner = unfolded(value);
        if (!inner.is_list()) return take(inner);
        for (const auto& item : inner.items) take(item);
        return;
    }
    auto take_row = [&](const Value& key) {
        if (auto row = lookup_.find(target, key)) {
            out.push_back({row, {}});
        } else {
            warn("dangling_key", model + "." + name + " names a row of " + target +
                                     " that is not there: " + one_text(key));
        }
    };
    if (!value.is_list()) return take_row(value);
    // A natural key is a list as well as many keys are.
    if (auto row = lookup_.find(target, value)) {
        out.push_back({row, {}});
        return;
    }
    for (const auto& key : value.items) take_row(key);
}

void Evaluation::step_from_row(const RowPointer& row, const std::string& name, bool raw,
                               std::vector<Scope>& out) const {
    auto found = field(row, name);
    if (found.value) return arrive(*found.value, found.holder->model, name, raw, out);
    if (name == "pk" || name == "id") {
        out.push_back({nullptr, row->key});
        return;
    }
    if (name == "get_full_name" || name == "get_username") {
        std::string text;
        auto parts = name == "get_username" ? std::vector<std::string>{"username"}
                                            : std::vector<std::string>{"first_name", "last_name"};
        for (const auto& part : parts) {
            auto one = field(row, part);
            if (!one.value || one.value->text.empty()) continue;
            text += (text.empty() ? "" : " ") + one.value->text;
        }
        if (!text.empty()) out.push_back({nullptr, Value(text)});
        return;
    }
    if (name.ends_with("_id")) {
        auto key = field(row, name.substr(0, name.size() - 3));
        if (key.value) return arrive(*key.value, key.holder->model, name, true, out);
    }
    warn("unknown_field", row->model + " has no field " + name);
}

void Evaluation::step(const Scope& at, const std::string& name, bool raw,
                      std::vector<Scope>& out) const {
    if (at.row) return step_from_row(at.row, name, raw, out);
    auto value = unfolded(at.value);
    if (value.is_scalar()) {
        warn("unknown_relation",
             "a path goes on at `" + name +
                 "` behind a plain value: say under `relations` which model the "
                 "field before it points to");
    } else if (const auto* member = value.find(name)) {
        arrive(*member, "", name, raw, out);
    }
}

std::vector<Scope> Evaluation::follow(const Path& path, const Scope& scope, bool as_rows) const {
    std::vector<Scope> at = {scope};
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        bool last = i + 1 == path.steps.size();
        std::vector<Scope> next;
        for (const auto& one : at) step(one, path.steps[i], last && !as_rows, next);
        at = std::move(next);
    }
    return at;
}

bool Evaluation::passes(const Test& test, const Scope& scope) const {
    auto found = follow(test.path, scope, false);
    std::erase_if(found, [](const Scope& one) { return one.value.is_null(); });
    auto holds = [&](const Value& value) {
        auto compared = [&] { return compare(value, test.values.front()); };
        switch (test.op) {
            case Test::Op::one_of:
                return std::any_of(test.values.begin(), test.values.end(),
                                   [&](const Value& wanted) { return same(value, wanted); });
            case Test::Op::is_null:
                return false;
            case Test::Op::greater:
                return compared() > 0;
            case Test::Op::at_least:
                return compared() >= 0;
            case Test::Op::less:
                return compared() < 0;
            case Test::Op::at_most:
                return compared() <= 0;
        }
        return false;
    };
    bool held = false;
    if (found.empty()) {
        bool asked = std::any_of(test.values.begin(), test.values.end(),
                                 [](const Value& wanted) { return wanted.is_null(); });
        held = test.op == Test::Op::is_null || (test.op == Test::Op::one_of && asked);
    } else {
        held = std::any_of(found.begin(), found.end(),
                           [&](const Scope& one) { return holds(one.value); });
    }
    return held != test.negated;
}

bool Evaluation::holds(const Condition& condition, const Scope& scope) const {
    return std::all_of(condition.begin(), condition.end(),
                       [&](const Test& test) { return passes(test, scope); });
}

std::vector<Scope> Evaluation::rows(const Rows& rows, const Scope& scope) const {
    std::vector<Scope> found;
    if (rows.reverse && scope.row) {
        // What points to a parent of this row points to it.
        auto model = scope.row->model;
        for (int depth = 0; depth < ancestors_max; ++depth) {
            for (auto& row : lookup_.pointing(*rows.reverse, model, scope.row->key)) {
                found.push_back({std::move(row), {}});
            }
            auto parent = mapping_.parents.find(model);
            // A plain foreign key does not say which of the two it means.
            bool generic = rows.reverse->fields.size() == 2;
            if (parent == mapping_.parents.end() || !generic) break;
            model = parent->second;
        }
    }
    for (const auto& path : rows.paths) {
        auto some = follow(path, scope, true);
        found.insert(found.end(), some.begin(), some.end());
    }
    std::erase_if(found, [&](const Scope& one) { return !holds(rows.where, one); });
    if (!rows.by.empty()) {
        auto key_of = [&](const Scope& one) {
            auto values = follow(Path{{rows.by}}, one, false);
            return values.empty() ? Value() : values.front().value;
        };
        std::stable_sort(found.begin(), found.end(), [&](const Scope& a, const Scope& b) {
            auto order = compare(key_of(a), key_of(b));
            return rows.descending ? order > 0 : order < 0;
        });
    }
    if (rows.limit > 0 && found.size() > rows.limit) found.resize(rows.limit);
    return found;
}

Value Evaluation::templated(const Expression& expression, const Scope& scope) const {
    std::string out;
    bool any = false;
    for (const auto& part : expression.parts) {
        if (part.path.steps.empty()) {
            out += part.text;
            continue;
        }
        auto found = follow(part.path, scope, false);
        if (found.empty() || found.front().value.is_empty()) continue;
        const auto& value = found.front().value;
        auto moment = part.format.empty() ? std::nullopt : time(value);
        auto written = moment ? format_time(*moment, part.format, zone_) : std::nullopt;
        out += written.value_or(one_text(value));
        any = true;
    }
    // Of nothing but its own letters it would be no answer.
    if (!any) return Value();
    return Value(std::string(base::trim(out)));
}

Value Evaluation::each(const Expression& expression, const Scope& scope) const {
    std::vector<Value> values;
    for (const auto& one : rows(expression.rows, scope)) {
        Value value = one.row ? one.row->key : one.value;
        if (!expression.inner.empty()) value = this->value(expression.inner.front(), one);
        if (value.is_empty()) continue;
        if (value.is_list()) {
            values.insert(values.end(), value.items.begin(), value.items.end());
        } else {
            values.push_back(std::move(value));
        }
    }
    // A list, though it may have only one: `extra` is to look the same in every article.
    if (!expression.join) return Value::list(std::move(values));
    std::string out;
    for (const auto& value : values) {
        if (!out.empty()) out += *expression.join;
        out += one_text(value);
    }
    return Value(out);
}

Value Evaluation::raw_value(const Expression& expression, const Scope& scope) const {
    using Kind = Expression::Kind;
    auto inner = [&] { return value(expression.inner.front(), scope); };
    switch (expression.kind) {
        case Kind::nothing:
            return Value();
        case Kind::constant:
            return expression.value;
        case Kind::path: {
            std::vector<Value> values;
            for (auto& one : follow(expression.path, scope, false)) {
                values.push_back(std::move(one.value));
            }
            return collapsed(std::move(values));
        }
        case Kind::templated:
            return templated(expression, scope);
        case Kind::first:
            for (const auto& one : expression.inner) {
                auto found = value(one, scope);
                if (!found.is_empty()) return found;
            }
            return Value();
        case Kind::each:
            return each(expression, scope);
        case Kind::choose:
            for (const auto& branch : expression.branches) {
                if (holds(branch.condition, scope)) return value(*branch.then, scope);
            }
            return Value();
        case Kind::tree:
            return tree(expression, scope);
        case Kind::names:
            return names(expression, scope);
        case Kind::page_url: {
            auto found = follow(expression.path, scope, false);
            if (found.empty()) return Value();
            return Value(Blocks(*this, expression.blocks).page_address(found.front().value));
        }
        case Kind::rich_text:
            return Value(Blocks(*this, expression.blocks).rich_text(one_text(inner())));
        case Kind::stream: {
            // A StreamField is a list within a text, unless it comes from a revision.
            auto found = follow(expression.inner.front().path, scope, false);
            std::vector<Value> blocks;
            for (const auto& one : found) {
                auto value = unfolded(one.value);
                if (value.is_list()) {
                    blocks.insert(blocks.end(), value.items.begin(), value.items.end());
                } else {
                    blocks.push_back(std::move(value));
                }
            }
            return Value(Blocks(*this, expression.blocks).stream(Value::list(std::move(blocks))));
        }
        case Kind::plugins:
            return Value(Blocks(*this, expression.blocks).plugins(expression.plugins, scope));
        case Kind::plain:
            return Value(plain_text(one_text(inner())));
        case Kind::file: {
            auto name = one_text(inner());
            bool whole = name.empty() || name.starts_with('/') || name.find("://") != name.npos;
            return Value(whole ? name : mapping_.media_url + name);
        }
    }
    return Value();
}

}  // namespace django
