#include "reversal.hpp"

#include <algorithm>

#include "time_text.hpp"

namespace django {

namespace {

using RuleKind = Expression::Kind;

constexpr std::size_t edits_max = 32;
constexpr std::size_t others_tried_max = 3;

/// In the form that the field has.
Value shaped(const Value& old, const Value& wanted) {
    if (wanted.is_text() && wanted.text.empty() && old.is_null()) return Value();
    if (wanted.kind == Value::Kind::boolean && old.is_number()) {
        return Value::number(wanted.is_true() ? "1" : "0");
    }
    bool digits = wanted.is_text() && !wanted.text.empty() &&
                  wanted.text.find_first_not_of("0123456789") == std::string::npos;
    if (old.is_number() && digits) return Value::number(wanted.text);
    return wanted;
}

/// What the table makes `wanted` of, in the order of the table: of several the mapping's first.
std::vector<Value> unmapped(const Expression& rule, const Value& wanted) {
    if (!rule.has_map || wanted.is_list()) return {wanted};
    std::vector<Value> sources;
    bool is_source = false;
    for (const auto& [from, to] : rule.map) {
        if (same(to, wanted)) sources.push_back(from);
        is_source = is_source || same(from, wanted);
    }
    if (!rule.otherwise && !is_source) sources.push_back(wanted);
    return sources;
}

std::vector<std::string> cut(const std::string& text, const std::string& by) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (auto at = text.find(by); !by.empty() && at != text.npos; at = text.find(by, begin)) {
        parts.push_back(text.substr(begin, at - begin));
        begin = at + by.size();
    }
    parts.push_back(text.substr(begin));
    return parts;
}

std::string joined(const std::vector<Value>& parts, const std::string& by) {
    std::string out;
    for (const auto& part : parts) out += (out.empty() ? "" : by) + part.text;
    return out;
}

}  // namespace

RowPointer edited(const Row& row, const Edit& edit) {
    auto changed = std::make_shared<Row>(row);
    for (const auto& [field, value] : edit) changed->fields.set(field, value);
    return changed;
}

Edit together(Edit first, const Edit& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

Edits Reversal::of(const Expression& rule, const RowPointer& row, const Value& wanted) const {
    Edits out;
    by_kind(rule, row, wanted, out);
    if (out.size() > edits_max) out.resize(edits_max);
    return out;
}

void Reversal::by_kind(const Expression& rule, const RowPointer& row, const Value& wanted,
                       Edits& out) const {
    switch (rule.kind) {
        case RuleKind::path:
            return by_path(rule, *row, wanted, out);
        case RuleKind::each:
            return by_each(rule, *row, wanted, out);
        case RuleKind::choose:
            return by_branch(rule, row, wanted, out);
        case RuleKind::templated: {
            // `{title}` alone is a path in other words.
            const auto& parts = rule.parts;
            bool one = parts.size() == 1 && !parts[0].path.steps.empty() && parts[0].format.empty();
            if (!one) return;
            Expression path = rule;
            path.kind = RuleKind::path;
            path.path = parts[0].path;
            return by_path(path, *row, wanted, out);
        }
        case RuleKind::first: {
            // The one that counts now is the likeliest; the others follow.
            auto now = rule.inner.end();
            for (auto one = rule.inner.begin(); one != rule.inner.end(); ++one) {
                evaluation_.begin();
                if (evaluation_.value(*one, {row, {}}).is_empty()) continue;
                now = one;
                break;
            }
            if (now != rule.inner.end()) by_kind(*now, row, wanted, out);
            for (auto one = rule.inner.begin(); one != rule.inner.end(); ++one) {
                if (one != now) by_kind(*one, row, wanted, out);
            }
            return;
        }
        default:
            return;
    }
}

void Reversal::by_path(const Expression& rule, const Row& row, const Value& wanted,
                       Edits& out) const {
    const auto& steps = rule.path.steps;
    if (steps.empty()) return;
    const auto* old = row.fields.find(steps[0]);
    // Of a parent's field, or a translation's, another row would have to change.
    if (!old) return;
    auto target = lookup_.target(row.model, steps[0]);
    for (auto& source : unmapped(rule, wanted)) {
        if (steps.size() > 1) {
            if (target.empty()) continue;
            Expression inner;
            inner.kind = RuleKind::path;
            inner.path.steps.assign(steps.begin() + 1, steps.end());
            by_relation(steps[0], inner, inner.path.text(), row, source, out);
        } else if (target.empty()) {
            if (source.is_list()) {
                if (!rule.split) continue;
                source = Value(joined(source.items, *rule.split == "," ? ", " : *rule.split));
            }
            out.push_back({{steps[0], shaped(*old, source)}});
            if (source.is_empty() && !old->is_null()) out.push_back({{steps[0], Value()}});
        }
    }
}

std::optional<Value> Reversal::key_of(const Row& target, bool natural) const {
    if (!natural || target.key.is_list()) {
        return target.key.is_null() ? std::nullopt : std::optional(target.key);
    }
    auto known = mapping_.natural_keys.find(target.model);
    if (known == mapping_.natural_keys.end()) return std::nullopt;
    std::vector<Value> parts;
    for (const auto& field : known->second) {
        const auto* part = target.fields.find(field);
        if (!part) return std::nullopt;
        parts.push_back(*part);
    }
    return Value::list(std::move(parts));
}

void Reversal::by_relation(const std::string& field, const Expression& inner,
                           const std::string& name, const Row& row, const Value& wanted,
                           Edits& out) const {
    auto target = lookup_.target(row.model, field);
    const auto* old = row.fields.find(field);
    if (target.empty() || !old) return;
    if (!wanted.is_list()) {
        if (wanted.is_empty()) return out.push_back({{field, Value()}});
        auto found = finder_.find(target, name, inner, wanted.text);
        // A list is the natural key of one row, or the keys of several.
        bool is_many = old->is_list() && (old->items.empty() || !old->items.front().is_text());
        bool natural =
            is_many ? !old->items.empty() && old->items.front().is_list() : old->is_list();
        auto key = found ? key_of(*found, natural) : std::nullopt;
        if (!key) return;
        auto value = is_many ? *old : *key;
        if (is_many) value.items.push_back(*key);
        return out.push_back({{field, std::move(value)}});
    }
    // A foreign key holds one.
    bool is_many = old->is_list();
    if (!is_many) return;
    bool natural = !old->items.empty() && old->items.front().is_list();
    std::vector<Value> keys;
    for (const auto& one : wanted.items) {
        auto found = finder_.find(target, name, inner, one.text);
        auto key = found ? key_of(*found, natural) : std::nullopt;
        if (!key) return;
        keys.push_back(*key);
    }
    out.push_back({{field, Value::list(std::move(keys))}});
}

void Reversal::by_each(const Expression& rule, const Row& row, const Value& wanted,
                       Edits& out) const {
    const auto& rows = rule.rows;
    if (rows.reverse || rows.paths.empty() || !rows.where.empty() || !rows.by.empty()) return;
    for (const auto& path : rows.paths) {
        if (path.steps.size() != 1 || !row.fields.find(path.steps[0])) return;
    }
    if (rule.inner.empty()) {
        if (rule.join && !wanted.is_list()) by_parts(rule, row, wanted.text, out);
        return;
    }
    auto sought = wanted;
    if (!wanted.is_list()) {
        sought = Value::list({});
        auto cut_up = cut(wanted.text, rule.join.value_or(","));
        for (auto& part : cut_up) sought.items.emplace_back(std::move(part));
    }
    const auto& inner = rule.inner.front();
    auto name = "as of " + row.model + "." + rows.paths[0].steps[0];
    if (rows.paths.size() == 1 && row.fields.find(rows.paths[0].steps[0])->is_list()) {
        return by_relation(rows.paths[0].steps[0], inner, name, row, sought, out);
    }
    // Columns for one each, author_1, author_2: as many as there are, the rest is null.
    if (sought.items.size() > rows.paths.size()) return;
    Edit edit;
    for (std::size_t i = 0; i < rows.paths.size(); ++i) {
        const auto& field = rows.paths[i].steps[0];
        Edits one;
        auto word = i < sought.items.size() ? sought.items[i] : Value();
        by_relation(field, inner, name, row, word, one);
        if (one.empty()) return;
        edit = together(std::move(edit), one.front());
    }
    out.push_back(std::move(edit));
}

/// `["first_name", "last_name"]`: cut at the last place, at the first, or all in the first field.
void Reversal::by_parts(const Expression& rule, const Row& row, const std::string& wanted,
                        Edits& out) const {
    const auto& paths = rule.rows.paths;
    auto parts = [&](std::string first, std::string last) {
        Edit edit;
        for (std::size_t i = 0; i < paths.size(); ++i) {
            const auto& field = paths[i].steps[0];
            Value value(i == 0 ? first : i == 1 ? last : std::string());
            edit.emplace_back(field, shaped(*row.fields.find(field), value));
        }
        out.push_back(std::move(edit));
    };
    const auto& by = *rule.join;
    auto last = by.empty() ? wanted.npos : wanted.rfind(by);
    if (paths.size() > 1 && last != wanted.npos) {
        parts(wanted.substr(0, last), wanted.substr(last + by.size()));
        auto first = wanted.find(by);
        parts(wanted.substr(0, first), wanted.substr(first + by.size()));
    }
    parts(wanted, "");
}

void Reversal::by_branch(const Expression& rule, const RowPointer& row, const Value& wanted,
                         Edits& out) const {
    // The first branch that holds counts: those before must not.
    Edits before{{}};
    for (const auto& branch : rule.branches) {
        for (const auto& earlier : before) {
            auto at = edited(*row, earlier);
            Edits then;
            bool is_constant = branch.then->kind == RuleKind::constant;
            if (is_constant && same(branch.then->value, wanted)) {
                then.push_back({});
            } else if (!is_constant) {
                by_kind(*branch.then, at, wanted, then);
            }
            for (const auto& value : then) {
                for (const auto& holds : holding(branch.condition, at)) {
                    if (out.size() == edits_max) return;
                    out.push_back(together(together(earlier, holds), value));
                }
            }
        }
        Edits next;
        for (const auto& earlier : before) {
            for (const auto& fails : failing(branch.condition, edited(*row, earlier))) {
                if (next.size() < 4) next.push_back(together(earlier, fails));
            }
        }
        before = std::move(next);
    }
}

Edits Reversal::of_time(const Expression& rule, const RowPointer& row,
                        const std::optional<base::Time>& wanted) const {
    if (rule.kind == RuleKind::first) {
        Edits out;
        for (const auto& one : rule.inner) {
            auto some = of_time(one, row, wanted);
            out.insert(out.end(), some.begin(), some.end());
        }
        if (out.size() > edits_max) out.resize(edits_max);
        return out;
    }
    if (rule.kind != RuleKind::path || rule.path.steps.size() != 1) return {};
    const auto& field = rule.path.steps[0];
    if (!row->fields.find(field)) return {};
    if (!wanted) return {{{field, Value()}}};
    return {{{field, Value(time_text(*row, field, *wanted))}}};
}

/// As the other times of the field are written: a site without time zones takes no offset, and a
/// day is a day.
std::string Reversal::time_text(const Row& row, const std::string& field, base::Time time) const {
    std::string example = row.fields.find(field)->text;
    if (example.empty()) {
        for (const auto& value : finder_.common(row.model, field)) {
            if (!value.text.empty()) {
                example = value.text;
                break;
            }
        }
    }
    if (is_day(example)) return format_time(time, "%Y-%m-%d", evaluation_.zone()).value_or("");
    constexpr std::size_t day = 10;
    bool has_offset = example.empty() || example.ends_with('Z') ||
                      example.find_first_of("+-", std::min(day, example.size())) != example.npos;
    if (has_offset) return base::to_rfc3339(time);
    auto fraction = base::to_rfc3339(time).substr(19, 4);
    auto text = format_time(time, "%Y-%m-%dT%H:%M:%S", zone_).value_or("");
    return fraction == ".000" ? text : text + fraction;
}

Edits Reversal::of_condition(const Condition& condition, const RowPointer& row, bool wanted) const {
    evaluation_.begin();
    if (evaluation_.holds(condition, {row, {}}) == wanted) return {{}};
    return wanted ? holding(condition, row) : failing(condition, row);
}

Edits Reversal::holding(const Condition& condition, const RowPointer& row) const {
    Edit edit;
    for (const auto& test : condition) {
        evaluation_.begin();
        if (evaluation_.holds({test}, {row, {}})) continue;
        Edits one;
        if (test.op == Test::Op::is_null && !test.negated && test.path.steps.size() == 1) {
            one.push_back({{test.path.steps[0], Value()}});
        } else if (test.op == Test::Op::one_of && !test.negated && !test.values.empty()) {
            Expression path;
            path.kind = RuleKind::path;
            path.path = test.path;
            by_path(path, *row, test.values.front(), one);
        } else if (test.op == Test::Op::one_of && test.negated) {
            one = failing(Test{test.path, test.op, test.values}, *row);
        }
        if (one.empty()) return {};
        edit = together(std::move(edit), one.front());
    }
    return {edit};
}

Edits Reversal::failing(const Condition& condition, const RowPointer& row) const {
    Edits out;
    if (condition.empty()) return out;
    evaluation_.begin();
    if (!evaluation_.holds(condition, {row, {}})) return {{}};
    for (const auto& test : condition) {
        auto some = failing(test, *row);
        out.insert(out.end(), some.begin(), some.end());
    }
    return out;
}

/// What the field has in other rows; for a truth its opposite; null or nothing in the end.
Edits Reversal::failing(const Test& test, const Row& row) const {
    if (test.path.steps.size() != 1) return {};
    const auto& field = test.path.steps[0];
    const auto* old = row.fields.find(field);
    if (!old || !lookup_.target(row.model, field).empty()) return {};
    if (test.op == Test::Op::is_null) {
        return test.negated ? Edits{{{field, Value()}}} : Edits{};
    }
    if (test.op != Test::Op::one_of || test.values.empty()) return {};
    if (test.negated) return {{{field, shaped(*old, test.values.front())}}};
    const auto& wanted = test.values.front();
    if (wanted.kind == Value::Kind::boolean) {
        return {{{field, shaped(*old, Value::boolean(!wanted.is_true()))}}};
    }
    Edits out;
    for (const auto& other : finder_.common(row.model, field)) {
        bool holds = std::any_of(test.values.begin(), test.values.end(),
                                 [&](const Value& value) { return same(value, other); });
        if (!holds && out.size() < others_tried_max) out.push_back({{field, other}});
    }
    if (out.empty()) out.push_back({{field, old->is_text() ? Value("") : Value()}});
    return out;
}

}  // namespace django
