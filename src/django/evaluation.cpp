#include "evaluation.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "blocks.hpp"
#include "html_text.hpp"
#include "names.hpp"
#include "time_text.hpp"

namespace django {

namespace {

constexpr std::size_t warnings_max = 100;
constexpr std::size_t warning_bytes_max = 300;
constexpr std::size_t nodes_max = 10'000;

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
        warnings_->push_back({std::move(kind), shortened(text, warning_bytes_max)});
    }
}

void Evaluation::miss(std::string kind, std::string text) const {
    ++misses_;
    warn(std::move(kind), std::move(text));
}

bool Evaluation::spend(std::size_t bytes) const {
    if (!is_too_large()) spent_ += bytes;
    return !is_too_large();
}

Value Evaluation::unfolded(const Value& value) const {
    if (!value.is_text()) return value;
    auto text = base::trim(value.text);
    if (!text.starts_with('{') && !text.starts_with('[')) return value;
    auto parsed = lookup_.parsed(text);
    return parsed && spend(memory_of(*parsed)) ? std::move(*parsed) : value;
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
    if (value.is_null()) return;
    auto fits = [&] {
        if (out.size() < nodes_max) return true;
        warn("cut_short", "a path leads to more than 10000 values, of which the first were taken");
        return false;
    };
    auto take = [&](const Value& one) {
        if (fits() && spend(memory_of(one))) out.push_back({nullptr, one});
    };
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
        if (!fits() || !spend(sizeof(Scope))) return;
        if (auto row = lookup_.find(target, key)) {
            out.push_back({row, {}});
        } else {
            miss("dangling_key", model + "." + name + " names a row of " + target +
                                     " that is not there: " + shortened(one_text(key), 100));
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
    miss("unknown_field", row->model + " has no field " + name);
}

void Evaluation::step(const Scope& at, const std::string& name, bool raw,
                      std::vector<Scope>& out) const {
    if (at.row) return step_from_row(at.row, name, raw, out);
    auto value = unfolded(at.value);
    if (value.is_scalar()) {
        miss("unknown_relation",
             "a path goes on at `" + name +
                 "` behind a plain value: say under `relations` which model the "
                 "field before it points to");
    } else if (const auto* member = value.find(name)) {
        arrive(*member, "", name, raw, out);
    } else {
        ++absent_;
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

/// That some of them are not there is what `first` is for, if one is.
Value Evaluation::first(const Expression& expression, const Scope& scope) const {
    auto before = misses_;
    auto missed = before;
    for (const auto& one : expression.inner) {
        misses_ = before;
        auto found = value(one, scope);
        if (!found.is_empty()) return found;
        missed = std::max(missed, misses_);
    }
    misses_ = missed;
    return Value();
}

/// A StreamField is a list within a text, unless it comes from a revision.
Value Evaluation::stream(const Expression& expression, const Scope& scope) const {
    std::vector<Value> blocks;
    for (const auto& one : follow(expression.inner.front().path, scope, false)) {
        auto value = unfolded(one.value);
        if (value.is_list()) {
            blocks.insert(blocks.end(), std::make_move_iterator(value.items.begin()),
                          std::make_move_iterator(value.items.end()));
        } else {
            blocks.push_back(std::move(value));
        }
    }
    return Value(Blocks(*this, expression.blocks).stream(Value::list(std::move(blocks))));
}

Value Evaluation::raw_value(const Expression& expression, const Scope& scope) const {
    using Kind = Expression::Kind;
    if (is_too_large()) return Value();
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
            return first(expression, scope);
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
        case Kind::image_url: {
            auto found = follow(expression.path, scope, false);
            if (found.empty()) return Value();
            return Value(Blocks(*this, expression.blocks).image_address(found.front().value));
        }
        case Kind::rich_text:
            return Value(Blocks(*this, expression.blocks).rich_text(one_text(inner())));
        case Kind::stream:
            return stream(expression, scope);
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
