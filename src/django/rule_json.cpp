#include "rule_json.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/nearest.hpp"
#include "names.hpp"

namespace django {

namespace {

constexpr std::size_t problems_max = 100;

bool is_of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

}  // namespace

void RuleReader::complain(const std::string& path, std::string message) {
    // The refusal ends the sentence.
    if (message.ends_with('.')) message.pop_back();
    if (problems_.size() < problems_max) problems_.push_back({path, std::move(message)});
}

bool RuleReader::object(const RulePlace& place, const Names& allowed) {
    if (!place.value.is_object()) {
        complain(place.path, "must be an object");
        return false;
    }
    for (const auto& [name, value] : place.value.items()) {
        if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
        auto meant = config::suggestion(name, allowed);
        complain(place.at(name).path, "is no rule that is known here." + meant);
    }
    return true;
}

std::string RuleReader::text(const RulePlace& place) {
    if (place.value.is_string()) return place.value.get<std::string>();
    complain(place.path, "must be a text");
    return "";
}

std::string RuleReader::model(const RulePlace& place) {
    auto name = lower(text(place));
    if (!is_model_name(name) && place.value.is_string()) {
        complain(place.path, "must be the name of a model, as news.article");
    }
    return name;
}

RuleReader::Names RuleReader::texts(const RulePlace& place) {
    if (place.value.is_string()) return {text(place)};
    Names all;
    if (!place.value.is_array()) {
        complain(place.path, "must be a list of texts");
        return all;
    }
    for (std::size_t i = 0; i < place.value.size(); ++i) all.push_back(text(place.at(i)));
    return all;
}

Value RuleReader::constant(const RulePlace& place) {
    const auto& value = place.value;
    if (value.is_null()) return Value();
    if (value.is_boolean()) return Value::boolean(value.get<bool>());
    if (value.is_number()) return Value::number(value.dump());
    if (value.is_string()) return Value(value.get<std::string>());
    complain(place.path, "must be a text, a number, true, false or null");
    return Value();
}

std::optional<Path> RuleReader::parse_path(std::string_view text, const std::string& where) {
    Path path;
    std::string step;
    auto take = [&] {
        if (step.empty() || path.steps.size() == 16) return false;
        path.steps.push_back(std::exchange(step, ""));
        return true;
    };
    bool good = true;
    for (std::size_t i = 0; good && i < text.size(); ++i) {
        if (text[i] == '.') {
            good = take();
        } else if (text.substr(i).starts_with("__") && !step.empty()) {
            good = take();
            ++i;
        } else {
            step += text[i];
            good = is_of_name(text[i]);
        }
    }
    if (good && take()) return path;
    complain(where, "is no path over fields, as author__last_name");
    return std::nullopt;
}

Path RuleReader::path(const RulePlace& place) {
    if (!place.value.is_string()) {
        complain(place.path, "must be a path over fields, as author__last_name");
        return {};
    }
    return parse_path(text(place), place.path).value_or(Path());
}

std::optional<Reverse> RuleReader::parse_reverse(std::string_view text, const std::string& where,
                                                 std::string& by) {
    if (auto at = text.find("] by "); at != text.npos) {
        by = base::trim(text.substr(at + 5));
        text = text.substr(0, at + 1);
    }
    auto open = text.find('[');
    if (open == text.npos || !text.ends_with(']')) return std::nullopt;
    Reverse reverse;
    reverse.model = lower(base::trim(text.substr(0, open)));
    auto fields = text.substr(open + 1, text.size() - open - 2);
    while (!fields.empty()) {
        auto comma = std::min(fields.find(','), fields.size());
        reverse.fields.emplace_back(base::trim(fields.substr(0, comma)));
        fields.remove_prefix(std::min(comma + 1, fields.size()));
    }
    bool good = is_model_name(reverse.model) && !reverse.fields.empty() &&
                reverse.fields.size() <= 2 &&
                std::all_of(reverse.fields.begin(), reverse.fields.end(), [](const auto& field) {
                    return !field.empty() && std::all_of(field.begin(), field.end(), is_of_name);
                });
    if (!good) {
        complain(where, "must name rows as app.model[field] or app.model[content_type,object_id]");
    }
    if (std::find(reverses_.begin(), reverses_.end(), reverse) == reverses_.end()) {
        reverses_.push_back(reverse);
    }
    return reverse;
}

void RuleReader::test(const RulePlace& place, Test test, Condition& out) {
    const auto& value = place.value;
    // What asks for nothing would hold for every row, or with `not` around it for none.
    if (value.is_structured() && value.empty()) {
        return complain(place.path, "compares with nothing");
    }
    if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            test.values.push_back(constant(place.at(i)));
        }
        out.push_back(std::move(test));
        return;
    }
    if (!value.is_object()) {
        if (value.is_null()) test.op = Test::Op::is_null;
        test.values.push_back(constant(place));
        out.push_back(std::move(test));
        return;
    }
    if (!object(place, {"in", "not", "null", "gt", "gte", "lt", "lte"})) return;
    for (const auto& [name, inner] : value.items()) {
        auto one = test;
        auto where = place.at(name);
        if (name == "not") {
            one.negated = !one.negated;
            // Not both of two would be one of them, which a list of tests cannot say.
            if (inner.is_object() && inner.size() > 1) {
                complain(where.path, "must have one comparison");
            }
            this->test(where, std::move(one), out);
            continue;
        }
        if (name == "in") {
            if (inner.is_array()) {
                this->test(where, std::move(one), out);
            } else {
                complain(where.path, "must be a list");
            }
            continue;
        }
        if (name == "null") {
            one.op = Test::Op::is_null;
            if (inner.is_boolean()) {
                one.negated = one.negated != !inner.get<bool>();
            } else {
                complain(where.path, "must be true or false");
            }
        } else {
            one.op = name == "gt"    ? Test::Op::greater
                     : name == "gte" ? Test::Op::at_least
                     : name == "lt"  ? Test::Op::less
                                     : Test::Op::at_most;
            one.values = {constant(where)};
            bool comparable = inner.is_number() || (inner.is_string() && inner != "");
            if (!comparable)
                complain(where.path, "must be a number, or a text with something in it");
        }
        out.push_back(std::move(one));
    }
}

Condition RuleReader::condition(const RulePlace& place) {
    Condition all;
    if (!place.value.is_object()) {
        complain(place.path, "must be an object of paths and what they must be");
        return all;
    }
    if (place.value.empty()) complain(place.path, "has no condition: then it would hold for all");
    for (const auto& [name, value] : place.value.items()) {
        auto where = place.at(name);
        Test one;
        auto path = parse_path(name, where.path);
        if (!path) continue;
        one.path = std::move(*path);
        test(where, std::move(one), all);
    }
    return all;
}

Rows RuleReader::rows(const RulePlace& place) {
    Rows rows;
    auto each = place.at("each");
    if (each.value.is_array()) {
        for (std::size_t i = 0; i < each.value.size(); ++i) rows.paths.push_back(path(each.at(i)));
    } else {
        auto named = text(each);
        rows.reverse = parse_reverse(named, each.path, rows.by);
        if (!rows.reverse && each.value.is_string()) rows.paths.push_back(path(each));
    }
    if (place.has("by")) rows.by = text(place.at("by"));
    if (rows.by.starts_with('-')) {
        rows.descending = true;
        rows.by.erase(0, 1);
    }
    if (place.has("where")) rows.where = condition(place.at("where"));
    if (place.has("limit")) {
        auto limit = place.at("limit");
        if (limit.value.is_number_unsigned() && limit.value.get<std::uint64_t>() <= 10'000) {
            rows.limit = limit.value.get<std::size_t>();
        } else {
            complain(limit.path, "must be a whole number up to 10000");
        }
    }
    return rows;
}

Expression RuleReader::from_text(const RulePlace& place) {
    Expression out;
    auto text = place.value.get<std::string>();
    if (text.find('{') == std::string::npos) {
        out.kind = Expression::Kind::path;
        out.path = path(place);
        return out;
    }
    out.kind = Expression::Kind::templated;
    TemplatePart part;
    auto keep = [&] {
        if (!part.text.empty()) out.parts.push_back(std::exchange(part, {}));
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto two = std::string_view(text).substr(i, 2);
        if (two == "{{" || two == "}}") {
            part.text += text[i++];
            continue;
        }
        if (text[i] != '{') {
            part.text += text[i];
            continue;
        }
        keep();
        auto end = text.find('}', i);
        if (end == std::string::npos) {
            complain(place.path, "has a { without its }");
            return out;
        }
        auto inside = std::string_view(text).substr(i + 1, end - i - 1);
        auto colon = std::min(inside.find(':'), inside.size());
        if (auto parsed = parse_path(inside.substr(0, colon), place.path)) {
            out.parts.push_back({"", std::move(*parsed),
                                 std::string(inside.substr(std::min(colon + 1, inside.size())))});
        }
        i = end;
    }
    keep();
    return out;
}

Expression RuleReader::expression(const RulePlace& place) {
    if (place.value.is_string()) return from_text(place);
    Expression out;
    if (place.value.is_array()) {
        out.kind = Expression::Kind::choose;
        for (std::size_t i = 0; i < place.value.size(); ++i) {
            out.branches.push_back(branch(place.at(i)));
        }
        return out;
    }
    if (!place.value.is_object()) {
        complain(place.path, "must be a path, a template or an object");
        return out;
    }
    const Form* chosen = nullptr;
    Names keys;
    for (const auto& form : forms()) {
        keys.emplace_back(form.key);
        if (!chosen && place.has(form.key)) chosen = &form;
    }
    if (!chosen) {
        std::string meant;
        for (const auto& [name, value] : place.value.items()) {
            if (meant.empty()) meant = config::suggestion(name, keys);
        }
        complain(place.path, "says of nothing what to make it of, as path, first or each." + meant);
        return out;
    }
    auto allowed = chosen->beside;
    allowed.insert(allowed.end(), {chosen->key, "map", "else", "split"});
    object(place, allowed);
    (this->*chosen->read)(place, out);
    read_map(place, out);
    return out;
}

void RuleReader::read_map(const RulePlace& place, Expression& out) {
    bool branches = out.kind == Expression::Kind::choose;
    if (place.has("else") && !branches) out.otherwise = constant(place.at("else"));
    if (place.has("split")) {
        auto by = text(place.at("split"));
        if (by != "," && by != "tagging" && by != ";" && by != "|") {
            complain(place.at("split").path, "must be one of , ; | tagging");
        }
        out.split = by;
    }
    if (!place.has("map")) return;
    auto map = place.at("map");
    if (!map.value.is_object()) return complain(map.path, "must be an object");
    out.has_map = true;
    for (const auto& [name, value] : map.value.items()) {
        out.map.emplace_back(Value(name), constant(map.at(name)));
    }
}

Branch RuleReader::branch(const RulePlace& place) {
    Branch out;
    if (!object(place, {"if", "then"})) return out;
    if (place.has("if")) out.condition = condition(place.at("if"));
    Expression then;
    if (!place.has("then")) {
        complain(place.path, "has no `then`");
    } else if (place.at("then").value.is_object()) {
        then = expression(place.at("then"));
    } else {
        then.kind = Expression::Kind::constant;
        then.value = constant(place.at("then"));
    }
    out.then = std::make_shared<const Expression>(std::move(then));
    return out;
}

}  // namespace django
