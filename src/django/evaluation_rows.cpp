// Which rows count, and in which order: tests, and what `each` goes over.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "evaluation.hpp"

namespace django {

namespace {

std::optional<double> as_number(const std::string& text) {
    double number = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    // `nan` and `inf` are words here: no order could hold what equals nothing.
    if (!std::isfinite(number)) return std::nullopt;
    return number;
}

/// For sorting: numbers by what they are worth, behind them all else by its letters. Each pair is
/// compared by one of the two, or an order would go in a circle.
int compare(const Value& a, const Value& b) {
    auto x = as_number(a.text);
    auto y = as_number(b.text);
    if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
    if (x || y) return x ? -1 : 1;
    return a.text.compare(b.text);
}

/// What a mapping writes as a number is compared with numbers only; a text with any text, as a day
/// with the beginning of a time. Nothing: they cannot be compared.
std::optional<int> compared(const Value& value, const Value& wanted) {
    auto x = as_number(value.text);
    auto y = as_number(wanted.text);
    if (x && y) return compare(value, wanted);
    if (wanted.is_number() || !value.is_scalar()) return std::nullopt;
    return value.text.compare(wanted.text);
}

bool holds_for(Test::Op op, int order) {
    switch (op) {
        case Test::Op::greater:
            return order > 0;
        case Test::Op::at_least:
            return order >= 0;
        case Test::Op::less:
            return order < 0;
        case Test::Op::at_most:
            return order <= 0;
        case Test::Op::one_of:
        case Test::Op::is_null:
            break;
    }
    return false;
}

}  // namespace

std::optional<bool> Evaluation::passes(const Test& test, const Scope& scope) const {
    auto misses = misses_;
    auto absent = absent_;
    auto found = follow(test.path, scope, false);
    if (misses_ != misses) return std::nullopt;
    std::erase_if(found, [](const Scope& one) { return one.value.is_null(); });
    if (found.empty()) {
        bool asks = std::any_of(test.values.begin(), test.values.end(),
                                [](const Value& wanted) { return wanted.is_null(); });
        bool held = test.op == Test::Op::is_null || (test.op == Test::Op::one_of && asks);
        // JSON leaves out what it has not, and what it has under another name: that proves nothing.
        if (absent_ != absent && held != test.negated) return std::nullopt;
        return held != test.negated;
    }
    for (const auto& one : found) {
        bool held = false;
        if (test.op == Test::Op::one_of) {
            held = std::any_of(test.values.begin(), test.values.end(),
                               [&](const Value& wanted) { return same(one.value, wanted); });
        } else if (test.op != Test::Op::is_null) {
            auto order = compared(one.value, test.values.front());
            if (!order) return std::nullopt;
            held = holds_for(test.op, *order);
        }
        if (held) return !test.negated;
    }
    return test.negated;
}

bool Evaluation::holds(const Condition& condition, const Scope& scope) const {
    for (const auto& test : condition) {
        auto passed = passes(test, scope);
        if (!passed) {
            miss("missed_test", "a test of " + test.path.text() +
                                    " has nothing that it can look at, so it does not hold");
        }
        if (!passed.value_or(false)) return false;
    }
    return true;
}

std::vector<Scope> Evaluation::rows(const Rows& rows, const Scope& scope) const {
    std::vector<Scope> found;
    if (rows.reverse && scope.row) {
        // What points to a parent of this row points to it.
        auto model = scope.row->model;
        for (int depth = 0; depth < ancestors_max; ++depth) {
            for (auto& row : lookup_.pointing(*rows.reverse, model, scope.row->key)) {
                if (!spend(memory_of(row->fields))) return {};
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
    if (!rows.by.empty()) found = sorted(std::move(found), rows);
    if (rows.limit > 0 && found.size() > rows.limit) found.resize(rows.limit);
    return found;
}

std::vector<Scope> Evaluation::sorted(std::vector<Scope> found, const Rows& rows) const {
    std::vector<std::pair<Value, Scope>> keyed;
    for (auto& one : found) {
        auto keys = follow(Path{{rows.by}}, one, false);
        keyed.emplace_back(keys.empty() ? Value() : std::move(keys.front().value), std::move(one));
    }
    std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
        auto order = compare(a.first, b.first);
        return rows.descending ? order > 0 : order < 0;
    });
    found.clear();
    for (auto& [key, one] : keyed) found.push_back(std::move(one));
    return found;
}

}  // namespace django
