// The forms that an expression of a mapping can have, and the rules for blocks.
#include <algorithm>

#include "names.hpp"
#include "rule_json.hpp"

namespace django {

const std::vector<RuleReader::Form>& RuleReader::forms() {
    static const std::vector<Form> known = {
        {"first", {}, &RuleReader::read_first},
        {"each", {"as", "join", "where", "by", "limit"}, &RuleReader::read_each},
        {"stream", {"path"}, &RuleReader::read_stream},
        {"rich_text", {"path"}, &RuleReader::read_rich_text},
        {"plugins", {}, &RuleReader::read_plugins},
        {"tree", {"part", "by", "as", "join"}, &RuleReader::read_tree},
        {"names", {"part", "join"}, &RuleReader::read_names},
        {"page_url", {}, &RuleReader::read_page_url},
        {"image_url", {}, &RuleReader::read_image_url},
        {"plain", {}, &RuleReader::read_plain},
        {"file", {}, &RuleReader::read_file},
        {"text", {}, &RuleReader::read_text},
        {"if", {"then"}, &RuleReader::read_if},
        {"null", {"then"}, &RuleReader::read_null},
        {"path", {}, &RuleReader::read_value},
        {"value", {}, &RuleReader::read_value},
    };
    return known;
}

void RuleReader::read_value(const RulePlace& place, Expression& out) {
    auto inner = place.at(place.has("path") ? "path" : "value");
    if (inner.value.is_string()) {
        out = from_text(inner);
    } else {
        complain(inner.path, "must be a path or a template");
    }
}

void RuleReader::read_first(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::first;
    auto list = place.at("first");
    if (!list.value.is_array()) return complain(list.path, "must be a list");
    for (std::size_t i = 0; i < list.value.size(); ++i) {
        out.inner.push_back(expression(list.at(i)));
    }
}

void RuleReader::read_each(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::each;
    out.rows = rows(place);
    if (place.has("as")) out.inner.push_back(expression(place.at("as")));
    if (place.has("join")) out.join = text(place.at("join"));
}

void RuleReader::read_text(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::constant;
    out.value = constant(place.at("text"));
}

void RuleReader::read_if(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::choose;
    auto then = [&](const char* name) {
        Expression value;
        auto inner = place.at(name);
        if (inner.value.is_object()) return expression(inner);
        value.kind = Expression::Kind::constant;
        value.value = constant(inner);
        return value;
    };
    Branch branch;
    branch.condition = condition(place.at("if"));
    if (!place.has("then")) return complain(place.path, "has no `then`");
    branch.then = std::make_shared<const Expression>(then("then"));
    out.branches.push_back(std::move(branch));
    if (!place.has("else")) return;
    out.branches.push_back({{}, std::make_shared<const Expression>(then("else"))});
}

/// `{"null": "published", "then": "draft", "else": "published"}`
void RuleReader::read_null(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::choose;
    if (!place.has("then") || !place.has("else")) {
        return complain(place.path, "needs `then` and `else`");
    }
    auto word = [&](const char* name) {
        Expression value;
        value.kind = Expression::Kind::constant;
        value.value = constant(place.at(name));
        return std::make_shared<const Expression>(std::move(value));
    };
    Test is_null;
    is_null.path = path(place.at("null"));
    is_null.op = Test::Op::is_null;
    out.branches.push_back({{is_null}, word("then")});
    out.branches.push_back({{}, word("else")});
}

namespace {

std::optional<Expression::TreePart> part_of(const std::string& word) {
    if (word == "path") return Expression::TreePart::path;
    if (word == "root") return Expression::TreePart::root;
    if (word == "leaf") return Expression::TreePart::leaf;
    return std::nullopt;
}

}  // namespace

void RuleReader::read_tree(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::tree;
    out.path = path(place.at("tree"));
    out.tree_field = "parent";
    auto by = place.has("by") ? text(place.at("by")) : "parent";
    if (by == "treebeard") {
        complain(
            place.at("by").path,
            "treebeard is not supported yet in `tree`; pages of Wagtail have `url_path`, which "
            "`names` cuts at its bars");
    } else {
        out.tree_field = by;
    }
    auto part = place.has("part") ? part_of(text(place.at("part"))) : Expression::TreePart::path;
    if (part) {
        out.tree_part = *part;
    } else {
        complain(place.at("part").path, "must be path, root or leaf");
    }
    if (place.has("as")) out.inner.push_back(expression(place.at("as")));
    out.join = place.has("join") ? text(place.at("join")) : "/";
}

void RuleReader::read_names(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::names;
    out.inner.push_back(expression(place.at("names")));
    auto part = place.has("part") ? part_of(text(place.at("part"))) : Expression::TreePart::leaf;
    if (part) {
        out.tree_part = *part;
    } else {
        complain(place.at("part").path, "must be path, root or leaf");
    }
    out.join = place.has("join") ? text(place.at("join")) : "/";
}

void RuleReader::read_page_url(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::page_url;
    out.path = path(place.at("page_url"));
}

void RuleReader::read_image_url(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::image_url;
    out.path = path(place.at("image_url"));
}

void RuleReader::read_rich_text(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::rich_text;
    if (text(place.at("rich_text")) != "wagtail") {
        complain(place.at("rich_text").path, "must be wagtail; no other is known");
    }
    if (!place.has("path")) return complain(place.path, "has no `path`");
    out.inner.push_back(expression(place.at("path")));
}

void RuleReader::read_plain(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::plain;
    out.inner.push_back(expression(place.at("plain")));
}

void RuleReader::read_file(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::file;
    out.inner.push_back(expression(place.at("file")));
}

void RuleReader::read_stream(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::stream;
    out.blocks = block_rules(place.at("stream"));
    if (!place.has("path")) return complain(place.path, "has no `path`");
    out.inner.push_back(expression(place.at("path")));
}

void RuleReader::read_plugins(const RulePlace& place, Expression& out) {
    out.kind = Expression::Kind::plugins;
    auto rules = place.at("plugins");
    if (!object(rules, {"placeholder", "models", "language"})) return;
    if (rules.has("placeholder")) {
        out.plugins.placeholder = path(rules.at("placeholder"));
    } else {
        complain(rules.path, "has no `placeholder`");
    }
    if (rules.has("language")) out.plugins.language = text(rules.at("language"));
    reverses_.push_back({"cms.cmsplugin", {"placeholder"}});
    if (!rules.has("models") || !rules.at("models").value.is_object()) {
        return complain(rules.path, "has no object `models`, each with its field of HTML");
    }
    auto models = rules.at("models");
    for (const auto& [name, value] : models.value.items()) {
        out.plugins.models[name] = path(models.at(name));
    }
}

BlockRules RuleReader::block_rules(const RulePlace& place) {
    BlockRules rules;
    if (!place.value.is_object()) {
        complain(place.path, "must be an object: what each type of block becomes");
        return rules;
    }
    for (const auto& [name, value] : place.value.items()) {
        rules[name] = block_rule(place.at(name));
    }
    return rules;
}

BlockRule RuleReader::block_rule(const RulePlace& place) {
    using Kind = BlockRule::Kind;
    BlockRule rule;
    if (place.value.is_object()) {
        rule.kind = Kind::members;
        for (const auto& [name, value] : place.value.items()) {
            rule.members.emplace_back(name, block_rule(place.at(name)));
        }
        return rule;
    }
    auto word = text(place);
    auto open = word.find('(');
    if (open != std::string::npos && word.ends_with(')')) {
        auto inside = word.substr(open + 1, word.size() - open - 2);
        word.resize(open);
        std::size_t at = 0;
        while (at < inside.size()) {
            auto comma = std::min(inside.find(',', at), inside.size());
            auto one = inside.substr(at, comma - at);
            std::erase(one, ' ');
            if (auto path = parse_path(one, place.path)) rule.arguments.push_back(*path);
            at = comma + 1;
        }
    }
    static const std::vector<std::pair<std::string, Kind>> kinds = {
        {"html", Kind::html},   {"raw", Kind::raw},       {"figure", Kind::figure},
        {"embed", Kind::embed}, {"stream", Kind::stream}, {"blockquote", Kind::blockquote},
        {"link", Kind::link},   {"rows", Kind::rows},     {"skip", Kind::skip},
        {"warn", Kind::warn},   {"ul", Kind::list},       {"ol", Kind::list},
        {"p", Kind::wrapped},   {"h2", Kind::wrapped},    {"h3", Kind::wrapped},
        {"h4", Kind::wrapped},  {"pre", Kind::wrapped}};
    auto found = std::find_if(kinds.begin(), kinds.end(),
                              [&](const auto& known) { return known.first == word; });
    if (found == kinds.end()) {
        complain(place.path,
                 "must be html, raw, p, h2, h3, h4, pre, ul, ol, figure(image, caption), "
                 "blockquote(text, who), link(address, text), rows(app.model, field), embed, "
                 "stream, skip, warn, or an object of members");
        return rule;
    }
    rule.kind = found->second;
    rule.element = word;
    if (rule.kind == Kind::link && rule.arguments.empty()) {
        complain(place.path, "needs the member with the address, as link(page, title)");
    }
    if (rule.kind != Kind::rows) return rule;
    bool names_model = rule.arguments.size() > 1 && rule.arguments.front().steps.size() == 2;
    if (names_model) {
        const auto& steps = rule.arguments.front().steps;
        rule.model = lower(steps[0] + "." + steps[1]);
    }
    if (!is_model_name(rule.model)) {
        complain(place.path, "needs a model and its fields, as rows(utils.statistic, description)");
        return rule;
    }
    rule.arguments.erase(rule.arguments.begin());
    return rule;
}

}  // namespace django
